import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaxMachine } from '../../../lib/dsp/fax/fax-machine.ts';
import { comparePages, type Page, readPages, writePages } from '../../../lib/dsp/fax/page-file.ts';
import type { FakeBoard } from '../../support/fake-board.ts';
import { SuperG3 } from './super-g3.ts';

/** A fax machine on a port of a fake board: it hears the port's ear and speaks into its microphone. */
export class FaxPhone {
  readonly machine: FaxMachine;
  /** Present when it is a Super G3 machine. */
  readonly superG3: SuperG3 | undefined;
  readonly #board: FakeBoard;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'fax-phone-'));
  readonly #block = new Int16Array(80);

  constructor(
    board: FakeBoard,
    port: number,
    options: {
      readonly send?: readonly Page[];
      readonly ident: string;
      readonly ecm?: boolean;
      readonly superG3?: boolean;
    },
  ) {
    this.#board = board;
    this.#port = port;
    const sendFile = join(this.#folder, 'send.tif');
    if (options.send !== undefined) {
      const written = writePages(sendFile, options.send);
      if (!written.ok) throw new Error(written.error.say);
    }
    const opened = FaxMachine.open({
      calling: options.send !== undefined,
      ident: options.ident,
      ecm: options.ecm ?? true,
      modems: 'v17',
      ...(options.send === undefined ? { receiveFile: join(this.#folder, 'received.tif') } : { sendFile }),
      onEnd: () => {},
    });
    if (!opened.ok) throw new Error(opened.error.say);
    this.machine = opened.value;
    this.superG3 = options.superG3 === true ? new SuperG3(options.send !== undefined) : undefined;
    board.microphones.set(port, (position) => {
      if (position % 80 === 0) {
        this.machine.transmit(this.#block);
        this.superG3?.cover(this.#block);
      }
      return this.#block[position % 80] ?? 0;
    });
  }

  /** Hears what the ear got since this was called last. */
  listen(): void {
    const frames = this.#board.ears.get(this.#port) ?? [];
    for (const frame of frames.splice(0)) {
      this.superG3?.hear(frame);
      this.machine.receive(frame);
    }
  }

  /** How the received pages differ from `sent`. */
  compare(sent: readonly Page[]) {
    const read = readPages(join(this.#folder, 'received.tif'));
    if (!read.ok) throw new Error(read.error.say);
    return comparePages(sent, read.value);
  }

  close(): void {
    this.machine.close();
    this.superG3?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
