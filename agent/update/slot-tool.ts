import type { Result } from '../../lib/base/errors.ts';

/** One of the two systems that the box has room for. */
export type Slot = 'a' | 'b';

/** What lies in the two slots. */
export interface SystemView {
  /** The kind of box: `engawa-virt-arm64`. */
  readonly compatible: string;
  readonly running: { readonly slot: Slot; readonly version: string };
  /** The slot that was started by an update and is not confirmed yet; null when there is none, undefined when nobody can say. */
  readonly trial: Slot | null | undefined;
  /** `version` is null when only the factory knows it. */
  readonly other: { readonly version: string | null; readonly startable: boolean };
}

/** What a bundle says of itself, its signature proved. */
export interface BundleInfo {
  readonly compatible: string;
  readonly version: string;
}

/** The installer of the box. Every method answers with a refusal rather than throw. */
export interface SlotTool {
  status(): Promise<Result<SystemView>>;
  /** Proves the signature of a bundle and reads what it is. `update.signature`, `update.notBundle`, `update.noFile`. */
  inspect(path: string): Promise<Result<BundleInfo>>;
  /** Writes a bundle into the other slot, which then is not started until it is activated. `update.busy` goes by itself. */
  install(path: string, onPercent: (percent: number) => void): Promise<Result<void>>;
  /** The other slot is the one that starts next, on trial. */
  activate(): Promise<Result<void>>;
  /** The running slot is confirmed. */
  markGood(): Promise<Result<void>>;
  /** The running slot is not started again. */
  markBad(): Promise<Result<void>>;
  /** Has the box restarted. */
  restart(why: string): Result<void>;
}

export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a';
}
