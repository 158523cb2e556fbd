import type { ControlFrame } from '../t30-frame.ts';

/** The fastest modulation that a fax may use: V.17 has 14,400 bit/s, V.29 has 9,600, V.27ter 4,800. Slower ones stay allowed. */
export type FaxModems = 'v17' | 'v29' | 'v27ter';

/**
 * T38FaxVersion as answered in the session description. 0 is written in the first grammar of T.38, 1 to 3 in the
 * corrected one: both ends must hold the same value before the first packet, or every fax fails.
 */
export type T38Version = 0 | 1 | 2 | 3;

/** What a whole T.30 machine is told, on audio or on IFP. */
export interface FaxMachineOptions {
  /** True for the machine that dialled: it sends CNG and waits for the other side's capabilities. */
  readonly calling: boolean;
  /** Identification that the other machine prints (TSI or CSI): at most 20 of digits, `+` and space. */
  readonly ident: string;
  /** TIFF to send. A machine may both send and receive; with neither, it only answers the protocol. */
  readonly sendFile?: string;
  /** TIFF to write. Readable only after the end has been told: the library completes it then. */
  readonly receiveFile?: string;
  /** Error correction mode: retransmits damaged parts of a page. */
  readonly ecm: boolean;
  readonly modems: FaxModems;
  /** Pages sent or received so far; told after every page. */
  onPage?(pages: number): void;
  /** T.30 control frames, both ways, as they pass. */
  onControlFrame?(frame: ControlFrame, incoming: boolean): void;
  /** Once: the fax is over, well or not. Never told after `close`. */
  onEnd(end: FaxEnd): void;
}

/** How a fax ended. */
export interface FaxEnd {
  /** Completion code of the library; 0 is good. */
  readonly code: number;
  /** The same in words, for a person. */
  readonly say: string;
  readonly ok: boolean;
  /** Pages that were sent or received whole. */
  readonly pages: number;
  readonly bitRate: number;
  readonly ecm: boolean;
  /** Identification of the other machine, when it gave one. */
  readonly remoteIdent: string | null;
  /** How often training failed and was repeated (FTT). */
  readonly retrains: number;
  /** Damaged rows of received pages; without error correction a fax can "succeed" with them. */
  readonly badRows: number;
}

const V27TER = 1;
const V29 = 2;
const V17 = 4;

/** The library's mask for a modulation and all slower ones. */
export function modemMask(modems: FaxModems): number {
  switch (modems) {
    case 'v17':
      return V17 | V29 | V27TER;
    case 'v29':
      return V29 | V27TER;
    case 'v27ter':
      return V27TER;
  }
}
