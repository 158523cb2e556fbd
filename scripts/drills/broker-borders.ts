import { connectAsync, type MqttClient } from 'mqtt';
import type { CloudSync } from '../../cloud-stub/sync/index.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import { pause, until } from '../demo/story.ts';
import type { SimGateway } from '../lab/gateways.ts';

const NOTHING_COMES_MS = 1_500;
const CUT_LIMIT_MS = 20_000;
/** A gateway tries again within this time, after its first failures. */
const STAYS_AWAY_MS = 6_000;

/** Tries, with a gateway's own certificate, to read and to write what is another's. What it managed is the trouble. */
export async function tryBorders(thief: Enrolment, victim: SimGateway): Promise<readonly string[]> {
  const [own, other] = [gatewayTopics(thief.gateway as GatewayId), gatewayTopics(victim.gateway)];
  const before = victim.sync.reported();
  const heard: string[] = [];
  const reader = await connectAs(thief, `${thief.gateway}-r`);
  reader.on('message', (topic) => void heard.push(topic));
  for (const filter of [other.down, other.desired, own.down.replace(thief.gateway, '+'), '#']) {
    await reader.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
  }
  const writer = await connectAs(thief, `${thief.gateway}-w`);
  for (const topic of [other.desired, other.status, other.echo, own.desired]) {
    // A connection may end for it, so that nobody waits for what is acknowledged.
    writer.publish(topic, 'forged', { qos: 1, retain: topic !== other.echo }, () => undefined);
  }
  await pause(NOTHING_COMES_MS);
  for (const client of [reader, writer]) client.end(true);
  const after = victim.sync.reported();
  const harmed = after.refusal !== null || after.appliedRev < before.appliedRev;
  return [
    ...heard.filter((topic) => !topic.includes(`/${thief.gateway}/`)).map((topic) => `${topic} was read`),
    ...(harmed ? [`${victim.gateway} got a forged configuration`] : []),
  ];
}

/** Revokes a gateway: it has to be cut off, and to stay away. */
export async function tryRevocation(gateway: SimGateway, sync: CloudSync): Promise<readonly string[]> {
  const { gateway: name } = gateway;
  if (!gateway.sync.cloud().connected) return [`${name} is not there to be revoked`];
  await sync.revoke(name, 'a drill');
  const cut = await until(CUT_LIMIT_MS, async () => !gateway.sync.cloud().connected || undefined);
  if (cut === undefined) return [`${name} was revoked and is still there`];
  const connections = gateway.connections;
  await pause(STAYS_AWAY_MS);
  return gateway.connections === connections ? [] : [`${name} was revoked and came back`];
}

function connectAs(enrolment: Enrolment, clientId: string): Promise<MqttClient> {
  const { caPem, device, mqtt } = enrolment;
  return connectAsync({
    ...{ protocol: 'mqtts', host: mqtt.host, port: mqtt.port, servername: mqtt.serverName, ca: caPem },
    ...{ cert: device.certificatePem, key: device.privateKeyPem, protocolVersion: 4, clientId },
    ...{ clean: true, reconnectPeriod: 0, connectTimeout: 10_000 },
  });
}
