import type { SipReason } from '../../lib/voice/sip/api.ts';
import type { Leg, OfficeEffect, OfficeInput, OfficeState, SipNews } from './model.ts';
import { isPhonePort } from './phones.ts';

/** One thing that happened to a call, for people. */
export interface StoryLine {
  /** Epoch ms. */
  readonly atMs: number;
  /** The leg that it happened to: names its sound, and its lines in the log. */
  readonly leg: string;
  readonly verdict: 'OK' | 'WARN' | 'FAIL' | '--';
  readonly say: string;
}

type Told = Omit<StoryLine, 'atMs'>;

/** Legs whose stories are kept, and lines of each: a call that goes wrong over and over does not fill the memory. */
const LEGS_KEPT = 300;
const LINES_KEPT = 60;
/** Longest sentence that is kept; texts in it come from outside. */
const SAY_MOST = 240;

/** Ends that somebody should look at. */
const POOR_ENDS: ReadonlySet<string> = new Set(['refused', 'unreachable', 'interrupted', 'noChannel']);

/** What became of the last calls, step by step. In memory only. */
export class CallStories {
  readonly #legs = new Map<string, { readonly call: string; readonly lines: StoryLine[]; left: number }>();

  /** Told after every step of the office. */
  step(
    before: OfficeState,
    input: OfficeInput,
    after: OfficeState,
    effects: readonly OfficeEffect[],
    atMs: number,
  ): void {
    for (const told of storyOf(before, input, after, effects)) {
      const kept = this.#keep(told.leg, before, after, effects);
      if (kept === undefined) continue;
      if (kept.lines.length < LINES_KEPT) {
        kept.lines.push({ ...told, say: told.say.slice(0, SAY_MOST), atMs });
      } else kept.left++;
    }
  }

