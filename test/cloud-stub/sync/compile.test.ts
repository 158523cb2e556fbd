import { describe, expect, it } from 'vitest';
import {
  type Contract,
  checkContract,
  emptyIdFeatures,
  exampleOffice,
  examplePhoneOffice,
} from '../../../cloud-stub/contracts/index.ts';
import { compileSite, gatewaysOf } from '../../../cloud-stub/sync/compile.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { GatewayId, ServiceId } from '../../../lib/base/ids.ts';
import { checkSiteConfig } from '../../../lib/contract/envelope.ts';
import { LAN_HABITS } from '../../../lib/contract/lan-config.ts';
import {
  DIAL_HABITS,
  LINE_HABITS,
  OFFICE_FEATURES,
  siteConfig,
  TRUNK_HABITS,
} from '../../../lib/contract/site-config.ts';

const GATEWAY = 'gw-000001' as GatewayId;
const NOW = instant(Date.UTC(2026, 10, 21));
const TRUNK = {
  host: '127.56.0.10',
  port: 5_061,
  serverName: 'cloud.engawa.example',
  domain: 'engawa.example',
};
const PASSWORDS = new Map([
  ['id-000001-1' as ServiceId, 'first-password'],
  ['id-000001-2' as ServiceId, 'second-password'],
]);

const line = (port: number, label: string, password: string) => ({
  port,
  serviceId: `id-000001-${port}`,
  label,
  extension: `1${port}`,
  sip: { user: `id-000001-${port}`, password },
  presents: '0355550100',
  ringsFor: ['0355550100'],
  ring: 'normal',
  ...LINE_HABITS,
});

describe('the configuration of the example office', () => {
  const config = compileSite(exampleOffice, GATEWAY, PASSWORDS, TRUNK, NOW);

  it('is this one', () => {
    expect(config).toEqual({
      schema: 1,
      gateway: 'gw-000001',
      contract: 'c-000001',
      office: '縁側商店 (Engawa Shoten)',
      trunk: { ...TRUNK, registerEveryS: 300, ...TRUNK_HABITS },
      lines: [line(1, '受付', 'first-password'), line(2, '奥', 'second-password')],
      dialPlan: { interDigitMs: 4_000, firstDigitMs: 20_000, emergency: 'supported', ...DIAL_HABITS },
      calls: { channels: 2, ringForMs: 120_000 },
      features: OFFICE_FEATURES,
      lan: LAN_HABITS,
    });
  });

  it('passes the checks of the box', () => {
    expect(siteConfig.safeParse(config).success).toBe(true);
    expect(checkSiteConfig(config)).toMatchObject({ ok: true });
  });

  it('is the same text in whatever order the contract lists its parts', () => {
    const turned = {
      ...exampleOffice,
      ids: [...exampleOffice.ids].reverse(),
      numbers: exampleOffice.numbers.map((number) => ({ ...number, rings: [...number.rings].reverse() })),
    };
    expect(JSON.stringify(compileSite(turned, GATEWAY, PASSWORDS, TRUNK, NOW))).toBe(JSON.stringify(config));
  });

  it('leaves out what is no longer held, and its channel with it [S0-059]', () => {
    const ended = {
      ...exampleOffice,
      ids: exampleOffice.ids.map((id) => (id.port === 2 ? { ...id, held: { ...id.held, until: NOW } } : id)),
    };
    const compiled = compileSite(ended, GATEWAY, PASSWORDS, TRUNK, NOW);
    expect(compiled.lines.map(({ port }) => port)).toEqual([1]);
    expect(compiled.calls.channels).toBe(1);
  });

  it('tells each line how it rings, displays, flashes and faxes [S0-056] [S0-089]', () => {
    const line = {
      rings: [{ number: '0355550100', ring: 'double' as const }],
      gains: { earDb: -3 },
      fax: { t38: false, redundancy: 5 },
      presentable: ['0355550100'],
    };
    const [first, ...rest] = exampleOffice.ids;
    if (first === undefined) throw new Error('the example office has IDs');
    const features = { ...emptyIdFeatures(), line };
    const compiled = compileSite(
      { ...exampleOffice, ids: [{ ...first, features }, ...rest] },
      ...([GATEWAY, PASSWORDS, TRUNK, NOW] as const),
    );
    expect(checkSiteConfig(compiled)).toMatchObject({ ok: true });
    expect(compiled.lines[0]).toMatchObject({
      ...line,
      ring: 'normal',
      gains: { earDb: -3, microphoneDb: 0 },
      fax: { t38: false, redundancy: 5, ecm: true },
      callWaiting: true,
    });
    expect(compiled.lines[1]).toMatchObject(LINE_HABITS);
  });

  it('is made for the gateways of the contract’s devices only', () => {
    expect(gatewaysOf(exampleOffice, NOW)).toEqual([GATEWAY]);
    expect(gatewaysOf(exampleOffice, instant(0))).toEqual([]);
    expect(compileSite(exampleOffice, 'gw-000009' as GatewayId, PASSWORDS, TRUNK, NOW).lines).toEqual([]);
  });
});

