import { connect } from 'node:net';
import type { Result } from '../lib/base/errors.ts';
import type { Logger } from '../lib/base/log.ts';
import type { MediaPort } from './calls/index.ts';
import type { MediaCommand, MediaValue } from './media/index.ts';

/** More at a time are not asked for: calls begin one after the other, and a gate that hangs holds nobody up. */
const AT_A_TIME = 16;
const PATIENCE_MS = 10_000;

/** What the packet filter lets in, beside what answers us: sound to one of our even ports, and its reports one higher. */
export type OpenGate = (address: string, localPort: number) => void;

/**
 * The box's packet filter, asked over a unix socket (`--media-gate`), one connection and one line each: `203.0.113.20 16384`.
 * Sound mostly comes from where ours goes and needs none of this; what it does not hear is told once a process, as calls work without.
 */
export function mediaGate(socket: string, log: Logger): OpenGate {
  let asking = 0;
  let told = false;
  const failed = (say: string): void => {
    if (told) return;
    told = true;
    log.warn({ code: 'gate.unheard', say }, 'the packet filter cannot be asked to let sound in');
  };
  return (address, localPort) => {
    if (asking >= AT_A_TIME) return failed('it does not answer');
    asking++;
    const wire = connect(socket);
    wire.setTimeout(PATIENCE_MS, () => wire.destroy(new Error('no answer in time')));
    wire.on('error', (error) => failed(error.message));
    wire.on('close', () => {
      asking--;
    });
    wire.resume();
    wire.end(`${address} ${localPort}\n`);
  };
}

/**
 * The media process as calls over the trunk use it, with its gate: as soon as a far end has said where its sound comes from, that
 * address may send.
 */
export function throughGate(media: MediaPort, open: OpenGate): MediaPort {
  const ports = new Map<string, number>();
  const opened = new Map<string, string>();
  const peer = (session: string, host: string): void => {
    const port = ports.get(session);
    if (port === undefined || opened.get(session) === host) return;
    opened.set(session, host);
    open(host, port);
  };
  return {
    async request<Command extends MediaCommand>(command: Command): Promise<Result<MediaValue<Command>>> {
      if (command.type === 'rtpConnect' || command.type === 'faxOpen') peer(command.session, command.host);
      if (command.type === 'rtpClose') {
        ports.delete(command.session);
        opened.delete(command.session);
      }
      const result = await media.request(command);
      if (command.type === 'rtpOpen' && result.ok) {
        const { localPort } = result.value as MediaValue<Extract<MediaCommand, { type: 'rtpOpen' }>>;
        ports.set(command.session, localPort);
      }
      return result;
    },
  };
}
