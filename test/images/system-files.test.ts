import { describe, expect, it } from 'vitest';
import { accountFaults } from '../../images/build/check-tree.ts';
import { targetsOf } from '../../images/build/system-files.ts';

describe('accounts of the box', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nengawa:x:901:900::/:/usr/sbin/nologin\n';

  it('are all locked', () => {
    expect(accountFaults(passwd, 'root:*:1::::::\nengawa:!*:1::::::\n')).toEqual([]);
  });

  it.each([
    ['a password', 'root:$y$j9T$abc$def:1::::::'],
    ['no password at all', 'root::1::::::'],
  ])('with %s are refused', (_what, line) => {
    expect(accountFaults(passwd, `${line}\nengawa:!:1::::::\n`)).toEqual(['the account root is not locked']);
  });

  it('are refused where their password lies open or nobody knows it', () => {
    expect(accountFaults('root::0:0::/:\n', '')).toEqual(['the account root is not locked']);
    expect(accountFaults('root:x:0:0::/:\n', '')).toEqual(['the account root is not locked']);
  });

  it('are refused when a second one is root', () => {
    expect(accountFaults('toor:x:0:0::/:\n', 'toor:*:1::::::\n')).toEqual(['the account toor is root']);
  });
});

it('units say where they belong', () => {
  expect(targetsOf('[Install]\nWantedBy=multi-user.target sysinit.target\n')).toEqual([
    'multi-user.target',
    'sysinit.target',
  ]);
  expect(targetsOf('[Unit]\nDescription=only called\n')).toEqual([]);
});
