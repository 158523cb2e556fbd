import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { Line, tonePlayer } from './line.ts';
import type { Attachment } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';

/** The lines of the board and what they are joined to. A line and a session are joined to one other thing at most. */
export class LineBook {
  readonly #lines = new Map<number, Line>();

  get size(): number {
    return this.#lines.size;
  }

  get all(): readonly Line[] {
    return [...this.#lines.values()];
  }

  get(port: number): Line | undefined {
    return this.#lines.get(port);
  }

  /** Makes lines for a board of so many ports; what is beyond is let go. */
  resize(ports: number): void {
    for (let port = 1; port <= ports; port++) {
      if (!this.#lines.has(port)) this.#lines.set(port, new Line(port as PortNumber));
    }
    for (const line of this.all) {
      if (line.port <= ports) continue;
      this.silence(line);
      line.close();
      this.#lines.delete(line.port);
    }
  }

  /** Joins a line to silence, a tone or another line. */
  attach(line: Line, attachment: Exclude<Attachment, { to: 'rtp' }>): Result<null> {
    switch (attachment.to) {
      case 'silence':
        this.silence(line);
        return ok(null);
      case 'tone':
        this.#part(line);
        line.join(attachment, { to: 'tone', player: tonePlayer(attachment.tone) });
        return ok(null);
      case 'line': {
        const other = this.#lines.get(attachment.port);
        return other === undefined ? noSuchPort(attachment.port, this.size) : this.#joinLines(line, other);
      }
      case 'conference':
        return refuse({ code: 'media.badRequest', fault: 'caller', say: 'conference: not yet.' });
      default:
        return unreachable(attachment);
    }
  }

  /** Joins a line to a call; another line that was joined to it falls silent. Again is harmless and not heard. */
  attachRtp(line: Line, attachment: Attachment & { to: 'rtp' }, rtp: RtpSession): Result<null> {
    if (line.joined.to === 'rtp' && line.joined.rtp === rtp) return ok(null);
    this.release(rtp);
    this.#part(line);
    line.join(attachment, { to: 'rtp', rtp });
    return ok(null);
  }

  /** The line that is joined to a session falls silent. */
  release(rtp: RtpSession): void {
    for (const line of this.#lines.values()) {
      if (line.joined.to === 'rtp' && line.joined.rtp === rtp) this.silence(line);
    }
  }

  silence(line: Line): void {
    this.#part(line);
    line.join({ to: 'silence' }, { to: 'silence' });
  }

  /** Two lines are joined both ways by one command, and parted both ways by whichever is joined to something else. */
  #joinLines(line: Line, other: Line): Result<null> {
    if (other === line) {
      const say = `Port ${line.port} cannot be joined to itself.`;
      return refuse({ code: 'media.sameLine', fault: 'caller', say });
    }
    this.#part(line);
    this.#part(other);
    line.join({ to: 'line', port: other.port }, { to: 'line', other });
    other.join({ to: 'line', port: line.port }, { to: 'line', other: line });
    return ok(null);
  }

  #part(line: Line): void {
    if (line.joined.to === 'line') line.joined.other.join({ to: 'silence' }, { to: 'silence' });
  }
}

/** The refusal for a port that the board does not have. */
export function noSuchPort(port: number, ports: number): Result<never> {
  const say = `The board has no port ${port}; it has ${ports}.`;
  return refuse({ code: 'media.noPort', fault: 'caller', say });
}
