import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  type BrokerPlace,
  mosquittoConf,
  type NatsNode,
  natsConf,
  type ServiceKeys,
} from '../../cloud-stub/sync/index.ts';

const START_LIMIT_MS = 30_000;

/** A foreign broker, or one node of several, as a process of its own. */
export interface ForeignBroker {
  readonly pid: number | undefined;
  /** As after a power cut. */
  kill(): Promise<void>;
  /** Ends it if it runs, and starts it; resolves when it listens. */
  restart(): Promise<void>;
  /** Has it read its lists anew. */
  reload(): void;
  stop(): Promise<void>;
}

/** Writes what every node needs to be the service for gateways. */
export function layBrokerKeys(folder: string, keys: ServiceKeys): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'ca.pem'), keys.caPem);
  writeFileSync(join(folder, 'server.pem'), keys.serverCertPem);
  writeFileSync(join(folder, 'server-key.pem'), keys.serverKeyPem, { mode: 0o600 });
}

/** A mosquitto that is not started yet: its lists must be there first. */
export function mosquitto(place: BrokerPlace): ForeignBroker {
  const file = join(place.folder, 'mosquitto.conf');
  // Of root it would become another user, who may not read the keys.
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  return broker(place, () => {
    writeFileSync(file, mosquittoConf(place) + user);
    return ['/usr/sbin/mosquitto', '-c', file];
  });
}

/** Nodes of a NATS cluster, not started yet. */
export function natsCluster(
  folder: string,
  hosts: readonly string[],
  port: number,
): readonly ForeignBroker[] {
  const clusterPort = 6_222;
  const routes = hosts.map((host) => `${host}:${clusterPort}`);
  return hosts.map((host, index) => {
    const node: NatsNode = { host, port, folder, name: `n${index + 1}`, clusterPort, routes };
    return broker(node, () => {
      const file = join(folder, `${node.name}.conf`);
      writeFileSync(file, natsConf(node));
      return ['nats-server', '-c', file];
    });
  });
}

function broker(place: BrokerPlace, command: () => readonly string[]): ForeignBroker {
  let child: ChildProcess | undefined;
  let output = '';
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill(signal);
    await gone;
  };
  return {
    get pid() {
      return child?.pid;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    reload: () => void child?.kill('SIGHUP'),
    async restart() {
      await end('SIGTERM');
      const [program = '', ...flags] = command();
      const started = spawn(program, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      const collect = (chunk: Buffer): void => {
        output = (output + chunk.toString('latin1')).slice(-8_000);
      };
      started.stdout.on('data', collect);
      started.stderr.on('data', collect);
      started.on('error', (error) => collect(Buffer.from(error.message)));
      await untilListening(place, started, () => output);
    },
  };
}

async function untilListening(
  { host, port }: BrokerPlace,
  child: ChildProcess,
  output: () => string,
): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the broker at ${host}:${port} does not start:\n${output()}`);
}
