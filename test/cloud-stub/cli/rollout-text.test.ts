import { describe, expect, it } from 'vitest';
import { releaseLines, rolloutLines, rolloutScreen } from '../../../cloud-stub/cli/rollout-text.ts';
import { newRollout, stepRollout } from '../../../cloud-stub/rollout/step.ts';
import { wholeView } from '../../../cloud-stub/rollout/view.ts';
import { planWith, ToyBox } from '../rollout/toy-fleet.ts';

const AT = Date.UTC(2026, 11, 25, 15, 5, 9);

describe('screens of rollouts', () => {
  it('show how far it is, what went wrong where, and what comes next', () => {
    const boxes = Array.from({ length: 3 }, (_, index) => new ToyBox(index + 1, 'rollsBack', AT));
    const plan = planWith({ waves: [{ kind: 'boxes', boxes: 1 }], note: 'the spring release' });
    const fleet = boxes.map((box) => box.seen());
    const first = stepRollout(
      newRollout('r-000001', plan, AT),
      { kind: 'look', fleet, watchingSince: AT },
      AT,
    );
    const screen = rolloutScreen(wholeView(first.rollout));
    expect(screen).toContain('OK    r-000001  1.2.0 for engawa-virt-arm64, all boxes: wave 1 of 2\n');
    expect(screen).toContain('since 2026-12-26 00:05:09 JST; at any time; 10 a minute now');
    expect(screen).toContain(`[${'.'.repeat(40)}]  0 of 3\n`);
    expect(screen).toMatch(/waiting +2\n/);
    expect(screen).toMatch(/under way +1\n/);
    const [order] = first.orders;
    const box = boxes.find(({ gateway }) => gateway === order?.gateway);
    if (box === undefined || order === undefined) throw new Error('nobody was ordered');
    box.retained = { ...order, rollout: 'r-000001' };
    let rollout = first.rollout;
    for (let n = 0; n < 8; n++) {
      const report = box.move(AT);
      if (report === undefined) continue;
      const reports = [{ gateway: box.gateway, report }];
      rollout = stepRollout(rollout, { kind: 'reports', reports }, AT).rollout;
    }
    const given = rolloutScreen(wholeView(rollout));
    expect(given).toContain('FAIL  r-000001');
    expect(given).toContain('given up by itself: 1 of 1 boxes went wrong');
    expect(given).toContain(
      `FAIL  ${box.gateway}  ${box.contract}  2026-12-26 00:05:09 JST  went back: no (update.bad)`,
    );
    expect(rolloutLines([wholeView(rollout)])).toMatch(/^FAIL {2}r-000001 {2}1\.2\.0 .* 1 went wrong\n$/);
  });

  it('say what there is when there is nothing', () => {
    expect(rolloutLines([])).toContain('rollout start');
    expect(releaseLines([])).toContain('release add');
    const release = {
      version: '1.2.0',
      compatible: 'x',
      sizeBytes: 1,
      sha256: '',
      signatureChecked: true,
      addedAt: AT,
    };
    expect(releaseLines([release])).toMatch(/^1\.2\.0 .*2026-12-26 00:05:09 JST {2}signature checked\n$/);
  });
});
