import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const NONCE = 'of-the-phone';

/**
 * The SIP of a desk phone that lets itself be told to fetch: registers with digest, challenges every NOTIFY, and takes one
 * only with its own account's password. Messages are written by hand; nothing of the box's stack is in it.
 */
export class SipPhone {
  /** Event headers of the NOTIFYs that it took. */
  readonly told: string[] = [];
  /** NOTIFYs without a login, or with a wrong one. */
  challenged = 0;
  /** Runs when it has taken one. */
  onTold: () => void = () => {};
  readonly #socket: Socket;
  readonly #box: string;
  readonly #user: string;
  #password: string;
  #sequence = 0;
  #answer: (text: string) => void = () => {};

  private constructor(socket: Socket, options: { box: string; user: string; password: string }) {
    this.#socket = socket;
    this.#box = options.box;
    this.#user = options.user;
    this.#password = options.password;
    socket.on('message', (datagram, from) => this.#take(datagram.toString(), from.address, from.port));
  }

  static open(host: string, options: { box: string; user: string; password: string }): Promise<SipPhone> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => socket.bind(0, host, () => resolve(new SipPhone(socket, options))));
  }

  /** As after a new file. */
  use(password: string): void {
    this.#password = password;
  }

  /** The status of the registration's last answer. */
  async register(): Promise<number> {
    const uri = `sip:${this.#box}`;
    const challenge = await this.#send(uri, '');
    if (statusOf(challenge) !== 401) return statusOf(challenge);
    const part = (name: string): string => new RegExp(`${name}="([^"]+)"`).exec(challenge)?.[1] ?? '';
    const [realm, nonce] = [part('realm'), part('nonce')];
    const ha1 = md5(`${this.#user}:${realm}:${this.#password}`);
    const response = md5(`${ha1}:${nonce}:00000001:abcd:auth:${md5(`REGISTER:${uri}`)}`);
    const quoted = { username: this.#user, realm, nonce, uri, response, cnonce: 'abcd' };
    const fields = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
    const header = `Authorization: Digest ${fields.join(', ')}, algorithm=MD5, qop=auth, nc=00000001\r\n`;
    return statusOf(await this.#send(uri, header));
  }

  close(): void {
    this.#socket.close();
  }

  #send(uri: string, extra: string): Promise<string> {
    const { address, port } = this.#socket.address();
    const sequence = ++this.#sequence;
    const text =
      `REGISTER ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${address}:${port};branch=z9hG4bKr${sequence};rport\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${this.#user}@${this.#box}>;tag=r\r\nTo: <sip:${this.#user}@${this.#box}>\r\n` +
      `Call-ID: register-${this.#user}\r\nCSeq: ${sequence} REGISTER\r\nContact: <sip:${this.#user}@${address}:${port}>\r\n` +
      `User-Agent: Grandstream GRP2614 1.0.5.48\r\nExpires: 300\r\n${extra}Content-Length: 0\r\n\r\n`;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('the registrar is silent')), 8_000);
      this.#answer = (answer) => {
        clearTimeout(limit);
        resolve(answer);
      };
      this.#socket.send(text, 5_060, this.#box);
    });
  }

  #take(text: string, host: string, port: number): void {
    if (text.startsWith('SIP/2.0')) {
      if (statusOf(text) >= 200) this.#answer(text);
      return;
    }
    if (!text.startsWith('NOTIFY ')) return;
    const right = this.#isRight(text);
    if (!right) this.challenged += 1;
    else this.told.push(header(text, 'Event'));
    const challenge = `WWW-Authenticate: Digest realm="phone", nonce="${NONCE}", algorithm=MD5, qop="auth"\r\n`;
    const lines = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(text, name)}\r\n`);
    const to = `To: ${header(text, 'To')}${/;tag=/.test(header(text, 'To')) ? '' : ';tag=phone'}\r\n`;
    const head = right ? 'SIP/2.0 200 OK\r\n' : 'SIP/2.0 401 Unauthorized\r\n';
    this.#socket.send(
      `${head}${lines.join('')}${to}${right ? '' : challenge}Content-Length: 0\r\n\r\n`,
      port,
      host,
    );
    if (right) this.onTold();
  }

  #isRight(text: string): boolean {
    const line = header(text, 'Authorization');
    const part = (name: string): string => new RegExp(`[ ,]${name}="?([^",]+)`).exec(line)?.[1]?.trim() ?? '';
    if (line === '' || part('nonce') !== NONCE || part('username') !== this.#user) return false;
    const uri = text.split(' ')[1] ?? '';
    const ha1 = md5(`${this.#user}:phone:${this.#password}`);
    const middle = `${NONCE}:${part('nc')}:${part('cnonce')}:auth`;
    return part('uri') === uri && part('response') === md5(`${ha1}:${middle}:${md5(`NOTIFY:${uri}`)}`);
  }
}

function statusOf(text: string): number {
  return Number(text.split(' ')[1]);
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: ?(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
}
