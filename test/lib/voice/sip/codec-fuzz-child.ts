// Runs apart from the test runner, whose wrapping of modules makes code like this ten times as dear.
import { readdirSync, readFileSync } from 'node:fs';
import { type Random, seededRandom } from '../../../../lib/base/random.ts';
import { bodyParts } from '../../../../lib/voice/sip/codec/body.ts';
import { StreamFramer } from '../../../../lib/voice/sip/codec/framing.ts';
import { sdpOf } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { rejectionTo, responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { objectionTo } from '../../../../lib/voice/sip/uas-checks.ts';
import { anomalousMessages } from './anomalies.ts';
import { mutate } from './mutate.ts';
import { FIELDS } from './whole-message.ts';

const SEED = 4_475;
const MESSAGES = 100_000;
const STREAMS = 20_000;
/** Above this a message is timed again: another program may have had its turn in the midst of it. */
const SUSPECT_MS = 5;
const SOURCE = { host: '192.0.2.9', port: 5060 };

/** Everything that is done with one datagram before a transaction sees it, and what is said to it. */
function throughTheBorder(bytes: Buffer): 'ok' | 'reject' | 'drop' {
  const result = parseMessage(bytes);
  if (result.kind === 'reject') {
    const answer = parseMessage(writeResponse(rejectionTo(result, SOURCE, 'us')));
    if (answer.kind === 'reject') throw new Error('the answer is no response');
  }
  if (result.kind !== 'ok') return result.kind;
  const { message } = result;
  for (const field of FIELDS) message.headers.read(field);
  bodyParts(message);
  sdpOf(message);
  if (message.kind === 'request') {
    objectionTo(message, 'INVITE, ACK, BYE', 'timer');
    const answer = parseMessage(writeResponse(responseTo(message, SOURCE, 200, { toTag: 'us' })));
    if (answer.kind !== 'ok') throw new Error(`our own answer does not read: ${answer.say}`);
  }
  return 'ok';
}

function timed(bytes: Buffer): { ms: number; kind: 'ok' | 'reject' | 'drop' } {
  const before = performance.now();
  const kind = throughTheBorder(bytes);
  return { ms: performance.now() - before, kind };
}

/** Takes one message through; remembers the slowest, and says which one it was when something throws. */
class Judge {
  readonly seen = { ok: 0, reject: 0, drop: 0 };
  slowestMs = 0;
  count = 0;

  take(bytes: Buffer): void {
    this.count++;
    try {
      const first = timed(bytes);
      this.seen[first.kind]++;
      let { ms } = first;
      for (let again = 0; again < 8 && ms > SUSPECT_MS; again++) ms = Math.min(ms, timed(bytes).ms);
      this.slowestMs = Math.max(this.slowestMs, ms);
    } catch (error) {
      throw new Error(`message ${this.count} (seed ${SEED}): ${bytes.toString('base64')}`, { cause: error });
    }
  }
}

function corpus(): Buffer[] {
  return ['rfc4475', 'rfc5118'].flatMap((folder) =>
    readdirSync(`test/vectors/${folder}`)
      .filter((name) => name.endsWith('.dat'))
      .map((name) => readFileSync(`test/vectors/${folder}/${name}`)),
  );
}

function pick(items: readonly Buffer[], random: Random): Buffer {
  return items[Math.floor(random.fraction() * items.length)] ?? Buffer.alloc(0);
}

function messages(): object {
  const judge = new Judge();
  for (const bytes of anomalousMessages()) judge.take(bytes);
  const systematic = judge.count;
  const [sound] = anomalousMessages();
  const seeds = [...corpus(), ...Array.from({ length: 30 }, () => sound ?? Buffer.alloc(0))];
  const random = seededRandom(SEED);
  while (judge.count < MESSAGES) judge.take(mutate(pick(seeds, random), random));
  return { systematic, count: judge.count, seen: judge.seen, slowestMs: judge.slowestMs };
}

function streams(): object {
  const random = seededRandom(SEED + 1);
  const seeds = corpus();
  const seen = { message: 0, blank: 0, broken: 0 };
  for (let round = 0; round < STREAMS; round++) {
    const stream = Buffer.concat([mutate(pick(seeds, random), random), mutate(pick(seeds, random), random)]);
    const framer = new StreamFramer();
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + Math.floor(random.fraction() * 900);
      for (const frame of framer.push(stream.subarray(at, end))) {
        seen[frame.kind]++;
        if (frame.kind === 'message') throughTheBorder(frame.bytes);
      }
      at = end;
    }
  }
  return seen;
}

process.stdout.write(JSON.stringify({ messages: messages(), streams: streams() }));
