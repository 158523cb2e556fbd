import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Boot,
  type BootEffect,
  type BootInput,
  type BootMoment,
  SWITCHED_ON,
  stepBoot,
} from '../../../hal/phones/boot/boot-machine.ts';
import { untilNextFetchMs } from '../../../hal/phones/boot/schedule.ts';
import { sourcesOf } from '../../../hal/phones/boot/sources.ts';
import { modelOf } from '../../../hal/phones/config/models.ts';
import { settingsOf } from '../../../hal/phones/maker.ts';
import type { Maker } from '../../../hal/phones/phone-state.ts';

const FIRST_LINE = '# Panasonic SIP Phone Standard Format File #';
const cfg = (...lines: string[]): Buffer => Buffer.from(`${[FIRST_LINE, ...lines].join('\r\n')}\r\n\r\n`);
const xml = (mac: string, ...values: string[]): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?><gs_provision version="1"><mac>${mac}</mac><config version="1">${values.join('')}</config></gs_provision>`,
  );

interface Known {
  readonly values?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<number, string>>;
  readonly typedIn?: string;
}

function momentOf(maker: Maker, name: string, known: Known = {}): BootMoment {
  const model = modelOf(maker, name);
  if (model === undefined) throw new Error(`no ${name}`);
  const mac = maker === 'grandstream' ? 'c074ad630001' : '0080f0630002';
  return {
    identity: { model, mac, firmware: model.firmware, fileDigest: 'md5' },
    settings: settingsOf(new Map(Object.entries(known.values ?? {})), model),
    options: optionsOf(known),
    typedIn: known.typedIn,
  };
}

function optionsOf({ options = {} }: Known): ReadonlyMap<number, string> {
  return new Map(Object.entries(options).map(([code, text]) => [Number(code), text]));
}

/** A phone in a world of its own: what it asks for is answered from `files`; everything that happens is written down. */
function boot(
  maker: Maker,
  name: string,
  files: Readonly<Record<string, Buffer>>,
  known: Known = {},
  pnp?: string,
) {
  const moment = momentOf(maker, name, known);
  const story: string[] = [];
  let applied: ReadonlyMap<string, string> | undefined;
  let state: Boot = SWITCHED_ON;
  const feed = (input: BootInput): void => {
    const step = stepBoot(state, input, moment);
    state = step.state;
    for (const effect of step.effects) follow(effect);
  };
  const follow = (effect: BootEffect): void => {
    if (effect.do === 'get') {
      story.push(`get ${effect.url}`);
      const body = files[effect.url];
      feed({
        type: 'file',
        answer: body === undefined ? { status: 404, body: Buffer.from('Not Found') } : { status: 200, body },
      });
    } else if (effect.do === 'askPnp') {
      story.push('askPnp');
      feed({ type: 'pnp', url: pnp });
    } else if (effect.do === 'address') {
      story.push('address');
      feed({ type: 'addressed', options: optionsOf(known) });
    } else if (effect.do === 'apply') {
      applied = effect.values;
      story.push(`apply from ${effect.source.from}`);
      feed({ type: 'applied', restart: false, upgrade: false });
    } else if (effect.do === 'judged') {
      if (effect.why !== null && effect.answer.status === 200) story.push(`dropped: ${effect.why}`);
    } else story.push(effect.do);
  };
  feed({ type: 'power', why: 'power' });
  feed({ type: 'link', up: true });
  feed({ type: 'started' });
  return { story, at: () => state.at, applied: () => applied, feed };
}

const G = 'http://10.0.0.1/p/';
const MAC = 'c074ad630001';

describe('a Grandstream that boots', () => {
  it('takes option 160 before 66, and asks for its own, its model’s and everybody’s file, binary first', () => {
    const { story, at } = boot('grandstream', 'GRP2612', {}, { options: { 66: 'http://no/', 160: G } });
    const names = [`cfg${MAC}`, `cfg${MAC}.bin`, `cfg${MAC}.xml`, 'cfggrp2612.xml', 'cfg.xml'];
    expect(story.slice(0, 7)).toEqual(['restart', 'address', ...names.map((file) => `get ${G}${file}`)]);
    expect(story.slice(7, 12)).toEqual(names.map((file) => `get http://no/${file}`));
    expect(at()).toBe('ready');
  });

  it('an older one has no .bin, and the first XML that it finds is the only one', () => {
    const files = {
      [`${G}cfg${MAC}.xml`]: xml(MAC, '<P47>a</P47>'),
      [`${G}cfg.xml`]: xml(MAC, '<P47>b</P47>'),
    };
    const { story, applied } = boot('grandstream', 'GXP1628', files, { options: { 66: G } });
    expect(story.slice(2)).toEqual([
      `get ${G}cfg${MAC}`,
      `get ${G}cfg${MAC}.xml`,
      'apply from option66',
      'work',
    ]);
    expect(applied()?.get('P47')).toBe('a');
  });

  it('reads all files where the first says so (P8467), and what comes later counts more', () => {
    const files = {
      [`${G}cfg${MAC}.xml`]: xml(MAC, '<P8467>1</P8467><P47>a</P47><P35>21</P35>'),
      [`${G}cfg.xml`]: xml(MAC, '<P47>b</P47>'),
    };
    const { applied } = boot('grandstream', 'GRP2612', files, { options: { 66: G } });
    expect(applied()?.get('P47')).toBe('b');
    expect(applied()?.get('P35')).toBe('21');
  });

  it('drops another phone’s file and a page of HTML, and goes on to the next', () => {
    const files = {
      [`${G}cfg${MAC}.xml`]: xml('000000000001', '<P47>a</P47>'),
      [`${G}cfggrp2612.xml`]: Buffer.from('<html><body>Welcome<br></body></html>'),
      [`${G}cfg.xml`]: xml(MAC, '<P47>c</P47>'),
    };
    const { story, applied } = boot('grandstream', 'GRP2612', files, { options: { 66: G } });
    expect(story.filter((line) => line.startsWith('dropped')).length).toBe(2);
    expect(applied()?.get('P47')).toBe('c');
  });

  it('asks the LAN (PnP) only when nobody else tells it anything', () => {
    expect(boot('grandstream', 'GRP2612', {}, {}, G).story.slice(2, 4)).toEqual([
      'askPnp',
      `get ${G}cfg${MAC}`,
    ]);
    const stored = { values: { P212: '1', P237: '10.0.0.1/p' } };
    expect(boot('grandstream', 'GRP2612', {}, stored, G).story).not.toContain('askPnp');
  });

  it('told not to listen to DHCP (P145 = 0) it goes where its last file said, in the protocol that it said', () => {
    const known = {
      values: { P145: '0', P212: '2', P237: '10.0.0.9:8443/p', P1414: '0' },
      options: { 66: G },
    };
    expect(boot('grandstream', 'GRP2612', {}, known).story[2]).toBe(`get https://10.0.0.9:8443/p/cfg${MAC}`);
  });

  it('an option without a scheme is a host and a path', () => {
    const { story } = boot('grandstream', 'GRP2612', {}, { options: { 66: '10.0.0.1/p\0' } });
    expect(story[2]).toBe(`get ${G}cfg${MAC}`);
  });
});

