import { POLICIES } from './policies.ts';
import type { FactClass } from './row.ts';
import { type CoverageTable, type CoveredRow, countsOf } from './table.ts';

const SECTIONS: readonly (readonly [prefix: string, heading: string])[] = [
  ['S0', 'Cloud phone (S0)'],
  ['S1', 'Forwarding from ring groups (S1)'],
  ['S2', 'Toll-free service (S2)'],
  ['S3', '050 business service (S3)'],
  ['S4', 'Answering service (S4)'],
  ['A-', 'Readings (A)'],
];
const CLASSES: readonly (readonly [FactClass, string])[] = [
  ['implemented', 'a rule or price of the program; a test fails when it is altered'],
  ['later', 'decided, kept or rated here; carried out by a part that is still to come'],
  ['data', 'a value or a text for the customer'],
  ['history', 'of the past'],
  ['outOfReach', 'beyond a program, or of unknown content'],
];
const PLACES_MOST = 2;
const TESTS_MOST = 2;

/** The table as the Markdown document `cloud-stub/COVERAGE.md`. */
export function renderCoverage(table: CoverageTable): string {
  const facts = table.rows.filter(({ row }) => !row.id.startsWith('A-'));
  const readings = table.rows.filter(({ row }) => row.id.startsWith('A-'));
  const [ofFacts, ofReadings] = [countsOf(facts), countsOf(readings)];
  return [
    '# Coverage of the acceptance list',
    '',
    'Made by `node --import tsx scripts/coverage.ts` from the list in `cloud-stub/coverage`, the citations in the code and the',
    'names of the tests. Not written by hand: a test compares it with the tree.',
    '',
    '| class | facts | readings | what it means |',
    '|---|---|---|---|',
    ...CLASSES.map(([name, means]) => `| ${name} | ${ofFacts[name]} | ${ofReadings[name]} | ${means} |`),
    `| all | ${facts.length} | ${readings.length} | |`,
    '',
    'At most two places and two tests are shown for each.',
    ...SECTIONS.flatMap(([prefix, heading]) => section(heading, table, prefix)),
    ...policies(),
    '',
  ].join('\n');
}

/** What can be chosen where the list leaves it open. */
function policies(): readonly string[] {
  return [
    '',
    '## Policies of the readings',
    '',
    'Every reading has a name. Where others are offered, the file and field that choose are named; the standard comes first, and a',
    'test chooses each of the others.',
    '',
    '| reading | policy | offered |',
    '|---|---|---|',
    ...POLICIES.map(({ reading, name, offered }) => `| ${reading} | \`${name}\` | ${offered.join(', ')} |`),
  ];
}

function section(heading: string, table: CoverageTable, prefix: string): readonly string[] {
  const rows = table.rows.filter(({ row }) => row.id.startsWith(prefix));
  return [
    '',
    `## ${heading}`,
    '',
    '| id | what | class | where | by which test |',
    '|---|---|---|---|---|',
    ...rows.map(line),
  ];
}

function line(covered: CoveredRow): string {
  const { row } = covered;
  const tests = covered.tests
    .slice(0, TESTS_MOST)
    .map((test) => `\`${short(test.path, 'test/cloud-stub/')}\` ${test.title}`);
  const reason = row.why === null ? [] : [`(${row.why})`];
  const cells = [
    row.id,
    row.title,
    row.class,
    covered.places
      .slice(0, PLACES_MOST)
      .map((path) => `\`${short(path, 'cloud-stub/')}\``)
      .join(', '),
    [...reason, ...tests].join('; '),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function short(path: string, folder: string): string {
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
