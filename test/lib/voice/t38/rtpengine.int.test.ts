import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaxBuffer } from '../../../../agent/media/fax-buffer.ts';
import { seededRandom } from '../../../../lib/base/random.ts';
import type { FaxMachineOptions } from '../../../../lib/dsp/fax/fax-options.ts';
import { comparePages, readPages, writePages } from '../../../../lib/dsp/fax/page-file.ts';
import { drawTestPage } from '../../../../lib/dsp/fax/test-page.ts';
import { decodeRtp, encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import { makeOffer, readAnswer } from '../../../../lib/voice/sdp/index.ts';
import { makeImageOffer, readImageAnswer } from '../../../../lib/voice/t38/image-media.ts';
import { OUR_T38, type T38Parameters } from '../../../../lib/voice/t38/t38-parameters.ts';
import { CLEAN_LINK } from '../../../../scripts/benches/fax-link.part.ts';
import { BoxSide, type Crossing } from '../../../../scripts/benches/fax-side.part.ts';
import { Rtpengine } from '../../../../scripts/benches/rtpengine.part.ts';

const ENGINE = '127.51.38.1';
const BOX = '127.51.38.2';
const MACHINE = '127.51.38.3';
const MOST_SECONDS = 75;
/** The other machine's user hangs up so long after the first is done. */
const HANG_UP_MS = 4_000;
const STEP_MS = 10;
/** What rtpengine is late on a busy machine, the other machine does not hear: a network has a processor of its own. */
const FAR_BUFFER = 400 * 8;

interface Case {
  readonly name: string;
  /** `out`: the machine behind our gateway sends. */
  readonly direction: 'out' | 'in';
  readonly parameters?: Partial<T38Parameters>;
  readonly ecm?: boolean;
  /** Lost of the datagrams between our gateway and rtpengine, each way. */
  readonly loss?: number;
}

const CASES: readonly Case[] = [
  { name: 'redundancy, out', direction: 'out' },
  { name: 'redundancy, in', direction: 'in' },
  { name: 'parity, out', direction: 'out', parameters: { errorCorrection: 'fec' } },
  { name: 'parity, in, 3 % lost', direction: 'in', parameters: { errorCorrection: 'fec' }, loss: 0.03 },
  { name: 'redundancy, out, 3 % lost', direction: 'out', loss: 0.03 },
  { name: 'no error correction in the machines, in', direction: 'in', ecm: false },
  { name: 'version 3, out', direction: 'out', parameters: { version: 3 } },
  { name: 'version 3, in', direction: 'in', parameters: { version: 3 } },
];

const PAGES = [drawTestPage('letter', 'standard', 1)];

let folder: string;
let engine: Rtpengine;
const outcomes = new Map<string, Promise<Awaited<ReturnType<typeof fax>>>>();

async function boundSocket(host: string): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

/** Our gateway ↔ T.38 ↔ rtpengine ↔ G.711 ↔ a fax machine, in real time. */
async function fax(one: Case, index: number) {
  const [boxSocket, machineSocket] = await Promise.all([boundSocket(BOX), boundSocket(MACHINE)]);
  const ours = { ...OUR_T38, ...one.parameters };
  const call = { 'call-id': `fax-${index}`, ICE: 'remove' };
  const local = { id: index, version: 1 };
  const offer = makeImageOffer({ ...local, host: BOX, port: boxSocket.address().port, parameters: ours });
  const asAudio = await engine.describe('offer', {
    ...call,
    'from-tag': 'a',
    sdp: offer,
    'T.38': ['decode'],
  });
  const answer = makeOffer({ ...local, host: MACHINE, port: machineSocket.address().port });
  const asImage = await engine.describe('answer', { ...call, 'from-tag': 'a', 'to-tag': 'b', sdp: answer });
  const audio = readAnswer(asAudio);
  const image = readImageAnswer(asImage, ours);
  if (!audio.ok || !image.ok) throw new Error(`${asAudio}\n${asImage}`);
  const { agreement } = image.value;
  const files = { sendFile: join(folder, 'sent.tiff'), receiveFile: join(folder, `received-${index}.tiff`) };
  const [near, far] = machinesOf(one, files);
  const random = seededRandom(index + 1);
  const lost = (): boolean => random.fraction() < (one.loss ?? 0);
  const style = { ...CLEAN_LINK, ...agreement, ecm: true };
  const box = new BoxSide(near, style, 0, undefined, (crossing: Crossing) => {
    if ('udptl' in crossing && !lost()) boxSocket.send(crossing.udptl, image.value.port, image.value.host);
  });
  const toEngine = (crossing: Crossing): void => {
    if ('rtp' in crossing) machineSocket.send(encodeRtp(crossing.rtp), audio.value.port, audio.value.host);
  };
  const other = new BoxSide(
    far,
    style,
    Number.POSITIVE_INFINITY,
    undefined,
    toEngine,
    undefined,
    new FaxBuffer(FAR_BUFFER),
  );
  boxSocket.on('message', (udptl) => {
    if (!lost()) box.receive({ udptl });
  });
  machineSocket.on('message', (datagram) => {
    const rtp = decodeRtp(datagram);
    if (rtp.ok) other.receive({ rtp: rtp.value });
  });
  await untilEnd(box, other);
  const ends = [box.machine.end, other.machine.end];
  const received = box.received.counters;
  for (const side of [box, other]) side.machine.terminate();
  const read = readPages(files.receiveFile);
  const { identical } = comparePages(PAGES, read.ok ? read.value : []);
  for (const side of [box, other]) side.close();
  for (const socket of [boxSocket, machineSocket]) socket.close();
  return { identical, said: ends.map((end) => end?.say), agreement, received };
}

/** The machines and the gateways are one clock: other tests must not stop it. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // Not everybody may.
  }
}

function machinesOf(
  one: Case,
  files: { readonly sendFile: string; readonly receiveFile: string },
): [near: FaxMachineOptions, far: FaxMachineOptions] {
  const shared = { modems: 'v17' as const, ecm: one.ecm ?? true, onEnd: () => undefined };
  const caller = { ...shared, calling: true, ident: '0355550160', sendFile: files.sendFile };
  const answerer = { ...shared, calling: false, ident: '0355550100', receiveFile: files.receiveFile };
  return one.direction === 'out' ? [caller, answerer] : [answerer, caller];
}

/** Steps both sides with the clock of the machine; steps that were missed are made up for. */
function untilEnd(...sides: readonly BoxSide[]): Promise<void> {
  const started = performance.now();
  let nowMs = 0;
  let hangUpMs = MOST_SECONDS * 1_000;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      while (nowMs + STEP_MS <= performance.now() - started) {
        nowMs += STEP_MS;
        for (const side of sides) side.step(nowMs);
      }
      const ended = sides.filter(({ machine }) => machine.end !== null).length;
      if (ended > 0) hangUpMs = Math.min(hangUpMs, nowMs + HANG_UP_MS);
      if (ended < sides.length && nowMs < hangUpMs) return;
      clearInterval(timer);
      resolve();
    }, STEP_MS);
  });
}

describe('a fax between our gateway and rtpengine', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-rtpengine-'));
    const written = writePages(join(folder, 'sent.tiff'), PAGES);
    if (!written.ok) throw new Error(written.error.say);
    goFirst();
    engine = await Rtpengine.start(ENGINE, 22_222);
    // All at once: each takes its time.
    for (const [index, one] of CASES.entries()) outcomes.set(one.name, fax(one, index));
    await Promise.allSettled(outcomes.values());
  }, 180_000);

  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(CASES)('$name: the page arrives dot by dot', async ({ name, parameters, loss }) => {
    const outcome = await outcomes.get(name);
    expect(outcome).toMatchObject({ identical: true });
    expect(outcome?.agreement.errorCorrection).toBe(parameters?.errorCorrection ?? 'redundancy');
    expect(outcome?.agreement.version).toBe(parameters?.version ?? 0);
    expect(outcome?.received.malformed).toBe(0);
    if (loss !== undefined) expect(outcome?.received.recovered).toBeGreaterThan(0);
  });
});
