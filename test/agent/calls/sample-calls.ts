import { parseCallId } from '../../../lib/base/ids.ts';
import { exampleConfig, OfficeWorld } from './office-world.ts';

/** An office at rest, of the example configuration. */
export function office(change: Parameters<typeof exampleConfig>[0] = {}): OfficeWorld {
  const world = new OfficeWorld();
  world.open(exampleConfig(change));
  return world;
}

/** Line 1 dials out and the INVITE is on its way. */
export function dialledOut(
  number = '0355550123',
  change: Parameters<typeof exampleConfig>[0] = {},
): OfficeWorld {
  const world = office(change);
  world.lift(1);
  world.dial(1, number);
  world.clock.advance(5);
  return world;
}

/** The same, answered. */
export function talkingOut(number?: string): OfficeWorld {
  const world = dialledOut(number);
  world.input({ type: 'sip', leg: world.leg(), news: { type: 'answered', sdp: '127.54.0.9:30000' } });
  return world;
}

/** Extension 11 has dialled 12. */
export function internal(): OfficeWorld {
  const world = office();
  world.lift(1);
  world.dial(1, '12');
  return world;
}

/** The same, and 12 has lifted. */
export function talkingInside(): OfficeWorld {
  const world = internal();
  world.lift(2);
  return world;
}

/** A call from outside to the ID of a line. */
export function incoming(
  world: OfficeWorld,
  leg: string,
  user = 'id-000001-1',
  call = parseCallId('lz0000000-0123456789abcdef'),
): void {
  world.input({
    type: 'invite',
    leg,
    call,
    user,
    from: '09012345678',
    to: '0355550100',
    sdp: '127.54.0.9:30000',
  });
}
