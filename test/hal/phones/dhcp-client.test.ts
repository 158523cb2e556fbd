import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePacket } from '../../../agent/dhcp/decode.ts';
import { modelOf } from '../../../hal/phones/config/models.ts';
import {
  type DhcpEffect,
  type DhcpInput,
  type DhcpSelf,
  type DhcpState,
  EVERYBODY,
  stepDhcp,
} from '../../../hal/phones/dhcp/client.ts';
import {
  addressBytes,
  type DhcpQuestion,
  MESSAGE,
  type MessageType,
  readAnswer,
  writeQuestion,
} from '../../../hal/phones/dhcp/wire.ts';
import { dhcpSelf } from '../../../hal/phones/maker.ts';
import { hex } from '../../support/hex.ts';

const MAC = '000b82123456';
const SELF: DhcpSelf = {
  mac: MAC,
  vendorClass: 'Grandstream GRP2612',
  wanted: [1, 3, 66],
  hostName: undefined,
};
const SERVER = '10.0.0.1';
const LEASED = '10.0.0.50';

/** A server's message as bytes. */
function answerBytes(
  type: MessageType,
  xid: number,
  options: readonly (readonly [number, Uint8Array])[],
  yiaddr = LEASED,
  mac = MAC,
): Buffer {
  const head = Buffer.alloc(240);
  head.set([2, 1, 6, 0]);
  head.writeUInt32BE(xid, 4);
  head.set(addressBytes(yiaddr), 16);
  head.set(Buffer.from(mac, 'hex'), 28);
  head.writeUInt32BE(0x63825363, 236);
  const parts = [[53, Buffer.from([type])] as const, ...options].flatMap(([code, value]) => [
    Buffer.from([code, value.length]),
    value,
  ]);
  return Buffer.concat([head, ...parts, Buffer.from([255])]);
}

