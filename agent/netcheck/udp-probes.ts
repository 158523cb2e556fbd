import type { Clock } from '../../lib/base/clock.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import {
  decodeEchoAnswer,
  type EchoAnswer,
  type EchoRequest,
  encodeEchoRequest,
} from '../../lib/contract/echo-packet.ts';
import { decodeStun, encodeStunRequest, type StunAddress, type StunMessage } from '../../lib/net/stun.ts';
import type { Mirrored } from './alg-verdict.ts';
import { firstSizes, IP_UDP_BYTES, type MtuFound, nextSizes } from './mtu-verdict.ts';
import type { NatSeen, Silence } from './nat-verdict.ts';
import { ProbeSocket, pause } from './probe-socket.ts';
import type { EchoedPacket } from './sound-verdict.ts';

/** Where the service answers. */
export interface EchoTarget {
  readonly host: string;
  readonly first: number;
  readonly second: number;
  readonly sip: number;
  readonly media: number;
}

/** What the probes are made with. */
export interface ProbeWorld {
  readonly clock: Clock;
  readonly random: Random;
}

const TRIES = 4;
const TRY_MS = 400;
const QUIET_LEAST_MS = 80;
const PACKET_MS = 20;
/** Three seconds of sound. */
const BURST_PACKETS = 150;
/** After the burst, packets that are not counted ask how many were. */
const TAIL_PACKETS = 8;
const LATE_MS = 600;
const MTU_ROUNDS = 3;
const NO_ANSWER: NatSeen = {
  ...{ local: { host: '', port: 0 }, first: undefined, second: undefined, strangersPass: false },
};

/** What STUN says of one socket, seen from two ports of the service; and whether others pass, of a second one. */
export async function probeNat(world: ProbeWorld, target: EchoTarget, localHost: string): Promise<NatSeen> {
  const [one, other] = [await open(world, target), await open(world, target)];
  if (one === undefined || other === undefined) {
    one?.close();
    other?.close();
    return NO_ANSWER;
  }
  const { host } = target;
  const first = await bind(world, one, { host, port: target.first });
  const second = await bind(world, one, { host, port: target.second });
  const stranger = await bind(world, other, { host, port: target.first }, true);
  const local = { host: localHost, port: one.localPort };
  one.close();
  other.close();
  return { local, first: first?.mapped, second: second?.mapped, strangersPass: stranger !== undefined };
}

async function bind(
  { clock, random }: ProbeWorld,
  socket: ProbeSocket,
  to: StunAddress,
  changePort = false,
): Promise<StunMessage | undefined> {
  const transaction = Buffer.from(random.bytes(12));
  let answer: StunMessage | undefined;
  socket.hear((bytes) => {
    const heard = decodeStun(bytes);
    if (heard?.kind === 'response' && heard.transaction.equals(transaction)) answer = heard;
  });
  const request = encodeStunRequest(transaction, changePort);
  await asOften(
    clock,
    () => socket.send(request, to),
    () => answer !== undefined,
  );
  return answer;
}

/** Silences of several lengths, side by side: each has a way through the NAT of its own. */
export function probeLife(
  world: ProbeWorld,
  target: EchoTarget,
  seconds: readonly number[],
): Promise<readonly Silence[]> {
  return Promise.all(
    seconds.map(async (each): Promise<Silence> => {
      const socket = await open(world, target);
      if (socket === undefined) return { seconds: each, came: false };
      const ssrc = ssrcOf(world);
      let came = false;
      socket.hear((bytes) => {
        if (decodeEchoAnswer(bytes)?.ssrc === ssrc) came = true;
      });
      // Several, because a packet may be lost; they come back together.
      for (let sequence = 0; sequence < 3; sequence++) {
        const request = encodeEchoRequest({ sequence, ssrc }, { do: 'later', delayS: each });
        socket.send(request, { host: target.host, port: target.first });
      }
      await pause(world.clock, each * 1_000);
      for (let waited = 0; waited < LATE_MS * 2 && !came; waited += 100) await pause(world.clock, 100);
      socket.close();
      return { seconds: each, came };
    }),
  );
}