describe('a Panasonic that boots', () => {
  const OWN = `${G}Config0080F0630002.cfg`;
  const files = {
    [`${G}KX-HDV230N.cfg`]: cfg(
      `CFG_STANDARD_FILE_PATH="${G}Config{MAC}.cfg"`,
      `CFG_MASTER_FILE_PATH="${G}all.cfg"`,
      'SIP_URI_1="1"',
    ),
    [OWN]: cfg('SIP_URI_1="22"', 'NTP_ADDR="10.0.0.1"'),
    [`${G}all.cfg`]: cfg('SIP_URI_1="33"', 'NTP_ADDR="10.0.0.3"', 'TIME_ZONE="540"'),
  };

  it('asks the LAN first, then follows the paths of its entry file; standard beats master', () => {
    const { story, applied } = boot('panasonic', 'KX-HDV230N', files, { options: { 160: 'http://no/' } }, G);
    expect(story.slice(2)).toEqual([
      'askPnp',
      `get ${G}KX-HDV230N.cfg`,
      `get ${OWN}`,
      `get ${G}all.cfg`,
      'apply from pnp',
      'work',
    ]);
    expect(applied()?.get('SIP_URI_1')).toBe('22');
    expect(applied()?.get('NTP_ADDR')).toBe('10.0.0.1');
    expect(applied()?.get('TIME_ZONE')).toBe('540');
  });

  it('then options 160, 159, 66, each tried when the one before gave nothing', () => {
    const options = { 66: 'http://c/', 159: 'http://b', 160: 'http://a/' };
    const { story } = boot('panasonic', 'KX-HDV230N', {}, { options });
    const name = 'KX-HDV230N.cfg';
    expect(story.slice(3)).toEqual([
      `get http://a/${name}`,
      `get http://b/${name}`,
      `get http://c/${name}`,
      'work',
    ]);
  });

  it('option 66 without a slash at its end is the file itself; option 67 is the file’s name', () => {
    const whole = { options: { 66: 'http://c/x.cfg' } };
    expect(boot('panasonic', 'KX-UT123N', {}, whole).story[2]).toBe('get http://c/x.cfg');
    const named = { options: { 66: 'http://c/', 67: '{MODEL}-{mac}-{fwver}-{Mac}.cfg' } };
    expect(boot('panasonic', 'KX-UT123N', {}, named).story[2]).toBe(
      'get http://c/KX-UT123N-0080f0630002-01.133-{Mac}.cfg',
    );
  });

  it('follows no path of an entry file without its first line', () => {
    const broken = {
      ...files,
      [`${G}KX-HDV230N.cfg`]: Buffer.from(`CFG_STANDARD_FILE_PATH="${G}Config{MAC}.cfg"\r\n\r\n`),
    };
    const { story } = boot('panasonic', 'KX-HDV230N', broken, {}, G);
    expect(story).not.toContain(`get ${OWN}`);
    expect(story.at(-1)).toBe('work');
  });

  it('settled, it asks for its own file alone and never for the entry again', () => {
    const values = {
      CFG_STANDARD_FILE_PATH: `${G}Config{MAC}.cfg`,
      SIPPNP_PROV_ENABLE: 'N',
      OPTION66_ENABLE: 'N',
      OPTION159_PROV_ENABLE: 'N',
      OPTION160_PROV_ENABLE: 'N',
    };
    const { story } = boot(
      'panasonic',
      'KX-HDV230N',
      files,
      { values, options: { 66: 'http://no/' } },
      'http://no/',
    );
    expect(story.slice(2)).toEqual([`get ${OWN}`, 'apply from stored', 'work']);
  });

  it('paths that lead in a circle end', () => {
    const circle = {
      [`${G}KX-HDV230N.cfg`]: cfg(`CFG_STANDARD_FILE_PATH="${G}a.cfg"`),
      [`${G}a.cfg`]: cfg(`CFG_STANDARD_FILE_PATH="${G}b.cfg"`, `CFG_PRODUCT_FILE_PATH="${G}KX-HDV230N.cfg"`),
      [`${G}b.cfg`]: cfg(`CFG_STANDARD_FILE_PATH="${G}a.cfg"`),
    };
    expect(
      boot('panasonic', 'KX-HDV230N', circle, {}, G).story.filter((line) => line.startsWith('get')),
    ).toHaveLength(3);
  });
});

