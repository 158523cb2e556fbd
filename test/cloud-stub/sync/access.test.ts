import { describe, expect, it } from 'vitest';
import {
  isEcho,
  isFor,
  mayRead,
  mayRetain,
  parseGateway,
  upKindOf,
} from '../../../cloud-stub/sync/access.ts';
import { TokenBucket } from '../../../cloud-stub/sync/token-bucket.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';

const own = gatewayTopics('gw-000001' as GatewayId);
const other = gatewayTopics('gw-000002' as GatewayId);
const gateway = 'gw-000001' as GatewayId;

describe('a gateway', () => {
  it('writes its own up-topics and nothing else', () => {
    expect(upKindOf(gateway, own.reported)).toBe('reported');
    expect(upKindOf(gateway, own.status)).toBe('status');
    expect(upKindOf(gateway, own.records)).toBe('records');
    expect(upKindOf(gateway, own.lan)).toBe('lan');
    expect(upKindOf(gateway, own.commandResults)).toBe('commandResult');
    const forbidden = [
      own.desired,
      own.recordsAck,
      own.commands,
      ...Object.values(other),
      '$SYS/x',
      '',
      `${own.records}/x`,
    ];
    for (const topic of forbidden) expect(upKindOf(gateway, topic), topic).toBeUndefined();
  });

  it('reads its own down-topics and nothing else, and no wildcard', () => {
    expect(mayRead(gateway, own.desired)).toBe(true);
    expect(mayRead(gateway, own.recordsAck)).toBe(true);
    expect(mayRead(gateway, own.commands)).toBe(true);
    expect(mayRead(gateway, own.down)).toBe(true);
    const forbidden = [
      own.records,
      own.down.replace('+', '#'),
      own.down.replace('down', '+'),
      ...Object.values(other),
      '#',
      '+/#',
      'v1/engawa/gw/gw-000001/#',
      '$SYS/#',
    ];
    for (const filter of forbidden) expect(mayRead(gateway, filter), filter).toBe(false);
  });

  it('gets what is for it by its one subscription, and hears its own echo only', () => {
    for (const topic of [own.desired, own.recordsAck, own.commands, own.mailboxes, own.echo]) {
      expect(isFor(gateway, topic), topic).toBe(true);
    }
    for (const topic of [own.status, other.desired, `${own.desired}/x`]) {
      expect(isFor(gateway, topic), topic).toBe(false);
    }
    expect([isEcho(gateway, own.echo), isEcho(gateway, other.echo), isEcho(gateway, own.desired)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('leaves no records behind as retained', () => {
    expect([mayRetain('records'), mayRetain('commandResult')]).toEqual([false, false]);
    expect(mayRetain('lan')).toBe(true);
    expect(mayRetain('status')).toBe(true);
  });

  it('has a name of one shape', () => {
    expect(parseGateway('gw-000001')).toBe('gw-000001');
    for (const bad of [undefined, '', 'gw-1', 'gw-0000011', 'GW-000001', 'gw-000001/../x']) {
      expect(parseGateway(bad)).toBeUndefined();
    }
  });
});

describe('a token bucket', () => {
  it('lets a burst through, then its rate', () => {
    const bucket = new TokenBucket(2, 3, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
    expect([bucket.take(499), bucket.take(500), bucket.take(500), bucket.take(1_000)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([1, 2, 3, 4].map(() => bucket.take(60_000))).toEqual([true, true, true, false]);
  });
});
