import type { OfficeEffect, SipNews } from '../../../agent/calls/model.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig, OfficeWorld } from './office-world.ts';

export const OUTSIDE = '0355550123';
export const OTHER = '09012345678';

/** The office of the test that runs. */
export let world = new OfficeWorld();

/** A new office: four phones, extensions 11 to 14, four channels, unless told. */
export function openOffice(config: SiteConfig = exampleConfig({ channels: 4, ringForMs: 30_000 }, 4)): void {
  world = new OfficeWorld();
  world.open(config);
}

export function flash(port: number): void {
  world.line(port, { type: 'flash', durationMs: 400 });
}

/** What a far end does about its call. */
export function far(leg: string, news: SipNews): void {
  world.input({ type: 'sip', leg, news });
  world.clock.advance(5);
}

export function answered(leg: string): void {
  far(leg, { type: 'answered', sdp: 'far:1' });
}

export function gone(leg: string): void {
  far(leg, { type: 'ended', by: 'peer', reason: undefined });
}

/** The leg that began last. */
function newest(): string {
  const last = [...world.state.legs.values()].sort((one, other) => other.order - one.order)[0];
  if (last === undefined) throw new Error('no leg');
  return last.id;
}

/** A phone calls outside; the leg is not answered. */
export function callOut(port: number, number = OUTSIDE): string {
  if (world.at(port) === 'onHook') world.lift(port);
  world.dial(port, number);
  world.clock.advance(5);
  return newest();
}

export function talkOutside(port: number, number = OUTSIDE): string {
  const leg = callOut(port, number);
  answered(leg);
  return leg;
}

/** Rings a phone from outside. */
export function callIn(port: number, from = '0312345678', to = '0355550100'): string {
  const leg = `in-${port}-${world.rows.size}`;
  const user = `id-000001-${port}`;
  world.input({ type: 'invite', leg, call: undefined, user, from, to, sdp: 'far:7' });
  world.clock.advance(5);
  return leg;
}

/** A phone calls an extension and waits until it rings. */
export function callExtension(port: number, extension: string): string {
  if (world.at(port) === 'onHook') world.lift(port);
  world.dial(port, extension);
  world.clock.advance(2_000);
  return newest();
}

export function talkInside(port: number, other: number): string {
  const leg = callExtension(port, String(10 + other));
  world.lift(other);
  return leg;
}

/** How its record ended; the figures of its audio come a moment later. */
export function end(leg: string) {
  world.clock.advance(5);
  return world.rows.get(leg)?.end;
}

export function effects<Type extends OfficeEffect['type']>(type: Type, leg?: string) {
  return world.of(type).filter((effect) => leg === undefined || ('leg' in effect && effect.leg === leg));
}
