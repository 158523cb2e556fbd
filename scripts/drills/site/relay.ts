import type { Relay, RelaySide } from '../../../cloud-stub/media/relay.ts';
import { SessionSecurity } from '../../../lib/voice/srtp/session-security.ts';
import type { Net, Place } from './network.ts';
import type { Program } from './world.ts';

const FIRST_PORT = 16_384;

interface Side {
  readonly place: Place;
  readonly security: SessionSecurity;
  readonly free: (() => void) | undefined;
  remote: Place | undefined;
  heardMs: number;
  received: number;
  sent: number;
}

/** Relays of one run of the cloud, on simulated sockets; keys are the product's. */
export class SimRelays {
  readonly #net: Net;
  readonly #program: Program;
  readonly #host: string;
  #nextPort = FIRST_PORT;
  open = 0;

  constructor(net: Net, program: Program, host: string) {
    this.#net = net;
    this.#program = program;
    this.#host = host;
  }

  openRelay = async (): Promise<{ readonly ok: true; readonly value: Relay }> => {
    this.open++;
    const { monotonicMs } = this.#program;
    const nowMs = (): number => monotonicMs.call(this.#program);
    const side = (name: RelaySide): Side => {
      const place = { host: this.#host, port: this.#nextPort };
      this.#nextPort += 2;
      const free = this.#net.bind(this.#program, place, (bytes, from) =>
        this.#take(sides, name, bytes, from),
      );
      return {
        place,
        free,
        security: new SessionSecurity(),
        remote: undefined,
        heardMs: nowMs(),
        received: 0,
        sent: 0,
      };
    };
    const sides: Record<RelaySide, Side> = { a: side('a'), b: side('b') };
    let closed = false;
    const figuresOf = ({ received, sent, heardMs }: Side) => ({
      ...{ received, sent, reports: 0, refused: 0, errors: 0 },
      silentMs: nowMs() - heardMs,
    });
    const relay: Relay = {
      a: sides.a.place,
      b: sides.b.place,
      connect: (name, host, port) => {
        sides[name].remote = { host, port };
      },
      secure: (name, keys) => {
        sides[name].security.use(keys, nowMs());
      },
      carry: () => undefined,
      play: (_side, _source, done) => {
        const timer = this.#program.after(1_500, 'prompt', done);
        return () => timer.cancel();
      },
      figures: () => {
        const a = figuresOf(sides.a);
        const b = figuresOf(sides.b);
        return { a, b, silentMs: Math.min(a.silentMs, b.silentMs) };
      },
      close: () => {
        if (closed) return;
        closed = true;
        this.open--;
        sides.a.free?.();
        sides.b.free?.();
      },
    };
    return { ok: true, value: relay };
  };

  #take(sides: Record<RelaySide, Side>, name: RelaySide, bytes: Buffer, from: Place): void {
    const here = sides[name];
    if (here.remote?.host !== from.host || here.remote.port !== from.port) return;
    const nowMs = this.#program.monotonicMs();
    const opened = here.security.on ? here.security.open(bytes, nowMs) : bytes;
    if (opened === undefined) return;
    here.received++;
    here.heardMs = nowMs;
    const there = sides[name === 'a' ? 'b' : 'a'];
    if (there.remote === undefined) return;
    const wire = there.security.on ? there.security.protect(opened) : opened;
    if (wire === undefined) return;
    there.sent++;
    this.#net.send(this.#program, wire, there.place, there.remote);
  }
}
