import type { FaxFact } from '../../../lib/contract/facts.ts';
import type { FaxesAnswer } from '../../local-api/index.ts';
import { failed, good, leftOut, type SetupStep } from './step.ts';
import type { SetupWorld } from './world.ts';

/** A page takes a minute; a slow machine some more. */
const FAX_LIMIT_MS = 600_000;

/** A real page from a real machine. */
export const faxStep: SetupStep = {
  name: 'fax',
  about: 'A test fax: somebody sends a page from the fax machine; the box tells how it went.',
  async run(world) {
    const wanted =
      world.options.fax ?? (await world.ask('Is there a fax machine: yes or no', 'no')) === 'yes';
    if (!wanted) return leftOut('not tried; with --fax it waits for a page');
    const before = new Set((await world.must<FaxesAnswer>('/v1/faxes')).faxes.map(({ id }) => id));
    world.line('Send one page from the fax machine, and wait for its report. Enter leaves it.');
    const seen = await world.until(() => newFax(world, before), FAX_LIMIT_MS);
    if (seen === 'late')
      return failed('no fax came to its end', 'Does the machine dial? engawa calls, engawa fax log');
    if ('typed' in seen) return leftOut('not tried, as somebody said');
    const fax = seen.found;
    const how = `line ${fax.line}, ${fax.pages} pages with ${fax.to || fax.from}: ${fax.say}`;
    if (fax.result === 'ok') return good(how);
    return {
      verdict: 'WARN',
      say: [how],
      todo: ['Send it again; if it stays, ask the operator for fax as sound, or slower (V.29).'],
    };
  },
};

async function newFax(world: SetupWorld, before: ReadonlySet<string>): Promise<FaxFact | undefined> {
  const { faxes } = await world.must<FaxesAnswer>('/v1/faxes');
  return faxes.find(({ id }) => !before.has(id));
}
