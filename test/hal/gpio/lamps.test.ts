import { describe, expect, it } from 'vitest';
import { type LampView, lampsOf } from '../../../hal/gpio/lamps.ts';

const WELL: LampView = { board: true, lifted: false, agent: true, told: { service: true, worst: null } };

describe('the lamps on the front', () => {
  it.each([
    ['a box that is well', {}, { service: 'on', line: 'off', alarm: 'off' }],
    ['a lifted phone', { lifted: true }, { line: 'on', alarm: 'off' }],
    ['no agent', { agent: false, told: undefined }, { service: 'off', alarm: 'off' }],
    ['an agent that has said nothing yet', { told: undefined }, { service: 'on', alarm: 'off' }],
    [
      'no service',
      { told: { service: false, worst: 'warning' } },
      { service: 'blinking', alarm: 'blinking' },
    ],
    ['calls that are impossible', { told: { service: true, worst: 'error' } }, { alarm: 'on' }],
    ['no board', { board: false }, { alarm: 'on' }],
  ] as const)('show %s', (_what, change, lamps) => {
    expect(lampsOf({ ...WELL, ...change })).toMatchObject({ power: 'on', ...lamps });
  });
});
