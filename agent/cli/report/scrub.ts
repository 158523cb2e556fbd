/** What stands in the place of a secret. */
const HIDDEN = '(hidden)';

/** Names of fields whose values never leave the box, whatever they hold. */
const SECRET_NAME =
  /pass|secret|token|pem|private|credential|cookie|nonce|authorization|ha1|claim|psk|pin$|[a-z]Key$|^key$|^login$|^auth$/i;
/** A value this short says nothing, and would blacken half of a text. */
const SHORTEST = 6;
const DEPTH_LIMIT = 40;

/** A whole one; in JSON its lines are joined by `\\n`. */
const PEM = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?-----END [A-Z0-9 ]+-----/g;

/** Secrets that a text may carry although nobody named them. */
const PATTERNS: readonly (readonly [pattern: RegExp, put: string])[] = [
  [PEM, HIDDEN],
  [/\b((?:proxy-)?authorization|cookie|set-cookie)\b(["']?\s*[:=]\s*)[^\r\n]*/gi, `$1$2${HIDDEN}`],
  [
    /\b(\w*(?:password|passwd|passphrase|secret|token|nonce|response|cnonce|ha1|api[_-]?key)\w*)(\\?["']?\s*[:=]\s*)(?:\\?"[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    `$1$2${HIDDEN}`,
  ],
  [/\binline:[A-Za-z0-9+/=|:]+/g, `inline:${HIDDEN}`],
  [/:\/\/[^\s/@:]+:[^\s/@]+@/g, `://${HIDDEN}@`],
];

/** A telephone number keeps its beginning, which tells where it leads: who it was is nobody's business. */
const NUMBER = /(?<![\w.+-])((?:18[46])*(?:\+[0-9]{5,}|0[0-9]{4,}))([0-9]{4})(?![\w.]\w)/g;
/** As people write it, and as fax machines say who they are. */
const WRITTEN =
  /(?<![\w.+-])((?:\+[0-9]{1,3}|0[0-9]{0,4})(?:[- ][0-9]{1,4}){1,3}[- ])([0-9]{4})(?![\w.]\w|[0-9])/g;
/** Fields that hold a number and nothing else, in whatever way somebody wrote it. */
const NUMBER_NAME = /^(?:from|to|number|dialled|digits|caller|called|.*ident)$/i;
const NUMBER_LOOKS = /^[-+*#0-9 ().]+$/;
/** Shorter ones are extensions, codes and emergency numbers. */
const WHOLE_DIGITS = 7;

/** Values of secret fields, out of whatever a file holds. */
export function secretsIn(value: unknown, found: Set<string> = new Set(), depth = 0): Set<string> {
  if (typeof value !== 'object' || value === null || depth > DEPTH_LIMIT) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (SECRET_NAME.test(name)) stringsIn(inner, found, depth + 1);
    else secretsIn(inner, found, depth + 1);
  }
  return found;
}

function stringsIn(value: unknown, found: Set<string>, depth: number): void {
  if (typeof value === 'string') {
    for (const line of value.split(/\r?\n/)) if (line.length >= SHORTEST) found.add(line);
  } else if (typeof value === 'object' && value !== null && depth <= DEPTH_LIMIT) {
    for (const inner of Object.values(value)) stringsIn(inner, found, depth + 1);
  }
}

/** Takes secrets out of what goes to support: by the name of the field, by the value wherever it stands, and by its looks. */
export class Scrubber {
  readonly #known: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = [...secrets]
      .filter((secret) => secret.length >= SHORTEST && secret !== HIDDEN && !secret.startsWith('-----'))
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        secret.replace(/[<>&"']/g, (sign) => XML[sign] ?? sign),
      ]);
    // The longest first: one may be the beginning of another.
    this.#known = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  /** A document without its secrets, as JSON. */
  json(value: unknown): string {
    return JSON.stringify(this.#scrubbed(value, 0), null, 2);
  }

  /** Lines of a log; those that are JSON also by the names of their fields. */
  log(text: string): string {
    return text
      .replace(PEM, HIDDEN)
      .split('\n')
      .map((line) => this.#logLine(line))
      .join('\n');
  }

  #logLine(line: string): string {
    if (!line.startsWith('{')) return this.text(line);
    try {
      return JSON.stringify(this.#scrubbed(JSON.parse(line), 0));
    } catch {
      return this.text(line);
    }
  }

  #scrubbed(value: unknown, depth: number): unknown {
    if (depth > DEPTH_LIMIT) return HIDDEN;
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((inner) => this.#scrubbed(inner, depth + 1));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const hides = SECRET_NAME.test(name) && typeof inner !== 'boolean' && inner !== null;
        const shortens = NUMBER_NAME.test(name) && typeof inner === 'string' && isWhole(inner);
        if (shortens) return [name, shortened(inner)];
        return [this.text(name), hides ? HIDDEN : this.#scrubbed(inner, depth + 1)];
      }),
    );
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.#known) clean = clean.replaceAll(secret, HIDDEN);
    for (const [pattern, put] of PATTERNS) clean = clean.replace(pattern, put);
    return clean.replace(NUMBER, '$1****').replace(WRITTEN, '$1****');
  }
}

function isWhole(number: string): boolean {
  return NUMBER_LOOKS.test(number) && number.replace(/[^0-9]/g, '').length >= WHOLE_DIGITS;
}

/** Without its last four digits, whatever stands between them. */
function shortened(number: string): string {
  return number.replace(/[0-9](?=(?:[^0-9]*[0-9]){0,3}[^0-9]*$)/g, '*');
}

const XML: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};
