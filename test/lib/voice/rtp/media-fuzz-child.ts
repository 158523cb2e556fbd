// Runs apart from the test runner, whose wrapping of modules makes code like this ten times as dear.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { seededRandom } from '../../../../lib/base/random.ts';
import { encodeRtcp } from '../../../../lib/voice/rtcp/packet.ts';
import { RtcpSession } from '../../../../lib/voice/rtcp/session.ts';
import { EventSender } from '../../../../lib/voice/rtp/event-sender.ts';
import { JitterBuffer } from '../../../../lib/voice/rtp/jitter-buffer.ts';
import { decodeRtp, encodeRtp, rewriteRtp } from '../../../../lib/voice/rtp/packet.ts';
import { ReceiverStats } from '../../../../lib/voice/rtp/receiver-stats.ts';
import { RtpSender } from '../../../../lib/voice/rtp/sender.ts';
import { decodeTelephoneEvent, TelephoneEventReceiver } from '../../../../lib/voice/rtp/telephone-event.ts';
import { answerOffer, makeOffer, readAnswer } from '../../../../lib/voice/sdp/index.ts';
import { SrtcpReceiver } from '../../../../lib/voice/srtp/rtcp-protection.ts';
import { SrtpReceiver, SrtpSender } from '../../../../lib/voice/srtp/rtp-protection.ts';
import { makeSrtpKeys, readSrtpKey } from '../../../../lib/voice/srtp/suites.ts';
import { mediaWish } from '../../../../lib/voice/t38/image-media.ts';
import { mutate } from '../sip/mutate.ts';

/** Of each kind. `FUZZ_SEED` replays another run. */
const MESSAGES = 100_000;
const LIMIT_MS = 20;
const SEED = Number(process.env['FUZZ_SEED'] ?? 3_550);
const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const KEYS = makeSrtpKeys(seededRandom(1));
const MASTER = readSrtpKey(SUITE, KEYS[0]?.key ?? '') ?? Buffer.alloc(30);

/**
 * Hands mutations of the seeds to `take`. Nothing is caught: an exception ends the test, and its message is told by the seed
 * and its number. What took longer than the limit is tried again, because the machine may have been elsewhere.
 */
function feed(count: number, seeds: readonly Buffer[], take: (bytes: Buffer, nowMs: number) => void): void {
  const random = seededRandom(SEED);
  for (let number = 0; number < count; number++) {
    const seed = seeds[Math.floor(random.fraction() * seeds.length)] ?? Buffer.alloc(0);
    const bytes = mutate(seed, random);
    for (let tries = 0; ; tries++) {
      const beganMs = performance.now();
      try {
        take(Buffer.from(bytes), number * 5);
      } catch (error) {
        throw new Error(`message ${number} of seed ${SEED}: ${bytes.toString('hex')}`, { cause: error });
      }
      if (performance.now() - beganMs < LIMIT_MS) break;
      assert(tries < 4, `message ${number} of seed ${SEED} takes over ${LIMIT_MS} ms`);
    }
  }
}

/** Each description is answered or refused, with a sentence. */
function descriptions(): object {
  const local = { host: '127.68.3.1', port: 30_000, id: 1, version: 1, rtcpMux: true, comfortNoise: true };
  const ours = { ...local, srtp: { use: 'optional', keys: KEYS } } as const;
  const theirs = { use: 'required', keys: makeSrtpKeys(seededRandom(2)) } as const;
  const offer = makeOffer(ours);
  const fax =
    'v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\na=sendonly\r\nm=image 9 udptl t38\r\nm=video 8 RTP/AVP 31\r\n';
  const seeds = [
    offer,
    makeOffer({ ...ours, srtp: theirs, host: '2001:db8::1' }),
    `${fax}m=audio 4000/2 RTP/SAVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=rtcp:53020 IN IP4 192.0.2.1\r\na=maxptime:40\r\n`,
    fax,
    readFileSync('test/vectors/rfc4475/wsinv.dat', 'latin1').split('\r\n\r\n')[1] ?? '',
  ].map((text) => Buffer.from(text, 'utf8'));
  let answered = 0;
  let refused = 0;
  feed(MESSAGES, seeds, (bytes) => {
    const text = bytes.toString('utf8');
    const made = answerOffer(text, { ...local, srtp: theirs });
    const plain = answerOffer(text, local);
    const read = readAnswer(text, 'sendrecv', offer);
    mediaWish(text);
    for (const one of [made, plain, read]) {
      if (one.ok) answered++;
      else {
        refused++;
        assert(one.error.say.length > 10);
      }
    }
    if (made.ok) assert(made.value.path.srtp !== undefined);
    if (plain.ok) assert(readAnswer(plain.value.sdp).ok || plain.value.sdp.includes('SAVP'));
  });
  return { answered, refused };
}

