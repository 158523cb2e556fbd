/** Name of a call leg; the desk does not look inside. */
export type CallName = string;

/**
 * Which calls belong to one phone, and which of them its ear has. At most two: a third caller hears busy. What the phone
 * hears besides (tones, dialling) is the line's own matter (`agent/lines`).
 */
export type Desk =
  /** No call: on hook, or dialling, or hearing a tone. */
  | { readonly at: 'none' }
  /** One call: being placed, ringing, or talking. */
  | { readonly at: 'one'; readonly active: CallName }
  /** Talking, and the call-waiting tone tells of a second caller. `active` is null when the first has hung up. */
  | { readonly at: 'announced'; readonly active: CallName | null; readonly waiting: CallName }
  /** One call on hold; the phone dials, or hears a tone. */
  | { readonly at: 'asking'; readonly held: CallName }
  /** Two calls, one on hold. `placed`: the active one was called from here while the other was held (consultation). */
  | {
      readonly at: 'two';
      readonly active: CallName;
      readonly held: CallName;
      /** Called from here to ask or to transfer; two calls that came by call waiting are never joined by hanging up. */
      readonly placed: boolean;
    }
  /** All three together. */
  | { readonly at: 'three'; readonly active: CallName; readonly other: CallName; readonly placed: boolean };

/** What the desk must know of its calls. */
export interface DeskView {
  /** The call is answered. */
  readonly talking: (call: CallName) => boolean;
  /** An emergency call: a flash does not put it away, nobody waits for it, it is not passed on. */
  readonly emergency: (call: CallName) => boolean;
  /** Fax machines talk in it: nothing may disturb them. */
  readonly machines: (call: CallName) => boolean;
}

export type DeskInput =
  /** A call was begun from here, or one was taken over (pickup, retrieval). */
  | { readonly type: 'placed'; readonly call: CallName }
  /** A second caller wants the phone, which is in use. */
  | { readonly type: 'offered'; readonly call: CallName }
  | { readonly type: 'flash' }
  /** A digit shortly after a flash. */
  | { readonly type: 'digit'; readonly digit: string }
  /** The held call was parked: it is another matter now. */
  | { readonly type: 'parked' }
  | { readonly type: 'hungUp' }
  /** The call is over, or belongs to another phone now. */
  | { readonly type: 'gone'; readonly call: CallName };

export type DeskEffect =
  /** Second dial tone; the call that the ear had is on hold. */
  | { readonly type: 'ask' }
  /** The ear has the active call now (or both). */
  | { readonly type: 'listen' }
  /** The second caller is to hear ringback, the phone the call-waiting tone. */
  | { readonly type: 'announce' }
  | { readonly type: 'announceOff' }
  /** The second caller is to hear busy. */
  | { readonly type: 'refuse' }
  /** Answer the call that waited. */
  | { readonly type: 'answer'; readonly call: CallName }
  /** End the call from here. */
  | { readonly type: 'release'; readonly call: CallName }
  /** Join the two without this phone. */
  | { readonly type: 'transfer'; readonly held: CallName; readonly active: CallName }
  /** The handset is down, and somebody is still there: ring. */
  | { readonly type: 'ringAgain'; readonly call: CallName }
  | { readonly type: 'note'; readonly say: string };

export const EMPTY_DESK: Desk = { at: 'none' };

/** Every call of the desk. */
export function callsOf(desk: Desk): readonly CallName[] {
  switch (desk.at) {
    case 'none':
      return [];
    case 'one':
      return [desk.active];
    case 'announced':
      return desk.active === null ? [desk.waiting] : [desk.active, desk.waiting];
    case 'asking':
      return [desk.held];
    case 'two':
      return [desk.active, desk.held];
    case 'three':
      return [desk.active, desk.other];
  }
}

/** The calls that the ear has. */
export function heardOf(desk: Desk): readonly CallName[] {
  switch (desk.at) {
    case 'none':
    case 'asking':
      return [];
    case 'one':
    case 'two':
      return [desk.active];
    case 'announced':
      return desk.active === null ? [] : [desk.active];
    case 'three':
      return [desk.active, desk.other];
  }
}
