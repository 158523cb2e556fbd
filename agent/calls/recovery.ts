import { instant } from '../../lib/base/clock.ts';
import { hasCall, IDLE_LINE, type Line, type Sound, sameSound, soundOf } from '../lines/index.ts';
import type { MediaSnapshot } from '../media/protocol.ts';
import { parseAdoptable } from './adoptable.ts';
import { settingsOf } from './config.ts';
import type { Draft } from './draft.ts';
import { wasEmergency } from './emergency.ts';
import { adoptFax, logLostFax } from './fax-call.ts';
import type { UnfinishedLeg } from './journal.ts';
import type { Adoptable, Leg } from './model.ts';
import { isPhonePort, PHONE_SESSION_PREFIX } from './phones.ts';

/** How long calls wait for the media process to be there again. */
export const MEDIA_GRACE_MS = 5_000;

/** Every line is taken as on hook (desk phones need no board); every call ends with a record that says why. */
export function dropLost(draft: Draft, say: string, phonesToo = false): void {
  draft.lostBecause = say;
  draft.set({ offHook: new Set() });
  for (const port of [...draft.state.ports.keys()]) {
    if (phonesToo || !isPhonePort(port)) draft.feed(port, { type: 'lost' });
  }
}

/** The media process is gone, and with it the audio of calls that have no line. */
export function mediaGone(draft: Draft): void {
  const say = 'the media process is gone';
  dropLost(draft, say, true);
  for (const leg of draft.state.legs.values()) {
    if (leg.seat.at !== 'line') loseLeg(draft, leg);
  }
}

/** A leg whose line is gone with its board. */
export function loseLeg(draft: Draft, leg: Leg): void {
  const because = draft.lostBecause;
  tellFarEnd(draft, leg, because);
  draft.tell(leg, 'congestion', because);
  draft.finish(leg, 'interrupted', because);
}

export function tellFarEnd(draft: Draft, leg: Leg, because: string): void {
  if (leg.direction === 'internal') return;
  if (leg.direction === 'in' && leg.stage !== 'talking') {
    draft.push({ type: 'sipReject', leg: leg.id, status: 480, cause: 27, text: because });
  } else {
    draft.push({ type: 'sipHangUp', leg: leg.id, cause: 27, text: because });
  }
}

/** The socket to the media process is closed. It may be only a hiccup: audio may still run. */
export function mediaAway(draft: Draft): void {
  if (!draft.state.mediaUp) return;
  draft.set({ mediaUp: false });
  draft.push({ type: 'mediaTimer', ms: MEDIA_GRACE_MS });
}

/** The media process is there (again): what it holds and what we believe are made one. */
export function mediaBack(
  draft: Draft,
  snapshot: MediaSnapshot,
  unfinished: readonly UnfinishedLeg[] = [],
): void {
  draft.push({ type: 'mediaTimerOff' });
  const board = snapshot.board;
  const before = draft.state.mediaStartedAt;
  const restarted = before !== undefined && before !== snapshot.startedAt;
  draft.set({
    mediaUp: true,
    mediaStartedAt: snapshot.startedAt,
    boardUp: board !== null,
    ...(board === null ? {} : { boardPorts: board.ports }),
  });
  if (board === null)
    dropLost(draft, snapshot.boardDown?.say ?? 'the media process restarted without a board');
  dropDeadSessions(draft, snapshot);
  if (board !== null) matchHooks(draft, snapshot, restarted);
  for (const [port, { config }] of draft.state.ports) {
    if (isPhonePort(port)) continue;
    draft.push({ type: 'lineSettings', port, settings: settingsOf(config) });
  }
  matchSounds(draft, snapshot);
  dropStraySessions(draft, snapshot, unfinished);
}

/** Calls whose RTP session did not survive end here. */
function dropDeadSessions(draft: Draft, snapshot: MediaSnapshot): void {
  const alive = new Set(snapshot.sessions.map((session) => session.session));
  for (const leg of draft.state.legs.values()) {
    if (leg.direction === 'internal' || leg.localPort === null || alive.has(leg.id)) continue;
    const because = 'the media process restarted and the audio of the call was lost';
    draft.push({ type: 'sipHangUp', leg: leg.id, cause: 27, text: because });
    draft.tell(leg, 'congestion', because);
    logLostFax(draft, leg, because);
    draft.finish(draft.update({ ...leg, localPort: null }), 'interrupted', because);
  }
}

/**
 * Handsets that moved while nobody was told. One that has no call, or whose call ends with a handset that was put down meanwhile,
 * may have been put down and lifted again while there was no media process, and a person who held on was cut off from whatever he
 * heard: both get dial tone.
 */
