import type { BoxView } from '../store/index.ts';
import { counter, type Family, gauge, type Sample, snake, words } from './exposition.ts';
import type { Health } from './source.ts';
import { type UpdateParts, updateFamilies } from './update-metrics.ts';

/** What the metrics are made of. */
export interface MetricsParts {
  readonly health: Health;
  readonly boxes: readonly BoxView[];
  readonly updates: UpdateParts;
}

/** Pure: the service's own figures, and those of every box as it told them last. */
export function metricsOf({ health, boxes, updates }: MetricsParts): readonly Family[] {
  return [
    ...serviceFamilies(health),
    ...updateFamilies(updates),
    ...fleetFamilies(boxes),
    ...boxFigures(boxes),
  ];
}

function serviceFamilies({ database, upMs, sync, switch: sip }: Health): readonly Family[] {
  const sides = (['gateways', 'network'] as const).map((side) => [side, sip[side]] as const);
  const names = Object.keys(sip.gateways) as (keyof typeof sip.gateways)[];
  return [
    gauge('engawa_service_uptime_seconds', 'Time since the service started.', [{ value: upMs / 1_000 }]),
    gauge('engawa_service_database_up', 'Whether the database answers.', [
      { value: database === 'up' ? 1 : 0 },
    ]),
    ...Object.entries(sync).map(([name, value]) =>
      counter(`engawa_sync_${snake(name)}_total`, `Of the link to the boxes: ${words(name)}.`, [{ value }]),
    ),
    gauge('engawa_switch_calls', 'Calls at the switch now.', [{ value: sip.calls }]),
    gauge('engawa_switch_registered', 'Accounts that are registered at the switch.', [
      { value: sip.registered },
    ]),
    counter('engawa_switch_unrecorded_refusals_total', 'Refusals that were not written down.', [
      { value: sip.unrecordedRefusals },
    ]),
    ...names.map((name) =>
      counter(
        `engawa_sip_${snake(name)}_total`,
        `Of SIP at the switch: ${words(name)}.`,
        sides.map(([side, figures]) => ({ labels: { side }, value: figures[name] })),
      ),
    ),
  ];
}

function fleetFamilies(boxes: readonly BoxView[]): readonly Family[] {
  const each = (value: (box: BoxView) => number | undefined): readonly Sample[] =>
    boxes.flatMap((box) => {
      const found = value(box);
      return found === undefined ? [] : [{ labels: labelsOf(box), value: found }];
    });
  const warnings = boxes.flatMap((box) =>
    (box.state?.warnings ?? []).map(({ code, severity }) => {
      const [kind = '', about = ''] = code.split('/');
      return { labels: { ...labelsOf(box), code: kind, about, severity }, value: 1 };
    }),
  );
  return [
    gauge(
      'engawa_box_online',
      'Whether the box is connected.',
      each(({ online }) => (online ? 1 : 0)),
    ),
    gauge(
      'engawa_box_told_seconds',
      'When the box told its figures last, Unix time.',
      each(({ counters }) => (counters === null ? undefined : counters.at / 1_000)),
    ),
    gauge(
      'engawa_box_board_up',
      'Whether the FXS board answers.',
      each(({ state }) => (state === null ? undefined : state.board ? 1 : 0)),
    ),
    gauge('engawa_box_warning', 'Warnings that stand now, by their code.', warnings),
  ];
}

/** Names are the box's own; what two boxes tell under one name is one family. */
function boxFigures(boxes: readonly BoxView[]): readonly Family[] {
  const found = new Map<string, Sample[]>();
  for (const box of boxes) {
    for (const [name, value] of Object.entries(box.counters?.figures ?? {})) {
      // Nothing that a box tells may take the place of what the service says itself.
      if (!name.startsWith('engawa_box_') || RESERVED.has(name)) continue;
      found.set(name, [...(found.get(name) ?? []), { labels: labelsOf(box), value }]);
    }
  }
  return [...found].sort(byName).map(([name, samples]) => {
    const help = `As the boxes tell it: ${name.slice('engawa_box_'.length).replaceAll('_', ' ')}.`;
    return name.endsWith('_total') ? counter(name, help, samples) : gauge(name, help, samples);
  });
}

const RESERVED = new Set([
  'engawa_box_system',
  'engawa_box_online',
  'engawa_box_told_seconds',
  'engawa_box_board_up',
  'engawa_box_warning',
]);

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function labelsOf({ gateway, contract }: BoxView): Readonly<Record<string, string>> {
  return { gateway, contract };
}
