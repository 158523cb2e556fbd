import type { MqttWire, WireOptions } from '../../../agent/sync/mqtt-wire.ts';
import type { Timer } from '../../../lib/base/clock.ts';
import { JsonLineReader, jsonLine } from '../../../lib/base/json-lines.ts';
import type { Net, Place, SimSocket } from './network.ts';
import type { Program } from './world.ts';

/** Connecting, and silence on a connection, as the `mqtt` package has it. */
const CONNECT_LIMIT_MS = 15_000;
const KEEPALIVE_MS = 30_000;
/** Messages that wait for a client that is away. */
const QUEUE_LIMIT = 200;

interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** What goes over the wire: MQTT's packets, written so that people can read them. */
type Packet =
  | { readonly is: 'connect'; readonly client: string; readonly will: Message }
  | { readonly is: 'connack' | 'pingreq' | 'pingresp' | 'disconnect' }
  | { readonly is: 'subscribe'; readonly filters: readonly string[] }
  | { readonly is: 'suback' }
  | { readonly is: 'publish'; readonly id: number; readonly message: Message }
  | { readonly is: 'puback'; readonly id: number };

interface Subscriber {
  readonly filters: Set<string>;
  /** Not acknowledged yet, oldest first: sent again on the next connection. */
  readonly queue: { readonly id: number; readonly message: Message }[];
  socket: SimSocket | undefined;
  will: Message | undefined;
}

/**
 * A broker with the semantics of MQTT 3.1.1 as ours relies on them: QoS 1, retained messages, last will, sessions that
 * outlive connections. It dies with its program and then remembers nothing.
 */
export class SimBroker {
  readonly #program: Program;
  readonly #clients = new Map<string, Subscriber>();
  readonly #retained = new Map<string, Message>();
  readonly #up: (client: string, topic: string, payload: Buffer) => void;
  #nextId = 1;

  constructor(
    net: Net,
    program: Program,
    place: Place,
    up: (client: string, topic: string, payload: Buffer) => void,
  ) {
    this.#program = program;
    this.#up = up;
    net.listen(program, place, (socket) => this.#accept(socket));
  }

  get connections(): number {
    return [...this.#clients.values()].filter(({ socket }) => socket?.destroyed === false).length;
  }

  /** From the cloud. */
  async publish(topic: string, payload: string, retain: boolean): Promise<void> {
    if (this.#program.step(`publish ${topic}`)) this.#route({ topic, payload, retain });
  }

  #accept(socket: SimSocket): void {
    const reader = new JsonLineReader();
    let client: { readonly name: string; readonly subscriber: Subscriber } | undefined;
    let silence: Timer | undefined;
    const watch = (): void => {
      silence?.cancel();
      silence = this.#program.after(KEEPALIVE_MS * 1.5, 'broker keepalive', () => socket.destroy());
    };
    watch();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      silence?.cancel();
      if (client?.subscriber.socket !== socket) return;
      client.subscriber.socket = undefined;
      const { will } = client.subscriber;
      if (will !== undefined) this.#take(client.name, will);
    });
    socket.on('data', (chunk: Buffer) => {
      watch();
      for (const line of reader.push(chunk)) {
        if (line.kind !== 'value') continue;
        const packet = line.value as Packet;
        if (packet.is === 'connect') client = this.#connect(socket, packet.client, packet.will);
        else if (client !== undefined) this.#packet(client.name, client.subscriber, socket, packet);
      }
    });
  }

