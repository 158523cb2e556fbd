import { type CodedError, ok, type Result } from '../../lib/base/errors.ts';
import { T38Gateway } from '../../lib/dsp/fax/t38-gateway.ts';
import { BOARD_FRAME_SAMPLES, type FaxModeSettings } from '../board.ts';

/** How the fax stands, as the board tells it. */
interface FaxFigures {
  readonly bitRate: number;
  readonly ecm: boolean;
  readonly pages: number;
}

/** What the gateway of a port tells the board. */
export interface PortGatewayEvents {
  onIfp(sequence: number, copies: number, ifp: Uint8Array): void;
  onFrame(frame: Uint8Array, incoming: boolean): void;
  onFigures(figures: FaxFigures): void;
}

/** The T.38 processor of one port in fax mode: audio of the machine on one side, IFP packets of the box on the other. */
export class PortGateway {
  readonly settings: FaxModeSettings;
  readonly #gateway: T38Gateway;
  readonly #events: PortGatewayEvents;
  #told: FaxFigures = { bitRate: 0, ecm: false, pages: 0 };

  private constructor(settings: FaxModeSettings, gateway: T38Gateway, events: PortGatewayEvents) {
    this.settings = settings;
    this.#gateway = gateway;
    this.#events = events;
  }

  static open(settings: FaxModeSettings, events: PortGatewayEvents): Result<PortGateway, CodedError> {
    let sequence = 0;
    const opened = T38Gateway.open({
      version: settings.version,
      ecm: settings.ecm,
      modems: settings.modems,
      tellTones: settings.tones === true,
      onIfp: (ifp, copies) => {
        events.onIfp(sequence, copies, ifp);
        sequence = (sequence + 1) & 0xffff;
      },
      onControlFrame: (frame, incoming) => events.onFrame(frame, incoming),
    });
    return opened.ok ? ok(new PortGateway(settings, opened.value, events)) : opened;
  }

  /** 10 ms of the machine. */
  hear(samples: Int16Array): void {
    this.#gateway.hear(samples);
    const { bitRate, ecm, pages } = this.#gateway.figures;
    const told = this.#told;
    if (bitRate === told.bitRate && ecm === told.ecm && pages === told.pages) return;
    this.#told = { bitRate, ecm, pages };
    this.#events.onFigures(this.#told);
  }

  /** The next 10 ms for the machine. */
  speak(): Int16Array {
    const out = new Int16Array(BOARD_FRAME_SAMPLES);
    this.#gateway.speak(out);
    return out;
  }

  receive(sequence: number, ifp: Uint8Array): void {
    this.#gateway.receiveIfp(ifp, sequence);
  }

  close(): void {
    this.#gateway.close();
  }
}
