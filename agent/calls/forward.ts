import { unreachable } from '../../lib/base/errors.ts';
import type { DialledNumber } from '../lines/index.ts';
import { openForAnswer } from './call-in.ts';
import { channelsInUse } from './channels.ts';
import type { Draft } from './draft.ts';
import { planOf } from './line-plan.ts';
import type { Leg, PortState } from './model.ts';
import { accountOf } from './phones.ts';
import { startGroup } from './ring-group.ts';
import { ringsAt } from './ringing.ts';
import { swapCall } from './swap-call.ts';

/** A call is sent on this often at most: two phones that point at each other must not play with it. */
const FORWARDS = 3;
/** What a phone may send its calls to by itself; a forgotten setting must not call the dear ones. */
const KINDS: readonly DialledNumber['kind'][] = ['geographic', 'mobile', 'ipPhone', 'tollFree'];

/**
 * A phone that is rung sends the caller on (302): the call rings there instead. To the outside the phone calls as itself, takes a
 * channel and pays. Undefined when it is done, else why not.
 */
export function forward(draft: Draft, leg: Leg, port: number, to: string): string | undefined {
  const place = draft.state.ports.get(port);
  if (place === undefined) return 'the phone is gone';
  if (leg.forwards >= FORWARDS) return 'the call was sent on too often';
  if (leg.emergency) return 'an emergency call is not sent on';
  if (leg.direction === 'internal' && leg.stage === 'talking') return 'the call was answered before';
  const found = planOf(draft.state.config, place.config).collect(`${to}#`);
  switch (found.at) {
    case 'refused':
      return found.refusal.say;
    case 'incomplete':
    case 'code':
      return `the phone sends its calls to ${to}, which cannot be called`;
    case 'complete':
      break;
    default:
      return unreachable(found);
  }
  const { called } = found;
  if (called.kind === 'extension') return toExtension(draft, leg, port, called.number);
  if (!KINDS.includes(called.kind)) return `the phone sends its calls to ${to}, which it may not by itself`;
  return toOutside(draft, leg, place, called.number);
}

function toExtension(draft: Draft, leg: Leg, port: number, extension: string): string | undefined {
  const group = draft.state.config?.groups?.find((each) => each.extension === extension);
  const callee = [...draft.state.ports.values()].find(
    ({ config, leaving }) => !leaving && config.extension === extension,
  );
  if (extension === draft.state.ports.get(port)?.config.extension)
    return 'the phone sends its calls to itself';
  const caller = leg.direction === 'internal' ? draft.state.ports.get(leg.port)?.config.extension : undefined;
  if (extension === caller) return `extension ${extension} is the caller`;
  const sent: Leg = { ...leg, forwards: leg.forwards + 1 };
  const rings =
    group === undefined
      ? callee !== undefined && ringsAt(draft, sent, callee.config.port)
      : startGroup(draft, sent, group);
  if (!rings) {
    draft.update(leg);
    return `extension ${extension}, to which the phone sends its calls, cannot be rung`;
  }
  leaveFor(draft, leg, port, `the phone sends its calls to ${extension}`);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  return undefined;
}

/** The phone stops ringing; its place has nothing to do with the call any more. */
function leaveFor(draft: Draft, leg: Leg, port: number, because: string): void {
  draft.deskStep(port, { type: 'gone', call: leg.id });
  draft.feed(port, { type: 'callEnded', tone: 'busy', because });
}

function toOutside(draft: Draft, leg: Leg, place: PortState, number: string): string | undefined {
  const { config: site } = draft.state;
  const { config } = place;
  const account = draft.state.ports.get(accountOf(config.port))?.config ?? config;
  const channels = site?.calls.channels ?? 1;
  if (channelsInUse(draft.state) >= channels) return `all ${channels} channels are in use`;
  leaveFor(draft, leg, config.port, `the phone sends its calls to ${number}`);
  const caller = leg.direction === 'internal' ? leg.port : undefined;
  const out = draft.begin(account, {
    id: draft.env.fresh,
    call: draft.env.fresh,
    direction: 'out',
    stage: 'opening',
    from: account.presents,
    to: number,
    forwards: leg.forwards + 1,
    ...(caller === undefined ? { seat: { at: 'bridged', other: leg.id } } : { port: caller }),
  });
  draft.push({ type: 'rtpOpen', leg: out.id });
  if (caller !== undefined) {
    // The caller's line goes on with the call that the phone makes for it.
    swapCall(draft, caller, leg.id, out.id);
    draft.finish({ ...leg, peerPort: null }, 'notAnswered', `the phone sends its calls to ${number}`);
    return undefined;
  }
  draft.update({ ...leg, seat: { at: 'bridged', other: out.id }, forwards: leg.forwards + 1 });
  return undefined;
}

/** Callers whose call was sent on to the outside are answered when it is answered there. */
export function settleForwarded(draft: Draft): void {
  for (const leg of [...draft.state.legs.values()]) {
    if (leg.direction !== 'in' || leg.stage !== 'ringing' || leg.seat.at !== 'bridged') continue;
    if (draft.leg(leg.seat.other)?.stage === 'talking') openForAnswer(draft, leg);
  }
}
