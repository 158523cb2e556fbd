import { calleeOf, isUp, type Side, type SimCall } from './sip-parties.ts';

/** A repeated INVITE or BYE, its answers and ACKs, and some offers: more is a storm. */
const DATAGRAMS_OF_A_CALL = 800;

/** An offer and its answer have been through by then, whatever got lost. */
const SETTLED_MS = 70_000;

/** Long after the last offer, both ends of a call that is up say the same of each other. */
export function disagreement(call: SimCall | undefined, nowMs: number): string | undefined {
  const callee = call === undefined ? undefined : calleeOf(call);
  if (call === undefined || callee === undefined) return undefined;
  const sides = [call.caller, callee];
  const quiet = sides.every((one) => isUp(one) && one.pending === 0 && !one.handed);
  if (!quiet || sides.some((one) => nowMs - one.lastOfferMs < SETTLED_MS)) return undefined;
  const [here, there] = sides.map((one) => one.session.snapshot());
  if (here === undefined || there === undefined) return undefined;
  if (here.localSdp === there.remoteSdp && here.remoteSdp === there.localSdp) return undefined;
  return `call ${call.number}: the ends disagree about their descriptions`;
}

/** How many calls there were, and how they went for their callers. */
export function tally(calls: readonly SimCall[]) {
  const callers = calls.map(({ caller }) => caller);
  const failed = callers.filter(({ said }) => said.includes('failed'));
  return {
    calls: callers.length,
    answered: callers.filter(({ said }) => said.includes('answered')).length,
    failed: failed.filter(({ hungUp }) => !hungUp).length,
    cancelled: failed.filter(({ hungUp }) => hungUp).length,
  };
}

/** What came of the calls, seen from their parties, when everything is over. */
export function judgeCalls(
  calls: readonly SimCall[],
  { cut, datagrams }: { readonly cut: boolean; readonly datagrams: number },
): string[] {
  const trouble = calls.flatMap((call) => judgeCall(call, cut));
  if (datagrams > DATAGRAMS_OF_A_CALL * calls.length) trouble.push(`a storm: ${datagrams} datagrams`);
  return trouble;
}

function judgeCall(call: SimCall, cut: boolean): string[] {
  const { number, caller, callees, heirs } = call;
  const trouble = [caller, ...callees, ...heirs].flatMap(judgeSide);
  const callee = calleeOf(call);
  const answered = caller.said.includes('answered');
  const nobodyLeft = !caller.hungUp && callees.every(({ hungUp }) => !hungUp) && !cut;
  if (callee?.up === true && nobodyLeft && !answered)
    trouble.push(`call ${number}: the caller has not heard the answer`);
  if (answered && !callees.some(({ up }) => up)) trouble.push(`call ${number}: answered by nobody`);
  return trouble;
}

function judgeSide(side: Side): string[] {
  const trouble: string[] = [];
  if (!side.over && !side.hungUp) trouble.push(`${side.name} never ended: ${side.said.join(' ')}`);
  if (side.ends > 1) trouble.push(`${side.name} ended ${side.ends} times`);
  return trouble;
}