function matchHooks(draft: Draft, snapshot: MediaSnapshot, restarted: boolean): void {
  const offHook = new Set(snapshot.lines.filter((line) => line.offHook).map((line) => line.port));
  draft.set({ offHook });
  const believed = [...draft.state.ports].filter(
    ([port, { line }]) => !isPhonePort(port) && seemsLifted(line),
  );
  for (const [port] of believed) if (!offHook.has(port)) draft.feed(port, { type: 'onHook' });
  if (restarted) {
    for (const [port] of believed) if (offHook.has(port)) draft.wishes.push({ type: 'stillLifted', port });
  }
  for (const port of offHook) {
    const line = draft.state.ports.get(port)?.line;
    if (line !== undefined && !seemsLifted(line)) draft.feed(port, { type: 'offHook' });
  }
}

function seemsLifted({ at }: Line): boolean {
  return at !== 'onHook' && at !== 'ringing';
}

/** Whoever has no call after a restart of the media process gets dial tone, as if he had lifted now. */
export function dialToneAnew(draft: Draft, port: number): void {
  const line = draft.state.ports.get(port)?.line;
  if (line === undefined || hasCall(line) || draft.desk(port).at !== 'none') return;
  draft.feed(port, { type: 'onHook' });
  draft.feed(port, { type: 'offHook' });
}

/** What the lines hear and whether they ring is told again where it is not so; a port without a line is silent. */
function matchSounds(draft: Draft, snapshot: MediaSnapshot): void {
  const ports = new Set([...draft.state.ports.keys(), ...snapshot.lines.map((line) => line.port)]);
  for (const port of ports) {
    const line = draft.state.ports.get(port)?.line ?? IDLE_LINE;
    const there = snapshot.lines.find((candidate) => candidate.port === port);
    const sound = soundOf(line);
    // The session of a phone keeps what it was joined to; a silent one has none.
    if (isPhonePort(port) && sound.to === 'silence') continue;
    if (there === undefined || !sameSound(there.attachment, sound)) draft.push({ type: 'hear', port, sound });
    if (line.at === 'ringing' && there?.ringing !== true && !isPhonePort(port)) {
      draft.push({ type: 'ring', port, cadence: line.cadence, display: null });
    }
    if (line.at !== 'ringing' && there?.ringing === true) draft.push({ type: 'ringStop', port });
  }
}

/** Sessions of nobody are closed; a fax among them is written down for the call of an earlier run that it was. */
function dropStraySessions(
  draft: Draft,
  snapshot: MediaSnapshot,
  unfinished: readonly UnfinishedLeg[],
): void {
  const calls = new Map(unfinished.map((open) => [parseAdoptable(open.kept)?.leg, open.start]));
  for (const { session } of snapshot.sessions) {
    // Those of the phones are looked after where the phones are.
    if (session.startsWith(PHONE_SESSION_PREFIX)) continue;
    if (draft.state.legs.has(session) || draft.state.closing.has(session)) continue;
    draft.push({ type: 'rtpDrop', session, of: calls.get(session) ?? null });
  }
}

/**
 * What an earlier run left: an answered call whose handset is still off hook and whose audio still runs is taken up
 * again, untouched; every other gets the end of its record, at the last heartbeat.
 */
export function resume(
  draft: Draft,
  unfinished: readonly UnfinishedLeg[],
  snapshot: MediaSnapshot | undefined,
  phones: ReadonlyMap<number, string>,
): void {
  for (const open of unfinished) {
    const kept = parseAdoptable(open.kept);
    const left = snapshot === undefined ? undefined : { snapshot, phones };
    const obstacle = obstacleTo(draft, open, kept, left);
    if (obstacle === undefined && kept !== undefined && left !== undefined) {
      adopt(draft, open, kept, left);
      continue;
    }
    draft.note(`call not adopted after a restart: ${obstacle}`, { port: open.start.line });
    interrupt(draft, open, kept, snapshot);
  }
  // A second caller who was being announced is gone: nobody was there to answer him.
  for (const port of draft.state.ports.keys()) {
    if (snapshot !== undefined && !isPhonePort(port)) draft.push({ type: 'overlay', port, tone: null });
  }
  draft.set({ ready: true });
  if (snapshot !== undefined) mediaBack(draft, snapshot, unfinished);
}

/** What outlived the earlier run: in the media process, and of desk phones. */
interface Left {
  readonly snapshot: MediaSnapshot;
  readonly phones: ReadonlyMap<number, string>;
}

/** Why a call of an earlier run cannot be taken up; undefined when it can. */
function obstacleTo(
  draft: Draft,
  { start, answeredAt }: UnfinishedLeg,
  kept: Adoptable | undefined,
  left: Left | undefined,
): string | undefined {
  if (answeredAt === null) return 'nobody had answered it';
  if (kept === undefined) return 'nothing was kept of it';
  if (left === undefined) return 'the media process is not there';
  for (const [port, sound] of soundsOf(kept.port ?? start.line, kept)) {
    const line = draft.state.ports.get(port)?.line;
    const name = isPhonePort(port) ? 'its desk phone' : `line ${port}`;
    if (line === undefined) return `${name} is there no longer`;
    if (hasCall(line) || draft.desk(port).at !== 'none') return `${name} is in another call`;
    if (!isPhonePort(port) && left.snapshot.board === null) return 'the FXS board is away';
    const hears = isPhonePort(port) ? phoneHears(left, port, sound) : lineHears(left, port, sound);
    if (!hears) return `${name} no longer hears it, or has hung up`;
  }
  if (start.direction === 'internal') return undefined;
  const alive = left.snapshot.sessions.some(({ session, connected }) => session === kept.leg && connected);
  if (!alive) return 'its sound has no connection any more';
  return kept.dialog === null ? 'its dialog was not kept' : undefined;
}

