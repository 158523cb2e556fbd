import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import { EMPTY_DESK } from '../features/index.ts';
import { IDLE_LINE } from '../lines/index.ts';
import type { LineSettings } from '../media/protocol.ts';
import type { Draft } from './draft.ts';
import type { OfficeState } from './model.ts';
import { isPhonePort, phoneLines } from './phones.ts';

/** Why a configuration that fits the schema cannot run on this box. */
export interface ConfigRefusal extends CodedError {
  readonly code: 'config.unknownPort' | 'config.twice' | 'config.night';
  readonly fault: 'peer';
}

/** Whether all of `config` can run here. All of it or none (decision 8). */
export function checkConfig(state: OfficeState, config: SiteConfig): Result<void, ConfigRefusal> {
  const ports = state.boardPorts;
  const unknown = ports === undefined ? undefined : config.lines.find((line) => line.port > ports);
  if (unknown !== undefined) {
    return refuse({
      code: 'config.unknownPort',
      fault: 'peer',
      say: `line '${unknown.label}' is on port ${unknown.port}, but the board has ${ports}: correct the contract's adapter`,
    });
  }
  const parties = [...config.lines, ...config.lan.phones];
  const here = [...parties, ...(config.groups ?? [])].map(({ extension }) => extension);
  if (config.night !== undefined && !here.includes(config.night.rings)) {
    const say = `at night calls are to ring at ${config.night.rings}, which is no extension of this box`;
    return refuse({ code: 'config.night', fault: 'peer', say });
  }
  return (
    twice(config.lines, 'port', (line) => line.port) ??
    twice(parties, 'ID', (party) => party.serviceId) ??
    twice(
      [...parties, ...(config.groups ?? []), ...(config.elsewhere ?? [])],
      'extension',
      (party) => party.extension,
    ) ??
    twice(parties, 'SIP user', (party) => party.sip.user) ??
    twice(config.lan.phones, 'hardware address', (phone) => phone.mac) ??
    ok(undefined)
  );
}

function twice<Party>(parties: readonly Party[], what: string, of: (party: Party) => string | number) {
  const seen = new Set<string | number>();
  for (const party of parties) {
    const value = of(party);
    if (seen.has(value)) {
      return refuse<ConfigRefusal>({
        code: 'config.twice',
        fault: 'peer',
        say: `two lines or phones of the configuration have the ${what} ${value}: correct one of them`,
      });
    }
    seen.add(value);
  }
  return undefined;
}

/** Takes a checked configuration. Calls go on; a line that is no longer in it goes when it is on hook. */
export function applyConfig(draft: Draft, config: SiteConfig): void {
  draft.set({ config });
  const phones = phoneLines(draft.state, config);
  const wanted = new Map(config.lines.map((line) => [line.port, line]));
  for (const [port, { line }] of phones) wanted.set(port, line);
  for (const [port, state] of draft.state.ports) {
    if (wanted.has(port)) continue;
    const idle = state.line.at === 'onHook' && state.desk.at === 'none';
    draft.setPort(port, idle ? undefined : { ...state, leaving: true });
    if (!idle) draft.note('the line leaves the configuration and goes when it is on hook', { port });
  }
  for (const [port, line] of wanted) {
    const before = draft.state.ports.get(port);
    const phone = phones.get(port)?.phone;
    draft.setPort(port, {
      config: line,
      ...(phone === undefined ? {} : { phone }),
      line: before?.line ?? IDLE_LINE,
      desk: before?.desk ?? EMPTY_DESK,
      lastNumber: before?.lastNumber ?? null,
      flashedMs: before?.flashedMs ?? null,
      leaving: false,
    });
    // A handset that was off hook before its line existed gets its dial tone now.
    if (before === undefined && draft.state.offHook.has(port)) draft.feed(port, { type: 'offHook' });
    const settings = settingsOf(line);
    if (!draft.state.mediaUp || isPhonePort(port)) continue;
    if (before === undefined || JSON.stringify(settingsOf(before.config)) !== JSON.stringify(settings)) {
      draft.push({ type: 'lineSettings', port, settings });
    }
  }
}

/** How the media process and the board set the line up. */
export function settingsOf(line: LineConfig): LineSettings {
  return { ...line.gains, impedance: line.impedance, echo: line.echo };
}
