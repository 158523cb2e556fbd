import { type LineConfig, OFFICE_FEATURES, type SiteConfig } from '../../lib/contract/site-config.ts';
import type { LinePlan } from '../lines/index.ts';
import { collect } from './dial-plan.ts';

/** Everything that can be dialled as an extension: lines, desk phones, ring groups, colleagues elsewhere. */
function extensionsOf({ lines, lan, groups = [], elsewhere = [] }: SiteConfig): readonly string[] {
  return [...lines, ...lan.phones, ...groups, ...elsewhere].map(({ extension }) => extension);
}

/** Times, habits and dial plan of one line, from the running configuration. */
export function planOf(config: SiteConfig | undefined, line: LineConfig): LinePlan {
  const features = config?.features ?? OFFICE_FEATURES;
  const dial = {
    extensions: config === undefined ? [] : extensionsOf(config),
    emergency: config?.dialPlan.emergency ?? 'refused',
    codes: { ...features, night: config?.night?.code },
    presentable: line.presentable.length,
  } as const;
  return {
    firstDigitMs: config?.dialPlan.firstDigitMs ?? 20_000,
    interDigitMs: config?.dialPlan.interDigitMs ?? 4_000,
    shortNumberMs: config?.dialPlan.shortNumberMs ?? 1_500,
    toneMs: features.toneMs,
    howlerMs: features.howlerMs,
    flash: line.flash,
    pulse: line.pulse,
    collect: (digits) => collect(digits, dial),
  };
}
