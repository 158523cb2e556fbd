const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const JST_MS = 9 * 3_600_000;

/**
 * A moment as people write it: `10m`, `2h`, `1d` before now, `14:00` today, or `2026-11-22 14:00`, in Japan's time. Epoch ms;
 * undefined for anything else.
 */
export function readSince(text: string, now: number): number | undefined {
  const ago = /^([0-9]{1,6})([smhd])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * (UNITS_MS[ago[2] ?? ''] ?? 0);
  const clock = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$/.exec(text);
  if (clock !== null) {
    const midnight = Math.floor((now + JST_MS) / 86_400_000) * 86_400_000 - JST_MS;
    const at = midnight + timeMs(clock[1], clock[2], clock[3]);
    // A time that is still to come was meant of yesterday.
    return at <= now ? at : at - 86_400_000;
  }
  const day = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?$/.exec(text);
  if (day === null) return undefined;
  const at = Date.parse(`${day[1]}T00:00:00Z`) - JST_MS + timeMs(day[2], day[3], day[4]);
  return Number.isFinite(at) ? at : undefined;
}

function timeMs(hours = '0', minutes = '0', seconds = '0'): number {
  return (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000;
}
