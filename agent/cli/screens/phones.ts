import type { PhoneAnswer, PhonesAnswer, PhoneView, WhyAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, spoken, tableLines, type Verdict, worst } from '../screen.ts';
import { clean, japanTime } from '../text.ts';

const HEADS = [
  { name: 'MAC', columns: 17 },
  { name: 'EXT', columns: 5 },
  { name: 'STATE', columns: 10, words: true },
  { name: 'SIP', columns: 5, words: true },
  { name: 'MODEL', columns: 11 },
  { name: 'LAST FILE', columns: 11, words: true },
  { name: 'LABEL', columns: 0 },
] as const;

/** What each state asks of a person. */
const STATES: Readonly<Record<string, readonly [Verdict, string]>> = {
  unknown: ['--', 'no phone that can be set up; it is given nothing'],
  unassigned: ['--', 'no configuration names it; it is given nothing'],
  waiting: ['WARN', 'configured and not approved: stand before it, then  engawa approve MAC'],
  approved: ['OK', 'approved; it has not registered yet'],
  registered: ['OK', 'set up'],
  stale: ['WARN', 'its configuration has changed and it has not fetched it'],
};

/** `engawa phones`: every phone, and what looks like one. */
export function phonesScreen(answer: PhonesAnswer, look: Look): readonly string[] {
  const rows = [serverRow(answer)].flatMap((row) => rowLines(row, look));
  if (answer.phones.length === 0)
    return [...rows, spoken('--    no phone is configured and none was heard', look)];
  const table = tableLines(
    HEADS,
    answer.phones.map((phone) => ({ verdict: stateOf(phone)[0], cells: cellsOf(phone) })),
    look,
  );
  return [...rows, ...table];
}

export function phonesVerdict(answer: PhonesAnswer): Verdict {
  return worst(answer.phones.map((phone) => stateOf(phone)[0]));
}

function serverRow(answer: PhonesAnswer): Row {
  if (answer.url === null) {
    return { verdict: '--', name: 'files', say: 'nothing listens: this box has no LAN, or no address on it' };
  }
  const pnp = answer.pnp ? 'phones that ask by multicast (SIP PnP) are told' : 'SIP PnP does not run';
  const tls = answer.secure ? 'later files over TLS' : 'no TLS';
  return { verdict: 'OK', name: 'files', say: `${clean(answer.url)}; ${tls}; ${pnp}` };
}

/** One that is set up and not here is somebody's phone that does not ring. */
const AWAY = ['WARN', 'set up, and not registered now: is it switched on?'] as const;

function stateOf(phone: PhoneView): readonly [Verdict, string] {
  if (phone.state === 'registered' && !phone.registered) return AWAY;
  return STATES[phone.state] ?? ['--', clean(phone.state)];
}

/** Whether it is registered now, and in how many calls it is. */
function nowText(phone: PhoneView): string {
  if (phone.extension === null) return '-';
  if (!phone.registered) return 'away';
  return phone.calls === 0 ? 'here' : 'talks';
}

function cellsOf(phone: PhoneView): readonly string[] {
  const at = phone.lastFetch;
  const fetched = at === null ? '-' : at.refused === null ? japanTime(at.atMs).slice(5, 16) : 'refused';
  return [
    macText(phone.mac),
    phone.extension ?? '-',
    clean(phone.state),
    nowText(phone),
    clean(phone.model ?? '-'),
    fetched,
    clean(phone.label ?? ''),
  ];
}

