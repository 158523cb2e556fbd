import { describe, expect, it } from 'vitest';
import type { Relay } from '../../../cloud-stub/media/index.ts';
import { CallMedia } from '../../../cloud-stub/switch/call-media.ts';
import { readAudio } from '../../../cloud-stub/switch/session-description.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { answerOffer, type LocalAudio, makeOffer, readAnswer } from '../../../lib/voice/sdp/index.ts';
import { makeSrtpKeys, type SrtpKeys } from '../../../lib/voice/srtp/suites.ts';

const BOX: LocalAudio = {
  host: '127.68.6.1',
  port: 20_000,
  id: 1,
  version: 1,
  srtp: { use: 'optional', keys: makeSrtpKeys(seededRandom(1)) },
};
const OTHER: LocalAudio = {
  ...BOX,
  host: '127.68.6.3',
  srtp: { use: 'optional', keys: makeSrtpKeys(seededRandom(2)) },
};
const PLAIN: LocalAudio = { host: '127.68.6.2', port: 30_000, id: 2, version: 1 };

type RelaySide = Parameters<Relay['secure']>[0];

/** A call whose caller offered this, with a relay that remembers its keys. */
function callOf(offer: string) {
  const secured = new Map<RelaySide, SrtpKeys | undefined>();
  const audio = readAudio(offer);
  if (audio === undefined) throw new Error('no audio');
  const media = new CallMedia('127.68.6.9', seededRandom(3), new VirtualClock(), audio);
  const relay = {
    a: { port: 16_384 },
    b: { port: 16_386 },
    connect: () => undefined,
    carry: () => undefined,
    secure: (side: RelaySide, keys: SrtpKeys | undefined) => void secured.set(side, keys),
  };
  media.open(relay as unknown as Relay);
  return { media, secured };
}

/** The called party answers; the answer as the caller gets it. */
function answered(call: ReturnType<typeof callOf>, party: LocalAudio, encrypted: boolean) {
  const offer = call.media.offerToCallee(encrypted);
  const made = answerOffer(offer, party);
  const audio = made.ok ? readAudio(made.value.sdp) : undefined;
  if (!made.ok || audio === undefined) throw new Error('no answer');
  call.media.heardFrom(0, audio);
  return { offer, path: made.value.path, answer: call.media.answerToCaller(0) ?? '' };
}

describe('keys end at the cloud (RFC 4568)', () => {
  it('a box calls the network: encrypted on the trunk, in the clear behind it, and nothing of the keys gets there', () => {
    const offer = makeOffer(BOX);
    const call = callOf(offer);
    const { offer: onwards, answer } = answered(call, PLAIN, false);
    expect(onwards).not.toContain('crypto');
    const ours = readAnswer(answer, 'sendrecv', offer);
    expect(ours.ok && ours.value.srtp?.remote).toBe(call.secured.get('a')?.local);
    expect(ours.ok && ours.value.srtp?.local).toBe(call.secured.get('a')?.remote);
    expect(call.secured.get('b')).toBeUndefined();
  });

  it('the network calls a box, and a box calls a box: each trunk has keys of its own', () => {
    const inwards = callOf(makeOffer(PLAIN));
    const taken = answered(inwards, BOX, true);
    expect(taken.path.srtp?.remote).toBe(inwards.secured.get('b')?.local);
    expect(taken.answer).not.toContain('crypto');
    const between = callOf(makeOffer(BOX));
    answered(between, OTHER, true);
    const [a, b] = [between.secured.get('a'), between.secured.get('b')];
    expect(new Set([a?.local, a?.remote, b?.local, b?.remote]).size).toBe(4);
  });

  it('a member without SRTP reads over the keys, and talks in the clear', () => {
    const call = callOf(makeOffer(PLAIN));
    const { offer, answer } = answered(call, PLAIN, true);
    expect(offer).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:');
    expect(answer).not.toContain('crypto');
    expect(call.secured.get('b')).toBeUndefined();
  });

  it('hold keeps the keys; a rekey is followed', () => {
    const call = callOf(makeOffer(BOX));
    answered(call, PLAIN, false);
    const before = call.secured.get('a');
    const held = makeOffer({ ...BOX, version: 2, direction: 'sendonly' });
    const answer = readAnswer(call.media.reoffer('a', held) ?? '', 'sendonly', held);
    expect(answer).toMatchObject({
      ok: true,
      value: { srtp: { local: before?.remote, remote: before?.local } },
    });
    expect(call.secured.get('a')).toEqual(before);
    const fresh = makeSrtpKeys(seededRandom(9));
    call.media.reoffer('a', makeOffer({ ...BOX, version: 3, srtp: { use: 'optional', keys: fresh } }));
    expect(call.secured.get('a')).toEqual({ ...before, remote: fresh[0]?.key });
  });
});
