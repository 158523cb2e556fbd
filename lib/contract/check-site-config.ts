import { ok, type Result, refuse } from '../base/errors.ts';
import { type ConfigRefusal, configRefusal } from './config-refusal.ts';
import type { PhoneConfig } from './lan-config.ts';
import type { LineConfig, SiteConfig } from './site-config.ts';

/** Numbers that no extension may hide (decision: emergency first). */
export const EMERGENCY_NUMBERS: readonly string[] = ['110', '118', '119'];

/** The emergency number that an extension is or begins with: who dials it is connected before the extension is complete. */
export function hidesEmergency(extension: string): string | undefined {
  return EMERGENCY_NUMBERS.find((number) => extension.startsWith(number));
}

/**
 * What the schema cannot say: that the lines and phones of an office do not contradict each other. Both sides check it: the
 * cloud before it signs, the box before it applies.
 */
export function checkSiteConfig(config: SiteConfig): Result<void, ConfigRefusal> {
  const text = controlCharacter(config, '');
  if (text !== undefined) {
    return refuse(
      configRefusal('config.text', `The field "${text}" contains control characters; remove them.`),
    );
  }
  const { phones } = config.lan;
  const twice =
    firstTwice(config.lines, PORT) ??
    firstRefused(UNIQUE, [...config.lines, ...phones]) ??
    firstTwice(phones, HARDWARE);
  if (twice !== undefined) return refuse(twice);
  for (const party of [...config.lines, ...phones]) {
    const number = hidesEmergency(party.extension);
    if (number === undefined) continue;
    const what = 'port' in party ? `Line ${party.port}` : `Phone ${party.mac}`;
    const is = number === party.extension ? 'is' : 'begins like';
    const say = `${what} has extension ${party.extension}, which ${is} an emergency number; give it another one.`;
    return refuse(configRefusal('config.reservedExtension', say));
  }
  const grouped = firstWrongGroup(config);
  if (grouped !== undefined) return refuse(grouped);
  const { pickup, park, redial, present } = config.features;
  const hidden = firstHidden([pickup, park, redial, present]);
  if (hidden !== undefined) {
    return refuse(
      configRefusal(
        'config.featureCodes',
        `The codes ${hidden.join(' and ')} begin alike; one of them could not be dialled.`,
      ),
    );
  }
  const narrow = config.lines.find(({ flash }) => flash.leastMs > flash.mostMs);
  if (narrow !== undefined) {
    return refuse(
      configRefusal(
        'config.flashWindow',
        `Line ${narrow.port} takes no hook flash: it is to last at least ${narrow.flash.leastMs} and at most ${narrow.flash.mostMs} ms.`,
      ),
    );
  }
  return ok(undefined);
}

/** Ring groups and extensions elsewhere take no extension of a line or phone; members are lines or phones of this box. */
function firstWrongGroup({ lines, lan, groups = [], elsewhere = [] }: SiteConfig): ConfigRefusal | undefined {
  const parties = [...lines, ...lan.phones].map(({ extension }) => extension);
  const seen = new Set(parties);
  for (const { extension, label } of [...groups, ...elsewhere]) {
    if (hidesEmergency(extension) !== undefined) {
      const say = `'${label}' has extension ${extension}, which is or begins like an emergency number; give it another one.`;
      return configRefusal('config.reservedExtension', say);
    }
    if (seen.has(extension)) {
      const say = `Extension ${extension} of '${label}' is somebody else's already; give it another one.`;
      return configRefusal('config.duplicateExtension', say);
    }
    seen.add(extension);
  }
  for (const { label, members } of groups) {
    const wrong = members.find((each, at) => !parties.includes(each) || members.indexOf(each) !== at);
    if (wrong === undefined) continue;
    const say = `Member ${wrong} of the ring group '${label}' is named twice, or is no line or desk phone of this box.`;
    return configRefusal('config.groupMember', say);
  }
  return undefined;
}

/** The first two codes of which one begins with the other. */
function firstHidden(codes: readonly string[]): readonly [string, string] | undefined {
  for (const [index, code] of codes.entries()) {
    const other = codes.find((each, at) => at !== index && each.startsWith(code));
    if (other !== undefined) return [code, other];
  }
  return undefined;
}

type Party = LineConfig | PhoneConfig;

/** Something that only one may have. */
interface Unique<Thing> {
  readonly code: ConfigRefusal['code'];
  readonly of: (thing: Thing) => string;
  readonly say: (value: string) => string;
}

const PORT: Unique<LineConfig> = {
  code: 'config.duplicatePort',
  of: ({ port }) => String(port),
  say: (value) => `Port ${value} is given to two lines; a port carries one line.`,
};

const HARDWARE: Unique<PhoneConfig> = {
  code: 'config.duplicatePhone',
  of: ({ mac }) => mac,
  say: (value) => `The hardware address ${value} is given to two phones; each phone has its own.`,
};

/** Of lines and desk phones together. */
const UNIQUE: readonly Unique<Party>[] = [
  {
    code: 'config.duplicateExtension',
    of: ({ extension }) => extension,
    say: (value) => `Extension ${value} is given to two lines; an extension rings one line.`,
  },
  {
    code: 'config.duplicateService',
    of: ({ serviceId }) => serviceId,
    say: (value) => `ID ${value} is given to two lines; an ID belongs to one line.`,
  },
  {
    code: 'config.duplicateAccount',
    of: ({ sip }) => sip.user,
    say: (value) => `SIP user ${value} is given to two lines; one registration would replace the other.`,
  },
];

function firstRefused<Thing>(
  rules: readonly Unique<Thing>[],
  things: readonly Thing[],
): ConfigRefusal | undefined {
  for (const rule of rules) {
    const twice = firstTwice(things, rule);
    if (twice !== undefined) return twice;
  }
  return undefined;
}

function firstTwice<Thing>(things: readonly Thing[], rule: Unique<Thing>): ConfigRefusal | undefined {
  const seen = new Set<string>();
  for (const thing of things) {
    const value = rule.of(thing);
    if (seen.has(value)) return configRefusal(rule.code, rule.say(value));
    seen.add(value);
  }
  return undefined;
}

/** Path of the first text with a control character. The value is already schema-checked, so its depth is bounded. */
function controlCharacter(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return hasControl(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = controlCharacter(inner, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a text has control characters (C0, DEL, C1). */
export function hasControl(text: string): boolean {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20 || (point >= 0x7f && point <= 0x9f)) return true;
  }
  return false;
}
