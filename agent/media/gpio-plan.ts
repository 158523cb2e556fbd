import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { GpioPlan } from '../../hal/gpio/gpio.ts';
import type { GpioBackend } from '../../hal/gpio/open-gpio.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';

const line = z.strictObject({
  chip: z.string().min(1).max(64),
  line: z.int().min(0).max(1_023),
  activeLow: z.boolean(),
});

const plan = z.strictObject({
  boardReset: line,
  powerGood: line,
  leds: z.strictObject({ power: line, service: line, line, alarm: line }),
});

/**
 * The backend that `--gpio` names: `fake`, or the path of a JSON file with the wiring of the box, by chip label and line:
 * `{"boardReset":{"chip":"gpio-box","line":4,"activeLow":true},"powerGood":{…},"leds":{"power":{…},…}}`.
 * Errors: `media.gpioPlan`, with what is wrong in the file.
 */
export function gpioBackend(flag: string, onFault: (say: string) => void): Result<GpioBackend> {
  if (flag === 'fake') return ok({ use: 'fake' });
  let text: string;
  try {
    text = readFileSync(flag, 'utf8');
  } catch (error) {
    return bad(flag, `cannot be read: ${String(error)}`);
  }
  const read = parsePlan(text);
  return typeof read === 'string' ? bad(flag, read) : ok({ use: 'onoff', plan: read, onFault });
}

/** The plan, or what is wrong with the text. */
function parsePlan(text: string): GpioPlan | string {
  try {
    const parsed = plan.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a plan'}`;
  } catch {
    return 'is not JSON';
  }
}

function bad(file: string, why: string): Result<never> {
  const say = `--gpio is "fake" or a file with the wiring of the box; ${file} ${why}.`;
  return refuse({ code: 'media.gpioPlan', fault: 'caller', say });
}
