import type { FxsBoard } from '../../hal/board.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import type { FaxPath } from '../../lib/contract/facts.ts';
import { T38Gateway } from '../../lib/dsp/fax/t38-gateway.ts';
import type { FaxParameters } from './protocol.ts';

/** What a gateway tells. */
export interface FaxGatewayEvents {
  /** For the network, so many times. */
  ifp(ifp: Uint8Array, copies: number): void;
  /** A T.30 control frame in clear; `incoming`: it came from the network. */
  frame(frame: Uint8Array, incoming: boolean): void;
}

/** Makes IFP of a line's sound and sound of IFP. */
export interface FaxGateway {
  readonly path: FaxPath;
  /** 10 ms of the line; `lost` when the board did not deliver them. */
  hear(samples: Int16Array, lost: boolean): void;
  /** 10 ms for the line. */
  speak(out: Int16Array): void;
  receiveIfp(ifp: Uint8Array, sequence: number): void;
  readonly figures: { readonly bitRate: number; readonly ecm: boolean; readonly pages: number } | undefined;
  close(): void;
}

type Settings = Pick<FaxParameters, 'version' | 'ecm' | 'modems' | 'tones'>;

/** The gateway of a plain board: its sound goes through ours. Errors: `dsp.libraryUnusable` and others of `lib/dsp`. */
export function openOwnGateway(settings: Settings, events: FaxGatewayEvents): Result<FaxGateway> {
  const opened = T38Gateway.open({
    version: settings.version,
    ecm: settings.ecm,
    modems: settings.modems,
    tellTones: settings.tones === true,
    onIfp: (ifp, copies) => events.ifp(ifp, copies),
    onControlFrame: (frame, incoming) => events.frame(frame, incoming),
  });
  if (!opened.ok) return opened;
  const gateway = opened.value;
  return ok({
    path: 't38Gateway',
    hear: (samples, lost) => (lost ? gateway.hearMissing(samples.length) : gateway.hear(samples)),
    speak: (out) => gateway.speak(out),
    receiveIfp: (ifp, sequence) => gateway.receiveIfp(ifp, sequence),
    get figures() {
      return gateway.figures;
    },
    close: () => gateway.close(),
  });
}

/** The gateway of a board with its own T.38 processor: IFP goes over the HAL as it is, and so does what it tells. */
export class BoardGateway implements FaxGateway {
  readonly path = 't38Board';
  readonly #board: FxsBoard;
  readonly #port: PortNumber;
  readonly #events: FaxGatewayEvents;
  #figures: FaxGateway['figures'];

  private constructor(board: FxsBoard, port: PortNumber, events: FaxGatewayEvents) {
    this.#board = board;
    this.#port = port;
    this.#events = events;
  }

  /** Errors: `media.boardBusy`. */
  static open(
    board: FxsBoard,
    port: PortNumber,
    settings: Settings,
    events: FaxGatewayEvents,
  ): Result<BoardGateway> {
    const { version, ecm, modems } = settings;
    const tones = settings.tones === true ? { tones: true } : {};
    if (!board.command(port, { type: 'faxMode', on: true, version, ecm, modems, ...tones })) {
      const say = `Port ${port} did not take the fax: the board is down or its queue is full.`;
      return refuse({ code: 'media.boardBusy', fault: 'environment', say });
    }
    return ok(new BoardGateway(board, port, events));
  }

  /** What the board says of this port. */
  told(event: FaxBoardEvent): void {
    if (event.port !== this.#port) return;
    if (event.type === 't38') this.#events.ifp(event.ifp, event.copies);
    else if (event.type === 'faxFrame') this.#events.frame(event.frame, event.incoming);
    else this.#figures = { bitRate: event.bitRate, ecm: event.ecm, pages: event.pages };
  }

  hear(): void {
    // The board hears for itself.
  }

  speak(out: Int16Array): void {
    out.fill(0);
  }

  receiveIfp(ifp: Uint8Array, sequence: number): void {
    this.#board.command(this.#port, { type: 't38', sequence, ifp });
  }

  get figures(): FaxGateway['figures'] {
    return this.#figures;
  }

  close(): void {
    this.#board.command(this.#port, { type: 'faxMode', on: false });
  }
}

type BoardEvent = Parameters<Parameters<FxsBoard['onEvent']>[0]>[0];
/** What a board's T.38 processor tells. */
export type FaxBoardEvent = Extract<BoardEvent, { readonly type: 't38' | 'faxFrame' | 'faxFigures' }>;
