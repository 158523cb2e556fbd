import { comparePages, readPages } from '../../lib/dsp/fax/page-file.ts';
import { FAX_LINE_NUMBER, FAX_PORT, type Stage } from './stage.ts';
import { type Finding, pause, type Storyteller } from './story.ts';

/** One fax of the story: what both machines say of it, and whether the pages are the same, dot by dot. */
export interface FaxPaper {
  readonly direction: 'out' | 'in';
  readonly from: string;
  readonly to: string;
  readonly ok: boolean;
  readonly identical: boolean;
  readonly pages: number;
  readonly bitRate: number;
  readonly ecm: boolean;
  /** `t38`: as packets. `audio`: as sound in G.711. */
  readonly path: 'audio' | 't38' | null;
  /** Identification that the receiving machine read. */
  readonly remoteIdent: string | null;
  readonly tookMs: number;
  readonly say: string;
  readonly sentFile: string;
  readonly receivedFile: string;
}

/** A fax machine of the network. */
const FAX_NUMBER = '0355550160';
const CALLER = '0312340002';
const PAGES = ['letter', 'grid'] as const;
const FAX_LIMIT_MS = 150_000;
/** An open loop counts as on hook after 1 s: the next call would find the line engaged before that. */
const ON_HOOK_MS = 1_500;

/** The fax machine on port 3 sends two pages, and then receives two. Never rejects. */
export async function sendAndReceive(stage: Stage, teller: Storyteller): Promise<readonly FaxPaper[]> {
  const papers: FaxPaper[] = [];
  const keep = (paper: FaxPaper): Finding => {
    papers.push(paper);
    return findingOf(paper);
  };
  await teller.step(`the fax machine on port ${FAX_PORT} sends two pages to ${FAX_NUMBER}`, async () =>
    keep(await faxOut(stage)),
  );
  await pause(ON_HOOK_MS);
  await teller.step(`the fax machine on port ${FAX_PORT} receives two pages from ${CALLER}`, async () =>
    keep(await faxIn(stage)),
  );
  return papers;
}

async function faxOut(stage: Stage): Promise<FaxPaper> {
  const { file } = await stage.phones.faxSend(FAX_PORT, {
    number: FAX_NUMBER,
    ident: FAX_LINE_NUMBER,
    pages: PAGES,
    folder: stage.faxFolder,
  });
  const { result } = await stage.phones.faxResult(FAX_PORT, FAX_LIMIT_MS);
  const calls = await stage.carrier.calls();
  const far = calls.findLast((call) => call.direction === 'fromTrunk' && call.to === FAX_NUMBER)?.fax;
  return {
    direction: 'out',
    from: FAX_LINE_NUMBER,
    to: FAX_NUMBER,
    ok: result?.ok === true && far?.ok === true,
    identical: areIdentical(file, far?.file),
    pages: far?.pages ?? 0,
    bitRate: result?.bitRate ?? 0,
    ecm: result?.ecm ?? false,
    path: far?.path ?? null,
    remoteIdent: far?.remoteIdent ?? null,
    tookMs: result?.tookMs ?? 0,
    say: wordsOf(result?.say, far?.say),
    sentFile: file,
    receivedFile: far?.file ?? '',
  };
}

async function faxIn(stage: Stage): Promise<FaxPaper> {
  const kept = await stage.phones.faxReceive(FAX_PORT, { folder: stage.faxFolder, ident: FAX_LINE_NUMBER });
  const sent = await stage.carrier.faxSend({
    from: CALLER,
    to: FAX_LINE_NUMBER,
    pages: PAGES,
    habits: { ident: CALLER },
  });
  const [far, { result }] = await Promise.all([
    stage.carrier.faxResult(sent.call, FAX_LIMIT_MS).catch(() => undefined),
    stage.phones.faxResult(FAX_PORT, FAX_LIMIT_MS),
  ]);
  if (result === null) await stage.phones.faxStop(FAX_PORT);
  return {
    direction: 'in',
    from: CALLER,
    to: FAX_LINE_NUMBER,
    ok: result?.ok === true && far?.ok === true,
    identical: areIdentical(sent.file, kept.file),
    pages: result?.pages ?? 0,
    bitRate: result?.bitRate ?? 0,
    ecm: result?.ecm ?? false,
    path: far?.path ?? null,
    remoteIdent: result?.remoteIdent ?? null,
    tookMs: result?.tookMs ?? 0,
    say: wordsOf(result?.say, far?.say),
    sentFile: sent.file,
    receivedFile: kept.file,
  };
}

function areIdentical(sent: string, received: string | undefined): boolean {
  const [one, other] = [readPages(sent), readPages(received ?? '')];
  return one.ok && other.ok && comparePages(one.value, other.value).identical;
}

function wordsOf(here: string | undefined, there: string | undefined): string {
  return `${here ?? 'The machine on the line did not end.'} / ${there ?? 'The machine of the network did not end.'}`;
}

function findingOf(paper: FaxPaper): Finding {
  const ok = paper.ok && paper.identical && paper.pages === PAGES.length && paper.path === 't38';
  return { ok, detail: ok ? faxInWords(paper) : `${faxInWords(paper)}; ${paper.say}` };
}

/** One fax as a sentence. */
export function faxInWords(paper: FaxPaper): string {
  const how = { t38: 'by T.38', audio: 'as sound', none: 'without a connection' }[paper.path ?? 'none'];
  const alike = paper.identical ? 'identical' : 'not the same';
  const correction = paper.ecm ? 'ECM' : 'no ECM';
  const tookS = (paper.tookMs / 1_000).toFixed(0);
  return `${paper.pages} pages ${how}, ${paper.bitRate} bit/s, ${correction}, ${tookS} s, pages ${alike}, from "${paper.remoteIdent ?? ''}"`;
}
