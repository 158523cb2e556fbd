/** An element of a small XML document. Text is joined and its references are resolved. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const LONGEST = 1_048_576;
const DEEPEST = 16;
const NAME = /[A-Za-z_:][A-Za-z0-9._:-]*/y;
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Thrown and caught in here alone. */
class NotWellFormed extends Error {}

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * The root of a well-formed document without a document type, or a sentence that says where it is broken. Phones read their
 * files strictly: a page of HTML, a cut file or a bare `&` is no configuration. Never throws.
 */
export function readXml(text: string): XmlElement | string {
  if (text.length > LONGEST) return 'it is too long';
  try {
    return new Reader(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).document();
  } catch (error) {
    if (error instanceof NotWellFormed) return error.message;
    throw error;
  }
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): XmlElement {
    this.#misc(true);
    const root = this.#elements();
    this.#misc(false);
    if (this.#at < this.#text.length) this.#broken('something follows the root');
    return root;
  }

  /** Without recursion, so that depth is a number and not a stack. */
  #elements(): XmlElement {
    const open: Open[] = [];
    for (;;) {
      const top = open.at(-1);
      if (top === undefined || this.#text[this.#at] === '<') {
        const done = this.#markup(open);
        if (done !== undefined) return done;
      } else {
        const end = this.#text.indexOf('<', this.#at);
        if (end < 0) this.#broken(`<${top.name}> is not closed`);
        top.text += this.#resolved(this.#text.slice(this.#at, end));
        this.#at = end;
      }
    }
  }

  /** One tag, comment or CDATA; the root when it closed. */
  #markup(open: Open[]): XmlElement | undefined {
    const top = open.at(-1);
    if (this.#skips('<!--', '-->')) return undefined;
    if (top !== undefined && this.#text.startsWith('<![CDATA[', this.#at)) {
      const end = this.#find(']]>');
      top.text += this.#text.slice(this.#at + 9, end);
      this.#at = end + 3;
      return undefined;
    }
    if (this.#text.startsWith('</', this.#at)) {
      this.#at += 2;
      const name = this.#name();
      this.#space();
      this.#expect('>');
      if (top === undefined || name !== top.name) this.#broken(`</${name}> closes nothing`);
      open.pop();
      return this.#closed(top, open.at(-1));
    }
    this.#expect('<');
    const element: Open = { name: this.#name(), attributes: this.#attributes(), children: [], text: '' };
    if (this.#text.startsWith('/>', this.#at)) {
      this.#at += 2;
      return this.#closed(element, top);
    }
    this.#expect('>');
    if (open.length >= DEEPEST) this.#broken('it is too deep');
    open.push(element);
    return undefined;
  }

  #closed(element: Open, parent: Open | undefined): XmlElement | undefined {
    if (parent === undefined) return element;
    parent.children.push(element);
    return undefined;
  }

  #attributes(): Map<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      const spaced = this.#space();
      const next = this.#text[this.#at];
      if (next === '>' || next === '/') return found;
      if (!spaced) this.#broken('a tag is not closed');
      const name = this.#name();
      this.#space();
      this.#expect('=');
      this.#space();
      const quote = this.#text[this.#at];
      if (quote !== '"' && quote !== "'") this.#broken(`${name} has no quotes`);
      this.#at++;
      const end = this.#find(quote ?? '"');
      const value = this.#text.slice(this.#at, end);
      if (value.includes('<') || found.has(name)) this.#broken(`${name} is no attribute`);
      found.set(name, this.#resolved(value));
      this.#at = end + 1;
    }
  }

  /** Blanks, comments, and before the root the declaration. */
  #misc(declaration: boolean): void {
    if (declaration && this.#text.startsWith('<?xml', this.#at)) this.#at = this.#find('?>') + 2;
    do this.#space();
    while (this.#skips('<!--', '-->'));
  }

  #skips(from: string, to: string): boolean {
    if (!this.#text.startsWith(from, this.#at)) return false;
    this.#at = this.#find(to) + to.length;
    return true;
  }

  #resolved(text: string): string {
    if (!text.includes('&')) return text;
    return text.replace(/&([^;&]{0,12}(?:;|$)|)/g, (_all, inner: string) => {
      const name = inner.slice(0, -1);
      const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
      const point = number === null ? -1 : Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10);
      const named = Object.hasOwn(REFERENCES, name) ? REFERENCES[name] : undefined;
      if (inner.endsWith(';') && named !== undefined) return named;
      if (inner.endsWith(';') && point > 0 && point <= 0x10ffff) return String.fromCodePoint(point);
      return this.#broken('an & stands for nothing');
    });
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const found = NAME.exec(this.#text)?.[0];
    if (found === undefined) return this.#broken('a name is missing');
    this.#at += found.length;
    return found;
  }

  #space(): boolean {
    const from = this.#at;
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
    return this.#at > from;
  }

  #find(what: string): number {
    const found = this.#text.indexOf(what, this.#at);
    return found < 0 ? this.#broken(`${what} is missing`) : found;
  }

  #expect(what: string): void {
    if (!this.#text.startsWith(what, this.#at)) this.#broken(`${what} is missing`);
    this.#at += what.length;
  }

  #broken(why: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw new NotWellFormed(`it is not well-formed XML: line ${line}: ${why}`);
  }
}
