import type { CodedError } from '../../lib/base/errors.ts';

/** Lamps on the front of the box. */
export const LEDS = ['power', 'service', 'line', 'alarm'] as const;
export type Led = (typeof LEDS)[number];

/**
 * One GPIO line by the label of its chip and its place there, as in the board's schematic. Never by the kernel's global
 * number, which differs from kernel to kernel.
 */
export interface GpioLine {
  readonly chip: string;
  readonly line: number;
  readonly activeLow: boolean;
}

/** Where the signals of a box are wired. */
export interface GpioPlan {
  /** Holds the FXS board's processor in reset while active. */
  readonly boardReset: GpioLine;
  /** Active while the FXS board's supply is good. */
  readonly powerGood: GpioLine;
  readonly leds: Readonly<Record<Led, GpioLine>>;
}

/** The signals, as the box uses them. Levels are logical: true is active. Nothing throws. */
export interface BoardGpio {
  setReset(active: boolean): void;
  /** Undefined when the line cannot be read. */
  powerGood(): boolean | undefined;
  onPowerGood(listener: (good: boolean) => void): void;
  setLed(led: Led, on: boolean): void;
  /** Releases reset, puts the lamps out and gives the lines back. */
  stop(): void;
}

/** Why a backend cannot be had. */
export interface GpioRefusal extends CodedError {
  readonly code: 'gpio.noChip' | 'gpio.noLine' | 'gpio.notLoaded' | 'gpio.denied';
  readonly fault: 'environment';
}
