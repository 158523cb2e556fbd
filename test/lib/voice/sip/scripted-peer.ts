import { createSocket, type Socket } from 'node:dgram';
import type { SipMessage, SipRequest, SipResponse } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { until } from './agents.ts';

/** A SIP party over raw UDP that does only what the test says, right or wrong. */
export class ScriptedPeer {
  readonly host: string;
  readonly received: SipMessage[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #target: string;

  constructor(host: string, target: string) {
    this.host = host;
    this.#target = target;
  }

  async start(): Promise<void> {
    this.#socket.on('message', (bytes) => {
      const result = parseMessage(bytes);
      if (result.kind === 'ok') this.received.push(result.message);
    });
    await new Promise<void>((resolve) => this.#socket.bind(5060, this.host, () => resolve()));
  }

  /** Everything that comes, as bytes. */
  raw(listener: (bytes: Buffer) => void): void {
    this.#socket.on('message', listener);
  }

  stop(): void {
    this.#socket.close();
  }

  send(text: string | Buffer): void {
    this.#socket.send(text, 5060, this.#target);
  }

  /** The `count`-th request of a method, counting repeats. */
  request(method: string, count = 1): Promise<SipRequest> {
    return until(`${method} ${count}`, () => this.requests(method)[count - 1]);
  }

  requests(method: string): SipRequest[] {
    return this.received.filter((one): one is SipRequest => one.kind === 'request' && one.method === method);
  }

  /** The first response with a status to a method. */
  response(status: number, method: string, count = 1): Promise<SipResponse> {
    return until(`${status} to ${method}`, () => this.responses(status, method)[count - 1]);
  }

  responses(status: number, method: string): SipResponse[] {
    return this.received.filter(
      (one): one is SipResponse =>
        one.kind === 'response' && one.status === status && one.cseq.method === method,
    );
  }

  /** Answers a request of the agent under test. */
  answer(request: SipRequest, status: number, toTag = 'peer', body?: string): void {
    const headers = [['Contact', `<sip:peer@${this.host}>`]] as const;
    const extras = { toTag, headers, ...(body === undefined ? {} : { body }) };
    this.send(writeResponse(responseTo(request, { host: this.#target, port: 5060 }, status, extras)));
  }

  /** A request of ours as text. `to` carries the tag inside a dialog. */
  compose(parts: {
    readonly method: string;
    readonly callId: string;
    readonly sequence: number;
    readonly toTag?: string;
    readonly branch?: string;
    readonly extra?: readonly string[];
    readonly body?: string;
  }): string {
    const { method, callId, sequence, toTag, extra = [], body = '' } = parts;
    const branch = parts.branch ?? `z9hG4bK${callId}${sequence}${method}`;
    return [
      `${method} sip:us@${this.#target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:peer@${this.host}>;tag=peer`,
      `To: <sip:us@${this.#target}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:peer@${this.host}>`,
      ...extra,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }
}