/** A burst of packets like sound. */
export interface BurstSeen {
  readonly sent: number;
  readonly echoed: readonly EchoedPacket[];
  readonly counted: number;
  /** For the clock: when each was sent and came back by the time of day, and what the service's clock said. */
  readonly trips: readonly { readonly sentAt: number; readonly cameAt: number; readonly theirsAt: number }[];
}

/** Sends three seconds of packets like sound and hears what comes back. */
export async function probeSound(
  world: ProbeWorld,
  target: EchoTarget,
  packets = BURST_PACKETS,
): Promise<BurstSeen> {
  const socket = await open(world, target);
  if (socket === undefined) return { sent: 0, echoed: [], counted: 0, trips: [] };
  const { clock } = world;
  const ssrc = ssrcOf(world);
  const to = { host: target.host, port: target.media };
  const sentMs = new Map<number, number>();
  const echoed: EchoedPacket[] = [];
  const trips: BurstSeen['trips'][number][] = [];
  let counted = 0;
  const shiftMs = clock.now() - clock.monotonicMs();
  socket.hear((bytes, _from, cameMs) => {
    const answer = decodeEchoAnswer(bytes);
    const sent = answer?.ssrc === ssrc ? sentMs.get(answer.sequence) : undefined;
    if (answer === undefined || sent === undefined) return;
    counted = Math.max(counted, answer.count);
    trips.push({ sentAt: sent + shiftMs, cameAt: cameMs + shiftMs, theirsAt: answer.atMs });
    if (answer.sequence < packets) echoed.push(echoedOf(answer, sent, cameMs));
  });
  const startMs = clock.monotonicMs();
  for (let sequence = 0; sequence < packets + TAIL_PACKETS; sequence++) {
    const dueMs = startMs + sequence * PACKET_MS;
    await pause(clock, Math.max(0, dueMs - clock.monotonicMs()));
    const nowMs = clock.monotonicMs();
    sentMs.set(sequence, nowMs);
    const counts: EchoRequest = { do: 'echo', counted: sequence < packets, answerBytes: 172 };
    socket.send(encodeEchoRequest({ sequence, ssrc }, counts, undefined, nowMs), to);
  }
  // In steps, so that what has come is heard before the time is called over on a machine that was busy.
  for (let waited = 0; waited < LATE_MS; waited += 100) await pause(clock, 100);
  socket.close();
  return { sent: packets, echoed, counted, trips };
}

function echoedOf(answer: EchoAnswer, sentMs: number, cameMs: number): EchoedPacket {
  const { sequence, count, jitterMs } = answer;
  return { sequence, sentMs, cameMs, count, jitterMs };
}

/** The largest packet that passes whole, each way. */
export async function probeMtu(
  world: ProbeWorld,
  target: EchoTarget,
  interfaceMtu: number,
): Promise<MtuFound> {
  const nothing = { interfaceMtu, up: undefined, down: undefined, told: false };
  const socket = await open(world, target);
  if (socket === undefined) return nothing;
  await socket.connect({ host: target.host, port: target.first });
  const largest = (both: boolean, most: number): Promise<number | undefined> =>
    largestThatPasses(most, (sizes) => passing(world, socket, target, sizes, both));
  const up = await largest(false, interfaceMtu);
  const refusedBefore = socket.refused;
  const down = up === undefined ? undefined : await largest(true, up);
  const told = up === interfaceMtu || refusedBefore > 0;
  socket.close();
  return { interfaceMtu, up, down, told };
}

/** Closes in on the largest size that `pass` lets through, among all up to `most`. */
export async function largestThatPasses(
  most: number,
  pass: (sizes: readonly number[]) => Promise<ReadonlySet<number>>,
): Promise<number | undefined> {
  let tried: readonly number[] = firstSizes(most);
  let passed: number | undefined;
  let failed = most + 1;
  while (tried.length > 0) {
    const came = await pass(tried);
    const best = Math.max(passed ?? 0, ...came);
    if (best === 0) return undefined;
    passed = best;
    failed = Math.min(failed, ...tried.filter((size) => size > best));
    tried = nextSizes(passed, failed);
  }
  return passed;
}

