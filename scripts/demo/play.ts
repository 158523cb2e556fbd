import type { Layout } from '../launch/layout.ts';
import { type FaxPaper, sendAndReceive } from './faxes.ts';
import { incomingCall } from './incoming.ts';
import { internalCall } from './internal.ts';
import { outgoingCall } from './outgoing.ts';
import { type Papers, readPapers, showPapers } from './papers.ts';
import { Stage } from './stage.ts';
import { type Story, Storyteller, until } from './story.ts';

const READY_LIMIT_MS = 20_000;
/** Two telephones and a fax machine. */
const LINES = 3;

/** Plays the story in a running office. Never throws: what goes wrong is a step that did not happen. */
export async function playDemo(layout: Layout, tell: (sentence: string) => void): Promise<Story> {
  const teller = new Storyteller(tell);
  const sinceMs = Date.now();
  let papers: Papers = { records: [], invoice: null, invoiceText: '' };
  let faxes: readonly FaxPaper[] = [];
  const opened = await teller.step('the office is ready', () => openOffice(layout, teller));
  if (opened) {
    const stage = await Stage.open(layout);
    // The fax machine has the other line of the same box, the same switch and the same trunk.
    const faxing = sendAndReceive(stage, teller);
    try {
      await outgoingCall(stage, teller);
      await incomingCall(stage, teller);
      await internalCall(stage, teller);
      faxes = await faxing;
      await noteMemory(stage, teller, 'after the calls');
      papers = await readPapers(stage, sinceMs);
      await showPapers(papers, teller);
    } catch (error) {
      await teller.step('the story goes on', async () => ({ ok: false, detail: String(error) }));
    } finally {
      await faxing;
      stage.close();
    }
  }
  const ok = teller.steps.every((step) => step.ok);
  const { steps, figures } = teller;
  return { v: 1, ok, tookMs: teller.elapsedMs(), figures, steps, faxes, ...papers };
}

async function openOffice(layout: Layout, teller: Storyteller): Promise<{ ok: boolean; detail: string }> {
  const stage = await Stage.open(layout);
  try {
    const ready = await until(READY_LIMIT_MS, async () => {
      const status = await stage.agent();
      const lines = status.lines.filter((line) => line.registration.at === 'registered');
      return status.config.state === 'applied' && lines.length === LINES ? status : undefined;
    });
    if (ready === undefined) {
      const { config, lines } = await stage.agent();
      const old =
        lines.length === LINES - 1
          ? ' This state folder was begun with an office without a fax machine: remove it, or name another with --state.'
          : '';
      const seen = JSON.stringify({ config, lines });
      return { ok: false, detail: `after ${READY_LIMIT_MS / 1000} s: ${seen}${old}` };
    }
    await noteMemory(stage, teller, 'idle');
    return { ok: true, detail: `configuration ${ready.config.appliedRev} runs, all lines are registered` };
  } finally {
    stage.close();
  }
}

async function noteMemory(stage: Stage, teller: Storyteller, when: string): Promise<void> {
  const measured = await until(6_000, async () => {
    const status = await stage.agent();
    return status.memory.mediaBytes > 0 ? status : undefined;
  });
  const { memory } = measured ?? (await stage.agent());
  teller.figures[`agent MB ${when}`] = Math.round(memory.agentBytes / 1e5) / 10;
  teller.figures[`media MB ${when}`] = Math.round(memory.mediaBytes / 1e5) / 10;
}
