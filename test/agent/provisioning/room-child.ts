import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ProvisioningRoom } from '../../../agent/provisioning/index.ts';
import { type Clock, instant, systemClock } from '../../../lib/base/clock.ts';
import { createLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { lanConfig } from '../../../lib/contract/lan-config.ts';
import { parseMac } from '../../../lib/net/mac-address.ts';
import { siteOf } from '../../support/site-config.ts';

/**
 * The provisioning room as a program of its own, in the namespace that it is given. Arguments: folder, `lan` of a
 * configuration. Commands: `? `, `why MAC`, `approve MAC MINUTES`, `reprovision MAC`, `registered MAC UA`, `apply JSON`,
 * `later MS`: the clock goes on by so much at once, timers stay.
 */
const [folder = '', lanText = '{}'] = process.argv.slice(2);
const warnings = new Map<string, string>();
const told: string[] = [];
let laterMs = 0;
const clock: Clock = {
  now: () => instant(systemClock.now() + laterMs),
  monotonicMs: () => systemClock.monotonicMs() + laterMs,
  after: (delayMs, name, run) => systemClock.after(delayMs, name, run),
};
const room = new ProvisioningRoom({
  device: 'lan0',
  folder,
  desk: {
    async checkSync(mac) {
      told.push(mac);
      return 'told';
    },
  },
  leases: () => [],
  clock,
  random: systemRandom,
  log: createLog('phones', 'silent'),
  health: { raise: (code, say) => warnings.set(code, say), clear: (code) => warnings.delete(code) },
});
const apply = (text: string): void => room.apply(siteOf({ lan: lanConfig.parse(JSON.parse(text)) }));
apply(lanText);
room.start();

const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
/** Sets of capabilities of this process (proc(5)): all zero for one without rights. */
const capabilities = /CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
say({ started: true, uid: process.getuid?.(), capabilities });

async function command(line: string): Promise<unknown> {
  const [verb = '', macText = '', ...rest] = line.split(' ');
  const mac = parseMac(macText);
  if (verb === 'apply') return apply(line.slice('apply '.length));
  if (verb === 'later') {
    laterMs += Number(macText);
    return undefined;
  }
  if (mac === undefined) return undefined;
  switch (verb) {
    case 'why':
      return room.why(mac);
    case 'approve':
      return room.approve(mac, Number(rest[0]));
    case 'reprovision':
      return room.reprovision(mac);
    case 'registered':
      return room.registered(mac, rest.join(' '));
    default:
      return undefined;
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  void command(line).then((answer) =>
    say({
      answer: answer ?? null,
      told,
      now: clock.now(),
      phones: room.phones(),
      status: room.status,
      warnings: Object.fromEntries(warnings),
      account: room.accountOf('21')?.password ?? null,
    }),
  );
});
process.stdin.on('end', () => void room.stop().then(() => process.exit(0)));
