import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../../cloud-stub/cli/main.ts';

const EXAMPLE = fileURLToPath(new URL('../../../cloud-stub/simulate/examples/ip050.yaml', import.meta.url));

async function run(...argv: readonly string[]) {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  });
  return { code, ...written };
}

describe('engawa-cloud without a service', () => {
  it('simulates an office and prints all of it as JSON', async () => {
    const { code, out } = await run('simulate', EXAMPLE);
    expect(code).toBe(0);
    const { answer } = JSON.parse(out);
    expect(answer.invoices[0]).toMatchObject({ status: 'issued', totalYen: 374 });
    expect(answer.decisions[2].decision.trace.length).toBeGreaterThan(0);
  });

  it.each([
    ['/nowhere/office.yaml', 'operator.file'],
    [fileURLToPath(import.meta.url), 'file.syntax'],
  ])('says why %s cannot be simulated', async (file, expected) => {
    const { code, out } = await run('simulate', file);
    expect(code).toBe(1);
    expect(JSON.parse(out).error).toMatchObject({ code: expected, say: expect.stringContaining('') });
  });

  it('says that nobody answers on the socket', async () => {
    const { code, err } = await run('--api', '/tmp/no-such-engawa.sock', 'gateways');
    expect(code).toBe(8);
    expect(err).toContain('The service is not running');
  });

  it('counts the facts of the acceptance list', async () => {
    const { code, out } = await run('--json', 'coverage');
    expect(code).toBe(0);
    const { facts, counts } = JSON.parse(out).answer;
    expect(Object.values(counts as Record<string, number>).reduce((sum, one) => sum + one, 0)).toBe(facts);
    expect(counts.implemented).toBeGreaterThan(250);
  });

  it('knows its verbs', async () => {
    expect((await run('levitate')).code).toBe(2);
    expect((await run('--help')).code).toBe(0);
  });
});
