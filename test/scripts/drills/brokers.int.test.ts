import { expect, it } from 'vitest';
import { brokersDrill } from '../../../scripts/drills/brokers.ts';

it('loses and doubles nothing when one of three NATS servers is killed, and every gateway has its configuration again', async () => {
  const said: string[] = [];
  // Four times as fast: the silence of a dead subscription is noticed within 10 s. How soon everybody is back is measured
  // by the drill, not here, where other tests run beside it.
  const report = await brokersDrill({ gateways: 8, seed: 1, hurry: 4, tell: (say) => void said.push(say) });
  expect(report, said.join('\n')).toMatchObject({ gateways: 8, trouble: [] });
  expect(report.records).toBeGreaterThan(20);
  expect(report.stored).toBe(report.records);
  expect(report.reconnected).toBeGreaterThan(0);
}, 400_000);
