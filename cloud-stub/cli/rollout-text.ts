import type { KeptRelease, RolloutBoxView, RolloutView, Tally, WholeRollout } from '../rollout/index.ts';
import { inJapan } from './when.ts';

const BAR = 40;
/** Boxes of one kind that a screen names; `--json` names all. */
const NAMED_MOST = 20;

/** One release a line. */
export function releaseLines(releases: readonly KeptRelease[]): string {
  if (releases.length === 0) return 'no releases; engawa-cloud release add FILE takes a bundle in\n';
  return releases
    .map(({ addedAt, compatible, signatureChecked, sizeBytes, version }) => {
      const signed = signatureChecked ? 'signature checked' : 'signature not checked here';
      const size = `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
      return `${version.padEnd(14)}  ${compatible.padEnd(24)}  ${size.padStart(9)}  ${inJapan(addedAt)}  ${signed}\n`;
    })
    .join('');
}

/** One rollout a line, oldest first. */
export function rolloutLines(rollouts: readonly RolloutView[]): string {
  if (rollouts.length === 0) return 'no rollouts; engawa-cloud rollout start VERSION begins one\n';
  return rollouts
    .map((one) => {
      const { plan, startedAt, tally } = one;
      const through = `${throughOf(tally)} of ${allOf(tally)}`;
      const wrong = wrongOf(tally) === 0 ? '' : `, ${wrongOf(tally)} went wrong`;
      return `${markOf(one)}  ${one.id}  ${plan.release.version.padEnd(12)}  ${inJapan(startedAt)}  ${stateSay(one)}; ${through}${wrong}\n`;
    })
    .join('');
}

/** The whole of one: how far, what is under way, what went wrong, what comes next. */
export function rolloutScreen(one: WholeRollout): string {
  const { plan, tally } = one;
  const lines = [
    `${markOf(one)}  ${one.id}  ${plan.release.version} for ${plan.release.compatible}, ${scopeSay(plan)}: ${stateSay(one)}`,
    ...(plan.note === '' ? [] : [`      ${plan.note}`]),
    `      since ${inJapan(one.startedAt)}; ${planSay(one)}`,
    `      ${barOf(tally)}  ${throughOf(tally)} of ${allOf(tally)}`,
    ...Object.entries(WORDS).flatMap(([name, word]) => {
      const boxes = one.boxes.filter(({ at }) => at === name);
      if (boxes.length === 0) return [];
      return [`      ${word.padEnd(16)} ${String(boxes.length).padStart(6)}${stepsSay(boxes)}`];
    }),
    ...named(one.boxes, ['failed', 'rolledBack', 'silent', 'lost'], 'FAIL'),
    ...named(one.boxes, ['late', 'away', 'held'], 'WARN'),
    ...nextSay(one),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const WORDS: Readonly<Record<keyof Tally, string>> = {
  waiting: 'waiting',
  underWay: 'under way',
  held: 'standing still',
  late: 'late',
  away: 'away',
  done: 'done',
  already: 'had it before',
  failed: 'failed',
  rolledBack: 'went back',
  silent: 'silent',
  lost: 'lost',
  left: 'left out',
};

function markOf({ state, tally }: RolloutView): string {
  if (state.at === 'aborted') return 'FAIL';
  return wrongOf(tally) > 0 || state.at === 'paused' ? 'WARN' : 'OK  ';
}

function stateSay({ state, wave, waves }: RolloutView): string {
  switch (state.at) {
    case 'running':
      return `wave ${wave} of ${waves}`;
    case 'paused':
      return `paused${state.why === '' ? '' : `: ${state.why}`}`;
    case 'complete':
      return 'complete; boxes that come later follow';
    case 'aborted':
      return `given up ${state.by === 'share' ? 'by itself' : 'by an operator'}${state.why === '' ? '' : `: ${state.why}`}`;
    case 'superseded':
      return `followed by ${state.by}`;
  }
}

function scopeSay({ scope }: RolloutView['plan']): string {
  switch (scope.kind) {
    case 'all':
      return 'all boxes';
    case 'contracts':
      return `${scope.contracts.length} contracts`;
    case 'gateways':
      return `${scope.gateways.length} gateways`;
  }
}

function planSay({ perMinute, plan }: RolloutView): string {
  const window =
    plan.window === null
      ? 'at any time'
      : `restarts ${clockOf(plan.window.fromMinute)}–${clockOf(plan.window.toMinute)} JST`;
  return `${window}; ${perMinute} a minute now, ${plan.rate.mostPerMinute} at most; given up at ${plan.abort.sharePercent} %`;
}

function nextSay(one: RolloutView): readonly string[] {
  if (one.state.at !== 'running') return [];
  if (one.nextWaveAt !== null) return [`      wave ${one.wave + 1} from ${inJapan(one.nextWaveAt)}`];
  if (one.waveBoxes === null) return [];
  return [`      this wave is through with ${one.waveBoxes} box${one.waveBoxes === 1 ? '' : 'es'}`];
}

function named(
  boxes: readonly RolloutBoxView[],
  kinds: readonly (keyof Tally)[],
  mark: string,
): readonly string[] {
  const found = boxes.filter(({ at }) => kinds.includes(at));
  const shown = found.slice(0, NAMED_MOST).map(({ at, contract, gateway, say, since }) => {
    const when = since === null ? '' : `  ${inJapan(since)}`;
    return `${mark}  ${gateway}  ${contract}${when}  ${WORDS[at]}: ${say}`;
  });
  const rest = found.length - shown.length;
  return rest > 0 ? [...shown, `      and ${rest} more; --json names all`] : shown;
}

function stepsSay(boxes: readonly RolloutBoxView[]): string {
  const steps = new Map<string, number>();
  for (const { step } of boxes) if (step !== null) steps.set(step, (steps.get(step) ?? 0) + 1);
  const text = [...steps].map(([step, count]) => `${step} ${count}`).join(', ');
  return text === '' ? '' : `   ${text}`;
}

function barOf(tally: Tally): string {
  const all = Math.max(1, allOf(tally));
  const [good, wrong] = [tally.done + tally.already, wrongOf(tally)];
  const marks = Math.ceil((BAR * wrong) / all);
  const full = Math.min(BAR - marks, Math.floor((BAR * good) / all));
  return `[${'#'.repeat(full)}${'x'.repeat(marks)}${'.'.repeat(BAR - full - marks)}]`;
}

function wrongOf({ failed, lost, rolledBack, silent }: Tally): number {
  return failed + rolledBack + silent + lost;
}

function throughOf(tally: Tally): number {
  return tally.done + tally.already + tally.failed + tally.rolledBack;
}

function allOf({ left, ...rest }: Tally): number {
  return Object.values(rest).reduce((sum, one) => sum + one, 0);
}

function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
