import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { instant } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { signDesired } from '../../lib/contract/envelope.ts';
import { LAN_HABITS } from '../../lib/contract/lan-config.ts';
import {
  DIAL_HABITS,
  LINE_HABITS,
  type LineConfig,
  OFFICE_FEATURES,
  type SiteConfig,
  TRUNK_HABITS,
} from '../../lib/contract/site-config.ts';

export const TEST_GATEWAY = 'gw-000001' as GatewayId;

/** A line that passes every check. */
export function siteLine(port: number, extension: string): LineConfig {
  return {
    port,
    serviceId: `id-000001-${port}`,
    label: `受付 ${port}`,
    extension,
    sip: { user: `id-000001-${port}`, password: 'a-secret-of-the-office' },
    presents: '0355550100',
    ringsFor: ['0355550100'],
    ring: 'normal',
    ...LINE_HABITS,
  };
}

/** An office of two lines that passes every check. */
export function siteOf(changes: Partial<SiteConfig> = {}): SiteConfig {
  return {
    schema: 1,
    gateway: TEST_GATEWAY,
    contract: 'c-000001',
    office: '縁側商店 (Engawa Shoten)',
    trunk: {
      host: '127.55.9.10',
      port: 5061,
      serverName: 'cloud.engawa.example',
      domain: 'engawa.example',
      registerEveryS: 300,
      ...TRUNK_HABITS,
    },
    lines: [siteLine(1, '11'), siteLine(2, '12')],
    dialPlan: { interDigitMs: 4_000, firstDigitMs: 15_000, emergency: 'refused', ...DIAL_HABITS },
    calls: { channels: 2, ringForMs: 60_000 },
    features: OFFICE_FEATURES,
    lan: LAN_HABITS,
    ...changes,
  };
}

/** A key pair that signs configurations. */
export function configKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ed25519');
}

/** A configuration as the cloud publishes it; fails the test when it cannot be signed. */
export function signedSite(
  privateKey: KeyObject,
  rev: number,
  config: SiteConfig = siteOf(),
  issuedAt = 1_790_000_000_000 + rev,
): Buffer {
  const gateway = config.gateway as GatewayId;
  const signed = signDesired(config, { rev, gateway, privateKey, now: instant(issuedAt) });
  if (!signed.ok) throw new Error(signed.error.say);
  return signed.value.bytes;
}
