import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CliIo } from '../../../../agent/cli/io.ts';
import { choiceOf } from '../../../../agent/cli/shell/complete.ts';
import { completerOf, runShell } from '../../../../agent/cli/shell/index.ts';
import { LinePrompt } from '../../../../agent/cli/shell/prompt.ts';
import { quotedWord, splitWords } from '../../../../agent/cli/shell/split-words.ts';
import { GLOBAL_FLAGS, VERBS } from '../../../../agent/cli/verb-table.ts';

describe('the words of a line', () => {
  it.each([
    ['line  test 2 ', ['line', 'test', '2']],
    ['try "lan=off" --by \'Sato Kei\'', ['try', 'lan=off', '--by', 'Sato Kei']],
    ['a\\ b "c\\"d" \'e\\f\' ""', ['a b', 'c"d', 'e\\f', '']],
    ['', []],
    ['report "my', undefined],
  ])('of %j', (line, words) => expect(splitWords(line)).toEqual(words));

  it('survive being quoted, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        expect(splitWords(words.map(quotedWord).join(' '))).toEqual(words);
      }),
    );
  });

  it('of any text are found without falling over', () => {
    fc.assert(fc.property(fc.string(), (line) => void splitWords(line)));
  });
});

describe('Tab', () => {
  const choice = (before: readonly string[], begun: string) => choiceOf(before, begun, VERBS, GLOBAL_FLAGS);

  it('knows every verb, what stands behind it, and its flags', () => {
    expect(choice([], 'lin').words).toEqual(['lines', 'line']);
    expect(choice([], 'ex').words).toEqual(['exit']);
    expect(choice(['line'], '').words).toContain('loopback');
    expect(choice(['line', 'test'], '')).toEqual({ words: [], live: 'lines' });
    expect(choice(['reset'], '--l').words).toEqual(['--lose-records', '--lang']);
    expect(choice(['status', '--lang'], 'j').words).toEqual(['ja']);
    expect(choice(['--lang', 'ja', 'setup'], 'cl').words).toEqual(['claim']);
    expect(choice(['reset', '--state'], '').words).toEqual([]);
    expect(choice(['nonsense', 'x'], '').words).toEqual([]);
  });

  it('never offers what does not begin as the word does, and takes any words', () => {
    const verb = fc.constantFrom(...VERBS.flatMap(({ name }) => name.split(' ')), '--lang', '--json', '?');
    fc.assert(
      fc.property(fc.array(fc.oneof(verb, fc.string()), { maxLength: 5 }), fc.string(), (before, begun) => {
        for (const word of choice(before, begun).words) expect(word.startsWith(begun)).toBe(true);
      }),
    );
  });

  it('asks the agent for what only it knows', async () => {
    const complete = completerOf(async (what) => (what === 'lines' ? ['1', '2', '12'] : []));
    expect(await complete('line test 1')).toEqual([['1 ', '12 '], '1']);
    expect(await complete('engawa statu')).toEqual([['status '], 'statu']);
    expect(await complete("why 'a b")).toEqual([[], 'b']);
  });
});

describe('the shell', () => {
  function shell(lines: readonly string[], codes: Readonly<Record<string, number>> = {}) {
    const left = [...lines];
    const ran: string[][] = [];
    const said: string[] = [];
    let interrupt = (): void => undefined;
    const aborted: boolean[] = [];
    const io: CliIo = {
      ...{ out: (text) => void said.push(text), err: (text) => void said.push(text), colours: false },
      ...{ now: () => 0, signal: new AbortController().signal },
    };
    const input = { interactive: true, next: () => Promise.resolve(left.shift()), close: () => undefined };
    const done = runShell({
      ...{ io, greeting: 'hello', prompt: new LinePrompt(input, () => undefined) },
      async run(words, inner) {
        ran.push([...words]);
        if (words[0] === 'watch') interrupt();
        if (words[0] === 'setup') ran.push([(await inner.input?.next()) ?? 'nothing']);
        aborted.push(inner.signal.aborted);
        inner.input?.close();
        return codes[words[0] ?? ''] ?? 0;
      },
      onInterrupt(listener) {
        interrupt = listener;
        return () => {
          interrupt = () => undefined;
        };
      },
    });
    return { done, ran, said, aborted, left };
  }

  it('runs verbs with or without the name of the command, and helps where somebody asks', async () => {
    const { done, ran } = shell([
      'status',
      '',
      ' engawa lines --json',
      'engawa',
      '?',
      'line test ?',
      'exit',
      'calls',
    ]);
    await done;
    expect(ran).toEqual([['status'], ['lines', '--json'], ['status'], ['help'], ['help', 'line', 'test']]);
  });

  it('ends with the code of the last verb, at exit and at the end of its input', async () => {
    expect(await shell(['status', 'doctor'], { doctor: 1 }).done).toBe(1);
    expect(await shell(['doctor', 'status', 'exit'], { doctor: 1 }).done).toBe(0);
  });

  it('lends its lines to a verb that asks, and goes on with the next one', async () => {
    const { done, ran } = shell(['setup', 'K7Q2M', 'status']);
    await done;
    expect(ran).toEqual([['setup'], ['K7Q2M'], ['status']]);
  });

  it('outlives Ctrl-C in a verb, a quote without end, and itself', async () => {
    const { done, ran, said, aborted } = shell(['watch', 'report "x', 'shell', 'status']);
    await done;
    expect(ran).toEqual([['watch'], ['status']]);
    expect(aborted).toEqual([true, false]);
    expect(said.join('')).toMatch(/a quote does not end[\s\S]*this is the shell/);
  });
});
