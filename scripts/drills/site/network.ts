import { EventEmitter } from 'node:events';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import type { DatagramSocket, Datagrams, TakeBytes } from '../../../lib/net/datagram-pool.ts';
import type { Program, World } from './world.ts';

/** An address of the simulated network. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What a way does to what goes over it. */
export interface Weather {
  /** Share of datagrams that get lost; connections only become slower. */
  loss: number;
  delayMs: number;
  jitterMs: number;
  /** Share of datagrams that come twice. */
  duplicate: number;
  cut: boolean;
}

export const FAIR: Weather = { loss: 0, delayMs: 8, jitterMs: 4, duplicate: 0, cut: false };

interface Hearer {
  readonly program: Program;
  readonly take: (bytes: Buffer, from: Place) => void;
}

/** Seen by the judge: a datagram as it leaves, and as it arrives. */
export interface NetTap {
  sent?(bytes: Buffer, from: Place, to: Place): void;
  arrived?(bytes: Buffer, from: Place, to: Place): void;
}

/** How long a connection to a place that cannot be reached is tried. */
const CONNECT_LIMIT_MS = 8_000;

/** Datagrams and connections between programs, over ways with weather. */
export class Net {
  readonly world: World;
  readonly #ways = new Map<string, Weather>();
  readonly #ports = new Map<string, Hearer>();
  readonly #listeners = new Map<string, { program: Program; accept: (socket: SimSocket) => void }>();
  readonly #held: { readonly way: Weather; readonly deliver: () => void }[] = [];
  readonly taps: NetTap[] = [];
  #nextPort = 40_000;

  constructor(world: World) {
    this.world = world;
  }