async function passing(
  world: ProbeWorld,
  socket: ProbeSocket,
  target: EchoTarget,
  sizes: readonly number[],
  both: boolean,
): Promise<ReadonlySet<number>> {
  const ssrc = ssrcOf(world);
  const came = new Set<number>();
  socket.hear((bytes) => {
    const answer = decodeEchoAnswer(bytes);
    const size = answer?.ssrc === ssrc ? sizes[answer.sequence] : undefined;
    if (size !== undefined) came.add(size);
  });
  for (let round = 0; round < MTU_ROUNDS && came.size < sizes.length; round++) {
    for (const [sequence, size] of sizes.entries()) {
      if (came.has(size)) continue;
      const bytes = size - IP_UDP_BYTES;
      const request: EchoRequest = { do: 'echo', counted: false, answerBytes: both ? bytes : 0 };
      socket.send(encodeEchoRequest({ sequence, ssrc }, request, bytes), {
        host: target.host,
        port: target.first,
      });
    }
    await untilQuiet(world.clock, came, sizes.length);
  }
  return came;
}

/** Waits for all, or for several times as long as the first took: what is missing then is lost. */
async function untilQuiet(clock: Clock, came: ReadonlySet<number>, all: number): Promise<void> {
  const [fromMs, before] = [clock.monotonicMs(), came.size];
  let limitMs = TRY_MS;
  for (let waitedMs = 0; waitedMs < limitMs && came.size < all; waitedMs = clock.monotonicMs() - fromMs) {
    await pause(clock, 10);
    if (limitMs === TRY_MS && came.size > before) {
      limitMs = Math.min(TRY_MS - 1, Math.max(QUIET_LEAST_MS, 4 * (clock.monotonicMs() - fromMs)));
    }
  }
}

/** SIP requests that the service gives back as they came. */
export async function probeAlg(
  world: ProbeWorld,
  target: EchoTarget,
  localHost: string,
): Promise<readonly Mirrored[]> {
  const mirrored: Mirrored[] = [];
  for (const method of ['OPTIONS', 'INVITE']) {
    const socket = await open(world, target);
    if (socket === undefined) return mirrored;
    const local = { host: localHost, port: socket.localPort };
    const id = randomHex(world.random, 8);
    const sent = sipRequest(method, target, local, id);
    let came: string | undefined;
    socket.hear((bytes) => {
      const text = bytes.toString('latin1');
      if (!text.startsWith('SIP/2.0 ') || !text.includes(id)) return;
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      came = Buffer.from(body, 'base64').toString('latin1');
    });
    await asOften(
      world.clock,
      () => socket.send(Buffer.from(sent, 'latin1'), { host: target.host, port: target.sip }),
      () => came !== undefined,
    );
    socket.close();
    mirrored.push({ method, sent, came });
  }
  return mirrored;
}

/** With everything that a SIP ALG likes to change: Via, Contact, and addresses in a description. */
function sipRequest(method: string, target: EchoTarget, local: StunAddress, id: string): string {
  const body = [
    ...['v=0', `o=- 1 1 IN IP4 ${local.host}`, 's=-', `c=IN IP4 ${local.host}`, 't=0 0'],
    ...['m=audio 16384 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''],
  ].join('\r\n');
  return [
    `${method} sip:echo@${target.host}:${target.sip} SIP/2.0`,
    `Via: SIP/2.0/UDP ${local.host}:${local.port};rport;branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: <sip:netcheck@${local.host}>;tag=${id}`,
    `To: <sip:echo@${target.host}>`,
    `Call-ID: ${id}@${local.host}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:netcheck@${local.host}:${local.port}>`,
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** Sends until it is answered, as often as a network with much loss needs. */
async function asOften(clock: Clock, send: () => void, answered: () => boolean): Promise<void> {
  for (let tries = 0; tries < TRIES && !answered(); tries++) {
    send();
    for (let waited = 0; waited < TRY_MS && !answered(); waited += 25) await pause(clock, 25);
  }
}

async function open(world: ProbeWorld, { host }: EchoTarget): Promise<ProbeSocket | undefined> {
  const opened = await ProbeSocket.open(host, world.clock);
  return opened.ok ? opened.value : undefined;
}

function ssrcOf({ random }: ProbeWorld): number {
  return Buffer.from(random.bytes(4)).readUInt32BE(0);
}
