import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../lib/base/clock.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import {
  type BoxCommand,
  COMMAND_LIMIT_BYTES,
  COMMAND_LIVES_MS,
  openCommand,
  signCommand,
} from '../../../lib/contract/command.ts';
import { configKeys, TEST_GATEWAY } from '../../support/site-config.ts';

const { privateKey, publicKey } = configKeys();
const now = instant(1_790_000_000_000);
const id = '00c0ffee00c0ffee';
const approve: BoxCommand = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 };
const bytes = signCommand(approve, { id, gateway: TEST_GATEWAY, privateKey, now });

function codeOf(message: Uint8Array, options: Partial<Parameters<typeof openCommand>[1]> = {}): string {
  const opened = openCommand(message, { gateway: TEST_GATEWAY, publicKey, now, ...options });
  return opened.ok ? 'opened' : opened.error.code;
}

describe('a command of the cloud', () => {
  it('comes out as it went in, as long as it lives', () => {
    const last = instant(now + COMMAND_LIVES_MS);
    expect(openCommand(bytes, { gateway: TEST_GATEWAY, publicKey, now: last })).toEqual({
      ok: true,
      value: { id, command: approve },
    });
  });

  it('is not carried out later, and the refusal still knows which one it was', () => {
    const late = openCommand(bytes, {
      gateway: TEST_GATEWAY,
      publicKey,
      now: instant(now + COMMAND_LIVES_MS + 1),
    });
    expect(late).toMatchObject({ ok: false, error: { code: 'command.expired', id } });
  });

  it('is believed only with the signature of the own cloud', () => {
    expect(codeOf(bytes, { publicKey: configKeys().publicKey })).toBe('command.signature');
    const changed = bytes.toString().replace('c074ad000001', 'c074ad000002');
    expect(codeOf(Buffer.from(changed))).toBe('command.signature');
  });

  it('is for one box', () => {
    expect(codeOf(bytes, { gateway: 'gw-000099' as GatewayId })).toBe('command.otherGateway');
  });

  it('opens no window that is longer than one for somebody who stands before the phone', () => {
    for (const minutes of [4, 11, 5.5]) {
      expect(() =>
        signCommand({ ...approve, minutes }, { id, gateway: TEST_GATEWAY, privateKey, now }),
      ).toThrow();
    }
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: COMMAND_LIMIT_BYTES + 10 }), (noise) => {
        expect(codeOf(noise)).not.toBe('opened');
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = Buffer.from(bytes);
        broken[at] = ((broken[at] ?? 0) + by) % 256;
        expect(['command.unreadable', 'command.signature']).toContain(codeOf(broken));
      }),
    );
  });
});
