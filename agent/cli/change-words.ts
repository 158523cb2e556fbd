import { type LocalChange, localChange } from '../trial/index.ts';

/** What may stand before the `=` of a change, with an example of what stands behind it. */
export const CHANGE_WORDS = [
  'lan=detect',
  'lan=optionOnly',
  'lan=phonesOnly',
  'lan=serve',
  'lan=off',
  'pool=192.168.20.100-192.168.20.199',
  'router=192.168.20.1',
  'port.11=2',
  'line.1.earDb=3',
  'line.1.microphoneDb=-3',
  'line.1.impedance=600',
  'line.1.echo=off',
  'line.1.numberDisplay=on',
  'line.1.callWaiting=off',
  'line.1.t38=off',
] as const;

/** Changes as they are typed, or what is wrong with the first that cannot be read. */
export function readChanges(
  words: readonly string[],
): { readonly changes: readonly LocalChange[] } | { readonly wrong: string } {
  const lan: Record<string, unknown> = {};
  const lines = new Map<number, Record<string, unknown>>();
  const rest: object[] = [];
  for (const word of words) {
    const found = /^([A-Za-z0-9.]{1,40})=(.{1,60})$/.exec(word);
    const [name = '', value = ''] = found?.slice(1) ?? [];
    const place = name.split('.');
    if (name === 'lan') lan['mode'] = value;
    else if (name === 'router') lan['router'] = value;
    else if (name === 'pool') {
      const [first, last] = value.split('-');
      lan['pool'] = { first, last };
    } else if (place[0] === 'port' && place.length === 2) {
      rest.push({ set: 'port', extension: place[1], port: Number(value) });
    } else if (place[0] === 'line' && place.length === 3) {
      const line = lines.get(Number(place[1])) ?? {};
      line[place[2] ?? ''] = typedValue(value);
      lines.set(Number(place[1]), line);
    } else return { wrong: word };
  }
  const all: readonly object[] = [
    ...(Object.keys(lan).length === 0 ? [] : [{ set: 'lan', ...lan }]),
    ...rest,
    ...[...lines].map(([port, fields]) => ({ set: 'line', port, ...fields })),
  ];
  const changes: LocalChange[] = [];
  for (const one of all) {
    const read = localChange.safeParse(one);
    if (!read.success) return { wrong: wordsOf(one, words) };
    changes.push(read.data);
  }
  return { changes };
}

/** The words that made a change that is none. */
function wordsOf(change: object, words: readonly string[]): string {
  const kind = Reflect.get(change, 'set');
  const begins = kind === 'lan' ? ['lan', 'pool', 'router'] : [`${String(kind)}.`];
  return words.filter((word) => begins.some((begin) => word.startsWith(begin))).join(' ');
}

function typedValue(text: string): unknown {
  if (text === 'on') return true;
  if (text === 'off') return false;
  return /^-?[0-9]{1,2}$/.test(text) ? Number(text) : text;
}
