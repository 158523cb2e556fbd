import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenario, type Simulation, simulate } from '../../../cloud-stub/simulate/index.ts';

const FOLDER = new URL('../../../cloud-stub/simulate/examples/', import.meta.url);
const YEN = 1_000_000;

function run(name: string): Simulation {
  const scenario = readScenario(readFileSync(new URL(name, FOLDER), 'utf8'));
  if (!scenario.ok) throw new Error(scenario.error.say);
  const done = simulate(scenario.value);
  if (!done.ok) throw new Error(done.error.say);
  return done.value;
}

/** `afterMs to presents` of every leg, by event. */
function legsOf({ decisions }: Simulation): Record<number, readonly string[]> {
  return Object.fromEntries(
    decisions.map(({ event, legs }) => [
      event,
      legs.map(({ afterMs, to, presents }) => `${afterMs} ${to}${presents === null ? '' : ` ${presents}`}`),
    ]),
  );
}

/** Item and yen of every use. */
function chargesOf({ charges }: Simulation): Record<string, string> {
  return Object.fromEntries(
    charges.map((one) => [
      one.use,
      'charge' in one ? `${one.charge.item} ${one.charge.amount / YEN}` : one.unpriced.code,
    ]),
  );
}

function totalsOf({ invoices }: Simulation): readonly string[] {
  return invoices.map((one) => `${one.number} ${one.period.name} ${one.subtotalYen}+${one.taxYen}`);
}

describe('the simulated examples, one for each service', () => {
  it('are all run here', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([
      'answering.yaml',
      'cloud-phone.yaml',
      'group-forwarding.yaml',
      'ip050.yaml',
      'toll-free.yaml',
    ]);
  });

  it('cloud phone: desk phone first, forwarding that after-hours switches off, ten minutes on the app alone', () => {
    const done = run('cloud-phone.yaml');
    expect(legsOf(done)).toEqual({
      3: ['0 id-000001-1', '2000 id-000001-2'],
      5: ['0 09012345678 0355550100'],
      7: [],
      8: [],
      9: [],
      10: ['0 id-000001-2'],
    });
    expect(done.decisions.map(({ ends }) => ends)).toEqual([
      'ring',
      'forward',
      'play',
      'network',
      'network',
      'ring',
    ]);
    expect(chargesOf(done)).toEqual({
      'event-3': 'call.incoming 0',
      'event-5': 'call.incoming 0',
      'event-5/1': 'call.forwarded.mobile 35',
      'event-7': 'call.unanswered 0',
      'event-8': 'call.app 40',
      'event-9': 'call.device.fixed 8',
      'event-10': 'call.internal 0',
    });
    expect(totalsOf(done)).toEqual(['E-00000001 2026-11 26563+2656', 'E-00000002 2026-12 4480+448']);
  });

  it('external forwarding: the mobile rings ten seconds later, shows the called number and costs the company', () => {
    const done = run('group-forwarding.yaml');
    const relayed = ['0 id-000002-1', '10000 09012345678 05012349000'];
    expect(legsOf(done)).toEqual({ 4: relayed, 5: relayed });
    expect(chargesOf(done)).toEqual({
      'event-4': 'call.incoming 0',
      'event-5': 'call.incoming 0',
      'event-5/1': 'groupForwarding.call.mobile 35',
    });
    expect(totalsOf(done)).toEqual(['E-00000001 2026-11 3035+303']);
  });

  it('toll-free: each region rings its line; the callee pays two periods later', () => {
    const done = run('toll-free.yaml');
    expect(legsOf(done)).toEqual({ 1: ['0 0612345678 0120555123'], 2: ['0 0312345678 0120555123'] });
    expect(chargesOf(done)).toEqual({
      'event-1': 'calleePays.call.fixed 21',
      'event-2': 'calleePays.call.mobile 40',
    });
    expect(totalsOf(done)).toEqual([
      'E-00000001 2026-11 3350+335',
      'E-00000002 2026-12 2350+235',
      'E-00000003 2027-01 2411+241',
    ]);
  });

  it('050: the ceiling warns, then refuses', () => {
    const done = run('ip050.yaml');
    expect(done.decisions.map(({ decision: { plan } }) => ('rule' in plan ? plan.rule : plan.verb))).toEqual([
      'network',
      'network',
      'out.ceiling',
    ]);
    expect(chargesOf(done)).toEqual({
      'event-2': 'ip050.call.fixed 8',
      'event-3': 'ip050.call.mobile 52.5',
    });
    expect(totalsOf(done)).toEqual(['E-00000001 2026-11 340+34']);
  });

  it('answering: free in the trial, charged from its conversion on', () => {
    const done = run('answering.yaml');
    expect(done.orders.map(({ kind }) => kind)).toEqual(['apply', 'trial']);
    expect(chargesOf(done)['event-1']).toBe('answering.trial 0');
    expect(chargesOf(done)['event-3']).toBe('answering.over 0');
    expect(totalsOf(done)).toEqual(['E-00000001 2026-10 1000+100', 'E-00000002 2026-11 1000+100']);
  });
});
