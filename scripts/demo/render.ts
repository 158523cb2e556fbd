import type { TraceLine } from '../../cloud-stub/routing/types.ts';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { type FaxPaper, faxInWords } from './faxes.ts';
import { kindOf, yenOf } from './papers.ts';
import type { Story } from './story.ts';

/** The story's papers for people: records, charges with their reasons, the draft invoice, the verdict. */
export function renderDemo(story: Story): string {
  const records = story.records as readonly CallView[];
  const figures = Object.entries(story.figures).map(([name, value]) => `${name}: ${value}`);
  const failed = story.steps.filter((step) => !step.ok).length;
  return [
    '',
    'Faxes',
    ...(story.faxes as readonly FaxPaper[]).flatMap(faxLines),
    '',
    'Call records',
    ...records.flatMap(recordLines),
    '',
    story.invoiceText,
    '',
    figures.join(', '),
    `${story.steps.length - failed} of ${story.steps.length} steps happened, in ${(story.tookMs / 1000).toFixed(1)} s`,
    ...story.steps.filter((step) => !step.ok).map((step) => `FAIL ${step.name}: ${step.detail}`),
    '',
  ].join('\n');
}

function faxLines(paper: FaxPaper): string[] {
  return [
    `  ${paper.direction.padEnd(8)} ${paper.from} -> ${paper.to}: ${faxInWords(paper)}`,
    `      ${paper.sentFile} -> ${paper.receivedFile}`,
  ];
}

function recordLines(record: CallView): string[] {
  const side = record.switch ?? record.boxes[0];
  const talkS = ((side?.talkMs ?? 0) / 1000).toFixed(1);
  const started = new Date(record.startedAt).toISOString().replace('T', ' ').slice(0, 19);
  const head = `  ${kindOf(record).padEnd(8)} ${side?.from ?? ''} -> ${side?.to ?? ''}, ${talkS} s, ${side?.end ?? ''}`;
  const route = record.switch?.trace.map((line) => `      route  ${cited(line)}`) ?? [];
  const price = record.charge?.trace.map((line) => `      price  ${cited(line)}`) ?? [];
  return [`${head}`, `    ${record.call} at ${started} UTC: ${yenOf(record)} yen`, ...route, ...price];
}

/** The sentence with the requirements that it rests on, those that it names itself apart. */
function cited({ say, facts }: TraceLine): string {
  const others = facts.filter((fact) => !say.includes(fact));
  return others.length === 0 ? say : `${say} [${others.join(' ')}]`;
}
