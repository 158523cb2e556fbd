import {
  dhcpLine,
  ladderHead,
  ladderLine,
  mqttTraceLine,
  RtpSecond,
  sipLine,
  type Traced,
  type TraceKind,
  type TracePulse,
} from '../../trace/index.ts';
import { type Look, rowLines } from '../screen.ts';
import { clean, cut, japanTime, SCREEN_COLUMNS } from '../text.ts';

/** What is said at the end. */
interface End {
  readonly seen: number;
  readonly lost: TracePulse['lost'];
  readonly end: string | undefined;
  readonly file: string | undefined;
  readonly bytes: number | undefined;
}

/** A trace on a terminal: calls as a ladder, sound a line a second and stream, everything else a line a message. */
export class TraceScreen {
  readonly #kinds: readonly TraceKind[];
  readonly #look: Look;
  readonly #rtp = new RtpSecond();

  constructor(kinds: readonly TraceKind[], look: Look) {
    this.#kinds = kinds;
    this.#look = look;
  }

  head(): readonly string[] {
    return this.#kinds.includes('sip') && this.#look.plain !== true ? [ladderHead()] : [];
  }

  message(traced: Traced): readonly string[] {
    if (traced.kind === 'rtp') {
      this.#rtp.push(traced);
      return [];
    }
    return [
      this.#fitted(
        `${timeOf(traced.atMs)} ${textOf(traced, this.#kinds.length > 1, this.#look.plain === true)}`,
      ),
    ];
  }

  /** The lines of the sound, once a second. */
  second(atMs: number): readonly string[] {
    return this.#rtp.lines().map((line) => this.#fitted(`${timeOf(atMs).slice(0, 8)} ${line}`));
  }

  end({ seen, lost, end, file, bytes }: End): readonly string[] {
    const why =
      end === 'time' ? ', up to the limit of time' : end === 'size' ? ', up to the limit of size' : '';
    const missing = lost.rate + lost.slow + lost.media;
    const rows = [
      ...(file === undefined ? [] : [{ verdict: 'OK' as const, name: 'file', say: clean(file) }]),
      {
        verdict: missing > 0 ? ('WARN' as const) : ('OK' as const),
        name: 'trace',
        say: `${seen} messages${bytes === undefined ? '' : `, ${bytes} bytes`}${why}`,
      },
    ];
    const notes = [
      ...(missing > 0
        ? [`${missing} not shown: ${lost.rate} over the rate, ${lost.slow + lost.media} too slow`]
        : []),
      ...(file !== undefined && this.#kinds.includes('rtp')
        ? ["It is somebody's talk: delete it after use."]
        : []),
    ];
    return [
      '',
      ...rows.flatMap((row) => rowLines(row, this.#look)),
      ...notes.flatMap((say) => rowLines({ verdict: '', name: '', say }, this.#look)),
    ];
  }

  #fitted(line: string): string {
    return this.#look.plain === true ? clean(line).replace(/ {2,}/g, ' ') : cut(line, SCREEN_COLUMNS);
  }
}

function textOf(traced: Traced, several: boolean, plain: boolean): string {
  switch (traced.kind) {
    case 'sip':
      return plain ? sipLine(traced) : ladderLine(traced);
    case 'dhcp':
      return `${several ? 'dhcp ' : ''}${dhcpLine(traced)}`;
    case 'mqtt':
      return `${several ? 'mqtt ' : ''}${mqttTraceLine(traced)}`;
    case 'rtp':
      return '';
  }
}

/** `14:02:31.123`, in Japan. */
function timeOf(atMs: number): string {
  const whole = Math.floor(atMs);
  return `${japanTime(whole).slice(11)}.${String(whole % 1_000).padStart(3, '0')}`;
}
