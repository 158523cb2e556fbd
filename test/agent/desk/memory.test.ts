import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeskMemory, NO_MEMORY, readMemory, writeMemory } from '../../../agent/desk/desk-journal.ts';
import { dialogInfo } from '../../../agent/desk/dialog-info.ts';
import { LampBoard } from '../../../agent/desk/lamp-board.ts';
import type { LampDialog } from '../../../agent/desk/lamps.ts';
import { MemoryKeeper } from '../../../agent/desk/memory-keeper.ts';
import { PhoneSdp } from '../../../agent/desk/phone-sdp.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { exampleConfig, OfficeWorld, samplePhone } from '../calls/office-world.ts';
import { sampleDialog } from '../calls/sample-dialog.ts';

const SOURCE = { transport: 'udp', host: '10.0.0.5', port: 5_060 } as const;
const MEMORY: DeskMemory = {
  bindings: [
    { user: '21', contact: 'sip:21@10.0.0.5', source: SOURCE, agent: 'a', callId: 'c', expiresAt: 90_000 },
  ],
  calls: [
    {
      ...{ port: 101, mac: 'c074ad000001', media: 'phone-101-ab', localPort: 20_000, held: false },
      dialog: { ...sampleDialog, account: '21' },
    },
  ],
  mailboxes: [{ serviceId: 'id-000001-5', fresh: 2, old: 0 }],
};

describe('what outlives a run', () => {
  it('is read as it was written', () => {
    expect(readMemory(writeMemory(MEMORY))).toEqual(MEMORY);
  });

  it('is nothing when it cannot be read, whatever stands there', () => {
    expect(readMemory(undefined)).toEqual(NO_MEMORY);
    fc.assert(fc.property(fc.string(), (text) => void readMemory(text)));
    fc.assert(fc.property(fc.json(), (text) => void readMemory(text)));
    const text = writeMemory(MEMORY);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, with_) => {
        readMemory(text.slice(0, at) + with_ + text.slice(at + with_.length));
      }),
    );
  });

  it('is written once for a bunch of changes, again while calls are up, and not when nothing is new', () => {
    const clock = new VirtualClock();
    const written: string[] = [];
    let memory = NO_MEMORY;
    const file = { read: () => undefined, write: (text: string) => void written.push(text) };
    const keeper = new MemoryKeeper(clock, silentLog(), file, () => memory);
    memory = MEMORY;
    for (let times = 0; times < 9; times++) keeper.changed();
    clock.advance(150);
    expect(written).toHaveLength(1);
    clock.advance(20_000);
    expect(written).toHaveLength(1);
    const [call] = MEMORY.calls;
    memory = { ...MEMORY, calls: call === undefined ? [] : [{ ...call, held: true }] };
    clock.advance(5_000);
    expect(written).toHaveLength(2);
    memory = NO_MEMORY;
    keeper.stop();
    expect(readMemory(written.at(-1))).toEqual(NO_MEMORY);
  });

  it('a disk that is full changes nothing else', () => {
    const file = {
      read: () => undefined,
      write: () => {
        throw new Error('no space');
      },
    };
    const keeper = new MemoryKeeper(new VirtualClock(), silentLog(), file, () => MEMORY);
    expect(() => keeper.stop()).not.toThrow();
  });
});

