import { instant } from '../../lib/base/clock.ts';
import { japanDateTime } from '../../lib/base/japan-time.ts';

/** A moment as the operator reads it, wherever the service stands: `2026-12-25 13:05:09 JST`. */
export function inJapan(at: number): string {
  return `${japanDateTime(instant(at))} JST`;
}

/**
 * A moment as the operator writes it, in epoch ms: with an offset, or in Japan time without one, as `2026-12-25` or
 * `2026-12-25T13:05`. Undefined when it is none.
 */
export function momentIn(text: string): number | undefined {
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  if (parts === null) return undefined;
  const [, day = '', time = '00:00', zone = '+09:00'] = parts;
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) || at < 0 ? undefined : at;
}
