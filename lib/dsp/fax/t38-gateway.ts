import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import { ModemTones } from '../modem-tones.ts';
import { mustBeSamples, type NativeHandle, noMemory } from '../native-library.ts';
import { Deferred } from './deferred.ts';
import { addFaxListener, type FaxListener, faxCallbacks, removeFaxListener } from './fax-callbacks.ts';
import { type FaxLibrary, loadFaxLibrary } from './fax-library.ts';
import { type FaxModems, modemMask, type T38Version } from './fax-options.ts';
import { isIfp } from './ifp.ts';

export interface T38GatewayOptions {
  /** As answered in the session description. */
  readonly version: T38Version;
  /** False keeps the machines on both sides from using error correction. */
  readonly ecm: boolean;
  readonly modems: FaxModems;
  /**
   * Tells the network of CNG and CED on the line, until V.21 is heard there. For a call that begins as T.38: in any other the
   * machines have heard each other's already.
   */
  readonly tellTones?: boolean;
  /** An IFP packet for the network: a copy of its own, to be sent `copies` times (≥ 1) under one sequence number. */
  onIfp(ifp: Uint8Array, copies: number): void;
  /** A T.30 control frame in clear, for `parseControlFrame`; `incoming` is true when it came from the network. */
  onControlFrame?(frame: Uint8Array, incoming: boolean): void;
}

export interface T38GatewayFigures {
  /** bit/s of the page signal, as last trained. */
  readonly bitRate: number;
  readonly ecm: boolean;
  readonly pages: number;
  /** Packets from the network that were refused because they are no IFP. */
  readonly malformed: number;
}

/** Transferred TCF: the training signal travels to the far modem; the rule over UDP (T.38 §8.1). */
const TRANSFERRED_TCF = 2;
/**
 * Bytes of a non-standard facilities frame that are overwritten both ways: what two machines of one maker agree on there
 * is nothing that a gateway could carry.
 */
const NSX_BYTES = 3;
/** t38_stats_t: bit rate, error correction, pages. */
const STATISTICS = 8;
const INDICATOR = { noSignal: 0, cng: 1, ced: 2 } as const;
/** Sends an indicator even when it is the one that was sent last. */
const FORCED = 0x100;

/**
 * Audio of a line ↔ IFP packets of T.38. `hear` and `speak` in step, 20 ms each: the samples are its clock. It tells the
 * network nothing of CNG and CED on the line unless `tellTones` says so. Its first
 * packet says "no signal" and opens the way through address translators. Holds native memory: `close` it; a closed
 * gateway hears nothing and speaks silence.
 */
export class T38Gateway {
  readonly #library: FaxLibrary;
  readonly #deferred: Deferred;
  readonly #channel: number;
  readonly #version: T38Version;
  readonly #core: NativeHandle;
  readonly #statistics = new Int32Array(STATISTICS);
  #handle: NativeHandle | null;
  #heard = new Int16Array(0);
  #figures: Omit<T38GatewayFigures, 'malformed'> = { bitRate: 0, ecm: false, pages: 0 };
  #malformed = 0;
  #tones: ModemTones | undefined;

