import type { FaxPath } from '../../lib/contract/facts.ts';
import { type ControlFrame, parseControlFrame } from '../../lib/dsp/t30-frame.ts';
import type { FaxFigures } from './protocol.ts';

/** Longest trace; what comes later is not written down. */
const TRACE_LIMIT = 960;
const IDENT_LIMIT = 40;

/** Messages of the sender after a page (ITU-T T.30 §5.3.6.1.6); PPS and EOR name the one behind them in a second octet. */
const AFTER_PAGE = /(?:^|-)(MPS|EOM|EOP|EOS)\b/;
/** The receiver has the page. */
const CONFIRMED = /^(MCF|RTP)$/;

/**
 * Follows the two machines of one call by their T.30 control frames and keeps what the fax log tells. It only listens:
 * frames come in clear from a gateway, ours or the board's.
 */
export class FaxRecorder {
  readonly #startedAt: number;
  readonly #startedMs: number;
  #path: FaxPath = 'passthrough';
  #because = '';
  #direction: FaxFigures['direction'] = null;
  #remoteIdent: string | null = null;
  #localIdent: string | null = null;
  #pages = 0;
  #bitRate: number | null = null;
  #ecm: boolean | null = null;
  #retrains = 0;
  #ended: FaxFigures['ended'] = 'open';
  #trace = '';
  #afterPage: string | undefined;
  /** Pages that a gateway has counted; believed where no frame could be read. */
  #counted: { readonly bitRate: number; readonly ecm: boolean; readonly pages: number } | undefined;
  #changed = true;

  constructor(startedAt: number, startedMs: number) {
    this.#startedAt = startedAt;
    this.#startedMs = startedMs;
  }

  /** Whether something is new since this was asked last. */
  takeChange(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** The way that the fax takes now; T.38 wins over sound, whichever came last. */
  via(path: FaxPath, because: string): void {
    this.#changed = true;
    if (path !== 'passthrough') this.#path = path;
    if (because !== '') this.#because = because;
  }

  /** What a gateway has counted by itself. */
  counted(figures: { readonly bitRate: number; readonly ecm: boolean; readonly pages: number }): void {
    if (this.#counted?.pages !== figures.pages) this.#changed = true;
    this.#counted = figures;
  }

  /** A control frame, HDLC address first. `incoming`: from the network. */
  frame(bytes: Uint8Array, incoming: boolean): void {
    const frame = parseControlFrame(bytes);
    if (frame === null) return;
    this.#changed = true;
    this.#write(frame, incoming);
    if (frame.ident !== undefined && frame.ident !== '') this.#identify(frame.ident, incoming);
    switch (frame.name) {
      case 'DCS':
        this.#direction = incoming ? 'received' : 'sent';
        this.#bitRate = frame.bitRate ?? this.#bitRate;
        this.#ecm = frame.ecm ?? this.#ecm;
        this.#ended = 'open';
        break;
      case 'FTT':
        this.#retrains++;
        break;
      case 'DCN':
        if (this.#ended === 'open') this.#ended = 'disconnected';
        break;
      default:
        this.#page(frame.name);
    }
  }

  figures(nowMs: number, packets: FaxFigures['packets']): FaxFigures {
    return {
      path: this.#path,
      because: this.#because,
      direction: this.#direction,
      remoteIdent: this.#remoteIdent,
      localIdent: this.#localIdent,
      pages: Math.max(this.#pages, this.#trace === '' ? (this.#counted?.pages ?? 0) : 0),
      bitRate: this.#bitRate ?? this.#counted?.bitRate ?? null,
      ecm: this.#ecm ?? this.#counted?.ecm ?? null,
      retrains: this.#retrains,
      ended: this.#ended,
      trace: this.#trace,
      packets,
      startedAt: this.#startedAt,
      durationMs: Math.max(0, Math.round(nowMs - this.#startedMs)),
    };
  }

  #page(name: string): void {
    const after = AFTER_PAGE.exec(name)?.[1];
    if (after !== undefined) {
      this.#afterPage = after;
      return;
    }
    if (!CONFIRMED.test(name) || this.#afterPage === undefined) return;
    this.#pages++;
    this.#ended = this.#afterPage === 'EOP' ? 'confirmed' : 'open';
    this.#afterPage = undefined;
  }

  #identify(ident: string, incoming: boolean): void {
    const cut = ident.trim().slice(0, IDENT_LIMIT);
    if (incoming) this.#remoteIdent = cut;
    else this.#localIdent = cut;
  }

  #write(frame: ControlFrame, incoming: boolean): void {
    if (this.#trace.length >= TRACE_LIMIT) return;
    const rate = frame.bitRate === undefined ? '' : ` ${frame.bitRate}`;
    const word = `${incoming ? '<' : '>'}${frame.name}${rate}`;
    this.#trace = this.#trace === '' ? word : `${this.#trace} ${word}`;
  }
}
