import { T38Gateway } from '../../lib/dsp/fax/t38-gateway.ts';
import { IfpPlayout } from '../../lib/voice/t38/ifp-playout.ts';
import { UdptlReceiver } from '../../lib/voice/t38/udptl-receiver.ts';
import { UdptlSender } from '../../lib/voice/t38/udptl-sender.ts';
import { CLEAN_LINK, FaxLinkLab, type FaxLinkOptions } from './fax-link.part.ts';

/** What our gateway costs for one fax. */
export interface FaxCost {
  readonly name: string;
  /** CPU of the gateway and UDPTL, for one second of one fax. */
  readonly cpuMsPerChannelSecond: number;
  /** The same for a page from the first tone to the last. */
  readonly cpuMsPerPage: number;
  readonly secondsPerPage: number;
  /** UDPTL, without UDP and IP. */
  readonly bitsPerSecond: number;
}

/** What a gateway got in one fax. */
interface Recording {
  readonly sounds: readonly Int16Array[];
  readonly arrivals: ReadonlyMap<number, readonly Uint8Array[]>;
}

const STEP_MS = 10;
/** Each fax is played again so often: CPU time is counted in steps of some milliseconds. */
const ROUNDS = 30;

/** Plays recorded faxes to a gateway, and counts what that takes. */
export function measureCost(): FaxCost[] {
  const lab = new FaxLinkLab();
  try {
    return (['out', 'in'] as const).flatMap((direction) =>
      [true, false].map((ecm) =>
        costOf(lab, `${direction}, error correction ${ecm ? 'on' : 'off'}`, { direction, ecm }),
      ),
    );
  } finally {
    lab.close();
  }
}

function costOf(lab: FaxLinkLab, name: string, some: Partial<FaxLinkOptions>): FaxCost {
  const recording = record(lab, { ...some, far: 'server', loss: 0.01 });
  replay(recording, some.ecm ?? true);
  const before = process.cpuUsage();
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) bytes = replay(recording, some.ecm ?? true);
  const used = process.cpuUsage(before);
  const cpuMs = (used.user + used.system) / 1_000 / ROUNDS;
  const seconds = (recording.sounds.length * STEP_MS) / 1_000;
  return {
    name,
    cpuMsPerChannelSecond: cpuMs / seconds,
    cpuMsPerPage: cpuMs,
    secondsPerPage: seconds,
    bitsPerSecond: (bytes * 8) / seconds,
  };
}

function record(lab: FaxLinkLab, some: Partial<FaxLinkOptions>): Recording {
  const sounds: Int16Array[] = [];
  const arrivals = new Map<number, Uint8Array[]>();
  const outcome = lab.run({
    ...some,
    listen: (sound) => sounds.push(sound.slice()),
    arrived: (udptl, nowMs) => arrivals.set(nowMs, [...(arrivals.get(nowMs) ?? []), udptl]),
  });
  if (!outcome.identical) throw new Error('the fax that was to be measured did not arrive');
  return { sounds, arrivals };
}

/** One fax through a new gateway; answers the bytes that it sent. */
function replay({ sounds, arrivals }: Recording, ecm: boolean): number {
  const { errorCorrection, redundancy, maxDatagramBytes } = CLEAN_LINK;
  const sender = new UdptlSender({ errorCorrection, redundancy, maxDatagramBytes });
  const receiver = new UdptlReceiver();
  const playout = new IfpPlayout();
  let nowMs = 0;
  const onIfp = (ifp: Uint8Array, copies: number): void => {
    sender.send(ifp, copies, nowMs);
  };
  const opened = T38Gateway.open({ version: 0, ecm, modems: 'v17', onIfp });
  if (!opened.ok) throw new Error(opened.error.say);
  const gateway = opened.value;
  const spoken = new Int16Array(sounds[0]?.length ?? 0);
  for (const sound of sounds) {
    nowMs += STEP_MS;
    for (const datagram of arrivals.get(nowMs) ?? []) playout.push(receiver.receive(datagram), nowMs);
    for (const { ifp, sequence } of playout.due(nowMs)) gateway.receiveIfp(ifp, sequence);
    gateway.hear(sound);
    sender.due(nowMs);
    gateway.speak(spoken);
  }
  gateway.close();
  return sender.figures.bytes;
}
