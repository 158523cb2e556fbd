import type { Relation } from './types.ts';

/** What does not go together and what needs something else. Read by the ordering rules, never by name of a service. */
export const relations: readonly Relation[] = [
  {
    kind: 'excludes',
    item: 'option.answerBot',
    other: 'option.voicemail',
    how: 'refuse',
    scope: 'number',
    facts: ['S0-125', 'A-57'],
    say: 'The answer bot cannot be combined with voicemail on one number.',
  },
  {
    kind: 'excludes',
    item: 'option.forwarding',
    other: 'option.afterHours',
    how: 'automaticOff',
    scope: 'number',
    facts: ['S0-140', 'S0-141', 'A-16'],
    say: 'Switching forwarding on switches the after-hours announcement off, and the other way round.',
  },
  {
    kind: 'requires',
    item: 'tollFree',
    other: 'id.additional',
    how: 'refuse',
    scope: 'contract',
    facts: ['S0-149'],
    say: 'A toll-free number needs a contract with several IDs.',
  },
  {
    kind: 'requires',
    item: 'tollFree.presentNumber',
    other: 'tollFree',
    how: 'refuse',
    scope: 'number',
    facts: ['S0-096', 'S0-025'],
    say: 'Specific number notification needs a toll-free number.',
  },
  {
    kind: 'requires',
    item: 'option.operator',
    other: 'option.forwarding',
    how: 'refuse',
    scope: 'number',
    facts: ['S0-159'],
    say: 'The number that the operators answer needs the forwarding option.',
  },
];
