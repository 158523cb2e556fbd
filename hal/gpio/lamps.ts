import type { Led } from './gpio.ts';

/** How a lamp burns. */
export type Lamp = 'off' | 'on' | 'blinking';

/** What the lamps on the front show. */
export interface LampView {
  /** Whether the FXS board answers. */
  readonly board: boolean;
  /** Whether a phone on an analog line is lifted. */
  readonly lifted: boolean;
  /** Whether the agent is there. */
  readonly agent: boolean;
  /** What the agent says of the box, once it does. */
  readonly told: ToldLamps | undefined;
}

/** What only the agent knows. */
export interface ToldLamps {
  /** Whether the service is reached. */
  readonly service: boolean;
  /** The worst of the warnings that stand; null when there is none that asks for somebody. */
  readonly worst: 'error' | 'warning' | null;
}

/**
 * Pure: what somebody sees who stands before the box. `power` burns while the box works. `service` burns while it reaches the
 * service, and blinks while it works without it. `line` burns while a phone is lifted. `alarm` burns when somebody cannot make a
 * call, by the same warnings that the command and the service show, and blinks when something is to be looked at.
 */
export function lampsOf({ board, lifted, agent, told }: LampView): Readonly<Record<Led, Lamp>> {
  const worst = told?.worst ?? null;
  return {
    power: 'on',
    service: !agent ? 'off' : told?.service === false ? 'blinking' : 'on',
    line: lifted ? 'on' : 'off',
    alarm: !board || worst === 'error' ? 'on' : worst === 'warning' ? 'blinking' : 'off',
  };
}