function adopt(draft: Draft, open: UnfinishedLeg, kept: Adoptable, { snapshot }: Left): void {
  const { start, answeredAt } = open;
  if (answeredAt === null) return;
  const at = kept.port ?? start.line;
  const sounds = soundsOf(at, kept);
  const leg: Leg = {
    id: kept.leg,
    call: start.call,
    direction: start.direction,
    port: at,
    account: start.line,
    peerPort: kept.peerPort,
    seat: { at: 'line' },
    ...{ rings: [], hunt: null, free: kept.free === true, parkSlot: null, forwards: 0 },
    passedBy: null,
    farHears: { to: 'line' },
    hold: { told: false, offering: false },
    presents: null,
    serviceId: start.serviceId,
    from: start.from,
    to: start.to,
    emergency: wasEmergency(start, kept),
    order: draft.state.nextOrder,
    stage: 'talking',
    startedAt: start.startedAt,
    answeredAt,
    answeredMs: draft.env.monoMs - Math.max(0, draft.env.now - answeredAt),
    offer: null,
    localPort: kept.localPort,
    remote: kept.remote,
    held: kept.held === true,
    quietUntilMs: draft.env.monoMs,
  };
  draft.set({ nextOrder: draft.state.nextOrder + 1 });
  draft.update(leg);
  draft.push({ type: 'journalAdopt', leg: leg.id, fact: open.id });
  const there = snapshot.sessions.find(({ session }) => session === leg.id);
  adoptFax(draft, leg, kept.fax, there?.mode ?? 'voice');
  if (kept.dialog !== null) {
    draft.push({ type: 'sipAdopt', leg: leg.id, dialog: kept.dialog }, { type: 'journalKeep', leg: leg.id });
  }
  for (const [port, sound] of sounds) {
    // The line may have been lifted into dial tone by the configuration that came before the snapshot.
    if (draft.state.ports.get(port)?.line.at !== 'onHook') draft.feed(port, { type: 'onHook' });
    draft.feed(port, { type: 'adopt', hears: sound });
    draft.deskStep(port, { type: 'placed', call: leg.id });
    if (isPhonePort(port)) draft.push({ type: 'phoneAdopt', port });
  }
  draft.note('call adopted after a restart', { port: leg.port, leg: leg.id });
}

/** A line of the board whose handset is off hook, and which is joined as it should be. */
function lineHears({ snapshot, phones }: Left, port: number, sound: Sound): boolean {
  const there = snapshot.lines.find((line) => line.port === port);
  if (there?.offHook !== true) return false;
  const session = sound.to === 'line' && isPhonePort(sound.port) ? phones.get(sound.port) : undefined;
  return sameSound(there.attachment, session === undefined ? sound : { to: 'rtp', session });
}

/** A desk phone whose dialog is known, and whose session is joined as it should be. */
function phoneHears({ snapshot, phones }: Left, port: number, sound: Sound): boolean {
  const session = phones.get(port);
  const there = snapshot.sessions.find((each) => each.session === session);
  if (there?.connected !== true) return false;
  if (sound.to === 'rtp') return there.bridgedTo === sound.session;
  if (sound.to !== 'line') return false;
  // The line at the other end is looked at by itself.
  return !isPhonePort(sound.port) || there.bridgedTo === phones.get(sound.port);
}

function soundsOf(port: number, kept: Adoptable) {
  if (kept.peerPort === null) return [[port, { to: 'rtp', session: kept.leg }]] as const;
  return [
    [port, { to: 'line', port: kept.peerPort }],
    [kept.peerPort, { to: 'line', port }],
  ] as const;
}

function interrupt(
  draft: Draft,
  open: UnfinishedLeg,
  kept: Adoptable | undefined,
  snapshot: MediaSnapshot | undefined,
): void {
  // The media process saw the handset go down while nobody was there to be told: that is when the call ended.
  const hungUpAt = snapshot?.sessions.find((session) => session.session === kept?.leg)?.hungUpAt;
  const endedAt = hungUpAt === undefined ? open.lastSeenAt : instant(Math.max(hungUpAt, open.lastSeenAt));
  draft.push({
    type: 'journalInterrupt',
    fact: open.id,
    end: {
      endedAt,
      talkMs: open.answeredAt === null ? 0 : Math.max(0, endedAt - open.answeredAt),
      end: 'interrupted',
      because:
        hungUpAt === undefined
          ? 'the agent was restarted and the call could not be taken up again'
          : 'the phone was hung up while the agent was away',
      interrupted: true,
      media: null,
    },
  });
  if (kept?.dialog != null) draft.push({ type: 'sipBye', dialog: kept.dialog });
}
