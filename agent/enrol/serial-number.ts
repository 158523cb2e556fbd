import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where boards tell who they are. */
const SERIAL_FILES = ['firmware/devicetree/base/serial-number', 'class/dmi/id/product_serial'];
const GOOD = /^[A-Za-z0-9._-]{4,64}$/;

/**
 * Serial number of the box: as the board tells it, else `mac-` and the address of its first network port. Undefined on a machine
 * that has neither. `usr/lib/engawa/serial-number` of the image says the same. `system` is `/sys`.
 */
export function serialNumberOf(system: string = '/sys'): string | undefined {
  for (const path of SERIAL_FILES) {
    const told = textOf(join(system, path))?.replace(/[\0\s]/g, '');
    if (told !== undefined && GOOD.test(told)) return told;
  }
  const ports = join(system, 'class/net');
  for (const name of namesIn(ports)) {
    // A port that is made of software has no device, and may have another address after every start.
    if (!existsSync(join(ports, name, 'device'))) continue;
    const address = textOf(join(ports, name, 'address'))
      ?.trim()
      .toLowerCase();
    if (address !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address)) {
      return `mac-${address.replaceAll(':', '')}`;
    }
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
