import type { FxsBoard } from '../../hal/board.ts';
import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { FaxBoardEvent } from './fax-gateway.ts';
import type { Line } from './line.ts';
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
  readonly #leaveAlone: (line: Line, alone: boolean) => void;

  /** `leaveAlone` is told when a line's sound begins, or ends, to be a modem's. */
  constructor(
    board: FxsBoard,
    lines: LineBook,
    sessions: SessionBook,
    leaveAlone: (line: Line, alone: boolean) => void,
  ) {
    this.#board = board;
    this.#leaveAlone = leaveAlone;
    this.#lines = lines;
    this.#sessions = sessions;
  }

  /** Errors: `media.noSession`, `media.noLine`, and those of the gateway. */
  async execute(command: FaxCommand): Promise<Result<null>> {
    const found = this.#sessions.find(command.session);
    if (!found.ok) return found;
    const session = found.value;
    const before = session.transparent;
    const done = await this.#carryOut(session, command);
    if (session.transparent !== before) this.#tellLine(session);
    return done;
  }

  /** The session is about to be closed. */
  closing(session: RtpSession): void {
    if (!session.transparent) return;
    session.fax.end();
    this.#tellLine(session);
  }

  #tellLine(session: RtpSession): void {
    const line = this.#lineOf(session);
    if (line !== undefined) this.#leaveAlone(line, session.transparent);
  }

  #lineOf(session: RtpSession): Line | undefined {
    return this.#lines.all.find(({ joined }) => joined.to === 'rtp' && joined.rtp === session);
  }

  #carryOut(session: RtpSession, command: FaxCommand): Result<null> {
    switch (command.type) {
      case 'faxWatch':
        return session.fax.watch(command.on);
      case 'faxMute':
        session.fax.mute(command);
        return ok(null);
      case 'faxOpen':
        return this.#open(session, command);
      case 'faxPassthrough':
        return session.passthroughFax(command.because);
      case 'faxClose':
        return session.closeFax();
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
    const line = this.#lineOf(session);
    if (line === undefined) {
      const say = `No line is joined to session ${session.session}, so there is no machine to speak for.`;
      return refuse({ code: 'media.noLine', fault: 'caller', say });
    }
    const { type: _type, session: _session, ...parameters } = command;
    return session.openFax(parameters, { board: this.#board, port: line.port });
  }
}
