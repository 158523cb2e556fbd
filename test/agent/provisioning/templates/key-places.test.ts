import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPhone } from '../../../../agent/provisioning/templates/index.ts';
import type { PhoneKey } from '../../../../lib/contract/lan-config.ts';
import {
  grandstreamModels,
  keyWithoutPlace,
  languagesOf,
  type PhoneModel,
  panasonicModels,
  phoneModel,
} from '../../../../lib/contract/phone-models.ts';
import { AROUND, samplePhone } from './samples.ts';

const MODELS: readonly PhoneModel[] = [...grandstreamModels, ...panasonicModels];
const key = fc.oneof(
  fc.constant<PhoneKey>({ does: 'line' }),
  fc.constant<PhoneKey>({ does: 'watch', extension: '12' }),
  fc.constant<PhoneKey>({ does: 'park', slot: 1 }),
  fc.constant<PhoneKey>({ does: 'dial', number: '0355550123', label: '仕入先' }),
);

/** A phone that speaks a language it has. */
const phoneOf = (model: PhoneModel, keys: readonly PhoneKey[]) =>
  samplePhone(model.vendor, model.model, { keys, rings: [], language: languagesOf(model)[0] });

describe('the places for keys that both sides count on', () => {
  it('are those of the files: what has a place can be written, and nothing else', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), fc.array(key, { maxLength: 24 }), (model, keys) => {
        const without = keyWithoutPlace(model, keys);
        const made = renderPhone(phoneOf(model, keys), AROUND);
        if (without !== undefined) refused++;
        expect(made.ok ? 'written' : made.error.code).toBe(
          without === undefined
            ? 'written'
            : without.able === 0
              ? 'template.keyKind'
              : 'template.tooManyKeys',
        );
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(40);
  });

  it('leave one for the line that every phone has', () => {
    const model = phoneModel('GRP2601');
    if (model === undefined) throw new Error('GRP2601 is no model');
    const watch: PhoneKey = { does: 'watch', extension: '12' };
    expect(keyWithoutPlace(model, [watch])).toBeUndefined();
    expect(keyWithoutPlace(model, [watch, watch])).toEqual({ index: 1, does: 'watch', able: 2 });
    expect(keyWithoutPlace(model, [{ does: 'line' }, watch])).toBeUndefined();
  });

  it('are none for lamps on the models that have none', () => {
    const model = phoneModel('GXP1625');
    if (model === undefined) throw new Error('GXP1625 is no model');
    expect(keyWithoutPlace(model, [{ does: 'park', slot: 1 }])).toEqual({ index: 0, does: 'park', able: 0 });
  });

  it('speak only languages whose files can be written', () => {
    for (const model of MODELS) {
      for (const language of ['ja', 'en'] as const) {
        const made = renderPhone({ ...phoneOf(model, []), language }, AROUND);
        expect(made.ok, `${model.model} ${language}`).toBe(languagesOf(model).includes(language));
      }
    }
  });
});
