import { decodePacket } from '../../../agent/dhcp/decode.ts';
import type { Outgoing } from '../../../agent/dhcp/effects.ts';
import { encodePacket } from '../../../agent/dhcp/encode.ts';
import type { DhcpPacket } from '../../../agent/dhcp/packet.ts';
import { DhcpServerCore, type Outcome } from '../../../agent/dhcp/server-core.ts';
import type { ServerSettings } from '../../../agent/dhcp/settings.ts';
import { formatIpv4 } from '../../../lib/net/ipv4.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { packet, requested, SERVER_ID, settings } from './packets.ts';

/** One message of the server, read back from its bytes. */
export interface Sent {
  readonly packet: DhcpPacket;
  readonly your: string;
  readonly to: string;
}

/** What came of a packet: the rule that decided, and everything that was sent. */
export interface Answer {
  readonly rule: string;
  readonly sent: readonly Sent[];
}

/** A LAN with a server core, a disk that keeps everything, and neighbours that the test writes. No socket, no clock. */
export class ServedLan {
  readonly core: DhcpServerCore;
  nowMs = 1_000;
  /** Who answers at which address. */
  readonly neighbours = new Map<string, MacAddress>();
  /** Addresses that the neighbour table names from before only. */
  readonly gone = new Set<string>();
  committed: string[] = [];

  constructor(core: DhcpServerCore) {
    this.core = core;
  }

  /** Everything that comes of one packet, probes answered and changes kept. */
  ask(request: DhcpPacket): Answer {
    return this.#settle(this.core.handle(request, this.nowMs));
  }

  /** The same, from bytes as they came from the wire; undefined when they are no message. */
  askBytes(bytes: Uint8Array): Answer | undefined {
    const decoded = decodePacket(bytes);
    return decoded.ok ? this.ask(decoded.value) : undefined;
  }

  #settle(outcome: Outcome): Answer {
    const sent: Sent[] = [];
    let { rule } = outcome.verdict;
    for (const effect of outcome.effects) {
      if (effect.do === 'send') sent.push(readSent(effect.message));
      if (effect.do === 'commit') {
        this.committed.push(`${effect.change.change} ${formatIpv4(effect.change.address)}`);
        if (effect.thenSend !== undefined) sent.push(readSent(effect.thenSend));
      }
      if (effect.do === 'probe') {
        const address = formatIpv4(effect.address);
        const holder = this.neighbours.get(address);
        const alive = holder !== undefined && !this.gone.has(address);
        const next = this.#settle(this.core.probed(effect.ticket, { holder, alive }, this.nowMs));
        sent.push(...next.sent);
        rule = next.rule;
      }
    }
    return { rule, sent };
  }

  /** DISCOVER to ACK; the address. */
  lease(device: number, options: readonly (readonly [number, Uint8Array])[] = []): string {
    const offered = this.ask(packet('discover', device, { with: options })).sent[0];
    if (offered === undefined) throw new Error('nothing was offered');
    const asked = packet('request', device, { with: [SERVER_ID, requested(offered.your), ...options] });
    const acked = this.ask(asked).sent[0];
    if (acked?.packet.type !== 'ack') throw new Error('no ack');
    return acked.your;
  }
}

/** A server that has looked around and serves. */
export function servedLan(changed: Partial<ServerSettings> = {}): ServedLan {
  const core = new DhcpServerCore(settings(changed));
  core.foundNobody(0);
  return new ServedLan(core);
}

/** What an outgoing message says to whoever reads it. */
export function readSent(message: Outgoing): Sent {
  const result = decodePacket(message.bytes);
  if (!result.ok) throw new Error(result.error.say);
  const to = `${formatIpv4(message.to.address)}:${message.to.port}`;
  return { packet: result.value, your: formatIpv4(result.value.yourAddress), to };
}

/** The bytes of a packet as a client would send them. */
export function bytesOf(request: DhcpPacket): Uint8Array {
  return encodePacket(request, 1_472).bytes;
}
