import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Subscribes to a lamp with messages written by hand, over a socket of its own. */
export class LampWatcher {
  readonly statuses: number[] = [];
  readonly bodies: string[] = [];
  readonly #socket: Socket;
  readonly #box: string;
  readonly #user: string;
  #count = 0;
  #answered: (text: string) => void = () => {};

  private constructor(socket: Socket, box: string, user: string) {
    this.#socket = socket;
    this.#box = box;
    this.#user = user;
    socket.on('message', (datagram) => this.#take(datagram.toString()));
  }

  static open(host: string, box: string, user: string): Promise<LampWatcher> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => socket.bind(0, host, () => resolve(new LampWatcher(socket, box, user))));
  }

  /** Asks, is challenged, and asks with the password. */
  async subscribe(resource: string, password: string): Promise<void> {
    const uri = `sip:${resource}@${this.#box}`;
    const id = `watch-${++this.#count}`;
    const challenge = await this.#send(uri, id, 1, '');
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const ha1 = md5(`${this.#user}:engawa:${password}`);
    const response = md5(`${ha1}:${nonce}:00000001:abcd:auth:${md5(`SUBSCRIBE:${uri}`)}`);
    const digest = `Digest username="${this.#user}", realm="engawa", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5, cnonce="abcd", qop=auth, nc=00000001`;
    await this.#send(uri, id, 2, `Proxy-Authorization: ${digest}\r\n`);
  }

  close(): void {
    this.#socket.close();
  }

  #send(uri: string, id: string, sequence: number, extra: string): Promise<string> {
    const { address, port } = this.#socket.address();
    const text =
      `SUBSCRIBE ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${id}${sequence};rport\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${this.#user}@${this.#box}>;tag=${id}\r\nTo: <${uri}>\r\nCall-ID: ${id}\r\n` +
      `CSeq: ${sequence} SUBSCRIBE\r\nContact: <sip:${this.#user}@${address}:${port}>\r\nEvent: dialog\r\n` +
      `Accept: application/dialog-info+xml\r\nExpires: 300\r\n${extra}Content-Length: 0\r\n\r\n`;
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(text, 5_060, this.#box);
    });
  }

  #take(text: string): void {
    const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1];
    if (status !== undefined) {
      this.statuses.push(Number(status));
      this.#answered(text);
      return;
    }
    if (!text.startsWith('NOTIFY ')) return;
    this.bodies.push(text.slice(text.indexOf('\r\n\r\n') + 4));
    const kept = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const reply = ['SIP/2.0 200 OK', ...kept, 'Content-Length: 0', '', ''].join('\r\n');
    this.#socket.send(reply, 5_060, this.#box);
  }
}