describe('the configuration of the example office with desk phones', () => {
  const passwords = new Map(examplePhoneOffice.ids.map(({ id }) => [id, `the-password-of-${id}`]));
  const compile = (contract: Contract) => compileSite(contract, GATEWAY, passwords, TRUNK, NOW);
  const { lan, lines, calls } = compile(examplePhoneOffice);

  it('is that of a good contract, and passes the checks of the box', () => {
    expect(checkContract(examplePhoneOffice)).toMatchObject({ ok: true });
    const config = compile(examplePhoneOffice);
    expect(siteConfig.safeParse(config).error).toBeUndefined();
    expect(checkSiteConfig(config)).toEqual({ ok: true, value: undefined });
  });

  it('has each phone with its ID, maker and model, beside the lines [S0-062] [S0-170]', () => {
    expect(lines.map(({ extension }) => extension)).toEqual(['11', '12', '13']);
    expect(calls.channels).toBe(5);
    expect(lan.phones).toMatchObject([
      {
        ...{ mac: 'c074ad000001', vendor: 'grandstream', model: 'GRP2612', extension: '21', label: '店頭' },
        sip: { user: 'id-000001-4', password: 'the-password-of-id-000001-4' },
        ringsFor: ['0355550100'],
        rings: [{ number: '0355550100', ring: 2 }],
        phoneBook: true,
      },
      { mac: '0080f0000002', vendor: 'panasonic', model: 'KX-HDV230N', extension: '22', rings: [] },
    ]);
    expect(lan.phones[0]?.keys.map(({ does }) => does)).toEqual(['line', 'watch', 'watch', 'park', 'dial']);
  });

  it('has DHCP looking only, until something else is ordered [S0-178]', () => {
    expect(lan.dhcp).toEqual(LAN_HABITS.dhcp);
    const served = compile({
      ...examplePhoneOffice,
      lans: [{ gateway: GATEWAY, dhcp: { mode: 'optionOnly' }, habits: { vlan: { id: 20, priority: 5 } } }],
    });
    expect(served.lan.dhcp).toEqual({ ...LAN_HABITS.dhcp, mode: 'optionOnly' });
    expect(served.lan.phoneHabits).toEqual({ ...LAN_HABITS.phoneHabits, vlan: { id: 20, priority: 5 } });
  });

  it('gives the phone book only to boxes and phones that have its option [S0-191] [S0-194]', () => {
    expect(lan.phoneBook).toEqual(examplePhoneOffice.officeBook);
    const [first] = examplePhoneOffice.options;
    const one = compile({ ...examplePhoneOffice, options: first === undefined ? [] : [first] });
    expect(one.lan.phones.map(({ phoneBook }) => phoneBook)).toEqual([true, false]);
    expect(one.lan.phoneBook).toHaveLength(2);
    expect(compile({ ...examplePhoneOffice, options: [] }).lan.phoneBook).toEqual([]);
  });

  it('goes to a box that has phones and no line', () => {
    const ids = examplePhoneOffice.ids.map((id) =>
      id.port === null ? id : { ...id, device: 'app', port: null },
    );
    const alone = { ...examplePhoneOffice, ids };
    expect(gatewaysOf(alone, NOW)).toEqual([GATEWAY]);
    const config = compile(alone);
    expect(config.lines).toEqual([]);
    expect(config.elsewhere).toHaveLength(3);
    expect(siteConfig.safeParse(config).success).toBe(true);
  });

  it('has the ring groups of its gateway and of no other', () => {
    const group = {
      ...{ extension: '50', label: '営業', members: ['11', '21'] },
      ...{ order: 'rotary' as const, eachForMs: 5_000, deskFirstMs: 0 },
    };
    const config = compile({
      ...examplePhoneOffice,
      lans: [
        { gateway: GATEWAY, groups: [group] },
        { gateway: 'gw-000002', groups: [{ ...group, extension: '51', members: ['11'] }] },
      ],
    });
    expect(config.groups).toEqual([group]);
    expect(checkSiteConfig(config)).toEqual({ ok: true, value: undefined });
  });

  it('names colleagues who are not at the box, so that its phones can call them [S0-082]', () => {
    const [line] = examplePhoneOffice.ids;
    if (line === undefined) throw new Error('the example office is empty');
    const app = {
      ...line,
      id: 'id-000001-9' as ServiceId,
      role: 'additional' as const,
      device: 'app',
      port: null,
    };
    const others = [
      { ...app, extension: '39', label: '店主' },
      { ...app, id: 'id-000001-8' as ServiceId, extension: '31', label: 'x'.repeat(41) },
      { ...app, id: 'id-000001-7' as ServiceId, extension: '0', label: 'nobody can dial it' },
    ];
    const config = compile({ ...examplePhoneOffice, ids: [...examplePhoneOffice.ids, ...others] });
    expect(config.elsewhere).toEqual([
      { extension: '31', label: 'id-000001-8' },
      { extension: '39', label: '店主' },
    ]);
    expect(checkSiteConfig(config).ok).toBe(true);
    expect(compile(examplePhoneOffice).elsewhere).toBeUndefined();
  });

  it('names the second trunk where the service has one, under the same name and domain', () => {
    const second = { host: '192.0.2.20', port: 5_061 };
    const config = compileSite(exampleOffice, GATEWAY, PASSWORDS, { ...TRUNK, second }, NOW);
    const { serverName, domain } = TRUNK;
    expect(config.secondTrunk).toEqual({ ...second, serverName, domain, registerEveryS: 300 });
    expect(config.trunk).not.toHaveProperty('second');
    expect(checkSiteConfig(config).ok).toBe(true);
    expect(compileSite(exampleOffice, GATEWAY, PASSWORDS, TRUNK, NOW)).not.toHaveProperty('secondTrunk');
  });

  it('leaves out a phone whose hardware address is not known yet [S0-176]', () => {
    const devices = examplePhoneOffice.devices.map(({ phone: _phone, ...device }) => device);
    expect(compile({ ...examplePhoneOffice, devices }).lan.phones).toEqual([]);
  });
});
