import { expect, it } from 'vitest';
import { externalBroker } from '../../cloud-stub/external-broker-flags.ts';

const all = {
  broker: 'mosquitto',
  'broker-nodes': '127.0.0.1:8883,127.0.0.2:8883',
  'broker-folder': '/etc/mosquitto/engawa',
  'broker-apply': 'systemctl restart mosquitto',
};
const addressOf = (text: string) => ({ host: text.split(':')[0] ?? '', port: Number(text.split(':')[1]) });

it('is the embedded broker when nothing is said', () => {
  expect(externalBroker({}, addressOf)).toEqual({});
});

it('is a broker beside the service, with all of its nodes', () => {
  expect(externalBroker(all, addressOf)).toMatchObject({
    broker: {
      kind: 'mosquitto',
      folder: '/etc/mosquitto/engawa',
      nodes: [
        { host: '127.0.0.1', port: 8_883 },
        { host: '127.0.0.2', port: 8_883 },
      ],
    },
  });
});

it.each([
  [{ ...all, broker: 'rabbit' }, /mosquitto or nats/],
  [{ ...all, 'broker-folder': undefined }, /needs/],
  [{ 'broker-nodes': all['broker-nodes'] }, /mosquitto or nats/],
])('says what is wrong with %o', (flags, say) => {
  expect(() => externalBroker(flags, addressOf)).toThrow(say);
});

it('runs the command that has the broker take its lists', async () => {
  const { broker } = externalBroker({ ...all, 'broker-apply': 'true' }, addressOf);
  await broker?.apply();
  const { broker: bad } = externalBroker({ ...all, 'broker-apply': 'false' }, addressOf);
  await expect(bad?.apply()).rejects.toThrow();
});