  private constructor(
    library: FaxLibrary,
    deferred: Deferred,
    channel: number,
    handle: NativeHandle,
    options: T38GatewayOptions,
  ) {
    this.#library = library;
    this.#deferred = deferred;
    this.#channel = channel;
    this.#handle = handle;
    this.#version = options.version;
    const { gateway, core } = library;
    this.#core = gateway.core(handle);
    // Before the first packet: the grammar of everything sent and received hangs on it.
    core.setVersion(this.#core, options.version);
    core.setRateManagement(this.#core, TRANSFERRED_TCF);
    gateway.setTransmitOnIdle(handle, 1);
    gateway.setEcm(handle, options.ecm ? 1 : 0);
    gateway.setModems(handle, modemMask(options.modems));
    gateway.setNsxSuppression(handle, null, NSX_BYTES, null, NSX_BYTES);
    if (options.tellTones === true) {
      const tones = ModemTones.open();
      this.#tones = tones.ok ? tones.value : undefined;
    }
    if (options.onControlFrame) gateway.setFrameHandler(handle, faxCallbacks().relayedFrame, channel);
  }

  /** Errors: those of loading the library, and `dsp.libraryUnusable` when there is no memory left. */
  static open(options: T38GatewayOptions): Result<T38Gateway, DspError> {
    const library = loadFaxLibrary();
    if (!library.ok) return library;
    const deferred = new Deferred();
    const channel = addFaxListener(listenerFor(options, deferred));
    const handle = library.value.gateway.init(null, faxCallbacks().packet, channel);
    if (handle === null) {
      removeFaxListener(channel);
      return noMemory('The T.38 gateway');
    }
    return { ok: true, value: new T38Gateway(library.value, deferred, channel, handle, options) };
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Samples that came from the line. */
  hear(samples: Int16Array): void {
    if (this.#handle === null) return;
    // The library writes into what it is given.
    if (this.#heard.length !== samples.length) this.#heard = new Int16Array(samples.length);
    this.#heard.set(samples);
    this.#tellTones();
    this.#library.gateway.rx(this.#handle, this.#heard, this.#heard.length);
    this.#deferred.run();
  }

  #tellTones(): void {
    for (const tone of this.#tones?.push(this.#heard) ?? []) {
      if (tone === 'cng') this.sendIndicator('cng');
      else if (tone === 'v21Preamble') this.#deafen();
      else if (tone !== 'callingTone') this.sendIndicator('ced');
    }
  }

  #deafen(): void {
    this.#tones?.close();
    this.#tones = undefined;
  }

  /** Samples of the line that were lost. */
  hearMissing(count: number): void {
    if (this.#handle === null || count <= 0) return;
    this.#library.gateway.rxFillin(this.#handle, count);
    this.#deferred.run();
  }

  /** Fills `out` with what goes to the line; silence when there is nothing. */
  speak(out: Int16Array): void {
    mustBeSamples(out);
    const said = this.#handle === null ? 0 : this.#library.gateway.tx(this.#handle, out, out.length);
    if (said < out.length) out.fill(0, Math.max(said, 0));
    this.#deferred.run();
  }

  /** An IFP packet from the network with its UDPTL sequence number, 0 to 65,535; what is none is counted and dropped. */
  receiveIfp(ifp: Uint8Array, sequence: number): void {
    if (this.#handle === null) return;
    if (!isIfp(ifp, this.#version)) {
      this.#malformed += 1;
      return;
    }
    this.#library.core.rxIfp(this.#core, ifp, ifp.length, sequence & 0xffff);
    this.#deferred.run();
  }

  /** Tells the network what was found on the line; "no signal" again keeps the way open when the far end is silent. */
  sendIndicator(indicator: 'cng' | 'ced' | 'noSignal'): void {
    if (this.#handle === null) return;
    const again = indicator === 'noSignal' ? FORCED : 0;
    this.#library.core.sendIndicator(this.#core, INDICATOR[indicator] | again);
    this.#deferred.run();
  }

  /** How the fax goes; the last ones after `close`. */
  get figures(): T38GatewayFigures {
    if (this.#handle !== null) {
      this.#library.gateway.statistics(this.#handle, this.#statistics);
      const [bitRate = 0, ecm = 0, pages = 0] = this.#statistics;
      this.#figures = { bitRate, ecm: ecm !== 0, pages };
    }
    return { ...this.#figures, malformed: this.#malformed };
  }

  /** Frees the native memory; nothing is told any more. Twice is harmless. */
  close(): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#figures = this.figures;
    this.#handle = null;
    this.#deafen();
    this.#deferred.clear();
    removeFaxListener(this.#channel);
    this.#library.gateway.release(handle);
    this.#library.gateway.free(handle);
  }
}

function listenerFor(options: T38GatewayOptions, deferred: Deferred): FaxListener {
  return {
    packet: (ifp, copies) => deferred.add(() => options.onIfp(ifp, copies)),
    // The library calls incoming what came from the line.
    frame: (frame, fromLine) => deferred.add(() => options.onControlFrame?.(frame, !fromLine)),
    pageEnd: () => undefined,
    callEnd: () => undefined,
  };
}
