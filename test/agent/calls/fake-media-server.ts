import { createServer, type Server, type Socket } from 'node:net';
import type { Attachment, MediaEvent, MediaRequest, MediaSnapshot } from '../../../agent/media/protocol.ts';
import { JsonLineReader, jsonLine } from '../../../lib/base/json-lines.ts';
import { OfficeWorld } from './office-world.ts';

/** The media process's end of its socket, without audio: it remembers what it was told and outlives its agents. */
export class FakeMediaServer {
  readonly commands: MediaRequest[] = [];
  readonly attachments = new Map<number, Attachment>();
  readonly ringing = new Set<number>();
  readonly offHook = new Set<number>();
  readonly sessions = new Map<string, { port: number; connected: boolean }>();
  readonly #server: Server;
  #agent: Socket | undefined;
  #nextPort = 20_000;

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, () => resolve()));
  }

  close(): Promise<void> {
    this.#agent?.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  event(event: MediaEvent): void {
    this.#agent?.write(jsonLine(event));
  }

  lift(port: number): void {
    this.offHook.add(port);
    this.event({ event: 'hook', port, offHook: true });
  }

  hangUp(port: number): void {
    this.offHook.delete(port);
    this.event({ event: 'hook', port, offHook: false });
  }

  dial(port: number, digits: string): void {
    for (const digit of digits) this.event({ event: 'digit', port, digit, by: 'dtmf' });
  }

  flash(port: number, durationMs: number): void {
    this.event({ event: 'flash', port, durationMs });
  }

  /** What a line hears: the name of a tone, or `rtp`, `line`, `silence`. */
  hears(port: number): string {
    const attachment = this.attachments.get(port);
    if (attachment === undefined) return 'silence';
    return attachment.to === 'tone' ? attachment.tone : attachment.to;
  }

  #serve(socket: Socket): void {
    this.#agent = socket;
    const reader = new JsonLineReader();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) {
        if (line.kind !== 'value') continue;
        const request = line.value as MediaRequest;
        this.commands.push(request);
        socket.write(jsonLine({ id: request.id, ok: true, value: this.#do(request) }));
      }
    });
  }

  #do(request: MediaRequest): unknown {
    switch (request.type) {
      case 'hello':
        return this.#snapshot();
      case 'attach':
        this.attachments.set(request.port, request.attachment);
        return null;
      case 'ring':
        this.ringing.add(request.port);
        return null;
      case 'ringStop':
        this.ringing.delete(request.port);
        return null;
      case 'rtpOpen': {
        const localPort = this.#nextPort++;
        this.sessions.set(request.session, { port: localPort, connected: false });
        return { localPort };
      }
      case 'rtpConnect': {
        const session = this.sessions.get(request.session);
        if (session !== undefined) session.connected = true;
        return null;
      }
      case 'rtpFigures':
      case 'rtpClose':
        if (request.type === 'rtpClose') this.sessions.delete(request.session);
        return {
          packetsSent: 500,
          packetsReceived: 499,
          packetsLost: 1,
          packetsLate: 0,
          jitterMs: 0.4,
          concealedMs: 20,
        };
      default:
        return null;
    }
  }

  #snapshot(): MediaSnapshot {
    const ports = [1, 2, 3, 4];
    return new OfficeWorld().snapshot({
      lines: ports.map((port) => ({
        port,
        offHook: this.offHook.has(port),
        ringing: this.ringing.has(port),
        attachment: this.attachments.get(port) ?? { to: 'silence' },
      })),
      sessions: [...this.sessions].map(([session, { port, connected }]) => ({
        session,
        note: session,
        localPort: port,
        connected,
      })),
    });
  }
}