  #connect(socket: SimSocket, name: string, will: Message) {
    const before = this.#clients.get(name);
    const subscriber: Subscriber = before ?? {
      filters: new Set(),
      queue: [],
      socket: undefined,
      will: undefined,
    };
    this.#clients.set(name, subscriber);
    const old = subscriber.socket;
    // One connection a name: the older one goes, with its will.
    if (old !== undefined && subscriber.will !== undefined) this.#take(name, subscriber.will);
    subscriber.socket = socket;
    subscriber.will = will;
    old?.destroy();
    send(socket, { is: 'connack' });
    for (const { id, message } of subscriber.queue) send(socket, { is: 'publish', id, message });
    return { name, subscriber };
  }

  #packet(name: string, subscriber: Subscriber, socket: SimSocket, packet: Packet): void {
    switch (packet.is) {
      case 'subscribe':
        for (const filter of packet.filters) {
          subscriber.filters.add(filter);
          send(socket, { is: 'suback' });
          for (const message of this.#retained.values()) {
            if (matches(filter, message.topic)) this.#deliver(subscriber, message);
          }
        }
        return;
      case 'publish':
        this.#take(name, packet.message);
        send(socket, { is: 'puback', id: packet.id });
        return;
      case 'puback': {
        const at = subscriber.queue.findIndex(({ id }) => id === packet.id);
        if (at >= 0) subscriber.queue.splice(at, 1);
        return;
      }
      case 'pingreq':
        send(socket, { is: 'pingresp' });
        return;
      case 'disconnect':
        subscriber.will = undefined;
        socket.destroy();
        return;
      default:
        return;
    }
  }

  /** From a client. */
  #take(name: string, message: Message): void {
    this.#route(message);
    this.#up(name, message.topic, Buffer.from(message.payload));
  }

  #route(message: Message): void {
    if (message.retain) {
      if (message.payload === '') this.#retained.delete(message.topic);
      else this.#retained.set(message.topic, message);
    }
    for (const subscriber of this.#clients.values()) {
      if ([...subscriber.filters].some((filter) => matches(filter, message.topic))) {
        this.#deliver(subscriber, message);
      }
    }
  }

  #deliver(subscriber: Subscriber, message: Message): void {
    const entry = { id: this.#nextId++, message };
    if (subscriber.queue.length >= QUEUE_LIMIT) subscriber.queue.shift();
    subscriber.queue.push(entry);
    if (subscriber.socket !== undefined) send(subscriber.socket, { is: 'publish', ...entry });
  }

  /** Sends again what a client has not acknowledged, as a broker may at any time after a fault. */
  repeat(): void {
    for (const { queue, socket } of this.#clients.values()) {
      if (socket === undefined) continue;
      for (const { id, message } of queue) send(socket, { is: 'publish', id, message });
    }
  }
}

/** The agent's end: one connection, over the simulated network. */
export function simulatedWire(
  net: Net,
  program: Program,
  host: string,
  broker: Place,
  options: WireOptions,
): MqttWire {
  const socket = net.connect(program, host, broker);
  const reader = new JsonLineReader();
  let ended = false;
  let nextId = 1;
  let pending = options.subscribe.length;
  const timers = new Set<Timer>();
  const arm = (ms: number, name: string, run: () => void): Timer => {
    const timer = program.after(ms, name, run);
    timers.add(timer);
    return timer;
  };
  const shut = (): void => {
    for (const timer of timers) timer.cancel();
    socket.destroy();
  };
  const finish = (say: string): void => {
    if (ended) return;
    ended = true;
    shut();
    options.onEnd({ why: 'away', say });
  };
  const connecting = arm(CONNECT_LIMIT_MS, 'mqtt connect', () => finish('no CONNACK'));
  let heard = true;
  const ping = (): void => {
    if (!heard) {
      finish('no PINGRESP');
      return;
    }
    heard = false;
    send(socket, { is: 'pingreq' });
    arm(KEEPALIVE_MS, 'mqtt ping', ping);
  };
  const publish = (topic: string, payload: string | Buffer, retain: boolean): void =>
    send(socket, { is: 'publish', id: nextId++, message: { topic, payload: payload.toString(), retain } });
  socket.on('error', (error: Error) => finish(error.message));
  socket.on('close', () => finish('closed by the broker'));
  socket.on('connect', () => {
    const { topic, payload } = options.will;
    const will = { topic, payload, retain: true };
    send(socket, { is: 'connect', client: options.enrolment.gateway, will });
  });
  socket.on('data', (chunk: Buffer) => {
    heard = true;
    for (const line of reader.push(chunk)) {
      if (ended || line.kind !== 'value') continue;
      const packet = line.value as Packet;
      if (packet.is === 'connack') send(socket, { is: 'subscribe', filters: options.subscribe });
      if (packet.is === 'suback' && --pending === 0) {
        connecting.cancel();
        arm(KEEPALIVE_MS, 'mqtt ping', ping);
        options.onUp();
      }
      if (packet.is === 'publish') {
        options.onMessage(packet.message.topic, Buffer.from(packet.message.payload));
        send(socket, { is: 'puback', id: packet.id });
      }
    }
  });
  return {
    publish: (topic, payload, retain) => {
      if (!ended) publish(topic, payload, retain);
    },
    leave: async (topic, payload) => {
      ended = true;
      publish(topic, payload, true);
      send(socket, { is: 'disconnect' });
      shut();
    },
    drop: () => {
      ended = true;
      shut();
    },
  };
}

function send(socket: SimSocket, packet: Packet): void {
  socket.write(jsonLine(packet));
}

/** MQTT 3.1.1 section 4.7. */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}
