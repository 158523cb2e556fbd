import type { Command } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { LanAddressAnswer } from '../local-api/index.ts';
import { getJson, postJson } from './api-client.ts';
import { EXIT } from './exit-codes.ts';
import type { LanShow } from './lan-verbs.ts';
import type { LineCall } from './line-verbs.ts';
import { pause } from './repeat.ts';
import { rowLines } from './screen.ts';
import { lanAddressScreen, lanAddressVerdict } from './screens/lan-address.ts';

interface AddressOptions {
  readonly router?: string;
  readonly dns?: string;
  readonly force?: boolean;
}

const LOOK_EVERY_MS = 500;
/** The box asks for some seconds whether somebody else has the address (RFC 5227); whoever gives addresses may be slow. */
export const IN_FORCE_LIMIT_MS = 30_000;

const EXIT_OF: Readonly<Record<string, number>> = {
  'lanAddress.unreadable': EXIT.usage,
  'lanAddress.unusable': EXIT.usage,
  'lanAddress.router': EXIT.usage,
  'lanAddress.nameServer': EXIT.usage,
  'lanAddress.overlaps': EXIT.refused,
  'lanAddress.calls': EXIT.refused,
  'lanAddress.notHere': EXIT.noHardware,
  'lanAddress.disk': EXIT.fault,
  'api.badRequest': EXIT.usage,
};

/** `engawa address`, `engawa address ADDRESS/PREFIX`, `engawa address given` */
export function addAddressVerb(
  describe: (name: string) => Command,
  callOf: (command: Command) => LineCall,
  show: LanShow,
  finish: (code: number) => void,
): void {
  describe('address').action(
    async (wanted: string | undefined, options: AddressOptions, command: Command) => {
      if (wanted !== undefined) {
        finish(await set(callOf(command), wanted, options));
        return;
      }
      if (options.router !== undefined || options.dns !== undefined) {
        callOf(command).io.err('engawa: --router and --dns belong to an address that is fixed.\n');
        finish(EXIT.usage);
        return;
      }
      finish(await show<LanAddressAnswer>(command, '/v1/address', lanAddressScreen, lanAddressVerdict));
    },
  );
}

async function set(call: LineCall, address: string, options: AddressOptions): Promise<number> {
  const { io, socket, json, look } = call;
  const { router, dns, force = false } = options;
  const body = {
    ...{ address, force },
    ...(router === undefined ? {} : { router }),
    ...(dns === undefined ? {} : { nameServers: dns.split(',').map((each) => each.trim()) }),
  };
  const taken = await postJson<LanAddressAnswer>(socket, '/v1/address', body);
  if (!taken.ok) {
    const code = call.refused(taken.error);
    return EXIT_OF[taken.error.refusal ?? ''] ?? code;
  }
  if (!json) {
    const row = { verdict: '--' as const, name: 'address', say: 'written down; the port takes it now' };
    io.out(`${rowLines(row, look).join('\n')}\n`);
  }
  const now = await inForce(call, taken.value);
  if (json) io.out(`${JSON.stringify(now, null, 2)}\n`);
  else io.out(`${lanAddressScreen(now, look).join('\n')}\n`);
  return now.address.state === 'inForce' ? EXIT.good : EXIT.fault;
}

/** Looks until the port has it, or for so long. */
async function inForce({ io, socket }: LineCall, taken: LanAddressAnswer): Promise<LanAddressAnswer> {
  const end = systemClock.monotonicMs() + IN_FORCE_LIMIT_MS;
  let last = taken;
  do {
    await pause(io.signal, LOOK_EVERY_MS);
    const answer = await getJson<LanAddressAnswer>(socket, '/v1/address');
    if (answer.ok) last = answer.value;
    if (last.address.state === 'inForce') return last;
  } while (systemClock.monotonicMs() < end && !io.signal.aborted);
  return last;
}
