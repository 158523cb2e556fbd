import { channelsInUse } from './channels.ts';
import type { Draft } from './draft.ts';
import type { Leg, OfficeInput, OfficeState, PortState } from './model.ts';
import { startGroup } from './ring-group.ts';
import { ringsAt } from './ringing.ts';

type Invite = Extract<OfficeInput, { readonly type: 'invite' }>;

/** The night switch (夜間切替) was dialled: on or off for the whole office, until it is dialled again. */
export function switchNight(draft: Draft, port: number, on: boolean): void {
  if (draft.state.config?.night === undefined) {
    const because = 'feature.noNight: this office has no night switch';
    draft.feed(port, { type: 'tell', tone: 'refused', because });
    return;
  }
  draft.set({ night: on });
  draft.push({ type: 'keepNight', on });
  const because = `the night switch is ${on ? 'on' : 'off'}`;
  draft.note(because, { port });
  draft.feed(port, { type: 'tell', tone: 'confirmation', because });
}

/** Whether calls from outside ring somewhere else now. */
export function isNight({ night, config }: OfficeState): boolean {
  return night && config?.night !== undefined;
}

/**
 * At night a call from outside rings at the extension or group of the night, whichever line it was for. Of the INVITEs of one call
 * (the service calls several IDs at once) the first does. False where it rings as by day.
 */
export function ringAtNight(draft: Draft, input: Invite, line: PortState, offer: string): boolean {
  const { state } = draft;
  const { config } = state;
  if (config?.night === undefined || !isNight(state)) return false;
  const to = config.night.rings;
  const group = config.groups?.find(({ extension }) => extension === to);
  const own = line.config.extension;
  if (own === to || group?.members.includes(own) === true) return false;
  const call = input.call ?? draft.env.fresh;
  if ([...state.legs.values()].some((leg) => leg.call === call)) {
    refuse(draft, input.leg, 480, 31, 'the call rings elsewhere at night');
    return true;
  }
  if (channelsInUse(state) >= config.calls.channels) return false;
  const leg = draft.begin(line.config, {
    ...{ id: input.leg, call, direction: 'in', stage: 'ringing' },
    ...{ from: input.from, to: input.to, absence: input.absence, offer },
  });
  const target = [...state.ports.values()].find((each) => !each.leaving && each.config.extension === to);
  const rings =
    group === undefined
      ? target !== undefined && ringsAt(draft, leg, target.config.port)
      : startGroup(draft, leg, group);
  if (!rings) {
    const because = `nobody at ${to} can be rung at night`;
    refuse(draft, leg.id, 486, 17, because);
    draft.finish(leg, 'busy', because);
    return true;
  }
  draft.push({ type: 'sipRinging', leg: leg.id });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: config.calls.ringForMs });
  return true;
}

function refuse(draft: Draft, leg: Leg['id'], status: number, cause: number, text: string): void {
  draft.push({ type: 'sipReject', leg, status, cause, text });
}
