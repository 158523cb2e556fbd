import { unreachable } from '../../lib/base/errors.ts';
import type { CallName, Desk, DeskEffect, DeskInput, DeskView } from './desk.ts';

/** The next state and what to do about it, in order. */
export interface DeskStepped {
  readonly desk: Desk;
  readonly effects: readonly DeskEffect[];
}

/** Pure: what one input makes of the calls of a phone. Every input is handled in every state. */
export function deskStep(desk: Desk, input: DeskInput, view: DeskView): DeskStepped {
  switch (input.type) {
    case 'placed':
      return place(desk, input.call);
    case 'offered':
      return offer(desk, input.call, view);
    case 'flash':
      return flash(desk, view);
    case 'digit':
      return digit(desk, input.digit, view);
    case 'parked':
      if (desk.at !== 'asking') return stay(desk, 'nothing is on hold to be parked');
      return { desk: { at: 'none' }, effects: [] };
    case 'hungUp':
      return hangUp(desk, view);
    case 'gone':
      return forget(desk, input.call);
    default:
      return unreachable(input);
  }
}

function place(desk: Desk, call: CallName): DeskStepped {
  switch (desk.at) {
    case 'none':
      return { desk: { at: 'one', active: call }, effects: [] };
    case 'asking':
      return { desk: { at: 'two', active: call, held: desk.held, placed: true }, effects: [] };
    case 'one':
    case 'announced':
    case 'two':
    case 'three':
      return { desk, effects: [{ type: 'refuse' }] };
    default:
      return unreachable(desk);
  }
}

function offer(desk: Desk, call: CallName, view: DeskView): DeskStepped {
  // A third caller, a caller while dialling, and anybody while an emergency call or a fax runs hears busy.
  const busy = desk.at !== 'one' || !view.talking(desk.active);
  if (busy || view.emergency(desk.active) || view.machines(desk.active)) {
    return { desk, effects: [{ type: 'refuse' }] };
  }
  return {
    desk: { at: 'announced', active: desk.active, waiting: call },
    effects: [{ type: 'announce' }],
  };
}

function flash(desk: Desk, view: DeskView): DeskStepped {
  switch (desk.at) {
    case 'none':
      return stay(desk, 'nothing to hold');
    case 'one':
      if (view.emergency(desk.active)) return stay(desk, 'an emergency call is not put on hold');
      if (view.machines(desk.active)) return stay(desk, 'a fax is not put on hold');
      if (!view.talking(desk.active)) return stay(desk, 'a call that is not answered is not put on hold');
      return { desk: { at: 'asking', held: desk.active }, effects: [{ type: 'ask' }] };
    case 'announced':
      return switchToWaiting(desk);
    case 'asking':
      return { desk: { at: 'one', active: desk.held }, effects: [{ type: 'listen' }] };
    case 'two': {
      if (view.emergency(desk.active)) return stay(desk, 'an emergency call is not put on hold');
      if (view.machines(desk.active)) return stay(desk, 'a fax is not put on hold');
      const { active, held, placed } = desk;
      if (!view.talking(active)) {
        // Whoever was asked does not answer: back to the one who waits.
        const back: Desk = { at: 'one', active: held };
        return { desk: back, effects: [{ type: 'release', call: active }, { type: 'listen' }] };
      }
      return { desk: { at: 'two', active: held, held: active, placed }, effects: [{ type: 'listen' }] };
    }
    case 'three': {
      const { active, other, placed } = desk;
      return { desk: { at: 'two', active, held: other, placed }, effects: [{ type: 'listen' }] };
    }
    default:
      return unreachable(desk);
  }
}

function switchToWaiting(desk: Extract<Desk, { readonly at: 'announced' }>): DeskStepped {
  const { active, waiting } = desk;
  const next: Desk =
    active === null
      ? { at: 'one', active: waiting }
      : { at: 'two', active: waiting, held: active, placed: false };
  return { desk: next, effects: [{ type: 'announceOff' }, { type: 'answer', call: waiting }] };
}

/** After a flash between two calls: 1 ends the one on hold, 3 joins all three. */
function digit(desk: Desk, pressed: string, view: DeskView): DeskStepped {
  if (desk.at !== 'two' || !view.talking(desk.active) || !view.talking(desk.held)) {
    return { desk, effects: [] };
  }
  const { active, held, placed } = desk;
  // Nobody is added to an emergency call, and nothing that is pressed in it is meant for us.
  if (view.emergency(active)) return { desk, effects: [] };
  if (pressed === '1') {
    return { desk: { at: 'one', active }, effects: [{ type: 'release', call: held }] };
  }
  if (pressed !== '3') return { desk, effects: [] };
  return { desk: { at: 'three', active, other: held, placed }, effects: [{ type: 'listen' }] };
}

function hangUp(desk: Desk, view: DeskView): DeskStepped {
  const none: Desk = { at: 'none' };
  switch (desk.at) {
    case 'none':
      return { desk, effects: [] };
    case 'one':
      return { desk: none, effects: [{ type: 'release', call: desk.active }] };
    case 'announced': {
      const { active, waiting } = desk;
      const effects: DeskEffect[] = active === null ? [] : [{ type: 'release', call: active }];
      const again: DeskEffect = { type: 'ringAgain', call: waiting };
      return { desk: { at: 'one', active: waiting }, effects: [{ type: 'announceOff' }, ...effects, again] };
    }
    case 'asking':
      return {
        desk: { at: 'one', active: desk.held },
        effects: [{ type: 'ringAgain', call: desk.held }],
      };
    case 'two': {
      const { active, held, placed } = desk;
      if (placed && !view.emergency(active) && !view.emergency(held)) {
        return { desk: none, effects: [{ type: 'transfer', held, active }] };
      }
      return {
        desk: { at: 'one', active: held },
        effects: [
          { type: 'release', call: active },
          { type: 'ringAgain', call: held },
        ],
      };
    }
    case 'three': {
      const { active, other, placed } = desk;
      if (placed) return { desk: none, effects: [{ type: 'transfer', held: other, active }] };
      return {
        desk: none,
        effects: [
          { type: 'release', call: active },
          { type: 'release', call: other },
        ],
      };
    }
    default:
      return unreachable(desk);
  }
}

function forget(desk: Desk, call: CallName): DeskStepped {
  switch (desk.at) {
    case 'none':
      return { desk, effects: [] };
    case 'one':
      return { desk: desk.active === call ? { at: 'none' } : desk, effects: [] };
    case 'announced': {
      const { active, waiting } = desk;
      if (call === active) return { desk: { at: 'announced', active: null, waiting }, effects: [] };
      if (call !== waiting) return { desk, effects: [] };
      const left: Desk = active === null ? { at: 'none' } : { at: 'one', active };
      return { desk: left, effects: [{ type: 'announceOff' }] };
    }
    case 'asking':
      return { desk: desk.held === call ? { at: 'none' } : desk, effects: [] };
    case 'two':
      // The line plays its tone; a flash goes back to the one who waits.
      if (call === desk.active) return { desk: { at: 'asking', held: desk.held }, effects: [] };
      return { desk: call === desk.held ? { at: 'one', active: desk.active } : desk, effects: [] };
    case 'three': {
      if (call !== desk.active && call !== desk.other) return { desk, effects: [] };
      const left = call === desk.active ? desk.other : desk.active;
      return { desk: { at: 'one', active: left }, effects: [{ type: 'listen' }] };
    }
    default:
      return unreachable(desk);
  }
}

function stay(desk: Desk, say: string): DeskStepped {
  return { desk, effects: [{ type: 'note', say: `hook flash: ${say}` }] };
}