function seconds(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

const LEASE = [
  [54, addressBytes(SERVER)],
  [51, seconds(3_600)],
  [1, addressBytes('255.255.255.0')],
  [3, addressBytes(SERVER)],
  [66, Buffer.from('http://10.0.0.1/p/')],
] as const;

/** A client with a clock that is turned by hand; a timer that falls due is an input. */
class Client {
  state: DhcpState = { at: 'idle' };
  sent: { readonly question: DhcpQuestion; readonly to: string }[] = [];
  told: DhcpEffect[] = [];
  nowMs = 0;
  dueMs = Number.POSITIVE_INFINITY;
  #xid = 100;

  input(input: DhcpInput): void {
    const { state, effects } = stepDhcp(this.state, input, SELF, {
      nowMs: this.nowMs,
      xid: ++this.#xid,
      spread: 0,
    });
    this.state = state;
    for (const effect of effects) {
      if (effect.do === 'send') this.sent.push(effect);
      else if (effect.do === 'wait') this.dueMs = this.nowMs + effect.ms;
      else if (effect.do === 'calm') this.dueMs = Number.POSITIVE_INFINITY;
      else this.told.push(effect);
    }
  }

  answer(
    type: MessageType,
    options: readonly (readonly [number, Uint8Array])[] = LEASE,
    yiaddr = LEASED,
  ): void {
    const xid = this.sent.at(-1)?.question.xid ?? 0;
    const answer = readAnswer(answerBytes(type, xid, options, yiaddr));
    if (answer === undefined) throw new Error('not read');
    this.input({ type: 'answer', answer });
  }

  advance(toMs: number): void {
    while (this.dueMs <= toMs) {
      this.nowMs = this.dueMs;
      this.dueMs = Number.POSITIVE_INFINITY;
      this.input({ type: 'timer' });
    }
    this.nowMs = toMs;
  }

  bind(): this {
    this.input({ type: 'begin', last: undefined });
    this.answer(MESSAGE.offer);
    this.answer(MESSAGE.ack);
    return this;
  }
}

const kinds = (client: Client): readonly string[] =>
  client.sent.map(
    ({ question, to }) => `${Object.entries(MESSAGE).find(([, type]) => type === question.type)?.[0]} ${to}`,
  );

describe('a phone that asks for an address', () => {
  it('DISCOVER, REQUEST of what was offered, bound with what the server said', () => {
    const client = new Client().bind();
    expect(kinds(client)).toEqual([`discover ${EVERYBODY}`, `request ${EVERYBODY}`]);
    expect(client.sent[1]?.question.options.get(50)).toEqual(addressBytes(LEASED));
    expect(client.sent[1]?.question.options.get(54)).toEqual(addressBytes(SERVER));
    expect(client.told[0]).toMatchObject({
      do: 'bound',
      anew: true,
      lease: { address: LEASED, prefix: 24, router: SERVER, leaseS: 3_600, t1S: 1_800, t2S: 3_150 },
    });
  });

  it('asks again after 4, 8, 16, 32 s and then each 64 s', () => {
    const client = new Client();
    client.input({ type: 'begin', last: undefined });
    client.advance(200_000);
    const at = client.sent.map(({ question }) => question.secs);
    expect(at).toEqual([0, 4, 12, 28, 60, 124, 188]);
    expect(new Set(client.sent.map(({ question }) => question.xid)).size).toBe(1);
  });

  it('begins anew when the server whose offer it took is silent', () => {
    const client = new Client();
    client.input({ type: 'begin', last: undefined });
    client.answer(MESSAGE.offer);
    client.advance(62_000);
    expect(client.state.at).toBe('selecting');
  });

  it('an ACK of another server than the one it chose is not for it', () => {
    const client = new Client();
    client.input({ type: 'begin', last: undefined });
    client.answer(MESSAGE.offer);
    client.answer(MESSAGE.ack, [[54, addressBytes('10.0.0.9')], ...LEASE.slice(1)]);
    expect(client.state.at).toBe('requesting');
  });

  it('renews with its server from T1 on, asks everybody from T2 on, and gives the address up at the end', () => {
    const client = new Client().bind();
    client.advance(1_800_000);
    expect(client.state.at).toBe('renewing');
    expect(client.sent.at(-1)).toMatchObject({ to: SERVER, question: { ciaddr: LEASED, broadcast: false } });
    expect([...(client.sent.at(-1)?.question.options.keys() ?? [])]).not.toContain(50);
    client.advance(3_150_000);
    expect(client.state.at).toBe('rebinding');
    expect(client.sent.at(-1)?.to).toBe(EVERYBODY);
    client.advance(3_599_000);
    expect(client.told).toHaveLength(1);
    client.advance(3_600_000);
    expect(client.told[1]).toEqual({ do: 'lost', why: 'expired' });
    expect(client.state.at).toBe('selecting');
  });

  it('a renewed lease counts from then, and its address is not new', () => {
    const client = new Client().bind();
    client.advance(1_800_000);
    client.answer(MESSAGE.ack);
    expect(client.told[1]).toMatchObject({ do: 'bound', anew: false, lease: { boundAtMs: 1_800_000 } });
    client.advance(3_599_000);
    expect(client.state.at).toBe('bound');
  });

  it('a NAK takes the address away and it asks for another', () => {
    const client = new Client().bind();
    client.advance(1_800_000);
    client.answer(MESSAGE.nak, [[54, addressBytes(SERVER)]], '0.0.0.0');
    expect(client.told[1]).toEqual({ do: 'lost', why: 'refused' });
    expect(kinds(client).at(-1)).toBe(`discover ${EVERYBODY}`);
  });

  it('with the cable back it asks for the address that it had, without a server, and takes another when it is refused', () => {
    const client = new Client();
    client.input({ type: 'begin', last: LEASED });
    const [first] = client.sent;
    expect(first?.question.type).toBe(MESSAGE.request);
    expect(first?.question.options.get(50)).toEqual(addressBytes(LEASED));
    expect(first?.question.options.has(54)).toBe(false);
    client.answer(MESSAGE.nak, [[54, addressBytes(SERVER)]], '0.0.0.0');
    expect(client.told).toEqual([]);
    expect(client.state.at).toBe('selecting');
    const again = new Client();
    again.input({ type: 'begin', last: LEASED });
    again.answer(MESSAGE.ack);
    expect(again.told[0]).toMatchObject({ do: 'bound', lease: { address: LEASED } });
  });

  it('nobody knows the address that it had: it asks as if new', () => {
    const client = new Client();
    client.input({ type: 'begin', last: LEASED });
    client.advance(12_000);
    expect(kinds(client)).toEqual([`request ${EVERYBODY}`, `request ${EVERYBODY}`, `discover ${EVERYBODY}`]);
  });

  it('released, it says so to the server and is silent', () => {
    const client = new Client().bind();
    client.input({ type: 'release' });
    expect(kinds(client).at(-1)).toBe(`release ${SERVER}`);
    expect(client.dueMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('times of a lease that contradict each other are replaced by the usual ones', () => {
    const client = new Client();
    client.input({ type: 'begin', last: undefined });
    client.answer(MESSAGE.offer);
    client.answer(MESSAGE.ack, [...LEASE, [58, seconds(3_000)], [59, seconds(100)]]);
    expect(client.told[0]).toMatchObject({ lease: { t1S: 1_800, t2S: 3_150 } });
  });
});

describe('DHCP on the wire', () => {
  it('a DISCOVER to the byte', () => {
    const question = {
      type: MESSAGE.discover,
      xid: 0x01020304,
      secs: 0,
      mac: MAC,
      ciaddr: '0.0.0.0',
      broadcast: true,
      options: new Map(),
    };
    const bytes = writeQuestion(question);
    expect(bytes).toHaveLength(300);
    expect(hex(bytes.subarray(0, 12))).toBe('01 01 06 00 01 02 03 04 00 00 80 00');
    expect(hex(bytes.subarray(28, 34))).toBe('00 0b 82 12 34 56');
    expect(hex(bytes.subarray(236, 244))).toBe('63 82 53 63 35 01 01 ff');
  });

  it('the box’s server, which shares no line with it, reads what each maker’s phone sends', () => {
    for (const [maker, name, vendorClass] of [
      ['grandstream', 'GRP2612', 'Grandstream GRP2612'],
      ['panasonic', 'KX-HDV230N', 'Panasonic'],
    ] as const) {
      const model = modelOf(maker, name);
      if (model === undefined) throw new Error(name);
      const self = dhcpSelf(model, MAC);
      const step = stepDhcp({ at: 'idle' }, { type: 'begin', last: undefined }, self, {
        nowMs: 0,
        xid: 7,
        spread: 0,
      });
      const [send] = step.effects;
      if (send?.do !== 'send') throw new Error('nothing sent');
      const packet = JSON.stringify(decodePacket(writeQuestion(send.question)), (_key, value: unknown) =>
        value instanceof Map
          ? [...value].map(([code, bytes]) => [code, Buffer.from(bytes as Uint8Array).toString('latin1')])
          : value,
      );
      expect(packet).toContain(vendorClass);
    }
  });

  it('a long option is split and joined, options lie in file and sname too, and padding is passed over', () => {
    const long = Buffer.alloc(300, 'x');
    const bytes = answerBytes(MESSAGE.ack, 1, [
      ...LEASE,
      [43, long.subarray(0, 255)],
      [43, long.subarray(255)],
      [52, Buffer.from([3])],
    ]);
    bytes.set([67, 3, 97, 98, 99, 255], 108);
    bytes.set([0, 0, 12, 2, 104, 105, 255], 44);
    const answer = readAnswer(bytes);
    expect(answer?.options.get(43)).toEqual(long);
    expect(answer?.options.get(67)?.toString()).toBe('abc');
    expect(answer?.options.get(12)?.toString()).toBe('hi');
  });

  it('what is no answer is none: a question, another cookie, a cut option, no message type', () => {
    const good = answerBytes(MESSAGE.offer, 1, LEASE);
    expect(readAnswer(good)).toBeDefined();
    const change = (at: number, byte: number): Buffer => {
      const copy = Buffer.from(good);
      copy[at] = byte;
      return copy;
    };
    expect(readAnswer(change(0, 1))).toBeUndefined();
    expect(readAnswer(change(236, 0))).toBeUndefined();
    expect(readAnswer(change(241, 200))).toBeUndefined();
    expect(readAnswer(change(240, 54))).toBeUndefined();
  });

  it('takes 20,000 damaged answers without a throw', () => {
    const good = answerBytes(MESSAGE.ack, 1, LEASE);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Buffer.from(good.subarray(0, length));
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          readAnswer(bytes);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('no sequence of answers and timers makes it throw, or speak to anybody while it is idle', () => {
    const type = fc.constantFrom<MessageType>(MESSAGE.offer, MESSAGE.ack, MESSAGE.nak);
    const input = fc.oneof(type, fc.constantFrom('timer', 'begin', 'end', 'release'));
    fc.assert(
      fc.property(fc.array(input, { maxLength: 30 }), (inputs) => {
        const client = new Client();
        for (const each of inputs) {
          const before = client.sent.length;
          const idle = client.state.at === 'idle';
          if (typeof each === 'number') client.answer(each);
          else if (each === 'begin') client.input({ type: 'begin', last: undefined });
          else client.input({ type: each as 'timer' });
          if (idle && each !== 'begin') expect(client.sent.length).toBe(before);
        }
      }),
      { numRuns: 500 },
    );
  });
});
