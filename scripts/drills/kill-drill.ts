import type { CallView } from '../../cloud-stub/store/index.ts';
import { CONTRACT, OFFICE_NUMBER, Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import type { RunningOffice } from '../launch/office.ts';

/** Programs that are killed in turn; each may die at any moment of a call. */
const VICTIMS = ['agent', 'cloud', 'media'] as const;
const OUTSIDE_NUMBER = '0355550150';
const SETTLE_LIMIT_MS = 40_000;

/** What the drill saw of one call, from outside both programs. */
interface Witnessed {
  readonly kind: 'out' | 'in' | 'internal';
  readonly round: number;
  readonly victim: string;
  /** Whether the far party, or the other phone, had the call up at some moment. */
  readonly answered: boolean;
}

/** What the drill found; `trouble` is empty when nothing was lost or doubled. */
export interface DrillReport {
  readonly kills: number;
  readonly calls: number;
  readonly answered: number;
  readonly records: number;
  readonly charges: number;
  readonly interrupted: number;
  readonly trouble: readonly string[];
}

/**
 * Makes calls and kills (-9) one program at a random moment of each, then waits until everything runs again and compares
 * what the phones and the carrier saw with what is on record.
 */
export async function killDrill(
  office: RunningOffice,
  rounds: number,
  fraction: () => number,
  tell: (say: string) => void,
): Promise<DrillReport> {
  const sinceMs = Date.now();
  const witnessed: Witnessed[] = [];
  for (let round = 0; round < rounds; round++) {
    const victim = VICTIMS[Math.floor(fraction() * VICTIMS.length)] ?? 'agent';
    const seen = await oneRound(office, round, victim, fraction);
    witnessed.push(seen);
    tell(
      `round ${round + 1}: killed ${victim} during an ${seen.kind} call${seen.answered ? ', which was up' : ''}`,
    );
    await untilReady(office);
  }
  return compare(office, sinceMs, witnessed);
}

async function oneRound(
  office: RunningOffice,
  round: number,
  victim: string,
  fraction: () => number,
): Promise<Witnessed> {
  const stage = await Stage.open(office.layout);
  const kind = (['out', 'in', 'internal'] as const)[round % 3] ?? 'out';
  try {
    const call = play(stage, kind);
    await pause(300 + fraction() * 3_500);
    office.kill(victim);
    const answered = await call;
    for (const port of [1, 2]) await stage.phones.hangUp(port).catch(() => {});
    for (const open of await stage.carrier.calls())
      if (open.state !== 'ended') await stage.carrier.hangUp(open.call).catch(() => {});
    return { kind, round, victim, answered };
  } finally {
    stage.close();
  }
}

/** Plays one call as far as it comes; true when it was up at some moment. Phones and carrier outlive the killed programs. */
async function play(stage: Stage, kind: Witnessed['kind']): Promise<boolean> {
  switch (kind) {
    case 'out': {
      const before = (await stage.carrier.calls()).length;
      await stage.phones.lift(1);
      await pause(400);
      await stage.phones.dial(1, OUTSIDE_NUMBER, 'dtmf');
      await pause(1_500);
      const calls = (await stage.carrier.calls()).slice(before);
      return calls.some((call) => call.history.some((moment) => moment.state === 'answered'));
    }
    case 'in': {
      const call = await stage.carrier.call({ from: '0312340002', to: OFFICE_NUMBER, hz: 700 });
      await pause(1_200);
      await stage.phones.lift(2);
      await pause(1_500);
      return (await stage.carrier.state(call)).history.some((moment) => moment.state === 'answered');
    }
    case 'internal': {
      await stage.phones.lift(1);
      await pause(400);
      await stage.phones.dial(1, '12', 'dtmf');
      await pause(1_200);
      await stage.phones.lift(2);
      await pause(1_000);
      return false;
    }
  }
}

/** Waits until every program runs again, both lines are registered and the outbox is empty. */
async function untilReady(office: RunningOffice): Promise<void> {
  const ready = await until(SETTLE_LIMIT_MS, async () => {
    try {
      const stage = await Stage.open(office.layout);
      try {
        const status = await stage.agent();
        await stage.cloud('/health');
        const lines = status.lines.filter(
          (line) => line.registration.at === 'registered' && line.state === 'onHook',
        );
        return lines.length === 2 &&
          status.calls.now === 0 &&
          status.cloud.connected &&
          status.cloud.outbox === 0 &&
          status.board.up
          ? true
          : undefined;
      } finally {
        stage.close();
      }
    } catch {
      return undefined;
    }
  });
  if (ready === undefined) throw new Error('the office did not become ready again after a kill');
}

async function compare(
  office: RunningOffice,
  sinceMs: number,
  witnessed: readonly Witnessed[],
): Promise<DrillReport> {
  const stage = await Stage.open(office.layout);
  try {
    const answer = (await stage.cloud(`/contracts/${CONTRACT}/records?since=${sinceMs}`)) as {
      records: readonly CallView[];
    };
    const { records } = answer;
    return {
      kills: witnessed.length,
      calls: witnessed.length,
      answered: witnessed.filter((seen) => seen.answered).length,
      records: records.length,
      charges: records.filter((record) => record.charge !== null).length,
      interrupted: records.filter(
        (record) => record.switch?.interrupted === true || record.boxes.some((box) => box.interrupted),
      ).length,
      trouble: [...lost(records, witnessed), ...doubled(records)],
    };
  } finally {
    stage.close();
  }
}

/** An outside call that was up must be on the switch's record as answered, ended and charged. */
function lost(records: readonly CallView[], witnessed: readonly Witnessed[]): string[] {
  return (['out', 'in'] as const).flatMap((direction) => {
    const up = witnessed.filter((seen) => seen.kind === direction && seen.answered).length;
    const onRecord = records.filter(
      (record) => record.switch?.direction === direction && record.switch.answeredAt !== null,
    );
    const open = onRecord.filter(
      (record) => record.switch?.endedAt === null || record.charge === null,
    ).length;
    return [
      ...(onRecord.length < up ? [`${up} calls ${direction} were up, ${onRecord.length} are on record`] : []),
      ...(open > 0 ? [`${open} answered calls ${direction} are still open or without a charge`] : []),
    ];
  });
}

function doubled(records: readonly CallView[]): string[] {
  const legs = records.flatMap((record) => record.boxes.map((box) => box.record));
  const twice = legs.filter((leg, index) => legs.indexOf(leg) !== index);
  const sameLine = records.filter(
    (record) => new Set(record.boxes.map((box) => box.line)).size !== record.boxes.length,
  );
  return [
    ...twice.map((leg) => `box record ${leg} stands twice`),
    ...sameLine.map((record) => `call ${record.call} has two box records of one line`),
  ];
}
