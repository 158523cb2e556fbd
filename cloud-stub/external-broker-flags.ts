import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartupError } from '../lib/base/errors.ts';
import type { ExternalBrokerOptions } from './sync/index.ts';

const run = promisify(execFile);
/** A broker that is started again needs a while. */
const APPLY_LIMIT_MS = 60_000;

/** Flags that put a broker in the place of the embedded one; all of them or none. */
export interface BrokerFlags {
  readonly broker?: string | undefined;
  readonly 'broker-nodes'?: string | undefined;
  readonly 'broker-folder'?: string | undefined;
  readonly 'broker-apply'?: string | undefined;
}

/** Undefined for the embedded broker. Throws a StartupError that says what is missing. */
export function externalBroker(
  flags: BrokerFlags,
  addressOf: (text: string) => { readonly host: string; readonly port: number },
): { readonly broker?: ExternalBrokerOptions } {
  const { broker: kind, 'broker-nodes': nodes, 'broker-folder': folder, 'broker-apply': apply } = flags;
  if (kind === undefined && nodes === undefined && folder === undefined && apply === undefined) return {};
  if (kind !== 'mosquitto' && kind !== 'nats') throw wrong('--broker is mosquitto or nats');
  if (nodes === undefined || folder === undefined || apply === undefined) {
    throw wrong('--broker needs --broker-nodes, --broker-folder and --broker-apply');
  }
  const [program = '', ...rest] = apply.split(' ').filter((part) => part !== '');
  const applyLists = async (): Promise<void> => {
    await run(program, rest, { timeout: APPLY_LIMIT_MS });
  };
  return { broker: { kind, folder, nodes: nodes.split(',').map(addressOf), apply: applyLists } };
}

function wrong(say: string): StartupError {
  return new StartupError({ code: 'cloud.usage', fault: 'caller', say: `${say}.` });
}
