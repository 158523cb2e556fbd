import type { Socket } from 'node:dgram';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, unreachable } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { readArpTable } from '../../lib/net/arp-table.ts';
import { DeviceDiary } from '../../lib/net/device-diary.ts';
import { openBroadcastListener, openDeviceSocket, sendDatagram } from '../../lib/net/device-socket.ts';
import { formatIpv4, type Ipv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { ByteTap, Health } from '../ports.ts';
import { decodePacket } from './decode.ts';
import type { DhcpEffect, Outgoing } from './effects.ts';
import {
  type ForeignServer,
  foreignServerOf,
  isWatcher,
  stepWatch,
  type Watch,
  watchQuestion,
} from './foreign-watch.ts';
import { LeaseJournal } from './journal.ts';
import { remaining } from './journal-format.ts';
import { type AddressedLease, type DhcpSighting, traitsOf } from './lease.ts';
import { type DhcpPacket, macOf } from './packet.ts';
import { ProbeBook } from './probe-book.ts';
import { DhcpServerCore, type Outcome } from './server-core.ts';
import type { ServerSettings } from './settings.ts';
import type { Standing } from './standing.ts';
import type { TraceLine } from './trace-line.ts';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
/** Discard (RFC 863): nobody listens there, and the kernel asks for the neighbour all the same. */
const DISCARD_PORT = 9;
/** Who serves everybody looks more often than who only wants to know. */
const LOOK_EVERY_MS = { serving: 60_000, else: 600_000 } as const;
/** A hint of another server, or a newcomer, starts a round at once, but not more often than this. */
const LOOK_SOON_MS = 12_000;
const SERVERS_MOST = 16;

export interface DhcpRoomOptions {
  /** The LAN's interface, for example `eth0`. Nothing is heard or sent anywhere else. */
  readonly device: string;
  readonly settings: ServerSettings;
  /** Told of every device that asks, whether it is answered or not. */
  readonly onSeen?: ((sighting: DhcpSighting) => void) | undefined;
  /** The lease journal. */
  readonly journal: string;
  /** Where packets can be watched. */
  readonly tap?: ByteTap | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
}

/** What `engawa dhcp` shows. */
export interface DhcpStatus {
  readonly mode: ServerSettings['mode'];
  readonly device: string;
  readonly standing: Standing;
  readonly foreign: readonly (ForeignServer & { readonly mac: MacAddress | null })[];
  /** A whole round of looking around has ended since the start. */
  readonly looked: boolean;
  readonly bound: number;
  readonly offered: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** The DHCP room on a LAN: sockets, journal, probes and the watch for other servers around {@link DhcpServerCore}. */
export class DhcpRoom {
  readonly #options: DhcpRoomOptions;
  readonly #core: DhcpServerCore;
  readonly #traces = new DeviceDiary<TraceLine>();
  readonly #foreign = new Map<Ipv4, ForeignServer>();
  readonly #probes: ProbeBook;
  #journal: LeaseJournal | undefined;
  #serverSocket: Socket | undefined;
  #clientSocket: Socket | undefined;
  #watch: Watch = { at: 'resting', nextMs: 0 };
  #watchTimer: Timer | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #looked = false;
  #stopped = false;

  constructor(options: DhcpRoomOptions) {
    this.#options = options;
    this.#core = new DhcpServerCore(options.settings);
    this.#probes = new ProbeBook(options.clock, options.device);
  }

  /** Opens what the mode needs. Nothing is served before the leases of before are read. Errors name what to do. */
  async start(): Promise<Result<void>> {
    const { settings, device, clock } = this.#options;
    if (settings.mode === 'off') return ok(undefined);
    if (settings.mode !== 'detect') {
      const opened = await this.#openServer(device);
      if (!opened.ok) return opened;
    }
    // The box itself may have its address from the office's router: its client keeps its port.
    const client = await openBroadcastListener(device, CLIENT_PORT);
    if (client.ok) {
      this.#clientSocket = client.value;
      client.value.on('message', (bytes, from) => {
        this.#tapped(bytes, from, CLIENT_PORT);
        this.#onAnswer(bytes);
      });
      client.value.on('error', (error) => this.#trouble('dhcp.socket', error.message));
    } else {
      // Who cannot look for other servers must not become the only one.
      if (settings.mode === 'detect' || settings.mode === 'serve') {
        await this.stop();
        return client;
      }
      this.#options.health.raise('dhcp.cannotLook', client.error.say);
    }
    this.#watch = { at: 'resting', nextMs: clock.monotonicMs() };
    this.#look();
    return ok(undefined);
  }

  async #openServer(device: string): Promise<Result<void, CodedError>> {
    const { clock, health, journal: path } = this.#options;
    const opened = await LeaseJournal.open({
      path,
      clock,
      onTrouble: (say) =>
        say === undefined ? health.clear('dhcp.journal') : health.raise('dhcp.journal', say),
    });
    if (!opened.ok) return opened;
    const { journal, content } = opened.value;
    this.#journal = journal;
    if (content.damaged > 0) {
      health.raise('dhcp.journalDamaged', `${content.damaged} lines of the lease journal could not be read.`);
    }
    this.#core.restore(remaining(content.entries, clock.now()), clock.monotonicMs());
    const server = await openDeviceSocket(device, SERVER_PORT);
    if (!server.ok) {
      await journal.close();
      return server;
    }
    this.#serverSocket = server.value;
    server.value.on('message', (bytes, from) => {
      this.#tapped(bytes, from, SERVER_PORT);
      this.#onRequest(bytes);
    });
    server.value.on('error', (error) => this.#trouble('dhcp.socket', error.message));
    return ok(undefined);
  }

  /** Another configuration of the same mode and interface; leases run on. A change of these needs a new room. */
  reconfigure(settings: ServerSettings): void {
    this.#core.reconfigure(settings);
  }

  get status(): DhcpStatus {
    const { device, clock } = this.#options;
    this.#core.book.expire(clock.monotonicMs());
    return {
      mode: this.#core.settings.mode,
      device,
      standing: this.#core.standing,
      foreign: this.#foreignServers(device),
      looked: this.#looked,
      bound: this.#core.book.bound,
      offered: this.#core.book.offered,
      counts: { ...this.#traces.counts, 'dhcp.probesSkipped': this.#core.probesSkipped },
    };
  }

  /** Other servers, with the hardware addresses that the kernel has heard of them. */
  #foreignServers(device: string): DhcpStatus['foreign'] {
    if (this.#foreign.size === 0) return [];
    const heard = new Map(
      readArpTable().flatMap((each) => (each.device === device ? [[each.address, each.mac] as const] : [])),
    );
    return [...this.#foreign.values()].map((server) => ({
      ...server,
      mac: heard.get(server.serverId) ?? null,
    }));
  }

  leases(): AddressedLease[] {
    return this.#core.leases(this.#options.clock.monotonicMs());
  }

  /** What was done with the last packets of a device, oldest first. */
  why(mac: MacAddress): readonly TraceLine[] {
    return this.#traces.of(mac);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watchTimer?.cancel();
    this.#serverSocket?.close();
    this.#clientSocket?.close();
    await this.#journal?.close();
  }

  #onRequest(bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) {
      this.#traces.count(decoded.error.code);
      return;
    }
    const packet = decoded.value;
    if (isWatcher(packet)) return;
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#core.standing;
    const outcome = this.#core.handle(packet, nowMs);
    const { clock } = this.#options;
    this.#tellSeen(packet);
    this.#traces.add(macOf(packet), { ...outcome.verdict, atMs: clock.now(), message: packet.type });
    this.#carryOut(outcome);
    if (before !== this.#core.standing) this.#standingChanged();
    // Somebody new is about to choose a server: the moment to know whether there is another one by now.
    else if (before.at === 'serving' && outcome.verdict.done === 'probing') this.#lookSoon();
  }

  #ownAddress(): string {
    return formatIpv4(this.#core.settings.lan.address);
  }

  /** Our own broadcasts come back to us: they were told when they left. */
  #tapped(bytes: Buffer, from: { readonly address: string; readonly port: number }, port: number): void {
    const { tap } = this.#options;
    if (tap?.watch === undefined || from.address === this.#ownAddress()) return;
    // Who has no address asks everybody; so does every answer that comes to the client's port.
    const everybody = from.address === '0.0.0.0' || port === CLIENT_PORT;
    tap.watch({
      direction: 'in',
      local: { host: everybody ? '255.255.255.255' : this.#ownAddress(), port },
      remote: { host: from.address, port: from.port },
      bytes,
    });
  }

  #tellSeen(packet: DhcpPacket): void {
    const mac = macOf(packet);
    if (mac !== undefined) this.#options.onSeen?.({ ...traitsOf(packet, mac), mac });
  }

  #carryOut(outcome: Outcome): void {
    for (const effect of outcome.effects) this.#effect(effect);
  }

  #effect(effect: DhcpEffect): void {
    switch (effect.do) {
      case 'send':
        this.#send(effect.message);
        return;
      case 'commit':
        this.#journal?.keep(effect.change, (kept) => {
          if (kept && effect.thenSend !== undefined && !this.#stopped) this.#send(effect.thenSend);
        });
        return;
      case 'probe':
        this.#probes.probe(effect.address, (probed) => {
          if (this.#stopped) return;
          this.#carryOut(this.#core.probed(effect.ticket, probed, this.#options.clock.monotonicMs()));
        });
        return;
      default:
        unreachable(effect);
    }
  }

  #knock(address: Ipv4): void {
    this.#send({ bytes: Buffer.alloc(1), to: { address, port: DISCARD_PORT } });
  }

  #send(message: Outgoing): void {
    const socket = this.#serverSocket ?? this.#clientSocket;
    if (socket === undefined || this.#stopped) return;
    this.#options.tap?.watch?.({
      direction: 'out',
      local: { host: this.#ownAddress(), port: socket === this.#serverSocket ? SERVER_PORT : CLIENT_PORT },
      remote: { host: formatIpv4(message.to.address), port: message.to.port },
      bytes: Buffer.from(message.bytes),
    });
    sendDatagram(socket, message.bytes, message.to, (say) => {
      this.#traces.count('dhcp.sendFailed');
      this.#options.log.debug({ say }, 'cannot send');
    });
  }

  /** What a server of this LAN says to a client: the watch's answers, and everything else that is broadcast. */
  #onAnswer(bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) return;
    const nowMs = this.#options.clock.monotonicMs();
    const found = foreignServerOf(decoded.value, this.#core.settings.lan.address, nowMs);
    if (found === undefined) return;
    if (this.#watch.at === 'asking') this.#watch = { ...this.#watch, heard: true };
    const known = this.#foreign.get(found.serverId);
    if (known === undefined && this.#foreign.size >= SERVERS_MOST) return;
    this.#foreign.set(found.serverId, { ...found, firstHeardMs: known?.firstHeardMs ?? nowMs });
    // Any datagram makes the kernel learn whose address it is: a person wants to find the device.
    if (known === undefined) this.#knock(found.serverId);
    const before = this.#core.standing;
    this.#core.heardForeign(found.serverId, 'answer', nowMs);
    if (before.at !== this.#core.standing.at) this.#standingChanged();
  }

  #standingChanged(): void {
    const { standing } = this.#core;
    const { health } = this.#options;
    if (standing.at !== 'steppedDown') {
      health.clear('dhcp.foreign');
      return;
    }
    const who = formatIpv4(standing.foreign);
    health.raise(
      'dhcp.foreign',
      `Another DHCP server, ${who}, answers on this LAN. Nobody new gets an address from this box until it is gone.`,
    );
    if (standing.evidence === 'hint') this.#lookSoon();
  }

  /** A round at once, or as soon as the last one is long enough ago. */
  #lookSoon(): void {
    if (this.#watch.at === 'asking') return;
    const soonMs = Math.max(this.#options.clock.monotonicMs(), this.#lookedAtMs + LOOK_SOON_MS);
    if (this.#watch.nextMs <= soonMs) return;
    this.#watch = { at: 'resting', nextMs: soonMs };
    this.#look();
  }

  /** One step of the watch, and the next when its time has come. */
  #look(): void {
    if (this.#stopped || this.#clientSocket === undefined) return;
    const { clock, random } = this.#options;
    const nowMs = clock.monotonicMs();
    const everyMs = this.#core.settings.mode === 'serve' ? LOOK_EVERY_MS.serving : LOOK_EVERY_MS.else;
    const step = stepWatch(this.#watch, nowMs, everyMs);
    this.#watch = step.watch;
    if (step.ask) {
      this.#lookedAtMs = nowMs;
      const question = watchQuestion(random.bytes(4).readUInt32BE(0));
      sendDatagram(this.#clientSocket, question.bytes, question.to, (say) =>
        this.#options.log.debug({ say }, 'cannot look around'),
      );
    }
    if (step.ended !== undefined) this.#roundEnded(step.ended, nowMs);
    this.#watchTimer?.cancel();
    this.#watchTimer = clock.after(Math.max(1, step.wakeAtMs - nowMs), 'dhcp watch', () => this.#look());
  }

  #roundEnded(ended: 'somebody' | 'nobody', nowMs: number): void {
    this.#looked = true;
    if (ended === 'somebody') return;
    this.#foreign.clear();
    const before = this.#core.standing;
    this.#core.foundNobody(nowMs);
    if (before !== this.#core.standing) this.#standingChanged();
  }

  #trouble(code: string, say: string): void {
    this.#options.health.raise(code, say);
  }
}
