/**
 * Parking across devices: what is parked on a box is taken on an app, and what is parked by an app on a box [S0-081]. Each
 * side keeps the calls that were parked on it and asks the other one by an INVITE when its own slot is empty. Nobody is told
 * in advance, so nothing can be out of date.
 *
 * Cloud → box, when a device of the exchange dials the code of a slot that is empty in the cloud: an INVITE over the flow of any
 * registered account of the gateway (Request-URI `sip:<account>@…`, the slot in {@link PARK_HEADER}, From who takes the call).
 * The box answers at once with 200 and joins the new call with the parked one, or refuses: 404 with cause 1 and
 * `park.slotEmpty` in `X-Engawa-Why`, which means "ask the next box, or tell the caller". It rings nobody, counts no
 * channel and charges nothing for this leg [S0-059] [S0-050].
 *
 * Box → cloud, when a phone of the box dials the code of a slot that is empty there: an INVITE to `sip:*7<slot>@<domain>` as that
 * phone's ID, with the slot in {@link PARK_HEADER}. The cloud joins it with the call that is parked there, or refuses with 404.
 * It must not ask the box that is asking.
 */
export const PARK_HEADER = 'X-Engawa-Park';

/** What a box dials on the trunk for a slot, whatever code its own phones have for it. */
export function trunkParkCode(slot: number): string {
  return `*7${slot}`;
}

/** The slot that an INVITE asks for, 1 to 9; undefined when it asks for none. */
export function parkSlotOf(header: string | undefined): number | undefined {
  return header !== undefined && /^[1-9]$/.test(header) ? Number(header) : undefined;
}
