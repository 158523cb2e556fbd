import type { LanConfig } from '../../lib/contract/lan-config.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

/** One firmware of the configuration. */
export type FirmwareTarget = LanConfig['phoneHabits']['firmware'][number];

/** What the plan knows of a phone. Times are epoch ms. */
export interface FirmwarePhone {
  readonly mac: MacAddress;
  readonly model: string;
  /** As the phone reported it; null while it has not. */
  readonly version: string | null;
  readonly versionSinceMs: number | null;
  /** It is registered now: it works, and it can be told. */
  readonly registered: boolean;
}

/** A phone whose turn has come, and when it came. */
export interface FirmwareTurn {
  readonly mac: MacAddress;
  readonly version: string;
  readonly file: string;
  readonly sinceMs: number;
}

/** What the plan says now. */
export interface FirmwarePlan {
  /** Whoever is in here may take its file. */
  readonly turns: readonly FirmwareTurn[];
  /** A first phone that had its nights and did not come back with the version: nobody else is tried. */
  readonly stuck: readonly FirmwareTurn[];
}

/** From two to five in the morning in Japan, when nobody calls. */
export const NIGHT = { fromHour: 2, toHour: 5 } as const;
/** The first phone has worked with it for so long before the others get it: a working day lies between. */
const PROVED_MS = 12 * 3_600_000;
/** A first phone that is still on the old one after two nights. */
const STUCK_MS = 2 * 86_400_000;
/** So many at once: a firmware is some tens of megabytes, and the office has other phones meanwhile. */
const AT_ONCE = 4;

/** The hour of the day in Japan, which has no summer time. */
export function japanHour(epochMs: number): number {
  return Math.floor(((epochMs + 9 * 3_600_000) % 86_400_000) / 3_600_000);
}

/**
 * Who may take new firmware now: per model one phone first, the others from the next night on when that one has worked
 * with it for twelve hours; begun at night only, and never by a phone that has not told its version and registered. Pure.
 */
export function planFirmware(
  targets: readonly FirmwareTarget[],
  phones: readonly FirmwarePhone[],
  before: readonly FirmwareTurn[],
  nowMs: number,
): FirmwarePlan {
  const hour = japanHour(nowMs);
  const night = hour >= NIGHT.fromHour && hour < NIGHT.toHour;
  const turns: FirmwareTurn[] = [];
  const stuck: FirmwareTurn[] = [];
  for (const target of targets) {
    const ofModel = phones.filter((phone) => phone.model === target.model);
    const running = before.filter(
      (turn) => turn.version === target.version && ofModel.some((phone) => phone.mac === turn.mac),
    );
    const isOld = (mac: MacAddress): boolean =>
      ofModel.some((phone) => phone.mac === mac && phone.version !== target.version);
    const waiting = running.filter((turn) => isOld(turn.mac));
    const late = waiting.filter((turn) => nowMs - turn.sinceMs > STUCK_MS);
    stuck.push(...late);
    // A turn that was used stays, so that the phone's files go on saying the same.
    turns.push(...running.filter((turn) => !late.includes(turn)));
    if (!night || late.length > 0) continue;
    const proved = ofModel.some((phone) => isProved(phone, target, nowMs));
    const room = (proved ? AT_ONCE : 1) - waiting.length;
    // Before the first has proved itself nobody else begins, also when it has come back already.
    if (!proved && running.length > 0) continue;
    const next = ofModel
      .filter((phone) => phone.registered && phone.version !== null && phone.version !== target.version)
      .filter((phone) => !running.some((turn) => turn.mac === phone.mac))
      .sort((left, right) => (left.mac < right.mac ? -1 : 1))
      .slice(0, Math.max(0, room));
    const { version, file } = target;
    turns.push(...next.map((phone) => ({ mac: phone.mac, version, file, sinceMs: nowMs })));
  }
  return { turns, stuck };
}

function isProved(phone: FirmwarePhone, target: FirmwareTarget, nowMs: number): boolean {
  return (
    phone.version === target.version &&
    phone.registered &&
    phone.versionSinceMs !== null &&
    nowMs - phone.versionSinceMs >= PROVED_MS
  );
}
