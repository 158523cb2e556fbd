import type { Instant } from '../../lib/base/clock.ts';
import type { GatewayId, ServiceId } from '../../lib/base/ids.ts';
import { hasControl } from '../../lib/contract/check-site-config.ts';
import {
  DIAL_HABITS,
  ELSEWHERE_MOST,
  type LineConfig,
  lineConfig,
  OFFICE_FEATURES,
  SITE_CONFIG_SCHEMA,
  type SiteConfig,
  TRUNK_HABITS,
} from '../../lib/contract/site-config.ts';
import { type Contract, holds, lineSettings, siteName } from '../contracts/index.ts';
import { compileLan } from './compile-lan.ts';
import { numbersThatRing } from './numbers-that-ring.ts';

/** Where gateways find the switch. */
export interface TrunkAddress {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly domain: string;
  readonly echo?: NonNullable<SiteConfig['trunk']['echo']>;
  /** Another place of the service, which calls go to where the first does not take them. */
  readonly second?: { readonly host: string; readonly port: number };
}

const EXTENSION = lineConfig.shape.extension;
const REGISTER_EVERY_S = 300;
const INTER_DIGIT_MS = 4_000;
const FIRST_DIGIT_MS = 20_000;
/** Longer than the switch lets a call ring: the switch decides, the box only makes sure. */
const RING_FOR_MS = 120_000;

/** More than a box can ever use with its eight lines and the phones beside it; the switch counts the true ones. */
const CHANNELS_MOST = 64;

/**
 * The configuration of one gateway, from the contract that it serves. Pure: the same contract gives the same bytes, lines
 * in the order of their ports and numbers in the order of their digits. What is not held at `now` is left out.
 */
export function compileSite(
  contract: Contract,
  gateway: GatewayId,
  passwords: ReadonlyMap<ServiceId, string>,
  { second, ...trunk }: TrunkAddress,
  now: Instant,
): SiteConfig {
  const ids = contract.ids.filter(({ held }) => holds(held, now));
  const devices = contract.devices.filter((device) => device.gateway === gateway && holds(device.held, now));
  const here = ids.filter(({ device }) => devices.some(({ id }) => id === device));
  const lines = here.flatMap((id): LineConfig[] =>
    id.port === null
      ? []
      : [
          {
            port: id.port,
            serviceId: id.id,
            label: id.label,
            extension: id.extension,
            sip: { user: id.id, password: passwords.get(id.id) ?? '' },
            presents: id.presents,
            ringsFor: numbersThatRing(contract, id.id, now),
            ...lineSettings(id.features?.line),
          },
        ],
  );
  return {
    schema: SITE_CONFIG_SCHEMA,
    gateway,
    contract: contract.id,
    office: siteName(contract),
    trunk: { ...trunk, registerEveryS: REGISTER_EVERY_S, ...TRUNK_HABITS },
    ...(second === undefined
      ? {}
      : {
          secondTrunk: {
            ...{ ...second, serverName: trunk.serverName, domain: trunk.domain },
            registerEveryS: REGISTER_EVERY_S,
          },
        }),
    lines: lines.sort((left, right) => left.port - right.port),
    dialPlan: {
      interDigitMs: INTER_DIGIT_MS,
      firstDigitMs: FIRST_DIGIT_MS,
      ...DIAL_HABITS,
      emergency: contract.emergency,
    },
    // 同時通話数 [S0-059]
    calls: { channels: Math.min(Math.max(1, ids.length), CHANNELS_MOST), ringForMs: RING_FOR_MS },
    features: OFFICE_FEATURES,
    ...groupsOf(contract, gateway),
    ...elsewhereOf(contract, here, ids),
    lan: compileLan(contract, gateway, passwords, now),
  };
}

/** Ring groups that this box rings by itself. */
function groupsOf(contract: Contract, gateway: GatewayId): Pick<SiteConfig, 'groups'> {
  const groups = contract.lans?.find((lan) => lan.gateway === gateway)?.groups ?? [];
  return groups.length === 0 ? {} : { groups: groups.map((group) => ({ ...group })) };
}

/**
 * Colleagues who are not at this gateway, whom its phones call over the trunk: apps and other gateways. One whose name no box
 * shows is called by his ID. [S0-082]
 */
function elsewhereOf(
  contract: Contract,
  here: readonly Contract['ids'][number][],
  ids: readonly Contract['ids'][number][],
): Pick<SiteConfig, 'elsewhere'> {
  const away = ids.filter((id) => !here.includes(id) || !isServed(contract, id));
  const elsewhere = away
    .filter(({ extension }) => EXTENSION.safeParse(extension).success)
    .sort((left, right) => Number(left.extension) - Number(right.extension))
    .slice(0, ELSEWHERE_MOST)
    .map(({ id, extension, label }) => ({ extension, label: isShown(label) ? label : id }));
  return elsewhere.length === 0 ? {} : { elsewhere };
}

/** On a port, or on a desk phone whose hardware is known. */
function isServed({ devices }: Contract, { device, port }: Contract['ids'][number]): boolean {
  return port !== null || devices.find((one) => one.id === device)?.phone !== undefined;
}

function isShown(label: string): boolean {
  return lineConfig.shape.label.safeParse(label).success && !hasControl(label);
}

/**
 * The gateways that lines and desk phones of a contract are on at `now`, in a fixed order: a box without any has nothing
 * to do.
 */
export function gatewaysOf(contract: Contract, now: Instant): readonly GatewayId[] {
  const lines = new Set(
    contract.ids.flatMap(({ device, port, held }) => (port !== null && holds(held, now) ? [device] : [])),
  );
  const ids = new Set(contract.ids.flatMap(({ device, held }) => (holds(held, now) ? [device] : [])));
  const named = contract.devices.flatMap(({ id, gateway, held, phone }) => {
    const used = phone === undefined ? lines.has(id) : ids.has(id);
    return gateway !== null && used && holds(held, now) ? [gateway] : [];
  });
  return [...new Set(named)].sort();
}
