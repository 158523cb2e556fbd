import type { FaxModems, T38Version } from '../../lib/dsp/fax/fax-options.ts';

/** How a fax machine of the network, and the operator before it, behave. */
export interface FaxHabits {
  /** Identification that the other machine shows. */
  readonly ident: string;
  readonly ecm: boolean;
  readonly modems: FaxModems;
  /**
   * The other side's re-INVITE to T.38: taken; refused with 488; never answered; or answered with 200 and port 0, as
   * operators do that say yes and carry audio only.
   */
  readonly t38: 'accept' | 'refuse' | 'ignore' | 'audioOnly';
  /** Own re-INVITE where this machine is the one that answers: none, with the fax alone, or with audio and fax. */
  readonly offers: 'none' | 'fax' | 'both';
  /** T38FaxVersion that is offered, and the most that is answered. */
  readonly version: T38Version;
  readonly redundancy: number;
  /** So long after the answer it says nothing any more, in no protocol; null: never. */
  readonly vanishAfterMs: number | null;
}

/** A plain machine at an operator that carries T.38. */
export const USUAL_FAX_HABITS: FaxHabits = {
  ident: '',
  ecm: true,
  modems: 'v17',
  t38: 'accept',
  offers: 'fax',
  version: 0,
  redundancy: 3,
  vanishAfterMs: null,
};

/** How a fax of the network ended, as the control socket shows it. */
export interface FaxOutcome {
  readonly direction: 'send' | 'receive';
  readonly path: 'audio' | 't38';
  readonly ok: boolean;
  readonly say: string;
  readonly pages: number;
  readonly bitRate: number;
  readonly ecm: boolean;
  readonly remoteIdent: string | null;
  readonly retrains: number;
  readonly badRows: number;
  /** The TIFF that was sent, or that holds what was received. */
  readonly file: string;
}
