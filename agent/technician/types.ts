import type { LineMeasurement } from '../../hal/board.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { ToneName } from '../media/protocol.ts';

/** Why a tool was not used, or did not end. */
export type ToolRefusal = CodedError & {
  readonly code: /** There is no such line in this box. */
    | 'line.none'
    /** The media process or the board is away. */
    | 'line.noBoard'
    /** A call is on the line; `force` would cut into it. */
    | 'line.inCall'
    /** An emergency call is on the line; nothing cuts into that. */
    | 'line.emergency'
    /** The handset is lifted and must not be, or the other way round. */
    | 'line.hook'
    /** The same is going on already. */
    | 'line.running'
    /** Nothing was recorded, or nothing was asked for. */
    | 'line.nothing'
    | 'line.timeout'
    | 'line.refused';
};

/** One row of a line test. */
export interface LineCheck {
  readonly name: 'board' | 'voltage' | 'leakage' | 'ringer' | 'loop';
  readonly verdict: 'OK' | 'WARN' | 'FAIL' | '--';
  /** What was measured, in a sentence. */
  readonly say: string;
  /** A code to read out to support, with what to do; null when there is nothing to do. */
  readonly advice: { readonly code: string; readonly say: string } | null;
}

/** What a line test found. */
export interface LineTest {
  readonly port: number;
  readonly at: number;
  readonly checks: readonly LineCheck[];
  /** The worst of the checks. */
  readonly verdict: 'OK' | 'WARN' | 'FAIL';
  readonly measured: LineMeasurement;
}

/** Something was begun that ends by itself. */
export interface Begun {
  readonly port: number;
  readonly forMs: number;
  /** What happens on the line now, in a sentence. */
  readonly say: string;
}

/** How a recording stands. */
export type Recording =
  | { readonly at: 'running'; readonly forMs: number }
  | { readonly at: 'done'; readonly wav: Buffer; readonly recordedMs: number; readonly say: string };

/** Names of rings that a technician may choose; ms on and off. */
export const TEST_RINGS = {
  normal: [1_000, 2_000],
  double: [500, 500, 500, 1_500],
  short: [500, 500],
} as const;

export type TestRing = keyof typeof TEST_RINGS;

/** A technician's tools for one line each. Each refuses rather than disturb a call, and each ends by itself. */
export interface LineTools {
  test(port: number, force: boolean): Promise<Result<LineTest, ToolRefusal>>;
  tone(port: number, tone: ToneName, forMs: number, force: boolean): Promise<Result<Begun, ToolRefusal>>;
  loopback(port: number, forMs: number, force: boolean): Promise<Result<Begun, ToolRefusal>>;
  ring(port: number, ring: TestRing, forMs: number): Promise<Result<Begun, ToolRefusal>>;
  /** Ends tone, loopback, ring and recording; a recording can still be taken. */
  stop(port: number): Promise<Result<Begun, ToolRefusal>>;
  capture(
    port: number,
    forMs: number,
    law: 'pcm' | 'ulaw',
    force: boolean,
  ): Promise<Result<Begun, ToolRefusal>>;
  /** The recording; taken once when it is done. */
  recording(port: number): Promise<Result<Recording, ToolRefusal>>;
}
