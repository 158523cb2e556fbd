import { ok, type Result } from '../../../../lib/base/errors.ts';
import type { PhoneConfig, PhoneKey } from '../../../../lib/contract/lan-config.ts';
import { choiceRule, type KeyRule, noTemplate, numberRule, type Setting, textRule } from '../settings.ts';
import type { ProvisioningAround, TemplateRefusal } from '../types.ts';
import type { GrandstreamForm, GrandstreamModel } from './models.ts';

/** What a key can be made to do. */
type Mode = 'none' | 'line' | 'dial' | 'watch' | 'park';
/** Where a key sits: one beside the display that is always there, one that exists when asked for, one with a lamp. */
type Place = 'fixed' | 'dynamic' | 'physical';

/** The four settings of a key, in the form's writing. */
interface KeyNames {
  readonly mode: string;
  readonly account: string;
  readonly label: string;
  readonly value: string;
}

/** A mode as config version 2 writes it. */
const NAMES: Readonly<Record<Mode, string>> = {
  none: 'None',
  line: 'Line',
  dial: 'SpeedDial',
  watch: 'BLF',
  park: 'MonitoredCallPark',
};

/** P values of a mode: 10 and up on the fixed keys of GXP phones, below 10 on the others. `undefined`: not possible there. */
function modeNumber(mode: Mode, place: Place, family: GrandstreamModel['family']): number | undefined {
  if (family === 'gxp16xx') {
    if (place === 'physical') return { none: 0, line: undefined, dial: 0, watch: 1, park: 9 }[mode];
    return { none: 0, line: 0, dial: 10, watch: undefined, park: undefined }[mode];
  }
  if (family === 'gxp21xx' && place === 'fixed')
    return { none: 0, line: 0, dial: 10, watch: 11, park: 26 }[mode];
  const line = place === 'fixed' ? 31 : undefined;
  return { none: -1, line, dial: 0, watch: 1, park: 16 }[mode];
}

/** Numbers of a virtual key: 1 to 6 lie in two rows, from 7 on in groups of four. */
function virtualP(key: number): KeyNames {
  const first = key <= 6 ? 1_363 + 2 * (key - 1) : 23_800 + 4 * (key - 7);
  const label = key <= 6 ? first + 102 : first + 2;
  return { mode: `P${first}`, account: `P${first + 1}`, label: `P${label}`, value: `P${label + 1}` };
}

/** Numbers of a key with a lamp: 1 to 7 split, 8 to 18 and 19 to 24 in groups of four. */
function physicalP(key: number): KeyNames {
  if (key <= 7) {
    const first = 301 + 3 * (key - 1);
    return { mode: `P${322 + key}`, account: `P${first}`, label: `P${first + 1}`, value: `P${first + 2}` };
  }
  const first = key <= 18 ? 353 + 4 * (key - 8) : 1_440 + 4 * (key - 19);
  return { mode: `P${first}`, account: `P${first + 1}`, label: `P${first + 2}`, value: `P${first + 3}` };
}

function keyNames(group: 'vpk' | 'mpk', key: number, form: GrandstreamForm): KeyNames {
  if (form === 'pValues') return group === 'vpk' ? virtualP(key) : physicalP(key);
  const stem = `pks.${group}.${key}`;
  return {
    mode: `${stem}.keyMode`,
    account: `${stem}.account`,
    label: `${stem}.description`,
    value: `${stem}.value`,
  };
}

interface Slot {
  readonly place: Place;
  readonly names: KeyNames;
}

/** All keys of a model, in the order in which they are given out. */
function slotsOf(model: GrandstreamModel, form: GrandstreamForm): readonly Slot[] {
  const slots: Slot[] = [];
  for (let key = 1; key <= model.virtual; key++) {
    slots.push({ place: key <= model.fixed ? 'fixed' : 'dynamic', names: keyNames('vpk', key, form) });
  }
  for (let key = 1; key <= model.physical; key++) {
    slots.push({ place: 'physical', names: keyNames('mpk', key, form) });
  }
  return slots;
}

