import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import { type NativeHandle, noMemory } from '../native-library.ts';
import { faxCallbacks } from './fax-callbacks.ts';
import { type FaxLibrary, loadFaxLibrary } from './fax-library.ts';
import type { FaxEnd, FaxMachineOptions, T38Version } from './fax-options.ts';
import { isIfp } from './ifp.ts';
import { checkFaxOptions, type FaxOptionError, T30Session } from './t30-session.ts';

export interface T38TerminalOptions extends FaxMachineOptions {
  /** As answered in the session description. */
  readonly version: T38Version;
  /** An IFP packet for the network: a copy of its own, to be sent `copies` times (≥ 1) under one sequence number. */
  onIfp(ifp: Uint8Array, copies: number): void;
}

/** Transferred TCF: the training signal travels to the far modem; the rule over UDP (T.38 §8.1). */
const TRANSFERRED_TCF = 2;

/**
 * A whole T.30 fax machine whose line is T.38. `tick` is its clock; the watchdog is the caller's, as with an audio
 * machine. Holds native memory: `close` it; a closed terminal does nothing.
 */
export class T38Terminal {
  readonly #library: FaxLibrary;
  readonly #session: T30Session;
  readonly #version: T38Version;
  #handle: NativeHandle | null;
  #core: NativeHandle;
  #malformed = 0;

  private constructor(library: FaxLibrary, session: T30Session, handle: NativeHandle, version: T38Version) {
    this.#library = library;
    this.#session = session;
    this.#handle = handle;
    this.#version = version;
    this.#core = library.terminal.core(handle);
    library.core.setVersion(this.#core, version);
    library.core.setRateManagement(this.#core, TRANSFERRED_TCF);
    session.attach(library.terminal.t30(handle));
  }

  /** Errors: those of loading the library, `fax.badOption`, and `dsp.libraryUnusable` when there is no memory left. */
  static open(options: T38TerminalOptions): Result<T38Terminal, DspError | FaxOptionError> {
    const good = checkFaxOptions(options);
    if (!good.ok) return good;
    const library = loadFaxLibrary();
    if (!library.ok) return library;
    const session = new T30Session(library.value, options, (ifp, copies) => options.onIfp(ifp, copies));
    const { terminal } = library.value;
    const handle = terminal.init(null, options.calling ? 1 : 0, faxCallbacks().packet, session.channel);
    if (handle === null) {
      session.detach();
      return noMemory('The T.38 terminal');
    }
    return { ok: true, value: new T38Terminal(library.value, session, handle, options.version) };
  }

  /** How it ended; null while it has not. */
  get end(): FaxEnd | null {
    return this.#session.end;
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** IFP packets that were refused because they are none. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Time passes: `samples` of 8,000 a second, 160 every 20 ms. */
  tick(samples: number): void {
    if (this.#handle === null) return;
    this.#library.terminal.sendTimeout(this.#handle, samples);
    this.#session.deferred.run();
  }

  /** An IFP packet from the network with its UDPTL sequence number, 0 to 65,535. */
  receiveIfp(ifp: Uint8Array, sequence: number): void {
    if (this.#handle === null) return;
    if (!isIfp(ifp, this.#version)) {
      this.#malformed += 1;
      return;
    }
    this.#library.core.rxIfp(this.#core, ifp, ifp.length, sequence & 0xffff);
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
    this.#library.terminal.release(handle);
    this.#library.terminal.free(handle);
  }
}
