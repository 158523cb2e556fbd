import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, writePages } from '../../../lib/dsp/fax/page-file.ts';
import { T38Terminal } from '../../../lib/dsp/fax/t38-terminal.ts';
import { UdptlReceiver } from '../../../lib/voice/t38/udptl-receiver.ts';
import { UdptlSender } from '../../../lib/voice/t38/udptl-sender.ts';

/** A fax server on the network that sends: a T.30 machine whose line is T.38, on a UDP socket. */
export class FaxPeer {
  readonly terminal: T38Terminal;
  readonly #socket: Socket = createSocket('udp4');
  readonly #sender = new UdptlSender({ errorCorrection: 'redundancy', redundancy: 3, maxDatagramBytes: 400 });
  readonly #receiver = new UdptlReceiver();
  readonly #folder = mkdtempSync(join(tmpdir(), 'fax-peer-'));
  #to: { readonly host: string; readonly port: number } | undefined;
  #nowMs = 0;

  constructor(pages: readonly Page[]) {
    const sendFile = join(this.#folder, 'send.tif');
    const written = writePages(sendFile, pages);
    if (!written.ok) throw new Error(written.error.say);
    const opened = T38Terminal.open({
      version: 0,
      calling: true,
      ident: '0355550160',
      ecm: true,
      modems: 'v17',
      sendFile,
      onIfp: (ifp, copies) => this.#send(this.#sender.send(ifp, copies, this.#nowMs)),
      onEnd: () => {},
    });
    if (!opened.ok) throw new Error(opened.error.say);
    this.terminal = opened.value;
    this.#socket.on('message', (datagram) => {
      for (const { ifp, sequence } of this.#receiver.receive(datagram))
        this.terminal.receiveIfp(ifp, sequence);
    });
  }

  bind(host: string): Promise<number> {
    return new Promise((resolve) => {
      this.#socket.bind(0, host, () => resolve(this.#socket.address().port));
    });
  }

  connect(host: string, port: number): void {
    this.#to = { host, port };
  }

  /** 20 ms pass. */
  tick(): void {
    this.#nowMs += 20;
    this.terminal.tick(160);
    this.#send(this.#sender.due(this.#nowMs));
  }

  /** Bytes that are no fax. */
  throwIn(bytes: Uint8Array): void {
    this.#send([bytes]);
  }

  close(): void {
    this.terminal.close();
    this.#socket.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #send(datagrams: readonly Uint8Array[]): void {
    if (this.#to === undefined) return;
    for (const datagram of datagrams) this.#socket.send(datagram, this.#to.port, this.#to.host);
  }
}
