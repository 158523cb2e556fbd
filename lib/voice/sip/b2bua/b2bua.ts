import type { IncomingRefer, Session } from '../api.ts';
import { parseReferTo } from '../dialog/replaces.ts';
import { BridgedCall, type BridgeKeeper, isNamedBy } from './bridged-call.ts';
import type { B2buaOptions, BridgeMedia, Side } from './types.ts';

const LIMIT = 5_000;

/** Descriptions pass as they are: for those who keep no audio of their own. */
const OPEN: BridgeMedia = { show: (_from, sdp) => sdp, close: () => undefined };

/**
 * A back-to-back user agent: give its `onInvite` and `onRefer` to the user agents whose calls it joins. Both legs of a call
 * are dialogs of our own; nothing of one is seen in the other but what the plan names.
 */
export class B2bua {
  readonly #options: B2buaOptions;
  readonly #keeper: BridgeKeeper;
  readonly #calls = new Set<BridgedCall>();
  readonly #legs = new Map<string, { readonly call: BridgedCall; readonly session: Session }>();

  constructor(options: B2buaOptions) {
    this.#options = options;
    this.#keeper = {
      keep: (session, call) => {
        this.#legs.set(session.invite.callId, { call, session });
      },
      forget: (session) => {
        this.#legs.delete(session.invite.callId);
      },
      find: (replaces) => this.#find(replaces),
      transfer: (call, side, uri, by) =>
        options.transfer?.(call, side, uri, by) ?? { status: 603, cause: 21, text: 'no transfer here' },
      ended: (call, end) => {
        this.#calls.delete(call);
        options.ended?.(call, end);
      },
    };
  }

  /** Calls that are not over. */
  get size(): number {
    return this.#calls.size;
  }

  readonly onInvite = (session: Session, account: string | undefined): void => {
    if (session.replaces !== undefined) {
      this.#replaces(session, session.replaces);
      return;
    }
    if (this.#calls.size >= (this.#options.limit ?? LIMIT)) {
      session.reject(503, { cause: 42, text: 'Too many calls' }, [['Retry-After', '5']]);
      return;
    }
    const plan = this.#options.route(session, account);
    if ('status' in plan) {
      session.reject(plan.status, { cause: plan.cause, text: plan.text }, plan.headers);
      return;
    }
    const call = new BridgedCall(this.#keeper, this.#options.media?.(session) ?? OPEN, session);
    this.#calls.add(call);
    call.start(plan);
  };

  readonly onRefer = (refer: IncomingRefer): void => {
    const leg = this.#legs.get(refer.callId);
    const side = leg?.call.sideOf(leg.session);
    const target = parseReferTo(refer.referTo);
    if (leg === undefined || side === undefined) refer.refuse(481);
    else if (target === undefined) refer.refuse(400);
    else leg.call.referred(side, refer, target);
  };

  /** Ends every call. */
  stop(): void {
    for (const call of [...this.#calls]) call.stop();
  }

  #replaces(session: Session, replaced: Session): void {
    const leg = this.#legs.get(replaced.invite.callId);
    const side = leg?.session === replaced ? leg.call.sideOf(replaced) : undefined;
    if (leg === undefined || side === undefined) session.reject(481);
    else leg.call.replacedBy(side, session);
  }

  #find(replaces: string): { readonly call: BridgedCall; readonly side: Side } | undefined {
    const semicolon = replaces.indexOf(';');
    const leg = this.#legs.get(semicolon < 0 ? replaces : replaces.slice(0, semicolon));
    const side = leg?.call.sideOf(leg.session);
    if (leg === undefined || side === undefined || !isNamedBy(leg.session, replaces)) return undefined;
    return { call: leg.call, side };
  }
}
