import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSwitch, type Switch } from '../../../cloud-stub/switch/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { ReinviteOutcome, Session, SessionEvent, UserAgent } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/index.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { Gateway, until } from './gateway.ts';
import { BASE, MemoryBook, PASSWORD, TinyDirectory } from './office.ts';

const NET = '127.57.93';
const [CLOUD, FAR, BOX] = [`${NET}.10`, `${NET}.20`, `${NET}.30`];
const authority = testAuthority();
const server = authority.issue('cloud.engawa.example');
const common = { clock: systemClock, random: systemRandom, log: silentLog() };

/** One end of a call: a media port, its session, and what it answers to offers. */
class End {
  readonly socket: Socket;
  readonly heard: Buffer[] = [];
  readonly offers: string[] = [];
  readonly #host: string;
  session: Session | undefined;
  up = false;
  over = false;
  onOffer: (event: SessionEvent & { type: 'offer' }) => void = (event) => event.refuse(488);

  constructor(host: string, socket: Socket) {
    this.#host = host;
    this.socket = socket;
    socket.on('message', (data) => this.heard.push(data));
  }

  static async open(host: string): Promise<End> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind({ address: host, port: 0 }, resolve));
    return new End(host, socket);
  }

  take(session: Session): void {
    this.session = session;
    session.listen((event) => {
      if (event.type === 'answered') this.up = true;
      if (event.type === 'ended' || event.type === 'failed') this.over = true;
      if (event.type !== 'offer') return;
      this.offers.push(event.sdp);
      this.onOffer(event);
    });
  }

  /** `audio`, `image`, `audio+image`, in this order; a medium with `!` is refused. */
  sdp(media: string, version = 1): string {
    const { port } = this.socket.address();
    const lines = media.split('+').flatMap((one) => {
      const at = one.endsWith('!') ? 0 : port;
      return one.startsWith('audio')
        ? [`m=audio ${at} RTP/AVP 0`]
        : [
            `m=image ${at} udptl t38`,
            'a=T38FaxVersion:0',
            'a=T38MaxBitRate:14400',
            'a=T38FaxUdpEC:t38UDPRedundancy',
          ];
    });
    const head = ['v=0', `o=- 5 ${version} IN IP4 ${this.#host}`, 's=-', `c=IN IP4 ${this.#host}`, 't=0 0'];
    return [...head, ...lines, ''].join('\r\n');
  }

  offer(media: string, version = 2): Promise<ReinviteOutcome> {
    return new Promise((resolve) => this.session?.reinvite(this.sdp(media, version), resolve));
  }

  /** Sends to the medium of a description and says what. */
  send(sdp: string | undefined, medium: 'audio' | 'image', bytes: Buffer): void {
    this.socket.send(bytes, portOf(sdp, medium), CLOUD);
  }
}

function portOf(sdp: string | undefined, medium: 'audio' | 'image'): number {
  return Number(new RegExp(`m=${medium} (\\d+)`).exec(sdp ?? '')?.[1] ?? 0);
}

const media = (sdp: string | undefined): string[] =>
  [...(sdp ?? '').matchAll(/m=(\w+) (\d+)/g)].map(([, type, port]) => `${type}${port === '0' ? '!' : ''}`);

/** A UDPTL packet (T.38 §9.1): sequence number, one IFP of a byte, no redundancy. */
const udptl = (sequence: number): Buffer => Buffer.from([sequence >> 8, sequence & 0xff, 1, 6, 0, 0]);
const rtp = (sequence: number): Buffer =>
  Buffer.concat([Buffer.from([0x80, 0, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 9]), Buffer.alloc(160, 0xff)]);

const book = new MemoryBook([]);
let cloud: Switch;
let far: UserAgent;
let box: Gateway;
let [boxEnd, farEnd] = [] as unknown as [End, End];

beforeAll(async () => {
  cloud = createSwitch({
    ...common,
    host: CLOUD,
    tls: { certPem: server.cert, keyPem: server.key },
    carrier: { host: FAR, port: 5060 },
    realm: 'engawa.example',
    domain: 'engawa.example',
    directory: new TinyDirectory(),
    book,
  });
  far = createUserAgent({
    ...common,
    product: 'far-end',
    listeners: [{ transport: 'udp', host: FAR, port: 5060 }],
    localHost: FAR,
    onInvite: (session) => {
      farEnd.take(session);
      session.answer(farEnd.sdp('audio'));
    },
  });
  box = new Gateway(BOX, { host: CLOUD, port: 5061 }, authority.caPem);
  await cloud.start();
  await far.start();
  await box.start([BASE]);
});
afterAll(async () => {
  await Promise.all([box.agent.stop(), far.stop()]);
  await cloud.stop();
});