describe('any phone', () => {
  const moment = momentOf('grandstream', 'GRP2612', { values: { P212: '1', P237: '10.0.0.1/p' } });
  const ready = (): Boot => ({ at: 'ready' });

  it('without a cable waits for one; pulled out, it is off the network in every stage but those of its processor', () => {
    const waits = stepBoot({ at: 'booting', link: false }, { type: 'started' }, moment);
    expect(waits).toEqual({ state: { at: 'noLink' }, effects: [] });
    const plugged = stepBoot(waits.state, { type: 'link', up: true }, moment);
    expect(plugged).toEqual({ state: { at: 'addressing' }, effects: [{ do: 'address' }] });
    expect(stepBoot(ready(), { type: 'link', up: false }, moment)).toEqual({
      state: { at: 'noLink' },
      effects: [{ do: 'down' }],
    });
  });

  it('loses its address: off the network, and on again with the next', () => {
    const lost = stepBoot(ready(), { type: 'unaddressed' }, moment);
    expect(lost).toEqual({ state: { at: 'addressing' }, effects: [{ do: 'down' }] });
    expect(stepBoot(lost.state, { type: 'addressed', options: new Map() }, moment).state.at).toBe('fetching');
  });

  it('restarts into a new firmware, and goes to work on the old one when there is none', () => {
    const upgrading: Boot = { at: 'upgrading' };
    expect(stepBoot(upgrading, { type: 'upgraded', done: true }, moment).effects).toEqual([
      { do: 'restart', why: 'firmware' },
    ]);
    expect(stepBoot(upgrading, { type: 'upgraded', done: false }, moment).effects).toEqual([
      { do: 'work', got: true },
    ]);
  });

  it('that is told to fetch goes where its files are, and stays at work meanwhile', () => {
    const { state, effects } = stepBoot(ready(), { type: 'fetchAgain' }, moment);
    expect(state.at).toBe('fetching');
    expect(effects).toEqual([{ do: 'get', url: `http://10.0.0.1/p/cfg${MAC}` }]);
  });

  it('a typed-in address comes before everything', () => {
    const sources = sourcesOf(
      moment.identity,
      moment.settings,
      new Map([[66, 'http://x/']]),
      'http://typed/',
    );
    expect(sources[0]).toEqual({ from: 'static', urls: ['http://typed/'] });
  });

  it('handles every input in every stage, and asks for something or is at work unless it waits', () => {
    const inputs: fc.Arbitrary<BootInput> = fc.oneof(
      fc.constant<BootInput>({ type: 'power', why: 'x' }),
      fc.constant<BootInput>({ type: 'started' }),
      fc.boolean().map((up): BootInput => ({ type: 'link', up })),
      fc.constant<BootInput>({ type: 'addressed', options: new Map([[66, G]]) }),
      fc.constant<BootInput>({ type: 'unaddressed' }),
      fc.constantFrom<BootInput>({ type: 'pnp', url: undefined }, { type: 'pnp', url: G }),
      fc
        .constantFrom(0, 200, 404)
        .map((status): BootInput => ({ type: 'file', answer: { status, body: xml(MAC, '<P47>a</P47>') } })),
      fc
        .tuple(fc.boolean(), fc.boolean())
        .map(([restart, upgrade]): BootInput => ({ type: 'applied', restart, upgrade })),
      fc.boolean().map((done): BootInput => ({ type: 'upgraded', done })),
      fc.constant<BootInput>({ type: 'fetchAgain' }),
    );
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 40 }), (all) => {
        let state: Boot = SWITCHED_ON;
        for (const input of all) {
          const step = stepBoot(state, input, moment);
          if (step.state.at === 'fetching' && state.at !== 'fetching') {
            expect(step.effects.some((effect) => effect.do === 'get')).toBe(true);
          }
          if (step.state.at === 'ready' && state.at !== 'ready') {
            expect(step.effects.at(-1)?.do).toBe('work');
          }
          state = step.state;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('when a phone looks by itself', () => {
  const at = (time: string): number => Date.parse(`2026-11-22T${time}+09:00`);

  it('daily within its hours of Japan, at a moment of its own', () => {
    const nightly = { when: 'daily', fromMinute: 180, toMinute: 300 } as const;
    expect(untilNextFetchMs(nightly, at('02:00:00'), 540, 0)).toBe(3_600_000);
    expect(untilNextFetchMs(nightly, at('02:00:00'), 540, 0.5)).toBe(2 * 3_600_000);
    expect(untilNextFetchMs(nightly, at('03:00:00'), 540, 0)).toBe(86_400_000);
  });

  it('every so many minutes, or never', () => {
    expect(untilNextFetchMs({ when: 'every', minutes: 60 }, 0, 0, 0.9)).toBe(3_600_000);
    expect(untilNextFetchMs({ when: 'never' }, 0, 0, 0)).toBeUndefined();
  });
});
