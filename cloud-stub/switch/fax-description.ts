import { type Anchor, type MediaType, readSections, writeSession } from './session-description.ts';

/** The T.38 stream of a session description (T.38 Annex D, RFC 7345 §9 for the names): `m=image 4002 udptl t38`. */
export interface FaxDescription {
  readonly host: string;
  readonly port: number;
  /** `T38…` lines, without the leading `a=`. */
  readonly attributes: readonly string[];
  readonly place: number;
  readonly otherMedia: readonly MediaType[];
  /** Live audio is described beside it: whoever offers so takes either of them (RFC 3264 §5.1). */
  readonly audioToo: boolean;
}

/** The same stream at the same place: an offer that only refreshes the session (RFC 4028 §7.4). */
export function sameFax(one: FaxDescription, other: FaxDescription): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.attributes.join('\n') === other.attributes.join('\n')
  );
}

/** The fax stream of a description that has one that can be relayed; undefined otherwise. Never throws. */
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
  const audioToo = sections.some((one) => one.type === 'audio' && one.port > 0);
  const otherMedia = sections.filter((_, index) => index !== place).map((one) => one.type);
  return { host, port: fax.port, attributes: fax.attributes, place, otherMedia, audioToo };
}

/** The description as the other party gets it: the fax stream at `anchor`, every other medium refused. */
export function writeFax(fax: Omit<FaxDescription, 'audioToo'>, anchor: Anchor): string {
  const attributes = fax.attributes.map((attribute) => `a=${attribute}`);
  const ours = [`m=image ${anchor.port} udptl t38`, ...attributes];
  return writeSession(anchor, ours, fax.place, fax.otherMedia);
}