beforeEach(async () => {
  for (const end of [boxEnd, farEnd]) end?.session?.hangUp();
  await until(() => cloud.figures().calls === 0, 'the end of the last call');
  boxEnd?.socket.close();
  farEnd?.socket.close();
  [boxEnd, farEnd] = [await End.open(BOX), await End.open(FAR)];
  boxEnd.take(
    box.agent.invite({
      to: { transport: 'tls', host: CLOUD, port: 5061 },
      requestUri: 'sip:0355550160@engawa.example;user=phone',
      from: { uri: `sip:${BASE}@engawa.example` },
      toUri: 'sip:0355550160@engawa.example;user=phone',
      sdp: boxEnd.sdp('audio'),
      credentials: { user: BASE, password: PASSWORD },
    }),
  );
  await until(() => boxEnd.up, 'the answer');
  await until(() => book.last().answeredBy !== undefined, 'the record');
  await new Promise((resolve) => setTimeout(resolve, 60));
});

const takes = (end: End, what: string) => {
  end.onOffer = (event) => event.answer(end.sdp(what, 2));
};

/** UDPTL passes both ways between the ends, each at the port that it was told. */
async function faxPasses(boxSdp: string | undefined, farSdp: string | undefined): Promise<void> {
  boxEnd.heard.length = 0;
  farEnd.heard.length = 0;
  for (let n = 0; n < 5; n++) {
    boxEnd.send(boxSdp, 'image', udptl(n));
    farEnd.send(farSdp, 'image', udptl(100 + n));
  }
  const five = (end: End) => end.heard.filter((data) => data.length === 6).length === 5;
  await until(() => five(boxEnd) && five(farEnd), 'the packets of both ways');
  expect(farEnd.heard.filter((data) => data.length === 6)).toEqual([0, 1, 2, 3, 4].map(udptl));
  expect(boxEnd.heard.filter((data) => data.length === 6)).toEqual([100, 101, 102, 103, 104].map(udptl));
}

async function audioPasses(): Promise<void> {
  const answered = boxEnd.session?.snapshot()?.remoteSdp;
  farEnd.heard.length = 0;
  boxEnd.send(answered, 'audio', rtp(1));
  await until(() => farEnd.heard.some((data) => data.length === 172), 'the audio');
}

