import type { FxsBoard } from '../../hal/board.ts';
import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { FaxBoardEvent } from './fax-gateway.ts';
import type { LineBook } from './line-book.ts';
import type { MediaCommand } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';
import type { SessionBook } from './session-book.ts';

/** The commands of the fax. */
export type FaxCommand = Extract<MediaCommand, { readonly type: `fax${string}` }>;

/** Carries out the commands of the fax and passes on what a board's own gateway says. */
export class FaxCommands {
  readonly #board: FxsBoard;
  readonly #lines: LineBook;
  readonly #sessions: SessionBook;

  constructor(board: FxsBoard, lines: LineBook, sessions: SessionBook) {
    this.#board = board;
    this.#lines = lines;
    this.#sessions = sessions;
  }

  /** Errors: `media.noSession`, `media.noLine`, and those of the gateway. */
  async execute(command: FaxCommand): Promise<Result<null>> {
    const found = this.#sessions.find(command.session);
    if (!found.ok) return found;
    const session = found.value;
    switch (command.type) {
      case 'faxWatch':
        return session.fax.watch(command.on);
      case 'faxMute':
        session.fax.mute(command);
        return ok(null);
      case 'faxOpen':
        return this.#open(session, command);
      case 'faxPassthrough':
        return await session.passthroughFax(command.because);
      case 'faxClose':
        return await session.closeFax();
      default:
        return unreachable(command);
    }
  }

  /** An event of a board's own T.38 processor, for the call on its port. */
  boardSays(event: FaxBoardEvent): void {
    const joined = this.#lines.get(event.port)?.joined;
    if (joined?.to === 'rtp') joined.rtp.fax.boardSays(event);
  }

  #open(session: RtpSession, command: Extract<FaxCommand, { readonly type: 'faxOpen' }>): Result<null> {
    const line = this.#lines.all.find(({ joined }) => joined.to === 'rtp' && joined.rtp === session);
    if (line === undefined) {
      const say = `No line is joined to session ${session.session}, so there is no machine to speak for.`;
      return refuse({ code: 'media.noLine', fault: 'caller', say });
    }
    const { type: _type, session: _session, ...parameters } = command;
    return session.openFax(parameters, { board: this.#board, port: line.port });
  }
}
