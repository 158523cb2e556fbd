import type { MacAddress } from '../../lib/net/mac-address.ts';
import { type FirmwarePhone, type FirmwareTarget, type FirmwareTurn, planFirmware } from './firmware-plan.ts';

/** Whose turn for firmware has come, and what of the configuration it is. Kept over a restart by its owner. */
export class FirmwareTurns {
  #targets: readonly FirmwareTarget[] = [];
  #turns: readonly FirmwareTurn[] = [];

  /** For the inventory's file. */
  get turns(): readonly FirmwareTurn[] {
    return this.#turns;
  }

  restore(turns: readonly FirmwareTurn[]): void {
    this.#turns = turns;
  }

  configure(targets: readonly FirmwareTarget[]): void {
    this.#targets = targets;
  }

  /** Looks who is next. True when something has changed; `stuck` is a first phone that did not come back with it. */
  plan(
    phones: readonly FirmwarePhone[],
    nowMs: number,
  ): { readonly changed: boolean; readonly stuck: FirmwareTurn | undefined } {
    const { turns, stuck } = planFirmware(this.#targets, phones, this.#turns, nowMs);
    const changed = JSON.stringify(turns) !== JSON.stringify(this.#turns);
    if (changed) this.#turns = turns;
    return { changed, stuck: stuck[0] };
  }

  /** The file that this phone may take now. */
  fileOf(mac: MacAddress): string | undefined {
    return this.#turns.find((turn) => turn.mac === mac)?.file;
  }

  /** What the files of this phone say of firmware; null: nothing. */
  targetOf(mac: MacAddress, model: string | undefined): FirmwareTarget | null {
    const turn = this.#turns.find((each) => each.mac === mac);
    return this.#targets.find((each) => each.model === model && each.version === turn?.version) ?? null;
  }
}