/** Buffers, counters and keys stay whole. */
function packets(): object {
  const sender = new RtpSender(seededRandom(5));
  const events = new EventSender();
  events.press('1*D', 200);
  const seeds: Buffer[] = [];
  for (let index = 0; index < 30; index++)
    seeds.push(encodeRtp(sender.next(0, new Uint8Array(160).fill(index))));
  for (let step = 0; step < 20; step++) {
    const event = events.next();
    if (event !== undefined) seeds.push(encodeRtp(sender.event(101, event.payload, 160, event.marker)));
  }
  const secret = new SrtpSender(SUITE, MASTER);
  for (const plain of seeds.slice(0, 10)) seeds.push(secret.protect(plain) ?? plain);
  seeds.push(
    Buffer.from(`92800001000000a000000007aaaaaaaabbbbbbbbbede000101020304${'ff'.repeat(80)}`, 'hex'),
  );
  const stats = new ReceiverStats();
  const buffer = new JitterBuffer();
  const presses = new TelephoneEventReceiver();
  const relay = new RtpSender(seededRandom(6));
  const receiver = new SrtpReceiver(SUITE, MASTER);
  const out = new Int16Array(80);
  let taken = 0;
  feed(MESSAGES, seeds, (bytes, nowMs) => {
    receiver.unprotect(Buffer.from(bytes));
    const decoded = decodeRtp(bytes);
    if (!decoded.ok) return;
    taken++;
    const packet = decoded.value;
    stats.note(packet, nowMs);
    stats.takeReport();
    buffer.push(packet, nowMs);
    presses.push(packet);
    decodeTelephoneEvent(packet.payload);
    const passed = rewriteRtp(bytes, relay.relayed(packet, 0));
    assert(decodeRtp(passed).ok || passed.length > 1_500);
    buffer.pull(out);
  });
  const { figures } = stats;
  for (const value of [figures.received, figures.lost, figures.jitterSamples, figures.bursts.burstRatio]) {
    assert(value >= 0 && Number.isFinite(value));
  }
  assert(Number.isFinite(buffer.figures.delayMs));
  return { taken };
}

/** The session goes on, and its figures stay in bounds. */
function reports(): object {
  const report = {
    ssrc: 7,
    fractionLost: 1,
    lost: 2,
    extendedHighest: 3,
    jitter: 4,
    lastReport: 0x1234,
    sinceLastReport: 9,
  };
  const clock = { ntpSeconds: 1, ntpFraction: 2, rtpTimestamp: 3, packets: 4, octets: 5 };
  const seeds = [
    encodeRtcp([
      { type: 'senderReport', ssrc: 8, ...clock, reports: [report] },
      { type: 'sourceDescription', chunks: [{ ssrc: 8, cname: 'a@b' }] },
    ]),
    encodeRtcp([
      { type: 'receiverReport', ssrc: 8, reports: [report, report] },
      { type: 'bye', ssrcs: [8, 9], reason: 'gone' },
    ]),
    Buffer.from(
      '80c9000100000008 80cc000141424344 80cf0002000000080000000181ce0001'.replaceAll(' ', ''),
      'hex',
    ),
  ];
  const session = new RtcpSession({
    facts: {
      sent: () => ({ ssrc: 7, packets: 1, octets: 2, rtpTimestamp: 3 }),
      heard: () => ({ ssrc: 8, fractionLost: 0, lost: 0, extendedHighest: 1, jitter: 0 }),
    },
    cname: 'c@d',
    random: seededRandom(9),
    nowMs: 0,
    wallMs: 1_800_000_000_000,
  });
  const secret = new SrtcpReceiver(SUITE, MASTER);
  let sent = 0;
  feed(MESSAGES, seeds, (bytes, nowMs) => {
    secret.unprotect(Buffer.from(bytes));
    session.receive(bytes, nowMs);
    if (session.tick(nowMs) !== undefined) sent++;
  });
  const { received, malformed, roundTripMs = 0 } = session.figures;
  return { received, malformed, roundTripMs, sent };
}

process.stdout.write(
  JSON.stringify({
    messages: MESSAGES,
    descriptions: descriptions(),
    packets: packets(),
    reports: reports(),
  }),
);
