import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { GpioLine, GpioRefusal } from './gpio.ts';

/** Where the kernel shows GPIO chips to the sysfs interface. */
export const SYSFS_GPIO = '/sys/class/gpio';

/**
 * The kernel's global number of a line, found by the label of its chip: `gpiochip<N>/label` names the chip, `base` its
 * first number, `ngpio` how many it has.
 */
export function resolveGpioNumber(wanted: GpioLine, root: string = SYSFS_GPIO): Result<number, GpioRefusal> {
  const labels: string[] = [];
  for (const folder of chipFolders(root)) {
    const label = readText(join(folder, 'label'));
    if (label !== undefined) labels.push(label);
    if (label !== wanted.chip) continue;
    const base = Number(readText(join(folder, 'base')));
    const count = Number(readText(join(folder, 'ngpio')));
    if (Number.isInteger(base) && wanted.line >= 0 && wanted.line < count) return ok(base + wanted.line);
    const say = `GPIO chip "${wanted.chip}" has ${count} lines; there is no line ${wanted.line}. Correct the GPIO plan of the box.`;
    return refuse({ code: 'gpio.noLine', fault: 'environment', say });
  }
  const seen = labels.length === 0 ? 'none' : labels.map((label) => `"${label}"`).join(', ');
  const say = `There is no GPIO chip "${wanted.chip}" under ${root} (seen: ${seen}). Correct the GPIO plan of the box.`;
  return refuse({ code: 'gpio.noChip', fault: 'environment', say });
}

function chipFolders(root: string): string[] {
  try {
    const names = readdirSync(root).filter((name) => /^gpiochip\d+$/.test(name));
    return names.sort().map((name) => join(root, name));
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
