import { describe, expect, it } from 'vitest';
import type { BoardIdentity } from '../../../hal/board.ts';
import {
  newSession,
  type Session,
  type SessionEffect,
  type SessionInput,
  sessionDeadlineMs,
  stepSession,
} from '../../../hal/driver/session.ts';

const identity: BoardIdentity = {
  protocol: { major: 1, minor: 0 },
  model: 'm',
  serial: 's',
  firmware: 'f',
  ports: 2,
  bootReason: 'powerOn',
  capabilities: ['pcm'],
  limits: { receiveBytes: 4_096, frameBytes: 1_024 },
};

/** A session whose time and answers are ours. */
class Bench {
  session: Session = newSession(0);
  nowMs = 0;
  nonce = 0;
  readonly log: string[] = [];

  give(input: SessionInput): this {
    const aids = { nowMs: this.nowMs, freshNonce: ++this.nonce, device: '/dev/x', ownMajor: 1 };
    const step = stepSession(this.session, input, aids);
    this.session = step.session;
    this.log.push(...step.effects.map(nameOf));
    return this;
  }

  /** Lets time pass, giving each timer when it is due. */
  pass(ms: number): this {
    const end = this.nowMs + ms;
    while (sessionDeadlineMs(this.session) <= end) {
      this.nowMs = Math.max(this.nowMs, sessionDeadlineMs(this.session));
      this.give({ type: 'timer' });
    }
    this.nowMs = end;
    return this;
  }

  hello(nonce = this.session.at === 'calling' ? this.session.nonce : 0): this {
    return this.give({ type: 'hello', identity, nonce });
  }

  take(): string[] {
    return this.log.splice(0);
  }
}

function nameOf(effect: SessionEffect): string {
  return effect.do === 'down' ? effect.code : effect.do;
}

function upBench(): Bench {
  const bench = new Bench().give({ type: 'timer' }).give({ type: 'opened' }).hello();
  expect(bench.take()).toEqual(['open', 'ask', 'up']);
  return bench;
}

describe('session of the driver', () => {
  it('opens, asks, is up', () => {
    expect(upBench().session.at).toBe('up');
  });

  it('a device that is not there is told once and tried again at growing intervals', () => {
    const bench = new Bench();
    const opens: number[] = [];
    for (let round = 0; round < 8; round++) {
      bench.pass(sessionDeadlineMs(bench.session) - bench.nowMs);
      opens.push(bench.nowMs);
      bench.give({ type: 'openFailed', why: 'ENOENT' });
    }
    expect(bench.take().filter((effect) => effect !== 'open')).toEqual(['board.absent']);
    expect(opens.slice(1).map((atMs, index) => atMs - (opens[index] ?? 0))).toEqual([
      200, 400, 800, 1_600, 2_000, 2_000, 2_000,
    ]);
  });

  it('a board that does not answer is asked again, told once, reset and its device opened anew', () => {
    const bench = new Bench().give({ type: 'timer' }).give({ type: 'opened' });
    bench.take();
    bench.pass(1_400);
    expect(bench.take().every((effect) => effect === 'ask')).toBe(true);
    bench.pass(7_000);
    const said = bench.take();
    expect(said.filter((effect) => effect !== 'ask')).toEqual(['board.silent', 'reset', 'close', 'open']);
  });

  it('a HELLO with nonce 0 in a session is a restart; a repeated answer is not', () => {
    const bench = upBench();
    const nonce = bench.session.at === 'up' ? bench.session.nonce : 0;
    expect(bench.hello(nonce).take()).toEqual([]);
    expect(bench.hello(0).take()).toEqual(['board.restarted', 'ask']);
    expect(bench.hello().take()).toEqual(['up']);
  });

  it('an answer to an older question does not open a session', () => {
    const bench = new Bench().give({ type: 'timer' }).give({ type: 'opened' });
    bench.take();
    expect(bench.hello(999).take()).toEqual(['ask']);
    expect(bench.session.at).toBe('calling');
  });

  it('a foreign major version is refused, told once, and asked again seldom', () => {
    const bench = new Bench().give({ type: 'timer' }).give({ type: 'opened' });
    bench.take();
    const foreign = { ...identity, protocol: { major: 2, minor: 0 } };
    bench.give({ type: 'hello', identity: foreign, nonce: 0 });
    bench.give({ type: 'hello', identity: foreign, nonce: 0 });
    expect(bench.take()).toEqual(['board.protocol']);
    bench.pass(4_900);
    expect(bench.take()).toEqual([]);
    bench.hello();
    expect(bench.take()).toEqual(['up']);
  });

  it('a silent link and a vanished device end the session with their own codes', () => {
    expect(upBench().give({ type: 'linkLost', why: 'silent' }).take()).toEqual(['board.silent', 'ask']);
    const gone = upBench().give({ type: 'deviceGone', why: 'EIO' });
    expect(gone.take()).toEqual(['close', 'board.closed']);
    expect(gone.pass(100).take()).toEqual(['open']);
  });

  it('after stop nothing happens any more, whatever comes', () => {
    const bench = upBench().give({ type: 'stop' });
    expect(bench.take()).toEqual(['close']);
    bench.hello(0).give({ type: 'opened' }).give({ type: 'deviceGone', why: 'x' }).give({ type: 'timer' });
    expect(bench.take()).toEqual([]);
    expect(sessionDeadlineMs(bench.session)).toBe(Number.POSITIVE_INFINITY);
  });

  it('every input in every state gives a state, and one outage gives one down (random walks)', () => {
    for (let seed = 1; seed <= 200; seed++) {
      let mixed = seed;
      const pick = (limit: number): number => {
        mixed = (Math.imul(mixed, 1_103_515_245) + 12_345) >>> 0;
        return (mixed >>> 16) % limit;
      };
      const bench = new Bench();
      for (let step = 0; step < 200; step++) {
        const inputs: SessionInput[] = [
          { type: 'timer' },
          { type: 'opened' },
          { type: 'openFailed', why: 'x' },
          { type: 'deviceGone', why: 'x' },
          { type: 'linkLost', why: 'silent' },
          { type: 'hello', identity, nonce: pick(2) === 0 ? 0 : bench.nonce },
        ];
        bench.nowMs += pick(700);
        bench.give(inputs[pick(inputs.length)] ?? { type: 'timer' });
      }
      const story = bench.take().filter((effect) => effect === 'up' || effect.startsWith('board.'));
      story.forEach((effect, index) => {
        if (effect.startsWith('board.') && index > 0) expect([seed, story[index - 1]]).toEqual([seed, 'up']);
      });
    }
  });
});
