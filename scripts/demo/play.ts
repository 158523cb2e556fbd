import type { DeskLan } from '../launch/desk-lan.ts';
import type { Layout } from '../launch/layout.ts';
import type { RunningOffice } from '../launch/office.ts';
import { type Desk, openDesk } from './desk.ts';
import { deskAndFaxLine, deskAndOutside, deskToDesk } from './desk-calls.ts';
import { changeKey } from './desk-change.ts';
import { joinOffice } from './desk-join.ts';
import { type FaxPaper, sendAndReceive } from './faxes.ts';
import { incomingCall } from './incoming.ts';
import { internalCall } from './internal.ts';
import { outgoingCall } from './outgoing.ts';
import { type Papers, readPapers, type StoryCalls, showPapers } from './papers.ts';
import { Stage } from './stage.ts';
import { type Story, Storyteller, until } from './story.ts';

const READY_LIMIT_MS = 20_000;
/** Two telephones and a fax machine. */
const LINES = 3;
/** A call out, a call in, an extension call, a fax out, a fax in. */
const CALLS: StoryCalls = { all: 5, out: 2 };
/** Desk phones call each other, outside, are called, and have two calls with the line of the fax machine. */
const CALLS_WITH_DESK: StoryCalls = { all: 10, out: 3 };

/** Plays the story in a running office. Never throws: what goes wrong is a step that did not happen. */
export async function playDemo(office: RunningOffice, tell: (sentence: string) => void): Promise<Story> {
  const { layout, deskLan } = office;
  const teller = new Storyteller(tell);
  const sinceMs = Date.now();
  let papers: Papers = { records: [], invoice: null, invoiceText: '' };
  let faxes: readonly FaxPaper[] = [];
  const opened = await teller.step('the office is ready', () => openOffice(layout, teller));
  if (opened) {
    const stage = await Stage.open(layout);
    // The fax machine has the other line of the same box, the same switch and the same trunk.
    const faxing = sendAndReceive(stage, teller);
    // What the desk phones do before anybody calls them takes its time beside the calls.
    const joining = deskLan === undefined ? undefined : joinDesk(layout, deskLan, teller);
    try {
      await outgoingCall(stage, teller);
      await incomingCall(stage, teller);
      await internalCall(stage, teller);
      const desk = await joining;
      if (desk !== undefined) await deskToDesk(desk, teller);
      if (desk !== undefined) await deskAndOutside(desk, stage, teller);
      faxes = await faxing;
      if (desk !== undefined) await deskAndFaxLine(desk, stage, teller);
      await noteMemory(stage, teller, 'after the calls');
      const calls = deskLan === undefined ? CALLS : CALLS_WITH_DESK;
      papers = await readPapers(stage, sinceMs, calls);
      await showPapers(papers, teller, calls);
    } catch (error) {
      await teller.step('the story goes on', async () => ({ ok: false, detail: String(error) }));
    } finally {
      await faxing;
      (await joining)?.close();
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
      // Desk phones have accounts at the switch as well, on ports beyond the board's.
      const lines = status.lines.filter(
        (line) => line.registration.at === 'registered' && line.port <= LINES,
      );
      return status.config.state === 'applied' && lines.length === LINES ? status : undefined;
    });
    if (ready === undefined) {
      const { config, lines } = await stage.agent();
      const old =
        lines.filter((line) => line.port <= LINES).length === LINES - 1
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

/** The desk phones, ready for calls; undefined when they did not come so far. */
async function joinDesk(layout: Layout, lan: DeskLan, teller: Storyteller): Promise<Desk | undefined> {
  let desk: Desk | undefined;
  const opened = await teller.step('two desk phones are plugged into the LAN', async () => {
    desk = await openDesk(layout, lan);
    const stages = await Promise.all(desk.handsets.map(async ({ phone }) => (await phone.state()).stage));
    return {
      ok: true,
      detail: desk.handsets.map(({ kind }, at) => `${kind.model}: ${stages[at]}`).join(', '),
    };
  });
  if (!opened || desk === undefined) return undefined;
  if (await joinOffice(desk, teller)) {
    await changeKey(desk, teller);
    return desk;
  }
  desk.close();
  return undefined;
}

async function noteMemory(stage: Stage, teller: Storyteller, when: string): Promise<void> {
  const measured = await until(30_000, async () => {
    const status = await stage.agent();
    return status.memory.mediaBytes > 0 ? status : undefined;
  });
  const { memory } = measured ?? (await stage.agent());
  teller.figures[`agent MB ${when}`] = Math.round(memory.agentBytes / 1e5) / 10;
  teller.figures[`media MB ${when}`] = Math.round(memory.mediaBytes / 1e5) / 10;
}
