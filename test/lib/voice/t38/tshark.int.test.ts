import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaxLinkLab, type FaxLinkOptions } from '../../../../scripts/benches/fax-link.part.ts';
import { type Captured, pcapOf } from '../../../support/pcap.ts';

const PORTS = [4_000, 4_002] as const;
const run = promisify(execFile);

let folder: string;
let lab: FaxLinkLab;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-tshark-'));
  lab = new FaxLinkLab();
});
afterAll(() => {
  lab.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Sends a page and lets tshark read every datagram of it, but repeats with the same number: they are the same bytes, and
 * tshark's reassembly of the training signal takes a second end for one without a beginning.
 */
async function judged(some: Partial<FaxLinkOptions>) {
  const sent: Captured[] = [];
  const seen = new Set<string>();
  const outcome = lab.run({
    ...some,
    tap: (payload, toFar, atMs) => {
      const bytes = `${toFar} ${Buffer.from(payload).toString('hex')}`;
      if (seen.has(bytes)) return;
      seen.add(bytes);
      const [fromPort, toPort] = toFar ? PORTS : [PORTS[1], PORTS[0]];
      sent.push({ atMs, fromPort, toPort, payload });
    },
  });
  const file = join(folder, 'fax.pcap');
  writeFileSync(file, pcapOf(sent));
  const { stdout } = await run(
    'tshark',
    [
      ['-r', file, '-d', `udp.port==${PORTS[0]},t38`, '-d', `udp.port==${PORTS[1]},t38`],
      // Version 0 is what tshark calls the specification before its corrigendum.
      ['-o', `t38.use_pre_corrigendum_asn1_specification:${some.version === 0 ? 'TRUE' : 'FALSE'}`],
      ['-T', 'fields', '-E', 'separator=;', '-E', 'occurrence=a'],
      ['-e', 'frame.protocols', '-e', 't38.seq_number', '-e', 't38.error_recovery', '-e', '_ws.malformed'],
      ['-e', '_ws.col.Info'],
    ].flat(),
    { maxBuffer: 32_000_000 },
  );
  return {
    outcome,
    sent,
    lines: stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(';')),
  };
}

describe('tshark reads every datagram of a fax', () => {
  const styles = (['redundancy', 'fec'] as const).flatMap((errorCorrection) =>
    ([0, 3] as const).map((version) => ({ errorCorrection, version })),
  );
  it.each(styles)('$errorCorrection, version $version', async (style) => {
    for (const ecm of [true, false]) {
      const { outcome, sent, lines } = await judged({ ...style, ecm });
      expect(outcome.identical).toBe(true);
      expect(lines).toHaveLength(sent.length);
      const unread = lines.filter(([protocols]) => protocols?.includes('t38') !== true);
      expect(unread).toEqual([]);
      expect(lines.filter((line) => line.join(';').toLowerCase().includes('malformed'))).toEqual([]);
      const wanted = style.errorCorrection === 'fec' ? '1' : '0';
      expect(new Set(lines.map(([, , recovery]) => recovery))).toEqual(new Set([wanted]));
      expect(lines.map(([, sequence]) => Number(sequence))).toEqual(
        sent.map(({ payload }) => ((payload[0] ?? 0) << 8) | (payload[1] ?? 0)),
      );
    }
  });

  it('and says of a grammar of another version that it is malformed', async () => {
    const { lines } = await judged({ version: 0 });
    expect(lines.every((line) => !line.join(';').toLowerCase().includes('malformed'))).toBe(true);
    const sent: Captured[] = [];
    lab.run({
      version: 0,
      tap: (payload, toFar, atMs) => sent.push({ atMs, fromPort: toFar ? 1 : 2, toPort: 3, payload }),
    });
    writeFileSync(join(folder, 'other.pcap'), pcapOf(sent));
    const { stdout } = await run('tshark', [
      ...['-r', join(folder, 'other.pcap'), '-d', 'udp.port==3,t38', '-Y', '_ws.malformed'],
      ...['-o', 't38.use_pre_corrigendum_asn1_specification:FALSE'],
    ]);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(10);
  });
});