describe('lamps', () => {
  const dialog = (id: string, change: Partial<LampDialog> = {}): LampDialog => ({
    ...{ id, direction: 'recipient', state: 'early', remote: '11', name: 'phone 1' },
    ...change,
  });

  it('are told whole at first, then what has changed, and what is gone as terminated (RFC 4235 §3.5)', () => {
    const whole = dialogInfo('12', 'box', 0, [dialog('a'), dialog('b')]);
    expect(whole.body).toContain('state="full"');
    const next = dialogInfo('12', 'box', 1, [dialog('b', { state: 'confirmed' })], whole.told);
    expect(next.body).toContain('version="1" state="partial"');
    expect(next.body).toContain('<dialog id="a"><state>terminated</state></dialog>');
    expect(next.body).toContain('<state>confirmed</state>');
    const same = dialogInfo('12', 'box', 2, [dialog('b', { state: 'confirmed' })], next.told);
    expect(same.body).not.toContain('<dialog id=');
  });

  it('a watcher who puts the parts together always sees what there is', () => {
    const states = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(states, (turns) => {
        const seen = new Set<string>();
        let told: ReadonlyMap<string, string> | undefined;
        for (const [version, there] of turns.entries()) {
          const made = dialogInfo(
            '12',
            'box',
            version,
            there.map((id) => dialog(id)),
            told,
          );
          if (made.body.includes('state="full"')) seen.clear();
          for (const [, id = '', state] of made.body.matchAll(/<dialog id="(\w)"[^>]*>\s*<state>(\w+)</g)) {
            if (state === 'terminated') seen.delete(id);
            else seen.add(id);
          }
          expect([...seen].sort()).toEqual([...there].sort());
          ({ told } = made);
        }
      }),
    );
  });

  it('are for everybody of the office, messages for their own phone alone', () => {
    const world = new OfficeWorld();
    const config = exampleConfig();
    world.open({ ...config, lan: { ...config.lan, phones: [samplePhone(1), samplePhone(2)] } });
    const board = new LampBoard();
    board.match(world.state);
    const permits = (event: string, resource: string): number =>
      board.permits({ account: '21', event, resource });
    expect([permits('dialog', '11'), permits('dialog', '*71'), permits('dialog', '99')]).toEqual([
      200, 200, 404,
    ]);
    expect([permits('message-summary', '21'), permits('message-summary', '22')]).toEqual([200, 403]);
    expect(permits('presence', '21')).toBe(489);
    expect(board.takeMailboxes(world.state, MEMORY.mailboxes)).toEqual(['21']);
    expect(board.takeMailboxes(world.state, MEMORY.mailboxes)).toEqual([]);
    expect(board.takeMailboxes(world.state, [])).toEqual(['21']);
    world.lift(1);
    world.dial(1, '12');
    expect([...board.match(world.state)].sort()).toEqual(['11', '12']);
    expect(board.match(world.state)).toEqual([]);
  });
});

describe("a phone's session description", () => {
  const offer = (lines: string, address = '10.0.0.5', protocol = 'RTP/AVP'): string =>
    `v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 ${protocol} 0\r\n${lines}`;
  const answer = (habit: 'off' | 'optional' | 'required', text: string) =>
    new PhoneSdp(habit, seededRandom(1)).answer(text, '10.0.0.1', 5_000, 1);

  it.each([
    ['a=sendrecv', false, false],
    ['a=sendonly', true, false],
    ['a=inactive', true, true],
    ['a=recvonly', false, true],
  ])('%s is on hold: %s, silent on purpose: %s (RFC 3264 §8.4)', (line, held, quiet) => {
    expect(answer('off', offer(`${line}\r\n`))).toMatchObject({ held, quiet });
  });

  it('the null address is hold too, and nothing is sent there', () => {
    expect(answer('off', offer('', '0.0.0.0'))).toMatchObject({ held: true, audio: undefined });
  });

  it('is encrypted where the office wants it, and refused where it must be and is not', () => {
    const key = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw\r\n';
    expect(answer('off', offer(key, '10.0.0.5', 'RTP/SAVP'))).toBeUndefined();
    expect(answer('required', offer(''))).toBeUndefined();
    expect(answer('optional', offer(''))?.audio?.srtp).toBeUndefined();
    const made = answer('required', offer(key, '10.0.0.5', 'RTP/SAVP'));
    expect(made?.audio?.srtp).toMatchObject({ suite: 'AES_CM_128_HMAC_SHA1_80' });
    expect(made?.sdp).toContain('RTP/SAVP');
  });
});
