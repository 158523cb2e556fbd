import { readdirSync } from 'node:fs';
import type { CarrierCallView } from '../../cloud-stub/carrier/index.ts';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { CONTRACT, FAX_LINE_NUMBER, FAX_PORT, OFFICE_NUMBER, Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import type { RunningOffice } from '../launch/office.ts';
import { booksTrouble, type Kind, VICTIMS, type Victim, type Witnessed } from './kill-books.ts';

const OUTSIDE_NUMBER = '0355550150';
const FAX_NUMBER = '0355550160';
/** A box waits up to a minute before it tries the service again. */
const SETTLE_LIMIT_MS = 120_000;
/** A fax that nothing has ended is broken off after this long. */
const FAX_MOST_MS = 20_000;
/** After a kill of the media process there is dial tone again within this time, where the machine is not busy. */
const DIAL_TONE_MS = 3_000;
const DIAL_TONE_LIMIT_MS = 60_000;
const DIAL_TONE_HZ = 400;
/** Sockets and files that a program may have more of at the end than at the beginning. */
const HANDLES_MORE = 25;

/** What the drill found; `trouble` is empty when nothing was lost or doubled. */
export interface DrillReport {
  readonly kills: number;
  readonly victims: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly faxes: number;
  readonly answered: number;
  readonly records: number;
  readonly charges: number;
  readonly interrupted: number;
  /** Dial tone after each kill of the media process, sorted. */
  readonly dialToneMs: readonly number[];
  readonly dialToneWithin3s: number;
  /** From each kill until everything runs again, both lines are registered and the outbox is empty. */
  readonly wellAgainMs: { readonly median: number; readonly worst: number };
  readonly trouble: readonly string[];
}

/**
 * Makes calls and faxes and kills (-9) one program at a random moment of each, then waits until everything runs again and
 * compares what the phones and the carrier saw with what is on record. Faxes are sent where the office has a machine.
 */
export async function killDrill(
  office: RunningOffice,
  rounds: number,
  fraction: () => number,
  tell: (say: string) => void,
  withFax = false,
): Promise<DrillReport> {
  const sinceMs = Date.now();
  const witnessed: Witnessed[] = [];
  const wellMs: number[] = [];
  const kinds: readonly Kind[] = withFax
    ? ['out', 'in', 'internal', 'out', 'in', 'fax']
    : ['out', 'in', 'internal'];
  await untilReady(office);
  const before = handlesOf(office);
  for (let round = 0; round < rounds; round++) {
    const victim = VICTIMS[Math.floor(fraction() * VICTIMS.length)] ?? 'agent';
    const kind = kinds[round % kinds.length] ?? 'out';
    const seen = await oneRound(office, { round, victim, kind }, fraction);
    witnessed.push(seen);
    const took = await untilReady(office);
    wellMs.push(took);
    const tone = seen.dialToneMs === null ? '' : `, dial tone after ${seen.dialToneMs} ms`;
    tell(
      `round ${round + 1}: killed ${victim} during an ${kind} call${seen.answeredAtMs === null ? '' : ', which was up'}${tone}; well again after ${took} ms`,
    );
  }
  const leaked = leaks(before, handlesOf(office));
  const tones = witnessed.flatMap(({ dialToneMs }) => (dialToneMs === null ? [] : [dialToneMs]));
  const report = await compare(office, sinceMs, witnessed);
  return {
    ...report,
    dialToneMs: tones.sort((one, other) => one - other),
    dialToneWithin3s: tones.filter((ms) => ms <= DIAL_TONE_MS).length,
    wellAgainMs: medianOf(wellMs),
    trouble: [
      ...report.trouble,
      ...tones.filter((ms) => ms >= DIAL_TONE_LIMIT_MS).map((ms) => `no dial tone for ${ms} ms`),
      ...leaked,
    ],
  };
}

function medianOf(times: readonly number[]): { readonly median: number; readonly worst: number } {
  const sorted = [...times].sort((one, other) => one - other);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 };
}

async function oneRound(
  office: RunningOffice,
  what: { readonly round: number; readonly victim: Victim; readonly kind: Kind },
  fraction: () => number,
): Promise<Witnessed> {
  const { victim, kind } = what;
  const stage = await Stage.open(office.layout);
  try {
    const call = play(stage, kind);
    await pause(300 + fraction() * (kind === 'fax' ? 12_000 : 3_500));
    office.kill(victim);
    const killedAtMs = Date.now();
    const dialToneMs = victim === 'media' ? await untilDialTone(stage, kind) : null;
    const answeredAtMs = await call;
    for (const port of [1, 2]) await stage.phones.hangUp(port).catch(() => {});
    if (kind === 'fax') await stage.phones.faxStop(FAX_PORT).catch(() => {});
    for (const open of await stage.carrier.calls())
      if (open.state !== 'ended') await stage.carrier.hangUp(open.call).catch(() => {});
    return { ...what, answeredAtMs, killedAtMs, dialToneMs };
  } finally {
    stage.close();
  }
}