  /** The way between two hosts, to be changed. */
  way(one: string, other: string): Weather {
    const key = one < other ? `${one} ${other}` : `${other} ${one}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const fresh = one === other ? { ...FAIR, delayMs: 0, jitterMs: 0 } : { ...FAIR };
    this.#ways.set(key, fresh);
    return fresh;
  }

  /** What connections held while the way was cut arrives now. */
  mend(way: Weather): void {
    way.cut = false;
    const waiting = this.#held.filter((one) => one.way === way);
    for (const one of waiting) this.#held.splice(this.#held.indexOf(one), 1);
    this.world.later(this.world.between(5, 400), 'mended', () => {
      for (const one of waiting) one.deliver();
    });
  }

  /** Sockets that are open on `host`. */
  open(host: string): number {
    return [...this.#ports.keys()].filter((key) => key.startsWith(`${host}:`)).length;
  }

  // --- datagrams ---

  bind(program: Program, place: Place, take: (bytes: Buffer, from: Place) => void): (() => void) | undefined {
    const key = keyOf(place);
    const there = this.#ports.get(key);
    if (there?.program.alive === true) return undefined;
    const hearer = { program, take };
    this.#ports.set(key, hearer);
    const free = (): void => {
      if (this.#ports.get(key) === hearer) this.#ports.delete(key);
    };
    program.onDeath(free);
    return free;
  }

  send(program: Program, bytes: Uint8Array, from: Place, to: Place): void {
    if (!program.step('a datagram')) return;
    const copy = Buffer.from(bytes);
    for (const tap of this.taps) tap.sent?.(copy, from, to);
    const way = this.way(from.host, to.host);
    const copies = way.duplicate > 0 && this.world.chance(way.duplicate) ? 2 : 1;
    for (let count = 0; count < copies; count++) {
      if (way.loss > 0 && this.world.chance(way.loss)) continue;
      const delayMs = way.delayMs + (way.jitterMs === 0 ? 0 : this.world.between(0, way.jitterMs));
      this.world.later(delayMs + program.lagMs, 'datagram', () => {
        if (way.cut) return;
        const hearer = this.#ports.get(keyOf(to));
        if (hearer === undefined) return;
        for (const tap of this.taps) tap.arrived?.(copy, from, to);
        hearer.program.run(() => hearer.take(count === 0 ? copy : Buffer.from(copy), from));
      });
    }
  }

  /** UDP sockets of one program, as the media process opens them. */
  datagrams(program: Program): Datagrams {
    return {
      look: () => undefined,
      open: (host, port, take) => SimDatagrams.open(this, program, { host, port }, take),
    };
  }

  // --- connections ---

  listen(program: Program, place: Place, accept: (socket: SimSocket) => void): () => void {
    const key = keyOf(place);
    const listener = { program, accept };
    this.#listeners.set(key, listener);
    const stop = (): void => {
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
    };
    program.onDeath(stop);
    return stop;
  }

  /** A connection that is being made: `connect`, or `error` and `close`, come later. */
  connect(program: Program, from: string, to: Place): SimSocket {
    const here: Place = { host: from, port: this.#nextPort++ };
    const socket = new SimSocket(this, program, here, to);
    if (!program.step('a connection')) return socket;
    const way = this.way(from, to.host);
    const delayMs = 2 * this.#delay(way) + program.lagMs;
    const fail = (say: string): void => program.run(() => socket.destroy(new Error(say)));
    this.world.later(way.cut ? CONNECT_LIMIT_MS : delayMs, 'connect', () => {
      const listener = this.#listeners.get(keyOf(to));
      if (way.cut) return fail('connect ETIMEDOUT');
      if (listener === undefined || !listener.program.alive) return fail('connect ECONNREFUSED');
      if (socket.destroyed || !program.alive) return;
      const far = new SimSocket(this, listener.program, to, here);
      socket.join(far);
      far.join(socket);
      listener.program.run(() => listener.accept(far));
      program.run(() => socket.emit('connect'));
    });
    return socket;
  }

  /** Over a connection everything comes, once and in order; loss and cuts only make it late. Answers when. */
  carry(way: Weather, notBeforeMs: number, lagMs: number, deliver: () => void): number {
    const { nowMs } = this.world;
    const again = way.loss > 0 && this.world.chance(way.loss) ? this.world.between(200, 900) : 0;
    const atMs = Math.max(notBeforeMs, nowMs + lagMs + this.#delay(way) + again);
    this.world.later(atMs - nowMs, 'carry', () => {
      // In order: what comes after something that is held is held behind it.
      if (way.cut || this.#held.some((one) => one.way === way)) this.#held.push({ way, deliver });
      else deliver();
    });
    return atMs;
  }

  #delay(way: Weather): number {
    return way.delayMs + (way.jitterMs === 0 ? 0 : this.world.between(0, way.jitterMs));
  }
}

/** One end of a connection; what of `net.Socket` our shells use. */
export class SimSocket extends EventEmitter {
  readonly local: Place;
  readonly remote: Place;
  readonly writableLength = 0;
  readonly #net: Net;
  readonly #program: Program;
  #far: SimSocket | undefined;
  #arrivalMs = 0;
  #closed = false;

  constructor(net: Net, program: Program, local: Place, remote: Place) {
    super();
    this.#net = net;
    this.#program = program;
    this.local = local;
    this.remote = remote;
    program.onDeath(() => this.#hangUp());
  }

  get destroyed(): boolean {
    return this.#closed;
  }

  join(far: SimSocket): void {
    this.#far = far;
  }

  write(bytes: string | Uint8Array, written?: (error?: Error) => void): boolean {
    const far = this.#far;
    if (this.#closed || far === undefined || !this.#program.step('bytes on a connection')) return false;
    const copy = Buffer.from(bytes);
    this.#carry(() => far.#program.run(() => !far.#closed && far.emit('data', copy)));
    if (written !== undefined) queueMicrotask(() => written());
    return true;
  }

  end(bytes?: string | Uint8Array): void {
    if (bytes !== undefined) this.write(bytes);
    this.destroy();
  }

  destroySoon(): void {
    this.destroy();
  }

  /** Its own `close` comes a moment later, as the machine's does. */
  destroy(error?: Error): void {
    if (this.#closed) return;
    this.#hangUp();
    this.#net.world.later(this.#program.lagMs, 'closed', () =>
      this.#program.run(() => {
        if (error !== undefined) this.emit('error', error);
        this.emit('close');
      }),
    );
  }

  setNoDelay(): void {}

  setKeepAlive(): void {}

  #hangUp(): void {
    if (this.#closed) return;
    this.#closed = true;
    const far = this.#far;
    if (far === undefined) return;
    this.#carry(() => far.#program.run(() => far.#gone()));
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close');
  }

  #carry(deliver: () => void): void {
    const way = this.#net.way(this.local.host, this.remote.host);
    this.#arrivalMs = this.#net.carry(way, this.#arrivalMs, this.#program.lagMs, deliver);
  }
}

/** A UDP socket as the media process uses it. */
class SimDatagrams implements DatagramSocket {
  readonly host: string;
  readonly port: number;
  errors = 0;
  connected = false;
  readonly #net: Net;
  readonly #program: Program;
  #free: (() => void) | undefined;
  #peer: Place | undefined;

  private constructor(net: Net, program: Program, { host, port }: Place) {
    this.#net = net;
    this.#program = program;
    this.host = host;
    this.port = port;
  }

  static open(net: Net, program: Program, place: Place, take: TakeBytes): ReturnType<Datagrams['open']> {
    const socket = new SimDatagrams(net, program, place);
    socket.#free = net.bind(program, place, (bytes, from) => {
      const peer = socket.#peer;
      if (peer === undefined) take(bytes, from.host, from.port);
      else if (peer.host === from.host && peer.port === from.port) take(bytes, '', 0);
    });
    if (socket.#free !== undefined) return ok(socket);
    return refuse({ code: 'net.portTaken', fault: 'environment', say: `Port ${place.port} is taken.` });
  }

  connect(host: string, port: number): ReturnType<DatagramSocket['connect']> {
    this.#peer = { host, port };
    this.connected = true;
    return ok(null) satisfies Result<null>;
  }

  disconnect(): void {
    this.#peer = undefined;
    this.connected = false;
  }

  send(bytes: Uint8Array): boolean {
    return this.#peer !== undefined && this.sendTo(bytes, this.#peer.host, this.#peer.port);
  }

  sendTo(bytes: Uint8Array, host: string, port: number): boolean {
    if (this.#free === undefined) return false;
    this.#net.send(this.#program, bytes, this, { host, port });
    return true;
  }

  close(): void {
    this.#free?.();
    this.#free = undefined;
    this.connected = false;
  }
}

export function keyOf({ host, port }: Place): string {
  return `${host}:${port}`;
}
