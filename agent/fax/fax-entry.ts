import type { FaxFact, FaxResult } from '../../lib/contract/facts.ts';
import type { FaxFigures } from '../media/protocol.ts';
import type { FaxEntry } from '../store/index.ts';

/** What the box knows of the call of a fax. */
export interface FaxCall {
  readonly call: string;
  readonly line: number;
  readonly serviceId: string;
  readonly from: string;
  readonly to: string;
  readonly endedAt: number;
  /** How the call ended, in words. */
  readonly because: string;
  /** What ended the call, where that was not a machine or a person. */
  readonly by: 'call' | 'silence' | 'loss';
}

/** The line of the fax log for a call, from what the media process followed of the two machines. */
export function faxEntry(call: FaxCall, figures: FaxFigures): FaxEntry {
  const result = resultOf(call, figures);
  const { packets } = figures;
  return {
    call: call.call,
    line: call.line,
    serviceId: call.serviceId,
    from: call.from,
    to: call.to,
    direction: figures.direction,
    remoteIdent: figures.remoteIdent,
    localIdent: figures.localIdent,
    pages: figures.pages,
    bitRate: figures.bitRate,
    ecm: figures.ecm,
    retrains: figures.retrains,
    path: figures.path,
    result,
    say: sayOf(result, call, figures),
    trace: figures.trace,
    packets:
      packets === null
        ? null
        : {
            sent: packets.sent,
            received: packets.received,
            recovered: packets.recovered,
            lost: packets.lost,
          },
    startedAt: figures.startedAt,
    endedAt: call.endedAt,
    durationMs: figures.durationMs,
  };
}

/** Whether what was heard was more than a tone that a voice call may hold too: only then is it a fax for the log. */
export function wasFax(figures: FaxFigures): boolean {
  return figures.path !== 'passthrough' || figures.trace !== '' || figures.because !== '';
}

function resultOf(call: FaxCall, figures: FaxFigures): FaxResult {
  if (figures.ended === 'confirmed') return 'ok';
  if (call.by === 'silence') return 'silent';
  if (call.by === 'loss') return 'lost';
  if (figures.ended === 'disconnected') return 'failed';
  return figures.trace === '' ? 'unknown' : 'cut';
}

function sayOf(result: FaxResult, call: FaxCall, figures: FaxFigures): string {
  const words = wordsOf(result, call, figures);
  const sound = figures.path === 'passthrough' && figures.because !== '';
  return sound ? `${words}; as sound, because ${figures.because}` : words;
}

function wordsOf(result: FaxResult, call: FaxCall, figures: FaxFigures): string {
  const page = figures.pages + 1;
  switch (result) {
    case 'ok':
      return `${pagesWord(figures.pages)} ${figures.direction ?? 'passed'}${howOf(figures)}`;
    case 'failed':
      return `the machines gave up at page ${page}${howOf(figures)}`;
    case 'cut':
      return `cut off at page ${page}: ${call.because}`;
    case 'silent':
      return `both machines fell silent at page ${page}, and the call was ended`;
    case 'lost':
      return `lost at page ${page}: ${call.because}`;
    case 'unknown':
      return 'fax tones were heard; how it went only the machines know';
  }
}

function howOf(figures: FaxFigures): string {
  const rate = figures.bitRate === null ? '' : ` at ${figures.bitRate} bit/s`;
  const ecm =
    figures.ecm === null ? '' : figures.ecm ? ' with error correction' : ' without error correction';
  const retrains = figures.retrains === 0 ? '' : `, trained ${figures.retrains + 1} times`;
  return `${rate}${ecm}${retrains}`;
}

function pagesWord(pages: FaxFact['pages']): string {
  return pages === 1 ? '1 page' : `${pages} pages`;
}
