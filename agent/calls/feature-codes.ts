import type { OfficeFeatures } from '../../lib/contract/site-config.ts';
import type { Collected, FeatureCode, Final } from '../lines/index.ts';

/** What is dialled for each feature; all begin with `*`. */
export type FeatureCodes = Pick<OfficeFeatures, 'pickup' | 'park' | 'redial' | 'present'> & {
  readonly night?: string | undefined;
};

interface CodeConfig {
  readonly extensions: readonly string[];
  readonly codes?: FeatureCodes;
  readonly presentable?: number;
}

/**
 * Pure: what digits that begin with `*` mean so far. `number` reads the number behind the code that chooses what is
 * presented.
 */
export function collectCode(
  digits: string,
  config: CodeConfig,
  number: (digits: string) => Collected,
): Collected {
  const { codes } = config;
  if (codes === undefined) return unknown(digits);
  const night = codes.night === undefined ? [] : [codes.night];
  const all = [codes.pickup, codes.park, codes.redial, codes.present, ...night];
  if (digits === codes.redial) return done({ code: 'redial' });
  if (digits.startsWith(codes.pickup)) return pickup(digits, digits.slice(codes.pickup.length), config);
  if (codes.night !== undefined && digits.startsWith(codes.night)) {
    return nightSwitch(digits, digits.slice(codes.night.length));
  }
  if (digits.startsWith(codes.park)) return park(digits, digits.slice(codes.park.length));
  if (digits.startsWith(codes.present)) {
    return present(digits, digits.slice(codes.present.length), config, number);
  }
  return all.some((code) => code.startsWith(digits)) ? wait(digits) : unknown(digits);
}

/** 0 is any phone; no extension begins with it. */
function pickup(digits: string, extension: string, config: CodeConfig): Collected {
  if (extension === '0') return done({ code: 'pickup', extension: null });
  if (config.extensions.includes(extension)) return done({ code: 'pickup', extension });
  if (config.extensions.some((each) => each.startsWith(extension))) return wait(digits);
  return refused('feature.noSuchExtension', `no line of this office has extension ${extension}`);
}

function park(digits: string, slot: string): Collected {
  if (slot === '') return wait(digits);
  if (!/^[1-9]$/.test(slot)) return refused('feature.noSuchSlot', `there is no parking slot ${slot}: 1 to 9`);
  return done({ code: 'park', slot: Number(slot) });
}

function nightSwitch(digits: string, word: string): Collected {
  if (word === '') return wait(digits);
  if (word !== '0' && word !== '1')
    return refused('feature.nightWord', 'the night switch takes 1 (on) or 0 (off)');
  return done({ code: 'night', on: word === '1' });
}

function present(
  digits: string,
  rest: string,
  config: CodeConfig,
  number: (digits: string) => Collected,
): Collected {
  if (rest === '') return wait(digits);
  const presents = Number(rest[0]);
  const count = config.presentable ?? 0;
  if (!(presents >= 1 && presents <= count)) {
    return refused(
      'feature.notPresentable',
      `this line has ${count} numbers to choose from, and no number ${rest[0]}`,
    );
  }
  const dialled = rest.slice(1);
  if (dialled === '') return { ...wait(digits), heard: true };
  const found = number(dialled);
  return found.at === 'incomplete'
    ? { ...found, atTimeout: shown(found.atTimeout, presents) }
    : shown(found, presents);
}

function shown(final: Final, presents: number): Final {
  return final.at === 'complete' ? { at: 'complete', called: { ...final.called, presents } } : final;
}

function done(code: FeatureCode): Final {
  return { at: 'code', code };
}

function wait(digits: string) {
  return {
    at: 'incomplete',
    atTimeout: refused('dial.incomplete', `${digits} is not the whole of a code`),
  } as const;
}

function unknown(digits: string): Final {
  return refused('dial.noSuchService', `no service has the code ${digits}`);
}

function refused(rule: string, say: string): Final {
  return { at: 'refused', refusal: { rule, say } };
}
