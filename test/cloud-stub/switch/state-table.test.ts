import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newCall, step } from '../../../cloud-stub/switch/call-machine.ts';
import type { Call, CallInput, CallSetup } from '../../../cloud-stub/switch/call-types.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';

const one = 'id-000001-1' as ServiceId;
const two = 'id-000001-2' as ServiceId;
const setup: CallSetup = {
  call: 'abcdef-0000000000000000' as CallId,
  plan: {
    verb: 'ring',
    contract: 'c-000001' as ContractId,
    called: '0355550100',
    members: [one, two],
    forMs: 30_000,
    takesChannel: true,
  },
  ringForMs: 30_000,
  longestMs: 1,
};

const ANNOUNCEMENT = {
  verb: 'play',
  contract: 'c-000001' as ContractId,
  called: '0355550100',
  prompt: 'default.afterHours',
  times: 2,
  answers: true,
  next: null,
} as const;

const INPUTS: readonly (readonly [string, CallInput])[] = [
  ['opened', { type: 'opened' }],
  ['openFailed', { type: 'openFailed', say: '' }],
  ['progress of leg 0', { type: 'progress', leg: 0, status: 180, earlyMedia: false }],
  ['answered by leg 0', { type: 'answered', leg: 0 }],
  ['answered by leg 1', { type: 'answered', leg: 1 }],
  ['failed: leg 0', { type: 'failed', leg: 0, status: 486, cause: 17 }],
  ['BYE from leg 0', { type: 'legEnded', leg: 0, by: 'peer' }],
  ['CANCEL from the caller', { type: 'callerCancelled' }],
  ['BYE from the caller', { type: 'callerEnded', by: 'peer' }],
  ['written', { type: 'written' }],
  ['writeFailed', { type: 'writeFailed', say: '' }],
  ['played', { type: 'played' }],
  ['parked by leg 0', { type: 'parked', who: 'leg', by: one }],
  ['taken', { type: 'taken', by: two }],
  ['parkOver', { type: 'parkOver' }],
  ['recallFailed', { type: 'recallFailed' }],
  ['headStart', { type: 'headStart' }],
  ['settled', { type: 'settled' }],
  ['noAnswer', { type: 'noAnswer' }],
  ['tooLong', { type: 'tooLong' }],
  ['silent', { type: 'silent' }],
  ['preempted', { type: 'preempted' }],
  ['stop', { type: 'stop' }],
];

function after(call: Call, ...inputs: readonly CallInput[]): Call {
  return inputs.reduce((now, input) => step(now, input, 0).call, call);
}

/** The table in the README, made from the machine: two phones ring, leg 0 answers. */
function table(): string {
  const opening = newCall(setup);
  const offering = after(opening, { type: 'opened' });
  const answering = after(offering, { type: 'answered', leg: 0 });
  const talking = after(answering, { type: 'written' });
  const parked = after(talking, { type: 'parked', who: 'leg', by: one });
  const over = after(talking, { type: 'stop' });
  const announcing = newCall({ ...setup, plan: ANNOUNCEMENT });
  const playing = after(announcing, { type: 'opened' }, { type: 'written' });
  const states = [opening, offering, playing, answering, talking, parked, over];
  const rows = INPUTS.map(([name, input]) => {
    const cells = states.map((state) => {
      const { call, effects } = step(state, input, 0);
      const done = effects
        .map((effect) => ('leg' in effect ? `${effect.do} ${effect.leg ?? 'prompt'}` : effect.do))
        .join(', ');
      if (call.at === state.at) return done === '' ? '·' : done;
      return done === '' ? `→ ${call.at}` : `→ ${call.at}: ${done}`;
    });
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  const head = `| input | ${states.map((state) => state.at).join(' | ')} |`;
  return [head, `|${' --- |'.repeat(states.length + 1)}`, ...rows].join('\n');
}

/** A formatter may align the columns. */
function squeezed(text: string): string {
  return text.replaceAll(/-+/g, '-').replaceAll(/ +/g, ' ');
}

describe('the README of the switch', () => {
  it('shows the table of states that the machine really has', () => {
    const readme = readFileSync(new URL('../../../cloud-stub/switch/README.md', import.meta.url), 'utf8');
    expect(squeezed(readme)).toContain(squeezed(table()));
  });
});
