import { describe, expect, it } from 'vitest';
import type { OfficeInput } from '../../../agent/calls/model.ts';
import { lampsOf } from '../../../agent/desk/lamps.ts';
import { PhoneCall } from '../../../agent/desk/phone-call.ts';
import { PhoneSdp } from '../../../agent/desk/phone-sdp.ts';
import { silentLog } from '../../../lib/base/log.ts';
import type { Random } from '../../../lib/base/random.ts';
import type { RegistrarAgent, Session, SessionEvent } from '../../../lib/voice/sip/api.ts';
import { inviteFacts } from '../calls/fakes.ts';
import { exampleConfig, OfficeWorld, samplePhone } from '../calls/office-world.ts';

const sdpOf = (direction: string): string =>
  `v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=${direction}\r\n`;

/** The phone's side of one dialog, played. */
class PlayedSession implements Session {
  readonly direction: 'in' | 'out';
  readonly invite;
  /** A call of the box begins with its INVITE. */
  at: 'early' | 'up' | 'over';
  #listener: (event: SessionEvent) => void = () => {};

  constructor(direction: 'in' | 'out', callId: string) {
    this.direction = direction;
    this.at = direction === 'in' ? 'early' : 'over';
    this.invite = { ...inviteFacts({ requestUri: 'sip:x@box', sdp: sdpOf('sendrecv') }), callId };
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
  }

  /** What comes from the phone. */
  says(event: SessionEvent): void {
    if (this.at === 'over') return;
    if (event.type === 'answered') this.at = 'up';
    else if (event.type !== 'offer' && event.type !== 'progress') this.at = 'over';
    this.#listener(event);
  }

  progress(): void {}

  answer(): void {
    if (this.at === 'early') this.at = 'up';
  }

  reject(): void {
    this.at = 'over';
  }

  reinvite(): void {}

  hangUp(): void {
    this.at = 'over';
  }

  snapshot(): undefined {
    return undefined;
  }
}

/** Two lines and two phones, whose SIP and sound are played; everything else is the product's. */
class Phones {
  readonly world: OfficeWorld;
  readonly calls = new Map<number, PhoneCall>();
  readonly sessions = new Map<PhoneCall, PlayedSession>();
  /** Sessions of the media process. */
  readonly open = new Set<string>();
  readonly done = new Set<string>();
  readonly #random: Random;
  #inbox: OfficeInput[] = [];
  #working = false;
  #count = 0;

  constructor(seed: number) {
    this.world = new OfficeWorld(seed);
    this.#random = this.world.random;
    const config = exampleConfig({ channels: 4, ringForMs: 20_000 });
    const phones = [samplePhone(1), samplePhone(2)];
    this.world.open({ ...config, lan: { ...config.lan, phones } });
    for (const phone of [1, 2]) this.world.input({ type: 'phone', phone, reachable: true });
    this.world.onEffect = (effect) => {
      if (effect.type === 'ring' && effect.port > 100) void this.#place(effect.port, 'out').ring();
      if (effect.type === 'hear') this.calls.get(effect.port)?.hear(effect.sound);
    };
  }

  pick(below: number): number {
    return Math.floor(this.#random.fraction() * below);
  }

  /** As the shell does: one input after the other. */
  does(input: OfficeInput): void {
    this.#inbox.push(input);
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      this.world.input(next);
      for (const call of [...this.calls.values()]) call.look();
    }
    this.#working = false;
  }

  /** Timers of the office ran: what they did is told to the phones. */
  passes(ms: number): void {
    this.world.clock.advance(ms);
    for (const call of [...this.calls.values()]) call.look();
  }

  dial(port: number, digits: string): void {
    const call = this.#place(port, 'in');
    void call.place(digits, sdpOf('sendrecv'));
  }

  take(port: number, leg: string): void {
    void this.#place(port, 'in').take(leg, sdpOf('sendrecv'));
  }

  idle(port: number): boolean {
    const place = this.world.state.ports.get(port);
    return !this.calls.has(port) && place?.line.at === 'onHook' && place.desk.at === 'none';
  }

  #place(port: number, direction: 'in' | 'out'): PhoneCall {
    const session = new PlayedSession(direction, `call-${++this.#count}`);
    const sip = {
      bindingOf: () => ({
        ...{ contact: 'sip:21@10.0.0.5', agent: '', callId: '', expiresInS: 60 },
        source: { transport: 'udp', host: '10.0.0.5', port: 5_060 },
      }),
      invite: () => {
        session.at = 'early';
        return session;
      },
    } as unknown as RegistrarAgent;
    const { world } = this;
    this.calls.get(port)?.giveWay();
    const call = new PhoneCall(
      {
        ...{ clock: world.clock, log: silentLog(), host: '10.0.0.1', sip },
        sdp: new PhoneSdp('off', this.#random),
        media: {
          request: (command) => {
            if (command.type === 'rtpOpen') this.open.add(command.session);
            if (command.type === 'rtpClose') {
              if (this.done.has(command.session)) world.faults.push(`closed twice: ${command.session}`);
              this.done.add(command.session);
              this.open.delete(command.session);
            }
            return Promise.resolve({ ok: true, value: { localPort: 20_000 } }) as never;
          },
        },
        office: {
          get state() {
            return world.state;
          },
          phoneDoes: (input) => this.does(input),
        },
        sessionOf: (other) => this.calls.get(other)?.media,
        callOf: (id) => [...this.calls.values()].find((each) => each.sipCallId === id),
        changed: () => {},
        ended: (ended) => {
          if (this.calls.get(port) === ended) this.calls.delete(port);
        },
      },
      port,
      `phone-${port}-${this.#count}`,
      direction === 'in' ? session : undefined,
    );
    this.calls.set(port, call);
    this.sessions.set(call, session);
    return call;
  }
}

