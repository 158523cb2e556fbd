import type { Boot } from './boot/boot-machine.ts';
import type { PhoneModel } from './config/models.ts';
import { withMacros } from './config/panasonic-file.ts';
import type { KeySettings, PhoneSettings } from './config/settings.ts';
import type { DhcpState, Lease } from './dhcp/client.ts';
import { displayRows } from './display.ts';
import type { Flags } from './flags.ts';
import { settingsOf } from './maker.ts';
import type {
  AccountView,
  FetchView,
  KeyView,
  Lamp,
  LeaseView,
  PhoneState,
  SettingsView,
} from './phone-state.ts';
import type { PhoneAgent } from './sip/agent.ts';

/** Everything that a view of the phone is made of. */
export interface Viewed {
  readonly flags: Flags;
  readonly model: PhoneModel;
  readonly boot: Boot;
  readonly settings: PhoneSettings;
  readonly agent: PhoneAgent | undefined;
  readonly link: boolean;
  readonly firmware: string;
  readonly address:
    | { readonly address: string; readonly prefix: number; readonly router: string | undefined }
    | undefined;
  readonly lease: Lease | undefined;
  readonly dhcp: DhcpState;
  readonly source: PhoneState['source'];
  readonly boots: number;
  readonly bootedFor: string;
  readonly fetches: readonly FetchView[];
  readonly phoneBook: number;
  readonly unknownKeys: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  readonly monotonicMs: number;
  readonly nowMs: number;
}

/** The phone as a person who walks up to it, or a test, sees it. No secrets. */
export function viewOf(viewed: Viewed): PhoneState {
  const { flags, model, boot, settings, agent, address } = viewed;
  const accounts = settings.accounts.map((account) => accountView(account, agent));
  const calls = (agent?.calls ?? []).map((call) => call.view());
  const waiting = accounts.some(({ messages }) => messages.waiting);
  return {
    maker: flags.maker,
    model: flags.model,
    mac: flags.mac,
    firmware: viewed.firmware,
    stage: boot.at,
    link: viewed.link,
    address: address === undefined ? null : `${address.address}/${address.prefix}`,
    router: address?.router ?? null,
    lease: leaseView(viewed),
    source: viewed.source,
    boots: viewed.boots,
    bootedFor: viewed.bootedFor,
    fetches: [...viewed.fetches],
    accounts,
    keys: settings.keys.map((key) => keyView(key, agent)),
    calls,
    messageWaiting: waiting,
    display: displayRows({
      language: settings.language,
      stage: boot.at,
      label: accounts[0]?.label ?? model.model,
      registered: accounts.some(({ registered }) => registered),
      messages: accounts.reduce((sum, { messages }) => sum + messages.fresh, 0),
      calls,
    }),
    phoneBook: viewed.phoneBook,
    settings: settingsView(viewed),
    counters: { ...viewed.counters },
  };
}

function accountView(account: PhoneSettings['accounts'][number], agent: PhoneAgent | undefined): AccountView {
  const registration = agent?.registration(account.account);
  const { user, server, label, transport } = account;
  return {
    account: account.account,
    user,
    server,
    label,
    transport: transport === 'tcp' ? 'tcp' : 'udp',
    registered: registration?.registered ?? false,
    status: registration?.status ?? null,
    untilMs: registration?.untilMs ?? null,
    messages: agent?.messages(account.account) ?? { waiting: false, fresh: 0, old: 0 },
  };
}

function keyView(key: KeySettings, agent: PhoneAgent | undefined): KeyView {
  return { ...key, lamp: agent === undefined ? 'off' : lampOfKey(key, agent) };
}

/** A line's lamp tells of the phone's own calls, the others of somebody else's. */
function lampOfKey(key: KeySettings, agent: PhoneAgent): Lamp {
  if (key.use === 'watch' || key.use === 'park') return agent.lamp(key.account, key.value);
  if (key.use !== 'line') return 'off';
  const states = agent.calls
    .filter(({ line }) => line.settings.account === key.account)
    .map(({ state }) => state);
  if (states.includes('ringing')) return 'blinkingRed';
  if (states.some((state) => state === 'talking' || state === 'dialling' || state === 'ringback'))
    return 'green';
  return states.includes('held') ? 'blinkingGreen' : 'off';
}

function leaseView({ lease, dhcp, nowMs, monotonicMs }: Viewed): LeaseView | null {
  if (lease === undefined) return null;
  const phase = dhcp.at === 'renewing' || dhcp.at === 'rebinding' ? dhcp.at : 'bound';
  const { server, leaseS, t1S, t2S } = lease;
  const options = [...lease.options].map(([code, bytes]): [string, string] => {
    const text = bytes.toString('latin1').replace(/\0+$/, '');
    return [String(code), /^[\x20-\x7e]+$/.test(text) ? text : bytes.toString('hex')];
  });
  const boundAtMs = Math.round(nowMs - monotonicMs + lease.boundAtMs);
  return { server, phase, leaseS, t1S, t2S, boundAtMs, options: Object.fromEntries(options) };
}

function settingsView({ settings, model, flags, firmware, unknownKeys }: Viewed): SettingsView {
  const factory = settingsOf(new Map(), model);
  const { language, timeZone, ntpServer, webOpen, syslogServer, vlan } = settings;
  return {
    ...{ language, timeZone, ntpServer, webOpen, syslogServer, vlan },
    adminPasswordChanged: settings.adminPassword !== factory.adminPassword,
    codecs: settings.accounts[0]?.codecs ?? [],
    configUrl: withMacros(settings.configUrls[0] ?? '', { mac: flags.mac, model: model.model, firmware }),
    unknownKeys,
  };
}
