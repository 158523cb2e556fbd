/** What QEMU says on its monitor (QMP): one JSON object a line. */
export type QmpLine =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly say: string }
  | { readonly kind: 'event'; readonly name: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'other' };

/** Reads a line; whatever it is, it never throws. */
export function readQmpLine(line: string): QmpLine {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return { kind: 'other' };
  }
  if (typeof said !== 'object' || said === null) return { kind: 'other' };
  const words = said as Record<string, unknown>;
  if ('QMP' in words) return { kind: 'greeting' };
  if (typeof words['event'] === 'string') {
    return { kind: 'event', name: words['event'], data: (words['data'] ?? {}) as Record<string, unknown> };
  }
  const id = typeof words['id'] === 'number' ? words['id'] : -1;
  if ('return' in words) return { kind: 'answer', id, value: words['return'] };
  if (!('error' in words)) return { kind: 'other' };
  const error = words['error'] as { readonly desc?: unknown } | null;
  return { kind: 'refusal', id, say: String(error?.desc ?? 'refused') };
}

/** A command as it is sent. */
export function qmpCommand(
  id: number,
  execute: string,
  args: Readonly<Record<string, unknown>> = {},
): string {
  return `${JSON.stringify({ execute, arguments: args, id })}\n`;
}
