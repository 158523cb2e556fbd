import type { z } from 'zod';
import { hasControl, hidesEmergency } from '../../../lib/contract/check-site-config.ts';
import { lineConfig, siteConfig } from '../../../lib/contract/site-config.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import { siteName } from '../site-name.ts';
import type { Contract, ContractDevice, ContractServiceId } from '../types.ts';
import type { Rule } from './check.ts';

const { extension, label, port, ringsFor } = lineConfig.shape;

/**
 * What a box takes, asked when the order comes and not when the configuration goes out: whatever these rules let through
 * is a configuration that a box accepts. Its own format is the judge.
 */
export const boxRules: readonly Rule[] = [extensions, ports, portTwice, texts, ringing];

/**
 * Dialled on a phone: 0 leads outside, and 110 to the police. Apps send a number whole; a box hears one digit after the other,
 * and whoever dials 1100 on it has called the police before the last one.
 */
function extensions({ ids, devices }: Contract): ContractRefusal | undefined {
  const boxes = devices.some(({ gateway }) => gateway !== null);
  for (const id of ids) {
    const number = hidesEmergency(id.extension);
    if (number !== undefined && (boxes || number === id.extension)) {
      const how = number === id.extension ? 'is' : 'begins like';
      const say = `${id.id} cannot have the extension ${id.extension}, which ${how} an emergency number; give it another one.`;
      return broken('contract.extension', say);
    }
    if (fits(extension, id.extension)) continue;
    const say = `${id.id} cannot have the extension "${id.extension}": an extension has 1 to 5 digits, the first of them no 0.`;
    return broken('contract.extension', say);
  }
  return undefined;
}

function ports(contract: Contract): ContractRefusal | undefined {
  for (const id of contract.ids) {
    if (id.port === null) continue;
    const { kind } = deviceOf(contract, id) ?? {};
    if (kind !== 'adapter') {
      const say = `${id.id} names port ${id.port} of ${id.device}, which is no adapter; leave the port out.`;
      return broken('contract.port', say);
    }
    if (fits(port, id.port)) continue;
    const say = `${id.id} names port ${id.port}; an adapter has the ports 1 to 8.`;
    return broken('contract.port', say);
  }
  return undefined;
}

/** Several adapters at one gateway are one row of ports. */
function portTwice(contract: Contract): ContractRefusal | undefined {
  const seen = new Map<string, ContractServiceId>();
  for (const id of contract.ids) {
    if (id.port === null) continue;
    const place = `${deviceOf(contract, id)?.gateway ?? id.device} port ${id.port}`;
    const other = seen.get(place);
    if (other !== undefined) {
      const say = `${other.id} and ${id.id} are both on ${place}; a port carries one line.`;
      return broken('contract.port', say);
    }
    seen.set(place, id);
  }
  return undefined;
}

/** Names that a box shows. */
function texts(contract: Contract): ContractRefusal | undefined {
  const lines = linesOf(contract);
  if (lines.length === 0) return undefined;
  const office = siteName(contract);
  if (!fits(siteConfig.shape.office, office) || hasControl(office)) {
    const say = `"${office}" cannot be shown by a box: both names together have at most 77 characters, and no control characters.`;
    return broken('contract.boxText', say);
  }
  const bad = lines.find((id) => !fits(label, id.label) || hasControl(id.label));
  if (bad === undefined) return undefined;
  const say = `${bad.id}: the label "${bad.label}" cannot be shown by a box: it has 1 to 40 characters, and no control characters.`;
  return broken('contract.boxText', say);
}

function ringing(contract: Contract): ContractRefusal | undefined {
  for (const { id } of linesOf(contract)) {
    const numbers = contract.numbers.filter(({ rings }) => rings.includes(id)).map(({ number }) => number);
    if (fits(ringsFor, numbers)) continue;
    const say = `${numbers.length} numbers ring ${id}; an analog line or desk phone is rung by at most 16.`;
    return broken('contract.boxNumbers', say);
  }
  return undefined;
}

/** IDs on ports of adapters, and on desk phones that a gateway sets up. */
function linesOf(contract: Contract): readonly ContractServiceId[] {
  return contract.ids.filter((id) => {
    const device = deviceOf(contract, id);
    return device?.kind === 'adapter' ? id.port !== null : device?.phone !== undefined;
  });
}

function deviceOf(contract: Contract, id: ContractServiceId): ContractDevice | undefined {
  return contract.devices.find((one) => one.id === id.device);
}

function fits(shape: z.ZodType, value: unknown): boolean {
  return shape.safeParse(value).success;
}
