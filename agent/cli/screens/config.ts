import type { ConfigAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, type Todo, todoLines, type Verdict, worst } from '../screen.ts';
import { japanTime } from '../text.ts';

/** `engawa config`: what runs, and why another one does not. */
export function configScreen(answer: ConfigAnswer, look: Look): readonly string[] {
  const { reported, config } = answer;
  const rows: Row[] = [revisionRow(answer)];
  if (config !== null) {
    const { trunk, calls, dialPlan } = config;
    rows.push(
      note('office', config.office),
      note('contract', `${config.contract}, gateway ${config.gateway}`),
      note('trunk', `${trunk.host}:${trunk.port} (${trunk.serverName}), domain ${trunk.domain}`),
      note('calls', `${calls.channels} at once, ring for ${calls.ringForMs / 1000} s`),
      note('emergency', dialPlan.emergency === 'supported' ? '110, 118, 119 offered' : 'not offered here'),
      ...config.lines.map((line) =>
        note(
          `line ${line.port}`,
          `${line.label}: ${line.serviceId}, extension ${line.extension}, presents ${line.presents}, rings for ${line.ringsFor.join(' ') || 'nothing'}`,
        ),
      ),
    );
  }
  const todos: Todo[] =
    reported.refusal === null
      ? []
      : [
          {
            code: reported.state === 'rolledBack' ? 'W-CFG-504' : 'W-CFG-501',
            say: `${reported.refusal.code}: ${reported.refusal.say}`,
            remedy: 'The revision before it still runs. The service must publish a corrected one.',
            command: 'engawa status',
          },
        ];
  return [...rows.flatMap((row) => rowLines(row, look)), ...todoLines(todos, look)];
}

/** Whether what is wanted runs. */
export function configVerdict(answer: ConfigAnswer): Verdict {
  return worst([revisionRow(answer).verdict]);
}

function revisionRow({ reported }: ConfigAnswer): Row & { readonly verdict: Verdict } {
  const { state, appliedRev, desiredRev, at } = reported;
  const when = `${japanTime(at)} JST`;
  switch (state) {
    case 'none':
      return { verdict: 'FAIL', name: 'revision', say: 'none yet' };
    case 'applied':
      return {
        verdict: 'OK',
        name: 'revision',
        say: `${appliedRev} runs, as wanted, since ${when}${reported.onProbation === true ? ', on probation' : ''}`,
      };
    case 'rejected': {
      const verdict = appliedRev === 0 ? 'FAIL' : 'WARN';
      const runs = appliedRev === 0 ? 'none runs' : `${appliedRev} runs`;
      return { verdict, name: 'revision', say: `${runs}, ${desiredRev} was refused at ${when}` };
    }
    case 'rolledBack':
      return {
        verdict: 'WARN',
        name: 'revision',
        say: `${appliedRev} runs, ${desiredRev} was taken back at ${when}`,
      };
  }
}

function note(name: string, say: string): Row {
  return { verdict: '--', name, say };
}
