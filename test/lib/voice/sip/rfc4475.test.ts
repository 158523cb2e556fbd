import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { rejectionTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { objectionTo } from '../../../../lib/voice/sip/uas-checks.ts';
import { SIP_RFC_4475, type TortureRow } from './rfc4475-table.ts';
import { wholeMessage } from './whole-message.ts';

const FOLDER = 'test/vectors/rfc4475';
const README = readFileSync('lib/voice/sip/codec/README.md', 'utf8');
const PARSED = JSON.parse(readFileSync(`${FOLDER}/parsed.json`, 'utf8')) as Record<string, object>;
/** A user agent server with calls, options and registrations, and without extensions. */
const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE';

const bytesOf = (name: string): Buffer => readFileSync(`${FOLDER}/${name}.dat`);
const rows = (section: string): TortureRow[] => SIP_RFC_4475.filter((row) => row.section.startsWith(section));

describe('RFC 4475 torture messages', () => {
  test('all 49 have a row, and the archive’s one message more', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.dat'));
    expect(files.map((name) => name.slice(0, -4)).sort()).toEqual(
      [...SIP_RFC_4475.map(({ name }) => name), 'test'].sort(),
    );
    expect(SIP_RFC_4475.length).toBe(49);
    expect([rows('3.1.1').length, rows('3.1.2').length]).toEqual([13, 19]);
    expect(parseMessage(bytesOf('test')).kind).toBe('drop');
  });

  test.each(SIP_RFC_4475.map((row) => [row.name, row] as const))('%s', (name, { does }) => {
    const result = parseMessage(bytesOf(name));
    if (does.verb === 'drops') {
      expect(result.kind).toBe('drop');
      return;
    }
    if (does.verb === 'refuses') {
      if (result.kind !== 'reject') throw new Error(`${result.kind}, not rejected`);
      expect(result.status).toBe(does.status);
      const answer = parseMessage(writeResponse(rejectionTo(result, { host: '192.0.2.9', port: 9 }, 'us')));
      // Of a message with two Call-IDs or a broken To the answer has the same; else it is a sound response.
      if (answer.kind === 'ok') expect(answer.message).toMatchObject({ status: does.status });
      return;
    }
    if (result.kind !== 'ok') throw new Error(`${result.kind}: ${result.say}`);
    expect(wholeMessage(result.message)).toEqual(PARSED[name]);
    const { message } = result;
    const objection = message.kind === 'request' ? objectionTo(message, ALLOW, '') : undefined;
    expect(objection?.status).toBe(does.after);
  });

  test('of the 19 invalid messages none is taken, and each request is answered', () => {
    const answers = rows('3.1.2').map(({ name }) => [name, parseMessage(bytesOf(name)).kind]);
    expect(answers.filter(([, kind]) => kind === 'ok')).toEqual([]);
    expect(answers.filter(([, kind]) => kind === 'drop').map(([name]) => name)).toEqual([
      'scalarlg',
      'bigcode',
    ]);
  });

  test('the README shows this very table', () => {
    const lines = README.split('\n').filter((line) => line.startsWith('| `') && line.includes('| 3.'));
    const cells = lines.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    expect(cells).toEqual(SIP_RFC_4475.map((row) => [`\`${row.name}\``, row.section, row.wants, sayOf(row)]));
  });
});

function sayOf({ does }: TortureRow): string {
  switch (does.verb) {
    case 'takes':
      return does.after === undefined ? 'takes' : `takes, then ${does.after}`;
    case 'refuses':
      return String(does.status);
    case 'drops':
      return 'drops';
  }
}