const NUMBERS = ['11', '12', '21', '22', '*71', '*80', '0355550123', '110', '0990'];
const PLACES = [101, 201, 301, 102, 202, 302];

function something(phones: Phones, seen: Set<string>): void {
  const { world } = phones;
  const port = PLACES[phones.pick(PLACES.length)] ?? 101;
  const call = phones.calls.get(port);
  const number = NUMBERS[phones.pick(NUMBERS.length)] ?? '11';
  const kind = phones.pick(12);
  if (kind < 2) {
    const line = 1 + phones.pick(2);
    const down = world.at(line) === 'onHook' || world.at(line) === 'ringing';
    phones.does({ type: 'line', port: line, input: { type: down ? 'offHook' : 'onHook' } });
    for (const digit of down && kind === 0 ? (['21#', '22#'][phones.pick(2)] ?? '') : '')
      phones.does({ type: 'line', port: line, input: { type: 'digit', digit, by: 'dtmf' } });
    return;
  }
  if (call === undefined) {
    const [leg] = world.state.legs.keys();
    if (!phones.idle(port)) return;
    if (kind === 2 && leg !== undefined) phones.take(port, leg);
    else phones.dial(port, number);
    return;
  }
  const session = phones.sessions.get(call);
  if (session === undefined) return;
  seen.add(`${session.direction} ${session.at}`);
  if (session.direction === 'out' && session.at === 'early') {
    const failed = { type: 'failed', reason: undefined, why: undefined } as const;
    if (kind < 8) session.says({ type: 'answered', sdp: sdpOf('sendrecv') });
    else if (kind < 9) session.says({ ...failed, status: 486 });
    else if (kind < 10) session.says({ ...failed, status: 302, contacts: [`sip:${number}@box`] });
    else session.says({ ...failed, status: 408 });
  } else if (session.at === 'early') {
    if (kind < 5) session.says({ type: 'cancelled', reason: undefined });
  } else if (kind < 6) {
    const direction = ['sendonly', 'sendrecv', 'inactive', 'recvonly'][phones.pick(4)] ?? '';
    const around = { answer: () => {}, refuse: () => {} };
    session.says({ type: 'offer', sdp: sdpOf(direction), ...around });
  } else if (kind < 9) {
    const other = [...phones.calls.values()].find((each) => each !== call && each.port % 100 === port % 100);
    const replaces = `sip:x@box?Replaces=${other?.sipCallId ?? 'none'}%3Bto-tag%3D1%3Bfrom-tag%3D2`;
    const tell = (status: number, final: boolean): void => void (final && seen.add(`told ${status}`));
    const around = { referredBy: undefined, accept: () => {}, refuse: () => {}, tell };
    const referTo = kind === 6 ? `<${replaces}>` : `<sip:${number}@box>`;
    call.refer({ callId: call.sipCallId ?? '', referTo, ...around });
  } else session.says({ type: 'ended', by: 'peer', reason: undefined });
}

describe('calls of desk phones, at random', () => {
  const seen = new Set<string>();

  it.each(Array.from({ length: 40 }, (_, index) => index + 1))(
    'leave no leg, no session, no dialog and no lamp behind, seed %i',
    async (seed) => {
      const phones = new Phones(seed);
      for (let step = 0; step < 120; step++) {
        something(phones, seen);
        // What waits for the media process goes on.
        await Promise.resolve();
        await Promise.resolve();
        phones.passes(phones.pick(3_000));
        expect(phones.world.faults).toEqual([]);
        for (const [port, { line, desk }] of phones.world.state.ports) {
          if (port > 100 && line.at !== 'onHook')
            expect(phones.calls.has(port), `a phone for place ${port}, which is ${line.at}, ${desk.at}`).toBe(
              true,
            );
        }
      }
      for (const [call, session] of phones.sessions) {
        if (phones.calls.get(call.port) === call)
          session.says({ type: 'ended', by: 'peer', reason: undefined });
      }
      for (const port of [1, 2]) phones.does({ type: 'line', port, input: { type: 'onHook' } });
      for (let turn = 0; turn < 40; turn++) {
        phones.passes(10_000);
        await Promise.resolve();
        await Promise.resolve();
      }
      const { state } = phones.world;
      for (const leg of [...state.legs.keys()]) {
        const news = { type: 'ended', by: 'peer', reason: undefined } as const;
        phones.does({ type: 'sip', leg, news });
      }
      phones.passes(1_000);
      expect([...phones.world.state.legs.keys()]).toEqual([]);
      expect([...phones.calls.keys()]).toEqual([]);
      expect([...phones.open]).toEqual([]);
      expect([...phones.sessions.values()].filter(({ at }) => at !== 'over')).toEqual([]);
      expect([...lampsOf(phones.world.state).values()].flat()).toEqual([]);
    },
  );

  it('have seen transfers that went well and others, and calls in every state', () => {
    for (const what of ['told 200', 'told 481', 'told 603', 'in up', 'in early', 'out up', 'out early'])
      expect(seen).toContain(what);
  });
});
