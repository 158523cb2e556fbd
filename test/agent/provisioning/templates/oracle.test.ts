import { describe, expect, it } from 'vitest';
import { ACCOUNT_ROWS } from '../../../../agent/provisioning/templates/grandstream/account-rows.ts';
import { GRANDSTREAM_MODELS } from '../../../../agent/provisioning/templates/grandstream/models.ts';
import { PHONE_ROWS } from '../../../../agent/provisioning/templates/grandstream/phone-rows.ts';
import type { Row } from '../../../../agent/provisioning/templates/grandstream/row.ts';
import { keyTable } from '../../../../agent/provisioning/templates/grandstream/settings-of.ts';
import {
  knownModels,
  type ProvisioningAround,
  renderPhone,
} from '../../../../agent/provisioning/templates/index.ts';
import { PANASONIC_MODELS } from '../../../../agent/provisioning/templates/panasonic/models.ts';
import { keyTable as panasonicTable } from '../../../../agent/provisioning/templates/panasonic/rules.ts';
import { ACCOUNT_P, NAME_TO_P, ORACLES, type Oracle, PANASONIC_NAMES } from './oracle.ts';
import { type ReadSetting, readGrandstream, readPanasonic } from './read-back.ts';
import { AROUND, FIRST_OF_GRANDSTREAM, SETTLED, samplePhone } from './samples.ts';

type Form = NonNullable<ProvisioningAround['form']>;

function oracleFor(family: string, form: Form): Oracle | undefined {
  if (family === 'gxp16xx') return ORACLES.gxp16xx;
  if (form === 'names') return family === 'gxp21xx' ? ORACLES.gxp21xxNames : ORACLES.grp26xxNames;
  return family === 'gxp21xx' ? ORACLES.gxp21xx : ORACLES.grp26xx;
}

/** What the lists write otherwise than their own templates do, with both of their writings. */
const EXTRA_VALUES: Readonly<Record<string, readonly string[]>> = {
  // The text says "UDP, TCP, Tls Or Tcp"; the name without blanks is the one in use.
  'account.1.sip.transport': ['UDP', 'TCP', 'TlsOrTcp'],
};

function strange(settings: readonly ReadSetting[], oracle: Oracle): string[] {
  return settings.flatMap(([key, value]) => {
    const known = oracle(key);
    if (known === undefined) return [`${key} is in no list`];
    if (value === '' || EXTRA_VALUES[key]?.includes(value) === true) return [];
    return known.allowed === undefined || known.allowed(value) ? [] : [`${key} cannot be ${value}`];
  });
}

function render(model: string, around: ProvisioningAround): ReadSetting[] {
  const files = renderPhone(samplePhone('grandstream', model, { keys: [{ does: 'line' }] }), around);
  if (!files.ok) throw new Error(files.error.say);
  return readGrandstream(Buffer.from(files.value[0]?.bytes ?? []).toString('utf8')).settings;
}

describe('keys against the public lists', () => {
  const forms = [...GRANDSTREAM_MODELS.values()].flatMap((model) =>
    (model.family === 'gxp16xx' ? ['pValues' as const] : ['pValues' as const, 'names' as const]).map(
      (form) => [model.model, form] as const,
    ),
  );

  it.each(forms)('every key and value of a %s in %s is one that the lists know', (name, form) => {
    const model = GRANDSTREAM_MODELS.get(name);
    const oracle = model === undefined ? undefined : oracleFor(model.family, form);
    if (model === undefined || oracle === undefined) throw new Error('no oracle');
    for (const around of [AROUND, FIRST_OF_GRANDSTREAM, SETTLED]) {
      const settings = render(name, { ...around, ...(model.family === 'gxp16xx' ? {} : { form }) });
      // Virtual keys of GXP21xx count from 10 in P values, which the list of the other family does not know.
      const keys = settings.filter(
        ([key]) => !(model.family === 'gxp21xx' && /^P(13[67]|238|239)/.test(key)),
      );
      expect(strange(keys, oracle)).toEqual([]);
    }
  });

  it.each(forms)('the whole key table of a %s in %s has only keys that the lists know', (name, form) => {
    const model = GRANDSTREAM_MODELS.get(name);
    const oracle = model === undefined ? undefined : oracleFor(model.family, form);
    if (model === undefined || oracle === undefined) throw new Error('no oracle');
    const unknown = [...keyTable(model, form).keys()].filter((key) => oracle(key) === undefined);
    expect(unknown).toEqual([]);
  });

  it('a name and its P value are one setting, as the list of GRP26xx says', () => {
    const rows: readonly Row[] = [...Object.values(ACCOUNT_ROWS), ...Object.values(PHONE_ROWS)];
    const other = rows.filter(({ name, p }) => {
      const known = NAME_TO_P.get(name);
      return known !== undefined && known !== '-' && known !== `P${p[0]}`;
    });
    expect(other.map(({ name }) => name)).toEqual([]);
  });

  it('the P values of the second and third account are those of the same setting, as irregular as they are', () => {
    const rows: readonly Row[] = Object.values(ACCOUNT_ROWS);
    const joined = rows.filter(({ p }) => ACCOUNT_P.has(`P${p[0]}`));
    for (const { p, name } of joined) {
      const ours = p.slice(0, 3).map((each) => `P${each}`);
      expect([name, ...ours]).toEqual([name, ...(ACCOUNT_P.get(`P${p[0]}`) ?? [])]);
    }
    expect(joined.length).toBeGreaterThan(40);
  });

  it.each(knownModels('panasonic'))(
    'every key of a %s stands in a public template or in the guides',
    (name) => {
      const model = PANASONIC_MODELS.get(name);
      if (model === undefined) throw new Error('no model');
      const unknown = [...panasonicTable(model).keys()].filter((key) => {
        const plain = key.replace(/_[0-9]+$/, '_1');
        return !PANASONIC_NAMES.has(key) && !PANASONIC_NAMES.has(plain);
      });
      // Named by the administrator guides of KX-HDV; no public template uses them.
      const guides = ['OPTION159_PROV_ENABLE', 'OPTION160_PROV_ENABLE', 'SIPPNP_PROV_ENABLE'];
      expect(unknown.filter((key) => !guides.includes(key))).toEqual([]);
    },
  );

  it.each(knownModels('panasonic'))('a file of a %s reads back to the keys of its table', (name) => {
    const model = PANASONIC_MODELS.get(name);
    const files = renderPhone(
      samplePhone('panasonic', name, { language: model?.japanese ? 'ja' : 'en' }),
      AROUND,
    );
    if (model === undefined || !files.ok) throw new Error(files.ok ? name : files.error.say);
    const table = panasonicTable(model);
    for (const { bytes } of files.value) {
      expect(readPanasonic(bytes).filter(([key]) => !table.has(key))).toEqual([]);
    }
  });
});