function modeText(
  mode: Mode,
  slot: Slot,
  model: GrandstreamModel,
  form: GrandstreamForm,
): string | undefined {
  const number = modeNumber(mode, slot.place, model.family);
  if (number === undefined) return undefined;
  return form === 'pValues' ? String(number) : NAMES[mode];
}

function accountText(slot: Slot, form: GrandstreamForm): string {
  return form === 'names' && slot.place === 'physical' ? 'Account1' : '0';
}

/** The rules of every key of a model, for its key table. Labels hold 32 characters and values 64. */
export function keyRules(model: GrandstreamModel, form: GrandstreamForm): [key: string, rule: KeyRule][] {
  const modes: readonly Mode[] = ['none', 'line', 'dial', 'watch', 'park'];
  return slotsOf(model, form).flatMap((slot): [string, KeyRule][] => {
    const values = modes
      .map((mode) => modeText(mode, slot, model, form))
      .filter((value) => value !== undefined);
    const account = accountText(slot, form);
    return [
      [slot.names.mode, choiceRule(...new Set(values))],
      [slot.names.account, account === '0' ? numberRule(0, model.accounts - 1) : choiceRule(account)],
      [slot.names.label, textRule(32)],
      [slot.names.value, textRule(64)],
    ];
  });
}

interface Wanted {
  readonly mode: Mode;
  readonly label: string;
  readonly value: string;
  /** Where it stands in the configuration; nothing for one that we add. */
  readonly index: number | null;
}

function wantedOf(key: PhoneKey, index: number, around: ProvisioningAround): Wanted {
  switch (key.does) {
    case 'line':
      return { mode: 'line', label: key.label ?? '', value: '', index };
    case 'watch':
      return { mode: 'watch', label: key.label ?? key.extension, value: key.extension, index };
    case 'park': {
      const value = `${around.features.park}${key.slot}`;
      return { mode: 'park', label: key.label ?? value, value, index };
    }
    case 'dial':
      return { mode: 'dial', label: key.label, value: key.number, index };
  }
}

/**
 * The keys of a phone: each goes to the first free one that can do it, in the order of the configuration. A phone on which
 * nobody asked for a line gets one on its first key, because without it a held call could not be taken up. What is left over
 * is switched off; it may have been set by an earlier owner.
 */
export function keySettings(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: GrandstreamModel,
  form: GrandstreamForm,
): Result<Setting[], TemplateRefusal> {
  const asked = phone.keys.map((key, index) => wantedOf(key, index, around));
  const line: Wanted = { mode: 'line', label: '', value: '', index: null };
  const wanted = asked.some(({ mode }) => mode === 'line') ? asked : [line, ...asked];
  const slots = slotsOf(model, form);
  const taken = new Map<Slot, Wanted>();
  for (const want of wanted) {
    const able = slots.filter((slot) => modeText(want.mode, slot, model, form) !== undefined);
    const free = able.find((slot) => !taken.has(slot));
    if (free === undefined) return noPlace(want, able.length, model);
    taken.set(free, want);
  }
  return ok(slots.flatMap((slot) => slotSettings(slot, taken.get(slot), model, form)));
}

function noPlace(want: Wanted, able: number, model: GrandstreamModel) {
  const key = want.index === null ? 'keys' : `keys[${want.index}]`;
  if (able === 0)
    return noTemplate('template.keyKind', key, `${model.model} has no key that does "${want.mode}".`);
  const say = `${model.model} has ${able} keys that can do "${want.mode}", and all are taken before ${key}.`;
  return noTemplate('template.tooManyKeys', key, say);
}

function slotSettings(
  slot: Slot,
  want: Wanted | undefined,
  model: GrandstreamModel,
  form: GrandstreamForm,
): Setting[] {
  const { names } = slot;
  const mode = modeText(want?.mode ?? 'none', slot, model, form);
  if (mode === undefined) return [];
  if (want === undefined && slot.place === 'dynamic') return [{ key: names.mode, value: mode }];
  return [
    { key: names.mode, value: mode },
    { key: names.account, value: accountText(slot, form) },
    { key: names.label, value: want?.label ?? '' },
    { key: names.value, value: want?.value ?? '' },
  ];
}