/** `engawa phone MAC`: one phone and its last requests. */
export function phoneScreen(answer: PhoneAnswer, look: Look): readonly string[] {
  const { phone } = answer;
  const [verdict, say] = stateOf(phone);
  const firmware = phone.firmware === null ? 'firmware not heard' : `firmware ${clean(phone.firmware)}`;
  const rows: Row[] = [
    { verdict, name: 'phone', say: `${macText(phone.mac)} ${clean(phone.state)}: ${say}` },
    {
      verdict: '--',
      name: 'model',
      say: `${clean(phone.vendor ?? '?')} ${clean(phone.model ?? '?')}, ${firmware}`,
    },
  ];
  if (phone.extension !== null) {
    const account = `extension ${phone.extension}, ${clean(phone.serviceId ?? '')}, ${phone.keys} keys, ${clean(phone.label ?? '')}`;
    rows.push({ verdict: '--', name: 'office', say: account });
    const from = phone.sipSource === null ? '' : ` from ${clean(phone.sipSource)}`;
    const calls = phone.calls === 0 ? '' : `, ${phone.calls === 1 ? 'one call' : `${phone.calls} calls`}`;
    const here = phone.registered ? `registered now${from}${calls}` : 'not registered now';
    rows.push({ verdict: phone.registered ? 'OK' : '--', name: 'registrar', say: here });
  }
  rows.push({ verdict: '--', name: 'heard', say: heardText(phone) });
  if (phone.windowUntil !== null) {
    const until = japanTime(phone.windowUntil).slice(11, 19);
    rows.push({ verdict: 'OK', name: 'window', say: `open until ${until}: it may fetch its password once` });
  }
  if (phone.setUpAt !== null) rows.push({ verdict: '--', name: 'files', say: filesText(phone) });
  rows.push(fetchRow(phone));
  return [...rows.flatMap((row) => rowLines(row, look)), ...requestLines(answer, look)];
}

export function phoneVerdict(answer: PhoneAnswer): Verdict {
  return stateOf(answer.phone)[0];
}

const ENCRYPTION: Readonly<Record<PhoneView['files']['encryption'], string>> = {
  open: 'not encrypted',
  trying: 'whether it reads encrypted ones is being found out',
  md5: 'encrypted (MD5)',
  sha256: 'encrypted (SHA-256)',
  failed: 'not encrypted: it reads neither kind',
};

function filesText({ files }: PhoneView): string {
  return `${files.login ? 'with its login' : 'without a login'}, ${ENCRYPTION[files.encryption]}`;
}

function fetchRow({ lastFetch }: PhoneView): Row {
  if (lastFetch === null) return { verdict: '--', name: 'last file', say: 'none' };
  const what = `${clean(lastFetch.file)} at ${japanTime(lastFetch.atMs).slice(5, 19)}`;
  if (lastFetch.refused !== null) {
    const { say, rule } = lastFetch.refused;
    return { verdict: 'WARN', name: 'last file', say: `${what} refused: ${clean(say)} (${clean(rule)})` };
  }
  return { verdict: 'OK', name: 'last file', say: `${what}, ${(lastFetch.hash ?? '').slice(0, 12)}` };
}

function heardText(phone: PhoneView): string {
  const times = Object.entries(phone.heard).map(([by, at]) => `${by} ${japanTime(at).slice(5, 19)}`);
  const address = phone.address === null ? '' : `${phone.address}; `;
  return times.length === 0 ? 'nothing since the start' : `${address}${times.join(', ')}`;
}

/** A phone that is asked for its login comes again with it: nothing good or bad yet. */
const REQUEST_VERDICTS: Readonly<Record<string, Verdict>> = { served: 'OK', asked: '--' };

/** What a device asked for its files, and what became of it; a line each. */
export function requestLines(answer: Pick<WhyAnswer, 'provisioning'>, look: Look): readonly string[] {
  return answer.provisioning.flatMap((line) => {
    const time = japanTime(line.atMs).slice(11, 19);
    const verdict = REQUEST_VERDICTS[line.done] ?? 'WARN';
    const say = `${clean(line.message)}: ${clean(line.say)} (${clean(line.rule)})`;
    return rowLines({ verdict, name: time, say }, look);
  });
}

function macText(mac: string): string {
  return clean(mac.match(/../g)?.join(':') ?? mac);
}