describe('a fax through the switch', () => {
  it('that the network’s side offers passes UDPTL both ways, and goes back to audio', async () => {
    takes(boxEnd, 'image');
    const outcome = await farEnd.offer('image');
    if (!outcome.ok) throw new Error(`refused with ${outcome.status}`);
    const [offered] = boxEnd.offers;
    expect(media(offered)).toEqual(['image']);
    expect(offered).toContain('a=T38MaxBitRate:14400');
    for (const text of [offered, outcome.sdp]) {
      expect(text).toContain(`c=IN IP4 ${CLOUD}`);
      expect(text).not.toMatch(new RegExp(`${FAR}|${BOX}`));
    }
    await faxPasses(offered, outcome.sdp);
    takes(farEnd, 'audio');
    const back = await boxEnd.offer('audio', 3);
    expect(back.ok && media(back.sdp)).toEqual(['audio']);
    await audioPasses();
  });

  it('that the box offers passes both ways, with the audio line kept at port 0 when it is', async () => {
    takes(farEnd, 'audio!+image');
    const outcome = await boxEnd.offer('audio!+image');
    expect(media(farEnd.offers[0])).toEqual(['audio!', 'image']);
    expect(outcome.ok && media(outcome.sdp)).toEqual(['audio!', 'image']);
    await faxPasses(outcome.ok ? outcome.sdp : '', farEnd.offers[0]);
    // Back with the one line that audio needs: the other dialog has two, and keeps them.
    takes(farEnd, 'audio+image!');
    const back = await boxEnd.offer('audio', 3);
    expect(media(farEnd.offers[1])).toEqual(['audio', 'audio!']);
    expect(back.ok && media(back.sdp)).toEqual(['audio']);
    await audioPasses();
  });

  it('offered beside live audio goes on as fax alone, and is answered in the shape of its offer', async () => {
    takes(boxEnd, 'audio!+image');
    const outcome = await farEnd.offer('audio+image');
    expect(media(boxEnd.offers[0])).toEqual(['audio!', 'image']);
    expect(outcome.ok && media(outcome.sdp)).toEqual(['audio!', 'image']);
    await faxPasses(boxEnd.offers[0], outcome.ok ? outcome.sdp : '');
  });

  it('offered beside live audio and refused by the other party leaves audio, agreed anew', async () => {
    boxEnd.onOffer = (event) => event.refuse(488);
    const outcome = await farEnd.offer('audio+image');
    expect(outcome.ok && media(outcome.sdp)).toEqual(['audio', 'image!']);
    expect(boxEnd.offers).toHaveLength(1);
    await audioPasses();
  });

  it.each([488, 415, 606, 501])(
    'refused with %d is refused with 488, and the call goes on',
    async (status) => {
      boxEnd.onOffer = (event) => event.refuse(status);
      expect(await farEnd.offer('image')).toEqual({ ok: false, status: 488 });
      await audioPasses();
      // The next offer of audio is still one of this dialog.
      expect(await farEnd.offer('audio', 3)).toMatchObject({ ok: true });
      expect(boxEnd.offers).toHaveLength(1);
      expect([boxEnd.over, farEnd.over]).toEqual([false, false]);
    },
  );

  it('answered without any media is refused, and whoever answered so is offered its audio again', async () => {
    boxEnd.onOffer = (event) =>
      event.answer(boxEnd.sdp(event.sdp.includes('image') ? 'image!' : 'audio', boxEnd.offers.length + 1));
    expect(await farEnd.offer('image')).toEqual({ ok: false, status: 488 });
    await until(() => boxEnd.offers.length === 2, 'the offer of audio');
    expect(media(boxEnd.offers[1])).toEqual(['audio']);
    await audioPasses();
  });

  it('offered by both at once: each gets 491, and whoever tries again gets through', async () => {
    for (const end of [boxEnd, farEnd]) end.onOffer = (event) => event.answer(end.sdp('image', 3));
    const both = await Promise.all([boxEnd.offer('image'), farEnd.offer('image')]);
    const refused = both.filter((one) => !one.ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one).toEqual({ ok: false, status: 491 });
    const again = await boxEnd.offer('image', 4);
    expect(again.ok && media(again.sdp)).toEqual(['image']);
    await faxPasses(again.ok ? again.sdp : '', farEnd.offers.at(-1) ?? (both[1]?.ok ? both[1].sdp : ''));
  });

  it('that waits for its answer keeps another offer of the same side off with 491', async () => {
    let later: (SessionEvent & { type: 'offer' }) | undefined;
    boxEnd.onOffer = (event) => {
      later = event;
    };
    const first = farEnd.offer('image');
    await until(() => later !== undefined, 'the offer at the box');
    expect(await boxEnd.offer('audio', 2)).toEqual({ ok: false, status: 491 });
    later?.answer(boxEnd.sdp('image', 3));
    expect(await first).toMatchObject({ ok: true });
  });

  it('refreshed with the same description is answered here, unchanged, and the pages go on', async () => {
    takes(boxEnd, 'image');
    const first = await farEnd.offer('image', 2);
    const again = await farEnd.offer('image', 2);
    expect(again).toEqual(first);
    expect(boxEnd.offers).toHaveLength(1);
    // At another address it is no refresh.
    const moved = await End.open(FAR);
    const outcome = await new Promise<ReinviteOutcome>((resolve) =>
      farEnd.session?.reinvite(moved.sdp('image', 3), resolve),
    );
    expect(outcome.ok).toBe(true);
    expect(boxEnd.offers).toHaveLength(2);
    boxEnd.send(boxEnd.offers[1], 'image', udptl(7));
    await until(() => moved.heard.length === 1, 'the packet at the new address');
    moved.socket.close();
  });

  it('that the other party hangs up on in the middle ends like any call', async () => {
    takes(boxEnd, 'image');
    await farEnd.offer('image');
    farEnd.session?.hangUp();
    await until(() => boxEnd.over, 'the release');
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'answeredThenCalleeHungUp' });
  });
});
