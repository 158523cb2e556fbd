/** How losses lie together (RFC 3611 §4.7.2). Densities are fractions, lengths in packets. */
export interface BurstFigures {
  readonly burstDensity: number;
  readonly gapDensity: number;
  /** Mean lengths; a burst of 0 when there was none. */
  readonly burstPackets: number;
  readonly gapPackets: number;
  /** Mean length of a run of losses against that of random ones; 1 when there are none (ITU-T G.107 §3.5). */
  readonly burstRatio: number;
}

/** So many packets in a row that came end a burst (RFC 3611: Gmin). */
export const GAP_MIN = 16;

/**
 * Splits a stream into bursts, in which much is lost, and gaps between them, in which little is (RFC 3611 appendix A.2), and
 * counts runs of losses for the burst ratio.
 */
export class BurstMeter {
  #received = 0;
  #lost = 0;
  #runs = 0;
  #inRun = false;
  /** Packets that came since the last loss; losses and packets since the last gap of {@link GAP_MIN}. */
  #sinceLoss = 0;
  #losses = 0;
  #packets = 0;
  /** Of finished bursts: how many, how long, how many of theirs were lost. */
  #bursts = 0;
  #inBursts = 0;
  #lostInBursts = 0;

  /** The next packet in order came, or did not. */
  note(came: boolean): void {
    if (came) {
      this.#received++;
      this.#inRun = false;
      this.#sinceLoss++;
      if (this.#sinceLoss === GAP_MIN) this.#endBurst();
      return;
    }
    this.#lost++;
    if (!this.#inRun) this.#runs++;
    this.#inRun = true;
    this.#packets += this.#losses === 0 ? 1 : this.#sinceLoss + 1;
    this.#losses++;
    this.#sinceLoss = 0;
  }

  get figures(): BurstFigures {
    // A single loss is no burst.
    const open = this.#losses > 1;
    const bursts = this.#bursts + (open ? 1 : 0);
    const inBursts = this.#inBursts + (open ? this.#packets : 0);
    const lostInBursts = this.#lostInBursts + (open ? this.#losses : 0);
    const all = this.#received + this.#lost;
    const inGaps = all - inBursts;
    return {
      burstDensity: inBursts === 0 ? 0 : lostInBursts / inBursts,
      gapDensity: inGaps === 0 ? 0 : (this.#lost - lostInBursts) / inGaps,
      burstPackets: bursts === 0 ? 0 : inBursts / bursts,
      gapPackets: inGaps / (bursts + 1),
      burstRatio: this.#ratio(all),
    };
  }

  #ratio(all: number): number {
    if (this.#runs === 0 || this.#received === 0) return 1;
    return Math.max(1, (this.#lost / this.#runs) * (1 - this.#lost / all));
  }

  #endBurst(): void {
    if (this.#losses > 1) {
      this.#bursts++;
      this.#inBursts += this.#packets;
      this.#lostInBursts += this.#losses;
    }
    this.#losses = 0;
    this.#packets = 0;
  }
}
