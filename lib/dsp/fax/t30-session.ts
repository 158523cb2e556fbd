import { type CodedError, type Result, refuse } from '../../base/errors.ts';
import type { NativeHandle } from '../native-library.ts';
import { parseControlFrame } from '../t30-frame.ts';
import { Deferred } from './deferred.ts';
import { addFaxListener, type FaxListener, faxCallbacks, removeFaxListener } from './fax-callbacks.ts';
import { faxEndInWords } from './fax-end-words.ts';
import type { FaxLibrary } from './fax-library.ts';
import type { FaxEnd, FaxMachineOptions } from './fax-options.ts';
import { modemMask } from './fax-options.ts';

/** What a caller got wrong in the options of a machine. */
export type FaxOptionError = CodedError & { readonly code: 'fax.badOption'; readonly fault: 'caller' };

/** T.4 one- and two-dimensional, and T.6 (which needs error correction). */
const COMPRESSIONS = 0x2 | 0x4 | 0x8;
/** R8 across; standard, fine and superfine down. */
const RESOLUTIONS = 0x30007;
/** 215, 255 and 303 mm wide; any length. */
const IMAGE_SIZES = 0x1f0007;
/** The library keeps file names in 256 bytes and cuts what is longer. */
const FILE_NAME_BYTES = 255;

/** Places in t30_stats_t, which is whole numbers of 32 bits; with room for those of later versions. */
const STATISTICS = 32;
const PAGES_SENT = 2;
const PAGES_RECEIVED = 3;
const BAD_ROWS = 11;

/** Refuses what the library would cut or ignore in silence. */
export function checkFaxOptions(options: FaxMachineOptions): Result<void, FaxOptionError> {
  if (!/^[0-9+ ]{0,20}$/.test(options.ident)) {
    return badOption(`"${options.ident}" is no fax identification: at most 20 of digits, + and space.`);
  }
  for (const file of [options.sendFile, options.receiveFile]) {
    if (file === undefined) continue;
    if (file === '' || file.includes('\0') || Buffer.byteLength(file) > FILE_NAME_BYTES) {
      return badOption(`"${file}" is no file name for a fax: 1 to ${FILE_NAME_BYTES} bytes.`);
    }
  }
  return { ok: true, value: undefined };
}

function badOption(say: string): Result<never, FaxOptionError> {
  return refuse({ code: 'fax.badOption', fault: 'caller', say });
}

/** The protocol side that an audio machine and a T.38 terminal share: settings, what was told, the end. */
export class T30Session implements FaxListener {
  readonly channel: number;
  readonly deferred = new Deferred();
  readonly #library: FaxLibrary;
  readonly #options: FaxMachineOptions;
  readonly #onIfp: (ifp: Uint8Array, copies: number) => void;
  readonly #statistics = new Int32Array(STATISTICS);
  #t30: NativeHandle | null = null;
  #end: FaxEnd | null = null;
  #pages = 0;
  #badRows = 0;
  #bitRate = 0;
  #ecm = false;
  #remoteIdent: string | null = null;
  #retrains = 0;

  constructor(
    library: FaxLibrary,
    options: FaxMachineOptions,
    onIfp: (ifp: Uint8Array, copies: number) => void = () => undefined,
  ) {
    this.#library = library;
    this.#options = options;
    this.#onIfp = onIfp;
    this.channel = addFaxListener(this);
  }

  get end(): FaxEnd | null {
    return this.#end;
  }

  /** Applies the options to the protocol machine of a new state. */
  attach(handle: NativeHandle): void {
    const { t30 } = this.#library;
    const { ident, sendFile, receiveFile, modems, ecm } = this.#options;
    const { pageEnd, callEnd, obeyedFrame } = faxCallbacks();
    this.#t30 = handle;
    t30.setIdent(handle, ident);
    if (sendFile !== undefined) t30.setSendFile(handle, sendFile, -1, -1);
    if (receiveFile !== undefined) t30.setReceiveFile(handle, receiveFile, -1);
    t30.setModems(handle, modemMask(modems));
    t30.setCompressions(handle, COMPRESSIONS);
    t30.setResolutions(handle, RESOLUTIONS);
    t30.setImageSizes(handle, IMAGE_SIZES);
    t30.setEcm(handle, ecm ? 1 : 0);
    t30.setPhaseDHandler(handle, pageEnd, this.channel);
    t30.setPhaseEHandler(handle, callEnd, this.channel);
    t30.setFrameHandler(handle, obeyedFrame, this.channel);
  }

  /** Ends the fax as if the line had dropped; the end is told before this returns. */
  terminate(): void {
    if (this.#t30 === null) return;
    this.#library.t30.terminate(this.#t30);
    this.deferred.run();
  }

  /** Before the native state is freed. */
  detach(): void {
    this.#t30 = null;
    this.deferred.clear();
    removeFaxListener(this.channel);
  }

  packet(ifp: Uint8Array, copies: number): void {
    this.deferred.add(() => this.#onIfp(ifp, copies));
  }

  frame(bytes: Uint8Array, incoming: boolean): void {
    const frame = parseControlFrame(bytes);
    if (frame === null) return;
    if (frame.name === 'FTT') this.#retrains += 1;
    if (frame.name === 'DCS') {
      this.#bitRate = frame.bitRate ?? this.#bitRate;
      this.#ecm = frame.ecm ?? false;
    }
    if (incoming && frame.ident !== undefined) this.#remoteIdent = frame.ident;
    this.deferred.add(() => this.#options.onControlFrame?.(frame, incoming));
  }

  pageEnd(): void {
    // Read now: the next page starts from zero, and at the very end nothing is left to read of an ECM page.
    const pages = this.#readPages();
    if (pages === this.#pages) return;
    this.#pages = pages;
    this.#badRows += this.#statistics[BAD_ROWS] ?? 0;
    this.deferred.add(() => this.#options.onPage?.(pages));
  }

  callEnd(code: number): void {
    if (this.#end !== null) return;
    const end: FaxEnd = {
      code,
      say: faxEndInWords(code, () => this.#library.t30.completionText(code)),
      ok: code === 0,
      pages: Math.max(this.#pages, this.#readPages()),
      bitRate: this.#bitRate,
      ecm: this.#ecm,
      remoteIdent: this.#remoteIdent,
      retrains: this.#retrains,
      badRows: this.#badRows,
    };
    this.#end = end;
    this.deferred.add(() => this.#options.onEnd(end));
  }

  #readPages(): number {
    if (this.#t30 === null) return 0;
    this.#library.t30.statistics(this.#t30, this.#statistics);
    return Math.max(this.#statistics[PAGES_SENT] ?? 0, this.#statistics[PAGES_RECEIVED] ?? 0);
  }
}
