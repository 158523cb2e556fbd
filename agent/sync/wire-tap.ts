import type { TLSSocket } from 'node:tls';
import type { MqttClient } from 'mqtt';
import type { ByteTap } from '../ports.ts';
import { type MqttPacket, mqttBytes } from '../trace/index.ts';

/** Tells whoever watches of every packet of a connection. While nobody does, none is written down again. */
export function tapPackets(
  client: MqttClient,
  tap: ByteTap,
  target: { readonly host: string; readonly port: number },
): void {
  const see =
    (direction: 'in' | 'out') =>
    (packet: unknown): void => {
      if (tap.watch === undefined) return;
      const bytes = mqttBytes(packet as MqttPacket);
      if (bytes === undefined) return;
      const { localAddress, localPort, remoteAddress } = client.stream as Partial<TLSSocket>;
      tap.watch({
        ...{ direction, bytes },
        local: { host: localAddress ?? '', port: localPort ?? 0 },
        remote: { host: remoteAddress ?? target.host, port: target.port },
      });
    };
  client.on('packetsend', see('out'));
  client.on('packetreceive', see('in'));
}
