import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import { EngawaRelay } from './relay-engawa.part.ts';
import type { LoadOrder, LoadResult, MeasuredRelay } from './relay-order.part.ts';
import { RtpengineRelay } from './relay-rtpengine.part.ts';

export const describe =
  'packets passed on: processor time and delay at 50, 100 and 200 calls, beside rtpengine; --srtp, --soak MIN';

const LOAD = '127.68.9.1';
const ENGAWA = '127.68.9.2';
const RTPENGINE = '127.68.9.3';
const ENCRYPTED = '127.68.9.4';
const FIRST_PORT = 16_384;
const TICK_MS = 10;
/** All calls have the same keys: it is a bench. */
const KEYS = {
  suite: 'AES_CM_128_HMAC_SHA1_80',
  local: Buffer.alloc(30, 7).toString('base64'),
  remote: Buffer.alloc(30, 8).toString('base64'),
} as const;

interface Row {
  readonly calls: number;
  readonly relay: string;
  readonly cpuUs: number;
  readonly result: LoadResult;
}

/** The load process: one order after the other. */
class Load {
  readonly #child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'relay-load.part.ts')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  #answered: (result: LoadResult) => void = () => {};

  constructor() {
    const reader = new JsonLineReader();
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk))
        if (line.kind === 'value') this.#answered(line.value as LoadResult);
    });
  }

  run(order: LoadOrder): Promise<LoadResult> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#child.stdin?.write(jsonLine(order));
    });
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}

/** User and system time of a process, all its threads, in ms. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function measure(
  load: Load,
  relay: MeasuredRelay | undefined,
  calls: number,
  seconds: number,
): Promise<Row> {
  const ports = Array.from({ length: 2 * calls }, (_, index) => FIRST_PORT + 2 * index);
  const relayPorts = relay === undefined ? crossed(ports) : await relay.call(LOAD, ports);
  const streams = ports.map((localPort, index) => ({ localPort, port: relayPorts[index] ?? 0 }));
  const pid = relay?.pid;
  const before = pid === undefined ? 0 : cpuMsOf(pid);
  const result = await load.run({
    host: LOAD,
    relayHost: relay?.host ?? LOAD,
    streams,
    seconds,
    srtp: relay?.srtp,
  });
  const spentMs = pid === undefined ? 0 : cpuMsOf(pid) - before;
  await relay?.hangUp();
  // The two seconds of settling cost, too, and are not among the packets that are counted.
  const packets = (result.sent * (seconds + 2)) / seconds;
  return { calls, relay: relay?.name ?? 'none', cpuUs: (1_000 * spentMs) / packets, result };
}

/** Without a relay each end sends to the other. */
function crossed(ports: readonly number[]): number[] {
  return ports.map((_, index) => ports[index % 2 === 0 ? index + 1 : index - 1] ?? 0);
}

function print(rows: readonly Row[]): void {
  const head = ['calls', 'relay', 'µs/packet', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'lost'];
  const lines = [head.map((name, at) => name.padEnd(at === 1 ? 14 : 11)).join('')];
  for (const row of rows) {
    const direct = rows.find(({ calls, relay }) => calls === row.calls && relay === 'none')?.result;
    const { sent, arrived, p50Ms, p99Ms } = row.result;
    const added = (ms: number): string =>
      row.relay === 'none' || direct === undefined ? '' : Math.max(0, ms - direct.p50Ms).toFixed(2);
    lines.push(
      [
        String(row.calls).padEnd(11),
        row.relay.padEnd(14),
        (row.relay === 'none' ? '' : row.cpuUs.toFixed(1)).padEnd(11),
        p50Ms.toFixed(2).padEnd(11),
        p99Ms.toFixed(2).padEnd(11),
        added(p50Ms).padEnd(11),
        added(p99Ms).padEnd(11),
        String(sent - arrived),
      ].join(''),
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Memory of the media process while calls pass, a line a minute. */
async function soak(minutes: number, calls: number): Promise<void> {
  const load = new Load();
  const relay = await EngawaRelay.start(ENGAWA);
  try {
    for (let minute = 0; minute <= minutes; minute++) {
      const row = await measure(load, relay, calls, minute === 0 ? 10 : 58);
      const { rssBytes, heapBytes } = await relay.figures();
      const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
      const { sent, arrived, p99Ms } = row.result;
      process.stdout.write(
        `minute ${minute}: ${calls} calls, heap ${mb(heapBytes)} MB, resident ${mb(rssBytes)} MB, ` +
          `${row.cpuUs.toFixed(1)} µs/packet, p99 ${p99Ms.toFixed(2)} ms, lost ${sent - arrived} of ${sent}\n`,
      );
    }
  } finally {
    load.stop();
    await relay.stop();
  }
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string', default: '50,100,200' },
      seconds: { type: 'string', default: '10' },
      srtp: { type: 'boolean', default: false },
      soak: { type: 'string' },
    },
  });
  const counts = values.calls.split(',').map(Number);
  if (values.soak !== undefined) {
    await soak(Number(values.soak), counts.at(-1) ?? 100);
    return;
  }
  const load = new Load();
  const relays: MeasuredRelay[] = [];
  const rows: Row[] = [];
  try {
    relays.push(await EngawaRelay.start(ENGAWA));
    relays.push(await RtpengineRelay.start(RTPENGINE));
    if (values.srtp) relays.push(await EngawaRelay.start(ENCRYPTED, KEYS));
    for (const calls of counts) {
      for (const relay of [undefined, ...relays])
        rows.push(await measure(load, relay, calls, Number(values.seconds)));
    }
  } finally {
    load.stop();
    for (const relay of relays) await relay.stop();
  }
  print(rows);
  const load1 = loadavg()[0] ?? 0;
  process.stdout.write(
    `load of the machine ${load1.toFixed(1)}; the ends of the calls run on the same processors\n`,
  );
}
