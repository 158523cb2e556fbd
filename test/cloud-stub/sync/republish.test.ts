import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { DesiredPublisher, type StoredRevision } from '../../../cloud-stub/sync/desired.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

it('a configuration that a gateway has taken back gets a new revision when somebody wants it once more, and only then', async () => {
  const revisions: StoredRevision[] = [];
  let takenBack: number | undefined;
  const publisher = new DesiredPublisher({
    contracts: async () => [exampleOffice],
    passwords: async () => new Map(exampleOffice.ids.map(({ id }) => [id, 'a-secret-of-the-office'])),
    store: {
      latestDesired: async () => revisions.at(-1),
      addDesired: async (_contract, _gateway, revision) => revisions.push(revision) > 0,
    },
    takenBack: async () => takenBack,
    publish: async () => undefined,
    trunk: { host: '127.56.9.1', port: 5_061, serverName: 'cloud.engawa.example', domain: 'engawa.example' },
    privateKey: generateKeyPairSync('ed25519').privateKey,
    keyFingerprint: 'key',
    clock: new VirtualClock(),
    log: silentLog(),
  });
  const { id } = exampleOffice;
  await publisher.publish();
  expect(await publisher.publishAnew(id)).toMatchObject([{ value: { rev: 1, fresh: false } }]);
  takenBack = 1;
  expect(await publisher.publish(id)).toMatchObject([{ value: { rev: 1, fresh: false } }]);
  await publisher.publishChanges();
  expect(revisions).toHaveLength(1);
  expect(await publisher.publishAnew(id)).toMatchObject([{ value: { rev: 2, fresh: true } }]);
  expect(revisions.map(({ contentSha256 }) => contentSha256)).toEqual([
    revisions[0]?.contentSha256,
    revisions[0]?.contentSha256,
  ]);
});
