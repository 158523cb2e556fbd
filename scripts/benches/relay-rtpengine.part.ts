import type { MeasuredRelay } from './relay-order.part.ts';
import { Rtpengine } from './rtpengine.part.ts';

const NG_PORT = 22_222;
const PORTS = { from: 23_000, to: 28_998 };

/** rtpengine in user space (no kernel module), as Debian has it. */
export class RtpengineRelay implements MeasuredRelay {
  readonly name = 'rtpengine';
  readonly host: string;
  readonly srtp = undefined;
  readonly #engine: Rtpengine;
  #calls: string[] = [];
  #round = 0;

  private constructor(host: string, engine: Rtpengine) {
    this.host = host;
    this.#engine = engine;
  }

  static async start(host: string): Promise<RtpengineRelay> {
    return new RtpengineRelay(
      host,
      await Rtpengine.start(host, NG_PORT, { ports: PORTS, lifeSeconds: 3_600 }),
    );
  }

  get pid(): number | undefined {
    return this.#engine.pid;
  }

  async call(host: string, ports: readonly number[]): Promise<readonly number[]> {
    const own: number[] = [];
    this.#round++;
    for (let index = 0; index + 1 < ports.length; index += 2) {
      const callId = `bench-${this.#round}-${index}`;
      const ends = [ports[index] ?? 0, ports[index + 1] ?? 0];
      const common = {
        'call-id': callId,
        'from-tag': 'a',
        replace: ['origin', 'session-connection'],
        ICE: 'remove',
      };
      const offered = await this.#engine.describe('offer', { ...common, sdp: sdpOf(host, ends[0] ?? 0) });
      const answered = await this.#engine.describe('answer', {
        ...common,
        'to-tag': 'b',
        sdp: sdpOf(host, ends[1] ?? 0),
      });
      own.push(portOf(answered), portOf(offered));
      this.#calls.push(callId);
    }
    return own;
  }

  async hangUp(): Promise<void> {
    for (const callId of this.#calls) await this.#engine.hangUp(callId);
    this.#calls = [];
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
  }
}

function sdpOf(host: string, port: number): string {
  const session = ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0'];
  const media = [
    `m=audio ${port} RTP/AVP 0 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
  ];
  return [...session, ...media, 'a=sendrecv', ''].join('\r\n');
}

function portOf(sdp: string): number {
  const line = sdp.split('\r\n').find((one) => one.startsWith('m=audio ')) ?? '';
  return Number(line.split(' ')[1]);
}
