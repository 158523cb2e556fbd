import { type Anchor, type MediaType, readSections, writeSession } from './session-description.ts';

/** The T.38 stream of a session description (T.38 Annex D, RFC 7345 §9 for the names): `m=image 4002 udptl t38`. */
export interface FaxDescription {
  readonly host: string;
  readonly port: number;
  /** `T38…` lines, without the leading `a=`. */
  readonly attributes: readonly string[];
  readonly place: number;
  readonly otherMedia: readonly MediaType[];
}

/** The fax stream of a description that has one and no audio beside it; undefined otherwise. Never throws. */
export function readFax(sdp: string | undefined): FaxDescription | undefined {
  const read = readSections(sdp);
  if (read === undefined) return undefined;
  const { sections } = read;
  const place = sections.findIndex(
    (one) => one.type === 'image' && one.port > 0 && one.protocol.toLowerCase() === 'udptl',
  );
  const fax = sections[place];
  const host = fax?.host ?? read.host;
  if (fax === undefined || host === undefined) return undefined;
  if (sections.some((one) => one.type === 'audio' && one.port > 0)) return undefined;
  const otherMedia = sections.filter((_, index) => index !== place).map((one) => one.type);
  return { host, port: fax.port, attributes: fax.attributes, place, otherMedia };
}

/** The description as the other party gets it: the fax stream at `anchor`, every other medium refused. */
export function writeFax(fax: FaxDescription, anchor: Anchor): string {
  const attributes = fax.attributes.map((attribute) => `a=${attribute}`);
  const ours = [`m=image ${anchor.port} udptl t38`, ...attributes];
  return writeSession(anchor, ours, fax.place, fax.otherMedia);
}
