import type { LineConfig } from '../../lib/contract/site-config.ts';
import {
  answerImageOffer,
  type ImagePath,
  makeImageOffer,
  readImageAnswer,
} from '../../lib/voice/t38/image-media.ts';
import { OUR_T38, type T38Parameters } from '../../lib/voice/t38/t38-parameters.ts';
import type { FaxParameters } from '../media/protocol.ts';

type LineFax = LineConfig['fax'];

/** Where our end of a fax is: the port that the sound of the call has. */
export interface FaxEnd {
  readonly host: string;
  readonly port: number;
  /** Of the session description. */
  readonly version: number;
}

/** The rate says which modems there are: V.29 ends at 9,600 bit/s. */
function parametersOf(fax: LineFax): T38Parameters {
  const version = fax.version >= 3 ? 3 : fax.version === 2 ? 2 : fax.version === 1 ? 1 : 0;
  const maxBitRate = fax.modems === 'v29' ? 9_600 : OUR_T38.maxBitRate;
  return { ...OUR_T38, version, maxBitRate, errorCorrection: fax.errorCorrection };
}

/** Our offer of T.38. `before` is the description that the call has; its media keep their places. */
export function faxOffer(fax: LineFax, end: FaxEnd, before: string | null): string {
  const local = { ...end, id: end.port, parameters: parametersOf(fax) };
  return makeImageOffer(local, before ?? undefined);
}

/** The answer to it, or undefined when that has no image. */
export function readFaxAnswer(answer: string, fax: LineFax): FaxParameters | undefined {
  const read = readImageAnswer(answer, parametersOf(fax));
  return read.ok ? wayOf(read.value, fax) : undefined;
}

/** Our answer to an offer of T.38, or undefined when it has none that we speak. */
export function answerFaxOffer(
  offer: string,
  fax: LineFax,
  end: FaxEnd,
): { readonly sdp: string; readonly way: FaxParameters } | undefined {
  const made = answerImageOffer(offer, { ...end, id: end.port, parameters: parametersOf(fax) });
  return made.ok ? { sdp: made.value.sdp, way: wayOf(made.value.path, fax) } : undefined;
}

function wayOf(path: ImagePath, fax: LineFax): FaxParameters {
  const { host, port, agreement } = path;
  return {
    host,
    port,
    version: agreement.version,
    errorCorrection: agreement.errorCorrection,
    redundancy: fax.redundancy,
    maxDatagram: agreement.maxDatagramBytes,
    ecm: fax.ecm,
    modems: slower(agreement.maxBitRate, fax.modems),
  };
}

/** The fastest modem that neither side excludes. */
function slower(maxBitRate: number, modems: LineFax['modems']): FaxParameters['modems'] {
  if (maxBitRate <= 4_800) return 'v27ter';
  return maxBitRate <= 9_600 ? 'v29' : modems;
}