  /** Everything that is known of a call, in its order; `left` counts what was not kept. */
  of(call: string): { readonly lines: readonly StoryLine[]; readonly left: number } {
    const legs = [...this.#legs.values()].filter((kept) => kept.call === call);
    const lines = legs.flatMap((kept) => kept.lines).sort((one, other) => one.atMs - other.atMs);
    return { lines, left: legs.reduce((sum, kept) => sum + kept.left, 0) };
  }

  #keep(leg: string, before: OfficeState, after: OfficeState, effects: readonly OfficeEffect[]) {
    const known = this.#legs.get(leg);
    if (known !== undefined) return known;
    const begun = effects.find((effect) => effect.type === 'journalBegin' && effect.leg === leg);
    const call = begun?.type === 'journalBegin' ? begun.start.call : legOf(leg, before, after)?.call;
    if (call === undefined) return undefined;
    const kept = { call: String(call), lines: [], left: 0 };
    this.#legs.set(leg, kept);
    const [oldest] = this.#legs.keys();
    if (this.#legs.size > LEGS_KEPT && oldest !== undefined) this.#legs.delete(oldest);
    return kept;
  }
}

/** Pure: what one step of the office means for its calls. */
function storyOf(
  before: OfficeState,
  input: OfficeInput,
  after: OfficeState,
  effects: readonly OfficeEffect[],
): readonly Told[] {
  const told = fromInput(input);
  const told2 = effects.flatMap((effect) => fromEffect(effect, before, after));
  return [...told, ...told2];
}

function fromInput(input: OfficeInput): readonly Told[] {
  switch (input.type) {
    case 'sip':
      return fromNews(input.leg, input.news);
    case 'rtpRefused':
      return [tell(input.leg, 'FAIL', `no port for its sound: ${input.say}`)];
    case 'rtpSilent':
      return [
        tell(
          input.leg,
          'WARN',
          `nothing is heard of the far end for ${Math.round(input.silentMs / 1_000)} s`,
        ),
      ];
    case 'ringTimer':
      return [tell(input.leg, '--', 'nobody answers in time')];
    case 'huntTimer':
      return [tell(input.leg, '--', 'the next of the group are called')];
    default:
      return [];
  }
}

function fromNews(leg: string, news: SipNews): readonly Told[] {
  switch (news.type) {
    case 'progress':
      return [tell(leg, 'OK', `SIP ${news.status}${news.sdp === undefined ? '' : ' with sound'}`)];
    case 'answered':
      return [tell(leg, 'OK', 'SIP 200: the far end answers')];
    case 'failed':
      return [tell(leg, 'WARN', `SIP ${news.status}${reasonText(news.reason)}${whyText(news.why)}`)];
    case 'cancelled':
      return [tell(leg, '--', `SIP CANCEL: the caller gives up${reasonText(news.reason)}`)];
    case 'ended': {
      const say = news.by === 'peer' ? 'SIP BYE of the far end' : 'the far end answers no more';
      return [tell(leg, news.by === 'peer' ? '--' : 'WARN', say + reasonText(news.reason))];
    }
    case 'offer':
      return [tell(leg, '--', 'the far end offers sound or fax anew')];
  }
}

function fromEffect(effect: OfficeEffect, before: OfficeState, after: OfficeState): readonly Told[] {
  switch (effect.type) {
    case 'journalBegin': {
      const { direction, from, to } = effect.start;
      const caller = from || '(withheld)';
      const begins = { out: 'call out', in: 'call in', internal: 'call inside' }[direction];
      return [tell(effect.leg, 'OK', `${begins}: ${caller} -> ${to}`)];
    }
    case 'sipInvite': {
      const shown = effect.presents === null ? '' : `, presents ${effect.presents}`;
      const trunk = effect.trunk === 0 ? 'the trunk' : `trunk ${effect.trunk + 1}`;
      return [tell(effect.leg, 'OK', `INVITE to ${trunk} for ${effect.number}${shown}`)];
    }
    case 'ring':
      return [...after.legs.values()]
        .filter((leg) => ringsOn(leg, effect.port))
        .map((leg) => tell(leg.id, 'OK', `${nameOf(effect.port, after)} rings`));
    case 'journalAnswered': {
      const leg = legOf(effect.leg, before, after);
      const port = leg === undefined ? undefined : leg.direction === 'internal' ? leg.peerPort : leg.port;
      const where = port === undefined || port === null ? '' : ` with ${nameOf(port, after)}`;
      return [tell(effect.leg, 'OK', `answered${where}`)];
    }
    case 'sipReject':
      return [
        tell(effect.leg, 'WARN', `we answer SIP ${effect.status}, cause ${effect.cause} ${effect.text}`),
      ];
    case 'sipHangUp':
      return [tell(effect.leg, '--', `we end it, cause ${effect.cause} ${effect.text}`)];
    case 'sipReinvite':
      return [tell(effect.leg, '--', `we offer anew: ${effect.purpose}`)];
    case 'rtpConnect':
      return [tell(effect.leg, 'OK', `sound goes to ${effect.remote.host} port ${effect.remote.port}`)];
    case 'journalAdopt':
      return [tell(effect.leg, 'OK', 'taken up again after a restart')];
    case 'note':
      return effect.leg === null ? [] : [tell(effect.leg, '--', effect.say)];
    case 'journalEnd': {
      const { end, because, talkMs } = effect.end;
      const why = because === '' ? '' : `: ${because}`;
      const talk = talkMs > 0 ? `, talk of ${Math.round(talkMs / 1_000)} s` : '';
      return [tell(effect.leg, POOR_ENDS.has(end) ? 'WARN' : '--', `over${talk}${why}`)];
    }
    default:
      return [];
  }
}

function ringsOn(leg: Leg, port: number): boolean {
  if (leg.answeredAt !== null) return false;
  if (leg.rings.includes(port)) return true;
  return leg.direction === 'internal' ? leg.peerPort === port : leg.direction === 'in' && leg.port === port;
}

function nameOf(port: number, state: OfficeState): string {
  const extension = state.ports.get(port)?.config.extension;
  if (!isPhonePort(port)) return `line ${port}`;
  return extension === undefined ? 'a desk phone' : `extension ${extension}`;
}

function legOf(leg: string, before: OfficeState, after: OfficeState): Leg | undefined {
  return after.legs.get(leg) ?? before.legs.get(leg) ?? after.closing.get(leg)?.leg;
}

function reasonText(reason: SipReason | undefined): string {
  return reason === undefined ? '' : `, cause ${reason.cause} ${reason.text}`.trimEnd();
}

function whyText(why: string | undefined): string {
  return why === undefined ? '' : `: ${why}`;
}

function tell(leg: string, verdict: Told['verdict'], say: string): Told {
  return { leg, verdict, say };
}
