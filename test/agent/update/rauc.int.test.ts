import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRauc } from './fake-rauc.ts';

let rauc: FakeRauc;
beforeEach(() => {
  rauc = new FakeRauc();
});
afterEach(() => rauc.remove());

describe('the installer, by its command line', () => {
  it('tells what the slots hold; what came from the factory has the version of the program', async () => {
    expect(await rauc.slots.status()).toEqual({
      ok: true,
      value: {
        compatible: 'engawa-virt-arm64',
        running: { slot: 'a', version: '1.0.0' },
        trial: null,
        other: { version: null, startable: true },
      },
    });
    rauc.write('running', 'b\n');
    rauc.write('version-a', '1.2.3\n');
    rauc.write('version-b', '1.3.0\n');
    rauc.write('boot-state', 'order=b a\ntrial=b\n');
    expect(await rauc.slots.status()).toMatchObject({
      value: { running: { slot: 'b', version: '1.3.0' }, trial: 'b', other: { version: '1.2.3' } },
    });
    rauc.write('gone', '');
    expect(await rauc.slots.status()).toMatchObject({ ok: false, error: { code: 'update.status' } });
  });

  it('knows a slot on trial from the word that an earlier update has left', async () => {
    const trial = async (bootState: string) => {
      rauc.write('boot-state', bootState);
      const seen = await rauc.slots.status();
      return seen.ok ? seen.value.trial : seen;
    };
    // Gone back, and written anew since: nobody has started what lies there.
    expect(await trial('order=a\nleft_a=9\nleft_b=0\ntrial=b\n')).toBeNull();
    // Made the next one; its tries have run out.
    expect(await trial('order=b a\nleft_a=9\nleft_b=3\ntrial=b\n')).toBe('b');
    expect(await trial('order=b a\nleft_a=9\nleft_b=0\ntrial=b\n')).toBe('b');
    // Marked bad, and it still runs.
    rauc.write('running', 'b\n');
    expect(await trial('order=a\nleft_a=9\nleft_b=0\ntrial=b\n')).toBe('b');
    expect(await trial('left_a=9\n')).toBeUndefined();
  });

  it('proves a bundle before anything else', async () => {
    expect(await rauc.slots.inspect(rauc.bundle('1.2.0'))).toMatchObject({
      value: { compatible: 'engawa-virt-arm64', version: '1.2.0' },
    });
    expect(await rauc.slots.inspect(rauc.bundle('1.2.0', false))).toMatchObject({
      error: { code: 'update.signature' },
    });
    expect(await rauc.slots.inspect('/nowhere/x.raucb')).toMatchObject({ error: { code: 'update.noFile' } });
  });

  it('installs with its progress, and says why not', async () => {
    const seen: number[] = [];
    const path = rauc.bundle('1.2.0');
    expect(await rauc.slots.install(path, (percent) => seen.push(percent))).toEqual({
      ok: true,
      value: undefined,
    });
    expect(seen).toEqual([0, 20, 40, 99, 100]);
    expect(rauc.read('version-b')).toBe('1.2.0');
    rauc.write('broken', '');
    const broken = await rauc.slots.install(path, () => undefined);
    expect(broken).toMatchObject({ error: { code: 'update.notInstalled' } });
    expect(broken.ok ? '' : broken.error.say).toContain('Input/output error');
    rauc.write('busy', '');
    expect(await rauc.slots.install(path, () => undefined)).toMatchObject({ error: { code: 'update.busy' } });
  });

  it('switches, confirms, and gives up by their words, and has the box restarted by a file', async () => {
    expect(await rauc.slots.activate()).toMatchObject({ ok: true });
    expect(rauc.read('next')).toBe('b');
    await rauc.slots.markGood();
    await rauc.slots.markBad();
    expect(rauc.read('said').split('\n')).toEqual([
      'status mark-active other',
      'status mark-good booted',
      'status mark-bad booted',
    ]);
    expect(rauc.slots.restart('update to 1.2.0')).toMatchObject({ ok: true });
    expect(rauc.read('restart-wanted')).toBe('update to 1.2.0');
  });
});
