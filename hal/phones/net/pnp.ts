import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../../lib/base/clock.ts';
import { type Random, randomHex } from '../../../lib/base/random.ts';
import type { Maker } from '../phone-state.ts';

const GROUP = '224.0.1.75';
const PORT = 5_060;
/** A phone asks five times. */
const ASKS_MS = [0, 500, 1_000, 1_000, 1_000] as const;
const LAST_WAIT_MS = 1_000;
const LONGEST = 4_096;

export interface PnpOptions {
  readonly maker: Maker;
  readonly model: string;
  readonly firmware: string;
  readonly mac: string;
  readonly address: string;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Asks the LAN where the phone's files are (RFC 6080: SUBSCRIBE to 224.0.1.75, Event `ua-profile`) and waits for the NOTIFY.
 * `answer` is told once: the address, or undefined when nobody said one. Call the result to stop.
 */
export function askPnp(options: PnpOptions, answer: (url: string | undefined) => void): () => void {
  const { clock, random, address } = options;
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  const callId = `${randomHex(random, 10)}@${address}`;
  const tag = randomHex(random, 6);
  let timer: Timer | undefined;
  let open = true;
  const finish = (url: string | undefined, tell: boolean): void => {
    if (!open) return;
    open = false;
    timer?.cancel();
    socket.close();
    if (tell) answer(url);
  };
  const ask = (turn: number): void => {
    if (turn >= ASKS_MS.length) {
      timer = clock.after(LAST_WAIT_MS, 'phone pnp', () => finish(undefined, true));
      return;
    }
    timer = clock.after(ASKS_MS[turn] ?? 0, 'phone pnp', () => {
      const bytes = Buffer.from(subscribe(options, callId, tag, `z9hG4bK${randomHex(random, 8)}`), 'latin1');
      socket.send(bytes, PORT, GROUP, () => undefined);
      ask(turn + 1);
    });
  };
  socket.on('error', () => finish(undefined, true));
  socket.on('message', (bytes, from) => {
    const url = readNotify(bytes, callId);
    if (url === undefined) return;
    reply(socket, bytes, from, () => finish(url, true));
  });
  socket.bind({ address, port: PORT, exclusive: true }, () => {
    socket.setMulticastInterface(address);
    socket.setMulticastTTL(1);
    ask(0);
  });
  return () => finish(undefined, false);
}

/**
 * ```
 * SUBSCRIBE sip:MAC%3Ac074ad2bd859@224.0.1.75 SIP/2.0
 * Event: ua-profile;profile-type="device";vendor="Grandstream";model="GRP2612";version="1.0.5.48"
 * ```
 */
export function subscribe(options: PnpOptions, callId: string, tag: string, branch: string): string {
  const { maker, model, firmware, mac, address, userAgent } = options;
  const us = `sip:MAC%3A${mac}@${GROUP}`;
  const vendor = maker === 'grandstream' ? 'Grandstream' : 'Panasonic';
  return [
    `SUBSCRIBE ${us} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${PORT};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <${us}>;tag=${tag}`,
    `To: <${us}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:MAC%3A${mac}@${address}:${PORT}>`,
    `Event: ua-profile;profile-type="device";vendor="${vendor}";model="${model}";version="${firmware}"`,
    'Accept: application/url',
    'Expires: 0',
    `User-Agent: ${userAgent}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** The address in a NOTIFY to our question; undefined for anything else. Never throws. */
export function readNotify(bytes: Buffer, callId: string): string | undefined {
  if (bytes.length > LONGEST) return undefined;
  const text = bytes.toString('latin1');
  const cut = text.indexOf('\r\n\r\n');
  if (cut < 0 || !text.startsWith('NOTIFY ')) return undefined;
  const head = text.slice(0, cut);
  if (headerOf(head, 'call-id') !== callId) return undefined;
  if (!/^application\/url/i.test(headerOf(head, 'content-type') ?? '')) return undefined;
  const url = text.slice(cut + 4).trim();
  return /^[\x21-\x7e]{1,500}$/.test(url) ? url : undefined;
}

function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** 200 to the NOTIFY, to where it came from. */
function reply(
  socket: Socket,
  notify: Buffer,
  to: { address: string; port: number },
  sent: () => void,
): void {
  const head = notify.toString('latin1').split('\r\n\r\n')[0] ?? '';
  const kept = head.split('\r\n').filter((line) => /^(via|v|from|f|to|t|call-id|i|cseq):/i.test(line));
  const answer = ['SIP/2.0 200 OK', ...kept, 'Content-Length: 0', '', ''].join('\r\n');
  socket.send(Buffer.from(answer, 'latin1'), to.port, to.address, sent);
}
