import type { LanAddressAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, type Verdict } from '../screen.ts';
import { clean } from '../text.ts';

/** `engawa address`: what the LAN port has, and what it is to have. */
export function lanAddressScreen(answer: LanAddressAnswer, look: Look): readonly string[] {
  return rowsOf(answer).flatMap((row) => rowLines(row, look));
}

export function lanAddressVerdict({ address }: LanAddressAnswer): Verdict {
  if (address.device === null) return '--';
  if (address.state === 'inForce') return 'OK';
  return address.fixed === null ? 'WARN' : 'FAIL';
}

function rowsOf(answer: LanAddressAnswer): readonly Row[] {
  const { device, settable, fixed, has, state } = answer.address;
  const verdict = lanAddressVerdict(answer);
  if (device === null) return [{ verdict, name: 'address', say: 'this box has no LAN of its own' }];
  const now = has === null ? 'none' : has;
  const rows: Row[] = [
    { verdict, name: 'address', say: `${now} on ${clean(device)}, ${HOW[state](fixed !== null)}` },
  ];
  if (fixed !== null) {
    if (state !== 'inForce') rows.push({ verdict: '', name: 'wanted', say: fixed.address });
    rows.push({ verdict: '', name: 'router', say: fixed.router ?? 'none over this port' });
    rows.push({
      verdict: '',
      name: 'name servers',
      say: fixed.nameServers.join(', ') || 'none over this port',
    });
  }
  if (!settable) rows.push({ verdict: '', name: 'set by', say: "the computer's own system" });
  if (state === 'linkLocal' && settable) {
    rows.push({ verdict: '', name: 'to do', say: 'fix one: engawa address 192.168.58.1/24' });
  }
  return rows;
}

const HOW: Readonly<Record<LanAddressAnswer['address']['state'], (fixed: boolean) => string>> = {
  inForce: (fixed) => (fixed ? 'fixed' : 'given by the LAN'),
  linkLocal: () => 'as nobody gives addresses there',
  missing: (fixed) => (fixed ? 'not the one that is fixed' : 'nobody gives one, or no cable'),
};
