import { type Instant, instant } from '../../lib/base/clock.ts';
import type { PhoneFact } from '../../lib/contract/lan-facts.ts';
import { type Contract, contractAt, phoneSettings } from '../contracts/index.ts';
import type { LanView, Store } from '../store/index.ts';

/** A desk phone as it was ordered, and as its gateway sees it. */
export interface PhoneLine {
  readonly gateway: string;
  readonly device: string;
  readonly mac: string;
  readonly type: string;
  readonly id: string;
  readonly extension: string;
  readonly label: string;
  readonly keys: number;
  readonly fact: PhoneFact | null;
}

/** A device that nobody has ordered. */
export interface OtherLine extends PhoneFact {
  readonly gateway: string;
}

/** The desk phones of a contract by their extensions, and what else on its LANs looks like a phone. */
export function phoneLines(
  contract: Contract,
  lans: readonly LanView[],
  now: Instant,
): { readonly phones: readonly PhoneLine[]; readonly others: readonly OtherLine[] } {
  const { devices, ids } = contractAt(contract, now);
  const facts = lans.flatMap(({ gateway, report }) =>
    report.phones.map((fact): OtherLine => ({ ...fact, gateway })),
  );
  const phones = ids.flatMap((id): PhoneLine[] => {
    const device = devices.find((one) => one.id === id.device);
    if (device?.phone === undefined || device.gateway === null) return [];
    const { gateway, phone } = device;
    const found = facts.find((fact) => fact.gateway === gateway && fact.mac === phone.mac);
    return [
      {
        ...{ gateway, device: device.id, ...phone },
        ...{ id: id.id, extension: id.extension, label: id.label },
        keys: phoneSettings(id.features?.phone).keys.length,
        fact: found === undefined ? null : factOf(found),
      },
    ];
  });
  const ordered = new Set(phones.map(({ gateway, mac }) => `${gateway} ${mac}`));
  return {
    phones: phones.sort((left, right) => Number(left.extension) - Number(right.extension)),
    others: facts.filter(({ gateway, mac }) => !ordered.has(`${gateway} ${mac}`)),
  };
}

function factOf({ gateway: _gateway, ...fact }: OtherLine): PhoneFact {
  return fact;
}

type Alerts = Awaited<ReturnType<Store['alerts']>>;

/** What the gateways warn of on the LANs now stands among the alerts, newest first. */
export function withLanAlerts(alerts: Alerts, lans: readonly LanView[]): Alerts {
  const warned = lans.flatMap(({ gateway, report }) =>
    report.warnings.flatMap(({ code, severity, say, since }): Alerts[number][] =>
      severity === 'info'
        ? []
        : [
            {
              alert: code,
              about: gateway,
              call: null,
              at: instant(since),
              facts: [],
              say: `${code}: ${say}`,
            },
          ],
    ),
  );
  return [...alerts, ...warned].sort((left, right) => right.at - left.at);
}
