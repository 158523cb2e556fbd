/**
 * Why a desired configuration was not taken. `rev` is what the envelope claimed, when it could be read at all; it is
 * not proved by a signature unless the code says so (every code after `config.signature` in the list below is).
 */
export interface ConfigRefusal {
  readonly code: ConfigRefusalCode;
  readonly fault: 'peer' | 'us';
  readonly say: string;
  readonly rev?: number;
}

/** The codes in the order in which a configuration is checked: the first that applies is the one reported. */
export const configRefusalCodes = [
  /** More bytes than any configuration may have. */
  'config.tooLarge',
  /** Not UTF-8 JSON, envelope or payload. */
  'config.notJson',
  /** An envelope or a schema from another generation. */
  'config.schemaVersion',
  /** A field is missing, unknown or out of range; `say` names the first one. */
  'config.schema',
  /** Not signed by this gateway's cloud. */
  'config.signature',
  /** Signed, but for another box. */
  'config.otherGateway',
  /** Signed, but the payload is not the one that was signed. */
  'config.digest',
  'config.duplicatePort',
  'config.duplicateExtension',
  'config.duplicateService',
  'config.duplicateAccount',
  /** Two desk phones with one hardware address. */
  'config.duplicatePhone',
  /** An extension that is, or begins like, 110, 118 or 119. */
  'config.reservedExtension',
  /** A ring group with a member that is no line or desk phone of the box, or twice the same. */
  'config.groupMember',
  /** Two codes of which one begins with the other, so that one of them could not be dialled. */
  'config.featureCodes',
  /** A hook flash that would have to be longer than it may be. */
  'config.flashWindow',
  /** A text with control characters, which could split a SIP header or drive a terminal. */
  'config.text',
] as const;
export type ConfigRefusalCode = (typeof configRefusalCodes)[number];

/** A refusal whose fault is the sender's. `rev` is left out when it is not known. */
export function configRefusal(code: ConfigRefusalCode, say: string, rev?: number): ConfigRefusal {
  return rev === undefined ? { code, fault: 'peer', say } : { code, fault: 'peer', say, rev };
}

/** The first wrong field of a schema check, in words: `lines, item 2, extension: must be …`. */
export function firstIssue(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const first = issues[0];
  if (first === undefined) return 'unknown field';
  const where = first.path.map((part) => (typeof part === 'number' ? `item ${part + 1}` : String(part)));
  return `${where.length === 0 ? 'the whole' : where.join(', ')}: ${first.message}`.slice(0, 300);
}
