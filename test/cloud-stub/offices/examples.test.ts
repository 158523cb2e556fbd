import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { japanCalendar } from '../../../cloud-stub/contracts/calendar.ts';
import { type OrderHistory, record } from '../../../cloud-stub/contracts/index.ts';
import type { Contract } from '../../../cloud-stub/contracts/types.ts';
import { publishedSchema, readOfficeFile } from '../../../cloud-stub/offices/index.ts';

const FOLDER = new URL('../../../cloud-stub/offices/examples/', import.meta.url);

function textOf(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** The contract that all orders of a file make; throws where a rule refuses one. */
function contractOf(name: string): Contract {
  const file = readOfficeFile(textOf(name));
  if (!file.ok) throw new Error(file.error.say);
  let contract: Contract | null = null;
  let history: OrderHistory = [];
  for (const { at, order } of file.value.orders) {
    if (at === null) throw new Error('an example says when');
    const done = record(history, contract, order, { now: at, catalogue, calendar: japanCalendar() });
    if (!done.ok) throw new Error(`${order.kind}: ${done.error.say}`);
    ({ history } = done.value);
    contract = done.value.outcome.contract;
  }
  if (contract === null) throw new Error('an example makes a contract');
  return contract;
}

describe('the examples of office files', () => {
  const names = readdirSync(FOLDER).sort();

  it('are one for each service', () => {
    expect(names.map((name) => contractOf(name).product).sort()).toEqual([
      'answering',
      'calleePays',
      'cloudPhone',
      'groupForwarding',
      'ip050',
    ]);
  });

  it.each(names)('%s is as the published schema says, and starts by telling what it is', (name) => {
    const schema = z.fromJSONSchema(publishedSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(parse(textOf(name))).error?.issues ?? []).toEqual([]);
    expect(textOf(name)).toMatch(/^# yaml-language-server: .*\n# [A-Z0-9].*\.\nv: 1\n/);
  });

  it('[S0-056] set the analog lines of an adapter', () => {
    const lines = contractOf('cloud-phone.yaml').ids.map(({ features }) => features?.line);
    expect(lines).toMatchObject([
      undefined,
      undefined,
      { rings: [{ number: '0355551011', ring: 'double' }], numberDisplay: { on: true } },
      { callWaiting: false, fax: { t38: true, modems: 'v29' } },
    ]);
  });
});
