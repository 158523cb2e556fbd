import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IdentityKeeper, leave, renew } from '../../../agent/enrol/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import type { CloudSync } from '../../../cloud-stub/sync/index.ts';
import { type Clock, instant, systemClock } from '../../../lib/base/clock.ts';
import type { GatewayId, ServiceId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { keyFingerprint } from '../../../lib/contract/key-fingerprint.ts';
import { CONTRACT } from '../store/call-samples.ts';
import { claimWith } from './claim-codes.ts';
import { connectGateway, type GatewayClient } from './gateway-client.ts';

/** A running service with one gateway whose identity goes through its life. */
export interface IdentityWorld {
  readonly gateway: GatewayId;
  readonly host: string;
  /** SIP accounts that were ended. */
  readonly ended: (readonly ServiceId[])[];
  enrol(gateway: GatewayId): Promise<Enrolment>;
  withClient(work: (client: GatewayClient) => Promise<void>): Promise<void>;
  folder(): string;
  store(): Store;
  sync(): CloudSync;
  enrolment(): Enrolment;
  become(next: Enrolment): void;
}

/** What becomes of an identity: renewed, revoked, given back. */
export function identityStories(world: IdentityWorld): void {
  const { ended, enrol, enrolment, folder, gateway, host, store, sync, withClient } = world;

  it('is let in after a renewal at the running desk: a new key, kept on disk; who is connected stays so', async () => {
    const box = mkdtempSync(join(folder(), 'box-'));
    // Ten months later, by the box's clock.
    const clock: Clock = {
      now: () => instant(systemClock.now() + 300 * 86_400_000),
      monotonicMs: () => systemClock.monotonicMs(),
      after: (delayMs, name, run) => systemClock.after(delayMs, name, run),
    };
    const health = { raise: () => undefined, clear: () => undefined };
    const keeper = new IdentityKeeper({
      ...{ folder: box, enrolment: enrolment(), health, clock, random: systemRandom, log: silentLog() },
    });
    ended.splice(0);
    await withClient(async (client) => {
      await keeper.look();
      expect(client.client.connected).toBe(true);
    });
    keeper.stop();
    const { device } = keeper.enrolment;
    expect(device.privateKeyPem).not.toBe(enrolment().device.privateKeyPem);
    expect(device.certificatePem).not.toBe(enrolment().device.certificatePem);
    expect(JSON.parse(readFileSync(join(box, 'enrolment.json'), 'utf8'))).toEqual(keeper.enrolment);
    world.become(keeper.enrolment);
    await withClient(async () => undefined);
    // It is the same box: its SIP accounts are its own.
    expect(ended).toEqual([]);
  });

  it('is let in when it was revoked: it is cut off at once, and does not come back', async () => {
    const client = await connectGateway(enrolment());
    const before = await store().offices.sipPasswords(CONTRACT);
    ended.splice(0);
    // The one from before its renewal is good as well until then.
    expect(await sync().revoke(gateway, 'stolen')).toBe(2);
    expect(await client.closed()).toBe(true);
    await client.end();
    // What the box knows of SIP opens nothing any more either; the next one finds the new passwords in its configuration.
    const after = await store().offices.sipPasswords(CONTRACT);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [id, password] of before) expect(after.get(id)).not.toBe(password);
    expect(ended.splice(0)).toEqual([[...after.keys()].sort()]);
    const envelope = (await store().gateways.latestDesired(CONTRACT, gateway))?.envelope ?? '';
    for (const password of after.values()) expect(envelope).toContain(password);
    await expect(connectGateway(enrolment())).rejects.toThrow(/Not authorized/i);
    expect(await renew(enrolment())).toMatchObject({ error: { code: 'claim.refused' } });
    world.become(await enrol(gateway));
    // Another box stands under that name now: what the one before it was told last is worth nothing either.
    expect(ended.splice(0)).toHaveLength(1);
    await withClient(async () => undefined);
  });

  it('is let in when it gave its identity back; the operator sees no key of it, and a code for the next box stays good', async () => {
    const client = await connectGateway(enrolment());
    const row = async () => (await store().gateways.list()).find((each) => each.gateway === gateway);
    const { privateKeyPem } = enrolment().device;
    expect((await row())?.keyFingerprint).toBe(keyFingerprint(createPrivateKey(privateKeyPem)));
    const next = await sync().claimTicket(gateway);
    expect(await leave(enrolment())).toEqual({ ok: true, value: undefined });
    expect(await client.closed()).toBe(true);
    await client.end();
    expect((await row())?.keyFingerprint).toBeNull();
    expect(await leave(enrolment())).toMatchObject({ error: { code: 'claim.refused' } });
    expect(next).toBeDefined();
    world.become(await claimWith({ folder: folder(), host }, next?.code ?? '', `${gateway}-next`));
    await withClient(async () => undefined);
  });
}
