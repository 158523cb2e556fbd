import { isIP } from 'node:net';
import { type MacAddress, parseMac } from '../../lib/net/mac-address.ts';
import type { SipRequest } from '../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../lib/voice/sip/codec/respond.ts';
import { userOf } from '../../lib/voice/sip/codec/uri.ts';
import { writeResponse } from '../../lib/voice/sip/codec/write.ts';
import type { PhoneVendor } from './templates/index.ts';
import { makerOf, readUserAgent } from './user-agent.ts';

/** Longest question that is read; phones' are below 1 KiB. */
export const PNP_BYTES_MOST = 4_096;

/** A phone asks the LAN who has its configuration (SUBSCRIBE, Event `ua-profile`, RFC 6080 §5.1). */
export interface PnpQuestion {
  readonly request: SipRequest;
  readonly mac: MacAddress;
  readonly vendor: PhoneVendor | undefined;
  readonly model: string | undefined;
  readonly firmware: string | undefined;
  /** Retransmissions carry the same. */
  readonly key: string;
  /** Where its Contact says that it listens; the host is believed only when it is the source. */
  readonly contact: { readonly host: string; readonly port: number } | undefined;
}

/** Reads a datagram; undefined for everything that is not a phone's question. Never throws. */
export function readPnpQuestion(bytes: Buffer): PnpQuestion | undefined {
  if (bytes.length > PNP_BYTES_MOST) return undefined;
  const parsed = parseMessage(bytes);
  if (parsed.kind !== 'ok' || parsed.message.kind !== 'request') return undefined;
  const request = parsed.message;
  const event = request.headers.get('event') ?? '';
  if (request.method !== 'SUBSCRIBE' || !/^ua-profile(;|$)/i.test(event.replace(/\s/g, ''))) return undefined;
  const agent = readUserAgent(request.headers.get('user-agent') ?? null);
  const mac =
    macOfUser(userOf(request.requestUri)) ??
    macOfUser(userOf(request.from.uri)) ??
    macOfUser(userOf(request.to.uri)) ??
    agent.mac;
  if (mac === undefined) return undefined;
  const vendorName = parameterOf(event, 'vendor')?.toLowerCase() ?? '';
  const named = (['grandstream', 'panasonic'] as const).find((each) => vendorName.startsWith(each));
  const uri = request.contacts[0]?.uri;
  return {
    request,
    mac,
    vendor: named ?? agent.vendor ?? makerOf(mac),
    model: parameterOf(event, 'model')?.toUpperCase() ?? agent.model,
    firmware: parameterOf(event, 'version') ?? agent.firmware,
    key: `${request.callId} ${request.cseq.number}`,
    contact:
      uri?.kind === 'sip' && isIP(uri.host) === 4 ? { host: uri.host, port: uri.port ?? 5060 } : undefined,
  };
}

/** `MAC:c074ad2bd859`, `MAC%3ac074ad2bd859`, or the address alone. */
function macOfUser(user: string): MacAddress | undefined {
  return parseMac(user.slice(0, 40).replace(/^mac[:_-]?/i, ''));
}

/** `model="GRP2614"` of an Event header; printable, cut to 32. */
function parameterOf(header: string, name: string): string | undefined {
  const [, quoted, bare] =
    new RegExp(
      `;\\s*${name}\\s*=\\s*(?:"([\\x20-\\x21\\x23-\\x7e]{1,64})"|([A-Za-z0-9._-]{1,64}))`,
      'i',
    ).exec(header.slice(0, 512)) ?? [];
  return (quoted ?? bare)?.slice(0, 32);
}

/** `200` to the question. */
export function pnpAccepted(
  question: PnpQuestion,
  source: { readonly host: string; readonly port: number },
  tag: string,
  box: string,
): Buffer {
  return writeResponse(
    responseTo(question.request, source, 200, {
      toTag: tag,
      headers: [
        ['Contact', `<sip:${box}>`],
        ['Expires', '0'],
      ],
    }),
  );
}

/** What a NOTIFY needs beside the question that it answers. */
export interface PnpNotice {
  /** Our own address and port, on which the answer is awaited. */
  readonly from: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  readonly tag: string;
  readonly branch: string;
  readonly url: string;
}

/**
 * The NOTIFY that carries the address of the files (RFC 6080 §5.1.3, `application/url`). The subscription ends with it: a
 * phone that wants more asks again.
 */
export function pnpNotify(question: PnpQuestion, notice: PnpNotice): Buffer {
  const { request } = question;
  const { from, to, tag, branch, url } = notice;
  const us = `${from.host}:${from.port}`;
  const header = (name: string): string => oneLine(request.headers.get(name) ?? '');
  const ourSide = header('to').replace(/;\s*tag=[^;]*/i, '');
  const head = [
    `NOTIFY sip:${to.host}:${to.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${us};branch=${branch};rport`,
    'Max-Forwards: 20',
    `From: ${ourSide};tag=${tag}`,
    `To: ${header('from')}`,
    `Call-ID: ${oneLine(request.callId)}`,
    'CSeq: 1 NOTIFY',
    `Contact: <sip:${us}>`,
    `Event: ${header('event').slice(0, 256)}`,
    'Subscription-State: terminated;reason=timeout',
    'Content-Type: application/url',
    `Content-Length: ${Buffer.byteLength(url)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${url}`, 'utf8');
}

/** Nothing that came from outside begins a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
