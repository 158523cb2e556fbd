import type { Command } from 'commander';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { WhyAnswer, WhyCallAnswer, WhyNumberAnswer } from '../local-api/index.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { LanShow } from './lan-verbs.ts';
import { whyScreen } from './screens/dhcp.ts';
import { whyCallScreen, whyCallVerdict, whyNumberScreen, whyNumberVerdict } from './screens/why.ts';

/** `engawa why MAC|CALL|NUMBER`. */
export function addWhyVerb(
  describe: (name: string) => Command,
  io: CliIo,
  show: LanShow,
  finish: (code: number) => void,
): void {
  describe('why').action(async (text: string, options: { readonly line?: string }, command: Command) => {
    const asked = whatIsAsked(text);
    switch (asked.what) {
      case 'device':
        finish(await show<WhyAnswer>(command, `/v1/why/${asked.mac}`, whyScreen, () => 'OK'));
        return;
      case 'call':
        finish(
          await show<WhyCallAnswer>(command, `/v1/why-call/${asked.call}`, whyCallScreen, whyCallVerdict),
        );
        return;
      case 'number': {
        const line = options.line === undefined ? '' : `?line=${encodeURIComponent(options.line)}`;
        const path = `/v1/why-number/${encodeURIComponent(asked.number)}${line}`;
        finish(await show<WhyNumberAnswer>(command, path, whyNumberScreen, whyNumberVerdict));
        return;
      }
      case 'nothing':
        io.err(
          'engawa: that is no hardware address, call or number; write C0:74:AD:2B:D8:59, a call of engawa calls --json, last, missed, or 0355550123\n',
        );
        finish(EXIT.usage);
    }
  });
}

type Asked =
  | { readonly what: 'device'; readonly mac: string }
  | { readonly what: 'call'; readonly call: string }
  | { readonly what: 'number'; readonly number: string }
  | { readonly what: 'nothing' };

/** Twelve bare digits are a telephone number: a hardware address of digits alone is written with its colons. */
export function whatIsAsked(text: string): Asked {
  if (text === 'last' || text === 'missed') return { what: 'call', call: text };
  if (/^[0-9a-z]{4,12}-[0-9a-f]{16}$/.test(text)) return { what: 'call', call: text };
  const number = digitsOf(text);
  const mac = parseMac(text);
  if (mac !== undefined && (number === undefined || /[:-]/.test(text))) return { what: 'device', mac };
  return number === undefined ? { what: 'nothing' } : { what: 'number', number };
}

/** A number as people write it: `03-5555-0123`, `+81 3 5555 0123`, `０３（５５５５）０１２３`. */
function digitsOf(text: string): string | undefined {
  const plain = text.normalize('NFKC').replace(/[\s()\-\u2010-\u2015.ー]/g, '');
  if (/^\+81[0-9]{4,14}$/.test(plain)) return `0${plain.slice(3)}`;
  if (/^\+[0-9]{4,15}$/.test(plain)) return `010${plain.slice(1)}`;
  return /^[0-9*#]{1,40}$/.test(plain) ? plain : undefined;
}
