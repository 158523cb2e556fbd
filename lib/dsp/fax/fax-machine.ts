import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import { mustBeSamples, type NativeHandle, noMemory } from '../native-library.ts';
import { type FaxLibrary, loadFaxLibrary } from './fax-library.ts';
import type { FaxEnd, FaxMachineOptions } from './fax-options.ts';
import { checkFaxOptions, type FaxOptionError, T30Session } from './t30-session.ts';

/**
 * A whole T.30 fax machine on an audio line (ITU-T T.30, V.17, V.29, V.27ter, V.21), 8,000 samples a second both ways.
 * `receive` and `transmit` in step: the samples are its clock. A far end that falls silent in the wrong place may leave
 * it waiting for minutes: the watchdog is the caller's, `terminate` ends it. Holds native memory: `close` it; a closed
 * machine hears nothing and sends silence.
 */
export class FaxMachine {
  readonly #library: FaxLibrary;
  readonly #session: T30Session;
  #handle: NativeHandle | null;
  #heard = new Int16Array(0);

  private constructor(library: FaxLibrary, session: T30Session, handle: NativeHandle) {
    this.#library = library;
    this.#session = session;
    this.#handle = handle;
  }

  /** Errors: those of loading the library, `fax.badOption`, and `dsp.libraryUnusable` when there is no memory left. */
  static open(options: FaxMachineOptions): Result<FaxMachine, DspError | FaxOptionError> {
    const good = checkFaxOptions(options);
    if (!good.ok) return good;
    const library = loadFaxLibrary();
    if (!library.ok) return library;
    const { machine } = library.value;
    const handle = machine.init(null, options.calling ? 1 : 0);
    if (handle === null) return noMemory('The fax machine');
    const session = new T30Session(library.value, options);
    machine.setTransmitOnIdle(handle, 1);
    session.attach(machine.t30(handle));
    return { ok: true, value: new FaxMachine(library.value, session, handle) };
  }

  /** How it ended; null while it has not. */
  get end(): FaxEnd | null {
    return this.#session.end;
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Samples that came from the line. */
  receive(samples: Int16Array): void {
    if (this.#handle === null) return;
    // The library writes into what it is given.
    if (this.#heard.length !== samples.length) this.#heard = new Int16Array(samples.length);
    this.#heard.set(samples);
    this.#library.machine.rx(this.#handle, this.#heard, this.#heard.length);
    this.#session.deferred.run();
  }

  /** Samples that should have come and were lost. */
  receiveMissing(count: number): void {
    if (this.#handle === null || count <= 0) return;
    this.#library.machine.rxFillin(this.#handle, count);
    this.#session.deferred.run();
  }

  /** Fills `out` with what goes to the line; silence when there is nothing. */
  transmit(out: Int16Array): void {
    mustBeSamples(out);
    const sent = this.#handle === null ? 0 : this.#library.machine.tx(this.#handle, out, out.length);
    if (sent < out.length) out.fill(0, Math.max(sent, 0));
    this.#session.deferred.run();
  }

  /** Ends the fax as if the line had dropped, if it has not ended. */
  terminate(): void {
    this.#session.terminate();
  }

  /** Frees the native memory; nothing is told any more. Twice is harmless. */
  close(): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    this.#session.detach();
    this.#library.machine.release(handle);
    this.#library.machine.free(handle);
  }
}
