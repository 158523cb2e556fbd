/** Programs of the box whose logs are read. */
export const PROGRAMS = ['agent', 'media'] as const;
export type Program = (typeof PROGRAMS)[number];

/** A line of a log. */
export interface Entry {
  /** Epoch ms; null where the line does not say. */
  readonly atMs: number | null;
  readonly program: Program;
  /** As pino counts: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. Null for what is no line of ours. */
  readonly level: number | null;
  readonly room: string | null;
  readonly message: string;
  /** Everything else in the line, in its order. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line as it was written. */
  readonly raw: string;
}

/** Longest line that is read whole. */
const LINE_LIMIT = 32_768;
const NOT_FIELDS: ReadonlySet<string> = new Set(['level', 'time', 'program', 'room', 'msg', 'v']);

/** Reads a line; any text is one. */
export function readEntry(line: string, program: Program): Entry {
  const raw = line.slice(0, LINE_LIMIT);
  const value = parsed(raw);
  if (value === undefined) {
    return { atMs: null, program, level: null, room: null, message: raw, fields: {}, raw };
  }
  const text = (name: string): string | null => (typeof value[name] === 'string' ? value[name] : null);
  const at = Date.parse(text('time') ?? '');
  return {
    atMs: Number.isFinite(at) ? at : null,
    program,
    level: typeof value['level'] === 'number' ? value['level'] : null,
    room: text('room'),
    message: text('msg') ?? '',
    fields: Object.fromEntries(Object.entries(value).filter(([name]) => !NOT_FIELDS.has(name))),
    raw,
  };
}

function parsed(raw: string): Readonly<Record<string, unknown>> | undefined {
  if (!raw.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
