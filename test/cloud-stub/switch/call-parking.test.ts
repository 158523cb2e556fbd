import { describe, expect, it } from 'vitest';
import { CallMedia } from '../../../cloud-stub/switch/call-media.ts';
import { CallParking } from '../../../cloud-stub/switch/call-parking.ts';
import type { Call, CallInput } from '../../../cloud-stub/switch/call-types.ts';
import { RECALL_FOR_MS } from '../../../cloud-stub/switch/parking.ts';
import { readAudio } from '../../../cloud-stub/switch/session-description.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { Session, SessionEvent, SipReason } from '../../../lib/voice/sip/api.ts';

const PARKER = 'id-000001-1' as ServiceId;
const GUEST = 'id-000001-2' as ServiceId;

function sdpWith(types: string): string {
  return `v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP ${types}\r\n`;
}

/** A session that does nothing, and remembers how it was hung up on. */
class Silent {
  hungUp: SipReason | undefined | null = null;
  tell: (event: SessionEvent) => void = () => undefined;
  readonly session = {
    listen: (listener: (event: SessionEvent) => void) => {
      this.tell = listener;
    },
    hangUp: (reason?: SipReason) => {
      this.hungUp = reason;
    },
  } as unknown as Session;
}

/** A call in which the caller waits and side b is free. */
class Bench {
  readonly clock = new VirtualClock();
  readonly fed: CallInput[] = [];
  readonly sat: { readonly session: Session; readonly id: ServiceId }[] = [];
  readonly rung: Silent[] = [];
  at: Call['at'] = 'parked';
  reachable = true;
  readonly parking: CallParking;

  constructor() {
    const offer = readAudio(sdpWith('0 8 101'));
    if (offer === undefined) throw new Error('no audio');
    this.parking = new CallParking({
      media: new CallMedia('127.0.0.1', seededRandom(1), this.clock, offer),
      clock: this.clock,
      call: () => ({ at: this.at, waits: 'caller' }) as unknown as Call,
      reachable: () => this.reachable,
      ring: () => {
        const rung = new Silent();
        this.rung.push(rung);
        return rung.session;
      },
      sit: (session, id) => this.sat.push({ session, id }),
      feed: (input) => this.fed.push(input),
    });
  }
}

const guestOf = (sdp: string, left: () => void = () => undefined) => {
  const silent = new Silent();
  return { id: GUEST, session: silent.session, sdp, left, silent };
};

describe('the free place of a parked call', () => {
  it('is taken by a guest who knows a codec of the other party, and by no other', () => {
    const bench = new Bench();
    expect(bench.parking.seat(guestOf(sdpWith('18')))).toBeUndefined();
    expect(bench.parking.seat(guestOf(sdpWith('18 0')))).toContain('RTP/AVP 0\r\n');
    expect(bench.sat).toMatchObject([{ id: GUEST }]);
    bench.at = 'talking';
    expect(bench.parking.seat(guestOf(sdpWith('0')))).toBeUndefined();
  });

  it('tells once that a guest is gone', () => {
    const bench = new Bench();
    let gone = 0;
    const guest = guestOf(sdpWith('0'), () => gone++);
    bench.parking.seat(guest);
    bench.parking.leaves(guest.session);
    bench.parking.everybodyLeaves();
    expect(gone).toBe(1);
  });

  it('is offered to whoever parked the call, who sits down when he answers', () => {
    const bench = new Bench();
    bench.parking.ringBack(PARKER);
    bench.rung[0]?.tell({ type: 'answered', sdp: sdpWith('0') });
    expect(bench.sat).toMatchObject([{ id: PARKER }]);
    expect([bench.fed, bench.clock.names()]).toEqual([[], []]);
  });

  it.each([
    ['who is away', (bench: Bench) => (bench.reachable = false), () => undefined],
    ['who does not come', () => undefined, (bench: Bench) => bench.clock.advance(RECALL_FOR_MS)],
    ['who refuses', () => undefined, (bench: Bench) => bench.rung[0]?.tell(refused)],
    ['whose answer is no audio', () => undefined, (bench: Bench) => bench.rung[0]?.tell(speechless)],
  ])('is free again after somebody %s', (_who, before, after) => {
    const bench = new Bench();
    before(bench);
    bench.parking.ringBack(PARKER);
    after(bench);
    expect(bench.fed).toEqual([{ type: 'recallFailed' }]);
    expect([bench.sat, bench.clock.names()]).toEqual([[], []]);
  });

  it('is not given away twice: who was rung is called off, and a late answer is hung up on', () => {
    const bench = new Bench();
    bench.parking.ringBack(PARKER);
    bench.parking.seat(guestOf(sdpWith('0')));
    const [rung] = bench.rung;
    expect(rung?.hungUp).toMatchObject({ protocol: 'SIP', cause: 200 });
    if (rung !== undefined) rung.hungUp = null;
    rung?.tell({ type: 'answered', sdp: sdpWith('0') });
    expect(rung?.hungUp).toMatchObject({ cause: 200 });
    expect(bench.sat).toHaveLength(1);
  });
});

const refused: SessionEvent = { type: 'failed', status: 486, reason: undefined, why: undefined };
const speechless: SessionEvent = { type: 'answered', sdp: undefined };