/** A phone is lifted over and over, as somebody does who wonders; whichever call was on it is over. */
async function untilDialTone(stage: Stage, kind: Kind): Promise<number> {
  const sinceMs = performance.now();
  const passed = (): number => Math.round(performance.now() - sinceMs);
  // Whoever calls out dials on for seconds, into any dial tone that there is.
  const port = kind === 'out' ? 2 : 1;
  await stage.phones.hangUp(port).catch(() => {});
  while (passed() < DIAL_TONE_LIMIT_MS) {
    await pause(150);
    await stage.phones.lift(port);
    const heardMs = passed();
    for (let tries = 0; tries < 3; tries++) {
      const { windows } = await stage.phones.hear(port, 300);
      const toned = windows.filter(({ hz }) => Math.abs(hz - DIAL_TONE_HZ) < 15).length;
      if (windows.length > 0 && toned >= windows.length - 1) {
        await stage.phones.hangUp(port);
        return Math.max(heardMs, passed() - 300);
      }
    }
    await stage.phones.hangUp(port);
  }
  return passed();
}

/** Plays one call as far as it comes: when the network saw it answered. Phones and carrier outlive the killed programs. */
async function play(stage: Stage, kind: Kind): Promise<number | null> {
  switch (kind) {
    case 'out': {
      const before = (await stage.carrier.calls()).length;
      await stage.phones.lift(1);
      await pause(400);
      await stage.phones.dial(1, OUTSIDE_NUMBER, 'dtmf');
      await pause(1_500);
      return answeredAtMs((await stage.carrier.calls()).slice(before));
    }
    case 'in': {
      const call = await stage.carrier.call({ from: '0312340002', to: OFFICE_NUMBER, hz: 700 });
      await pause(1_200);
      await stage.phones.lift(2);
      await pause(1_500);
      return answeredAtMs([await stage.carrier.state(call)]);
    }
    case 'internal': {
      await stage.phones.lift(1);
      await pause(400);
      await stage.phones.dial(1, '12', 'dtmf');
      await pause(1_200);
      await stage.phones.lift(2);
      await pause(1_000);
      return null;
    }
    case 'fax': {
      const before = (await stage.carrier.calls()).length;
      const fax = { number: FAX_NUMBER, ident: FAX_LINE_NUMBER, pages: ['letter'], folder: stage.faxFolder };
      await stage.phones.faxSend(FAX_PORT, fax);
      await stage.phones.faxResult(FAX_PORT, FAX_MOST_MS);
      return answeredAtMs((await stage.carrier.calls()).slice(before));
    }
  }
}

function answeredAtMs(calls: readonly CarrierCallView[]): number | null {
  const moments = calls.flatMap(({ history }) => history).filter(({ state }) => state === 'answered');
  return moments[0]?.atMs ?? null;
}

/** Waits until every program runs again, the lines are registered and the outbox is empty. Answers how long it took. */
async function untilReady(office: RunningOffice): Promise<number> {
  const sinceMs = performance.now();
  let lacks = 'nothing answers';
  const ready = await until(SETTLE_LIMIT_MS, async () => {
    try {
      const stage = await Stage.open(office.layout);
      try {
        const status = await stage.agent();
        await stage.cloud('/health');
        const { board, calls, cloud } = status;
        lacks = JSON.stringify({ board, calls, cloud, lines: status.lines });
        const lines = status.lines.filter(
          (line) => line.registration.at === 'registered' && line.state === 'onHook',
        );
        return lines.length === status.lines.length &&
          lines.length >= 2 &&
          status.calls.now === 0 &&
          status.cloud.connected &&
          status.cloud.outbox === 0 &&
          status.board.up
          ? true
          : undefined;
      } finally {
        stage.close();
      }
    } catch (error) {
      lacks = String(error);
      return undefined;
    }
  });
  if (ready === undefined) throw new Error(`the office did not become ready again after a kill: ${lacks}`);
  return Math.round(performance.now() - sinceMs);
}

/** Open files and sockets of each program. */
function handlesOf(office: RunningOffice): ReadonlyMap<string, number> {
  const programs = office.programs().filter(({ name }) => ['agent', 'media', 'cloud'].includes(name));
  return new Map(programs.map(({ name, pid }) => [name, readdirSync(`/proc/${pid}/fd`).length]));
}

function leaks(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].flatMap(([name, count]) => {
    const first = before.get(name) ?? count;
    return count > first + HANDLES_MORE ? [`${name} had ${first} open files, and has ${count}`] : [];
  });
}

type Compared = Omit<DrillReport, 'dialToneMs' | 'dialToneWithin3s' | 'wellAgainMs'>;

async function compare(
  office: RunningOffice,
  sinceMs: number,
  witnessed: readonly Witnessed[],
): Promise<Compared> {
  const stage = await Stage.open(office.layout);
  try {
    const answer = (await stage.cloud(`/contracts/${CONTRACT}/records?since=${sinceMs}`)) as {
      records: readonly CallView[];
    };
    const { records } = answer;
    const victims: Record<string, number> = {};
    for (const { victim } of witnessed) victims[victim] = (victims[victim] ?? 0) + 1;
    return {
      kills: witnessed.length,
      victims,
      calls: witnessed.length,
      faxes: witnessed.filter(({ kind }) => kind === 'fax').length,
      answered: witnessed.filter((seen) => seen.answeredAtMs !== null).length,
      records: records.length,
      charges: records.filter((record) => record.charge !== null).length,
      interrupted: records.filter(
        (record) => record.switch?.interrupted === true || record.boxes.some((box) => box.interrupted),
      ).length,
      trouble: booksTrouble(records, witnessed),
    };
  } finally {
    stage.close();
  }
}
