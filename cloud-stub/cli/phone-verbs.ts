import { type Command, InvalidArgumentError } from 'commander';
import { isoInstant, systemClock } from '../../lib/base/clock.ts';
import { type Result, refuse } from '../../lib/base/errors.ts';
import { APPROVAL_MINUTES } from '../../lib/contract/command.ts';
import { type PhoneKey, phoneKey } from '../../lib/contract/lan-config.ts';
import type { PhoneLine } from '../api/index.ts';
import type { CommandView } from '../store/index.ts';
import { commandsText, type LanLine, lansText, phonesText, written } from './phone-text.ts';
import type { Ask, Tell } from './verbs.ts';

type Fetch = (path: string) => Promise<Result<unknown>>;

/** `phones`, `lan`, `approve`, `reprovision`, `asked`, `key`: the desk phones of a contract. */
export function addPhoneVerbs(program: Command, ask: Ask, fetch: Fetch, tell: Tell): void {
  program
    .command('phones <contract>')
    .description('desk phones: what was ordered, where each stands, its last fetch and why it was refused')
    .action((contract: string) =>
      ask('GET', `${of(contract)}/phones`, undefined, (value) =>
        phonesText(value as Parameters<typeof phonesText>[0]),
      ),
    );
  program
    .command('lan <contract>')
    .description('the LANs of a contract: DHCP, other DHCP servers, warnings')
    .action((contract: string) =>
      ask('GET', `${of(contract)}/lans`, undefined, (value) =>
        lansText((value as { lans: readonly LanLine[] }).lans),
      ),
    );
  program
    .command('asked <contract>')
    .description('what the gateways were told to do, newest first')
    .action((contract: string) =>
      ask('GET', `${of(contract)}/commands`, undefined, (value) =>
        commandsText((value as { commands: readonly CommandView[] }).commands),
      ),
    );
  program
    .command('approve <contract> <mac>')
    .description(
      'opens the window in which a phone may fetch its password, for somebody who stands before it',
    )
    .option('--minutes <n>', 'how long it stays open', minutes, APPROVAL_MINUTES.usual)
    .action(async (contract: string, text: string, options: { minutes: number }) => {
      const place = await placeOf(contract, text, fetch);
      if (!place.ok) return tell(place, () => '');
      const { gateway, mac } = place.value;
      const command = { do: 'approvePhone', mac, minutes: options.minutes };
      const say = `${written(mac)} may fetch its password for ${options.minutes} minutes: switch it on now.\n`;
      return ask('POST', `/gateways/${gateway}/commands`, command, () => say);
    });
  program
    .command('reprovision <contract> <mac>')
    .description('tells a phone to fetch its files again')
    .action(async (contract: string, text: string) => {
      const place = await placeOf(contract, text, fetch);
      if (!place.ok) return tell(place, () => '');
      const { gateway, mac } = place.value;
      const command = { do: 'reprovisionPhone', mac };
      return ask('POST', `/gateways/${gateway}/commands`, command, () => `${written(mac)} has been told.\n`);
    });
  addKey(program, ask);
}

function addKey(program: Command, ask: Ask): void {
  program
    .command('key <contract> <id> <number> <does> [what]')
    .description('changes one key of a desk phone: line, watch EXTENSION, park SLOT, dial NUMBER, none')
    .option('--label <text>', 'what stands beside it; dial needs one')
    .action(
      (
        contract: string,
        id: string,
        number: string,
        does: string,
        what: string | undefined,
        options: { label?: string },
      ) => {
        const to = keyOf(program, does, what, options.label);
        const order = { kind: 'changeKey', id, key: Number(number), to };
        // With its moment: the same change may be ordered again after another one.
        const file = { v: 1, contract, orders: [{ at: isoInstant(systemClock.now()), order }] };
        const say = `Key ${number} of ${id} is changed; its gateway is told.\n`;
        return ask('POST', `${of(contract)}/orders`, file, () => say);
      },
    );
}

function keyOf(
  program: Command,
  does: string,
  what: string | undefined,
  label: string | undefined,
): PhoneKey | null {
  if (does === 'none') return null;
  const said = label === undefined ? {} : { label };
  const key = phoneKey.safeParse({ does, ...argumentOf(does, what), ...said });
  if (key.success) return key.data;
  return program.error(
    'error: a key is line, watch EXTENSION, park SLOT (1 to 9), dial NUMBER --label TEXT, or none.',
  );
}

function argumentOf(does: string, what: string | undefined): object {
  switch (does) {
    case 'watch':
      return { extension: what };
    case 'park':
      return { slot: Number(what) };
    case 'dial':
      return { number: what };
    default:
      return what === undefined ? {} : { what };
  }
}

/** The gateway on whose LAN a phone stands, by what was ordered. */
async function placeOf(
  contract: string,
  text: string,
  fetch: Fetch,
): Promise<Result<{ readonly gateway: string; readonly mac: string }>> {
  const answer = await fetch(`${of(contract)}/phones`);
  if (!answer.ok) return answer;
  const mac = text.toLowerCase().replaceAll(/[:.-]/g, '');
  const { phones } = answer.value as { phones: readonly PhoneLine[] };
  const found = phones.find((phone) => phone.mac === mac);
  if (found !== undefined) return { ok: true, value: { gateway: found.gateway, mac } };
  const say = `${contract} has no desk phone ${text}; engawa-cloud phones ${contract} shows those that were ordered.`;
  return refuse({ code: 'operator.noPhone', fault: 'caller', say });
}

function of(contract: string): string {
  return `/contracts/${encodeURIComponent(contract)}`;
}

function minutes(text: string): number {
  const value = Number(text);
  const { least, most } = APPROVAL_MINUTES;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`A window is open for ${least} to ${most} minutes.`);
}
