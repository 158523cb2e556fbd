import type { Verdict } from '../screen.ts';
import type { SetupWorld } from './world.ts';

/** The steps in their order. */
export const STEPS = ['box', 'claim', 'lan', 'lines', 'call', 'fax'] as const;
export type StepName = (typeof STEPS)[number];

/** What a step came to. */
export interface StepResult {
  /** `--`: left out. */
  readonly verdict: Verdict;
  /** What was found or done, a sentence each; goes into the report. */
  readonly say: readonly string[];
  /** What somebody does who is not content with it. */
  readonly todo: readonly string[];
}

/** One step: what it does is said before it is done. */
export interface SetupStep {
  readonly name: StepName;
  readonly about: string;
  run(world: SetupWorld): Promise<StepResult>;
}

/** Left out, and why. */
export function leftOut(say: string): StepResult {
  return { verdict: '--', say: [say], todo: [] };
}

export function good(...say: readonly string[]): StepResult {
  return { verdict: 'OK', say, todo: [] };
}

export function failed(say: string, ...todo: readonly string[]): StepResult {
  return { verdict: 'FAIL', say: [say], todo };
}
