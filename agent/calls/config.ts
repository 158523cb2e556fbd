import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import { EMPTY_DESK } from '../features/index.ts';
import { IDLE_LINE } from '../lines/index.ts';
import type { LineSettings } from '../media/protocol.ts';
import type { Draft } from './draft.ts';
import type { OfficeState } from './model.ts';

/** Why a configuration that fits the schema cannot run on this box. */
export interface ConfigRefusal extends CodedError {
  readonly code: 'config.unknownPort' | 'config.twice';
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
  return (
    twice(config, 'port', (line) => line.port) ??
    twice(config, 'ID', (line) => line.serviceId) ??
    twice(config, 'extension', (line) => line.extension) ??
    twice(config, 'SIP user', (line) => line.sip.user) ??
    ok(undefined)
  );
}

function twice(config: SiteConfig, what: string, of: (line: LineConfig) => string | number) {
  const seen = new Set<string | number>();
  for (const line of config.lines) {
    const value = of(line);
    if (seen.has(value)) {
      return refuse<ConfigRefusal>({
        code: 'config.twice',
        fault: 'peer',
        say: `two lines of the configuration have the ${what} ${value}: correct one of them`,
      });
    }
    seen.add(value);
  }
  return undefined;
}

/** Takes a checked configuration. Calls go on; a line that is no longer in it goes when it is on hook. */
export function applyConfig(draft: Draft, config: SiteConfig): void {
  draft.set({ config });
  const wanted = new Map(config.lines.map((line) => [line.port, line]));
  for (const [port, state] of draft.state.ports) {
    if (wanted.has(port)) continue;
    const idle = state.line.at === 'onHook' && state.desk.at === 'none';
    draft.setPort(port, idle ? undefined : { ...state, leaving: true });
    if (!idle) draft.note('the line leaves the configuration and goes when it is on hook', { port });
  }
  for (const [port, line] of wanted) {
    const before = draft.state.ports.get(port);
    draft.setPort(port, {
      config: line,
      line: before?.line ?? IDLE_LINE,
      desk: before?.desk ?? EMPTY_DESK,
      lastNumber: before?.lastNumber ?? null,
      flashedMs: before?.flashedMs ?? null,
      leaving: false,
    });
    // A handset that was off hook before its line existed gets its dial tone now.
    if (before === undefined && draft.state.offHook.has(port)) draft.feed(port, { type: 'offHook' });
    const settings = settingsOf(line);
    if (!draft.state.mediaUp) continue;
    if (before === undefined || JSON.stringify(settingsOf(before.config)) !== JSON.stringify(settings)) {
      draft.push({ type: 'lineSettings', port, settings });
    }
  }
}

/** How the media process and the board set the line up. */
export function settingsOf(line: LineConfig): LineSettings {
  return { ...line.gains, impedance: line.impedance, echo: line.echo };
}
