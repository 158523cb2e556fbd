import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSiteConfig } from '../../../lib/contract/check-site-config.ts';
import { MAILBOXES_LIMIT_BYTES, parseMailboxes } from '../../../lib/contract/mailboxes.ts';
import { parkSlotOf, trunkParkCode } from '../../../lib/contract/park.ts';
import { type SiteConfig, siteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig } from '../../agent/calls/office-world.ts';

describe('ring groups and extensions elsewhere', () => {
  const check = (change: Pick<Partial<SiteConfig>, 'groups' | 'elsewhere'>) =>
    checkSiteConfig(siteConfig.parse({ ...exampleConfig(), ...change }));
  const group = (extension: string, ...members: string[]) =>
    siteConfig.shape.groups.parse([{ extension, label: 'group', members }]) ?? [];
  const elsewhere = (extension: string) => [{ extension, label: 'app' }];

  it('are taken where they contradict nobody', () => {
    expect(check({ groups: group('31', '11', '12'), elsewhere: elsewhere('41') }).ok).toBe(true);
  });

  it.each([
    ['the extension of a line', { groups: group('11', '12') }, 'config.duplicateExtension'],
    [
      'the same extension twice',
      { groups: group('41', '12'), elsewhere: elsewhere('41') },
      'config.duplicateExtension',
    ],
    ['an emergency number', { elsewhere: elsewhere('119') }, 'config.reservedExtension'],
    ['a member that is not there', { groups: group('31', '11', '99') }, 'config.groupMember'],
    ['a member twice', { groups: group('31', '11', '11') }, 'config.groupMember'],
  ] as const)('with %s are refused', (_what, change, code) => {
    expect(check(change)).toMatchObject({ ok: false, error: { code } });
  });
});

describe('messages that wait', () => {
  it('are read as they are written, and nothing else is', () => {
    const sent = { v: 1, at: 1, mailboxes: [{ serviceId: 'id-000001-5', fresh: 2, old: 0 }] };
    expect(parseMailboxes(Buffer.from(JSON.stringify(sent)))).toEqual(sent);
    expect(parseMailboxes(Buffer.from('{"v":2}'))).toBeUndefined();
    expect(parseMailboxes(Buffer.alloc(MAILBOXES_LIMIT_BYTES + 1))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseMailboxes(bytes)));
  });
});

describe('the slot of a parked call', () => {
  it('is one digit from 1 to 9', () => {
    expect(parkSlotOf('7')).toBe(7);
    for (const other of [undefined, '', '0', '10', 'x', '7 ']) expect(parkSlotOf(other)).toBeUndefined();
    expect(trunkParkCode(7)).toBe('*77');
  });
});
