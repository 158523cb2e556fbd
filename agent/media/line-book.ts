import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { Line, tonePlayer } from './line.ts';
import { Conference } from './line-conference.ts';
import type { Attachment, Party } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';

/** Errors: `media.noSession`. */
type FindSession = (session: string) => Result<RtpSession>;

/** The lines of the board and what they are joined to. A line and a session are joined to one other thing at most. */
export class LineBook {
  readonly #lines = new Map<number, Line>();
  readonly #findSession: FindSession;

  constructor(findSession: FindSession) {
    this.#findSession = findSession;
  }

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

  /** Joins a line to silence, a tone, a call, another line or several of these. */
  attach(line: Line, attachment: Attachment): Result<null> {
    switch (attachment.to) {
      case 'silence':
        this.silence(line);
        return ok(null);
      case 'tone':
        this.#part(line);
        line.join(attachment, { to: 'tone', player: tonePlayer(attachment.tone) });
        return ok(null);
      case 'rtp': {
        const found = this.#findSession(attachment.session);
        if (!found.ok) return found;
        this.#attachRtp(line, attachment, found.value);
        return ok(null);
      }
      case 'line': {
        const other = this.#lines.get(attachment.port);
        return other === undefined ? noSuchPort(attachment.port, this.size) : this.#joinLines(line, other);
      }
      case 'conference':
        return this.#confer(line, attachment.with);
      default:
        return unreachable(attachment);
    }
  }

  /** Joins a line to a call; another line that was joined to it falls silent. Again is harmless and not heard. */
  #attachRtp(line: Line, attachment: Attachment & { to: 'rtp' }, rtp: RtpSession): void {
    if (line.joined.to === 'rtp' && line.joined.rtp === rtp) return;
    this.release(rtp);
    this.#part(line);
    line.join(attachment, { to: 'rtp', rtp });
  }

  /** The session is taken out of whatever it is joined to; a line that was joined to it alone falls silent. */
  release(rtp: RtpSession): void {
    rtp.unbridge();
    for (const line of this.#lines.values()) {
      if (line.joined.to === 'rtp' && line.joined.rtp === rtp) this.silence(line);
      if (line.joined.to === 'conference') line.joined.conference.removeSession(rtp);
    }
  }

  silence(line: Line): void {
    this.#part(line);
    line.join({ to: 'silence' }, { to: 'silence' });
  }

  /** Whether a line is joined to the session of that name. */
  hears(line: Line, session: string): boolean {
    const { joined } = line;
    if (joined.to === 'rtp') return joined.rtp.session === session;
    return joined.to === 'conference' && joined.conference.sessions.some((each) => each.session === session);
  }

  /** The sessions that nobody is left to hear when this line's phone is hung up. */
  leftBy(line: Line): readonly RtpSession[] {
    const { joined } = line;
    if (joined.to === 'rtp') return [joined.rtp];
    if (joined.to !== 'conference' || joined.conference.lines.some((each) => each.offHook)) return [];
    return joined.conference.sessions;
  }

  /** Mixes the conferences of these lines: once each 10 ms, between microphones and ears. */
  mix(lines: readonly Line[], nowMs: number): void {
    const mixed = new Set<Conference>();
    for (const { joined } of lines) {
      if (joined.to !== 'conference' || mixed.has(joined.conference)) continue;
      mixed.add(joined.conference);
      joined.conference.mix(nowMs);
    }
  }

  /** Two lines are joined both ways by one command, and parted both ways by whichever is joined to something else. */
  #joinLines(line: Line, other: Line): Result<null> {
    if (other === line) return sameLine(line);
    this.#part(line);
    this.#part(other);
    line.join({ to: 'line', port: other.port }, { to: 'line', other });
    other.join({ to: 'line', port: line.port }, { to: 'line', other: line });
    return ok(null);
  }

  /** All or none: nobody is parted from anything before everybody is known. */
  #confer(line: Line, parties: readonly Party[]): Result<null> {
    const lines = [line];
    const sessions: RtpSession[] = [];
    for (const party of parties) {
      if (party.to === 'line') {
        const other = this.#lines.get(party.port);
        if (other === undefined) return noSuchPort(party.port, this.size);
        if (lines.includes(other)) return sameLine(other);
        lines.push(other);
      } else {
        const found = this.#findSession(party.session);
        if (!found.ok) return found;
        if (!sessions.includes(found.value)) sessions.push(found.value);
      }
    }
    const running = line.joined.to === 'conference' ? line.joined.conference : undefined;
    if (running?.joins(lines, sessions)) return ok(null);
    for (const each of lines) this.silence(each);
    for (const each of sessions) this.release(each);
    const conference = new Conference();
    for (const each of lines) {
      each.join({ to: 'conference', with: othersOf(each, line, parties) }, { to: 'conference', conference });
    }
    for (const each of sessions) conference.addSession(each);
    return ok(null);
  }

  #part(line: Line): void {
    if (line.joined.to === 'line') line.joined.other.join({ to: 'silence' }, { to: 'silence' });
  }
}

/** The conference as another member of it sees it. */
function othersOf(member: Line, owner: Line, parties: readonly Party[]): readonly Party[] {
  if (member === owner) return parties;
  const rest = parties.filter((party) => party.to !== 'line' || party.port !== member.port);
  return [{ to: 'line', port: owner.port }, ...rest];
}

function sameLine(line: Line): Result<never> {
  const say = `Port ${line.port} cannot be joined to itself.`;
  return refuse({ code: 'media.sameLine', fault: 'caller', say });
}

/** The refusal for a port that the board does not have. */
export function noSuchPort(port: number, ports: number): Result<never> {
  const say = `The board has no port ${port}; it has ${ports}.`;
  return refuse({ code: 'media.noPort', fault: 'caller', say });
}
