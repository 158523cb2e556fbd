import { connect } from './call-out.ts';
import type { Draft } from './draft.ts';
import { faxOf } from './fax-call.ts';
import type { Leg, OfficeInput } from './model.ts';

/** Both sides offered at once (491): time until we try again (RFC 3261 §14.1, the owner of the Call-ID waits longer). */
const GLARE_MS = 2_500;

/**
 * Tells the far end that it is on hold, or no more (RFC 3264 §8.4): one offer at a time, and what is true by then goes out
 * when an offer is settled. The sound does not wait for it: hold tone plays at once.
 */
export function settleHold(draft: Draft, leg: Leg): void {
  const wanted = leg.farHears.to === 'tone';
  const { told, offering } = leg.hold;
  if (offering || wanted === told || leg.stage !== 'talking' || leg.localPort === null) return;
  // What the far end did not send while it was on hold is no silence.
  const quietUntilMs = told ? draft.env.monoMs : leg.quietUntilMs;
  draft.update({ ...leg, quietUntilMs, hold: { told: wanted, offering: true } });
  const { host, now, sdp: write } = draft.env;
  const sdp = write.reoffer(host, leg.localPort, now, wanted, faxOf(draft, leg.id).before);
  draft.push({ type: 'sipReinvite', leg: leg.id, purpose: 'hold', sdp });
}

/** What came of it. A far end that does not want to know hears hold tone all the same. */
export function holdOffered(
  draft: Draft,
  leg: Leg,
  outcome: Extract<OfficeInput, { readonly type: 'reinvited' }>['outcome'],
): void {
  if (!outcome.ok && outcome.status === 491) {
    draft.update({ ...leg, hold: { told: !leg.hold.told, offering: true } });
    draft.push({ type: 'holdTimer', leg: leg.id, ms: GLARE_MS });
    return;
  }
  const quietUntilMs = leg.hold.told ? leg.quietUntilMs : draft.env.monoMs;
  const settled = draft.update({ ...leg, quietUntilMs, hold: { ...leg.hold, offering: false } });
  const answer = outcome.ok ? outcome.sdp : undefined;
  const remote = answer === undefined ? undefined : draft.env.sdp.readAnswer(answer, leg.localPort ?? 0);
  const nowhere = remote === undefined || remote.host === '0.0.0.0' || remote.host === '::';
  if (!nowhere) connect(draft, settled, remote);
  draft.push({ type: 'journalKeep', leg: leg.id });
}

/** The time after glare is over. */
export function holdAgain(draft: Draft, leg: Leg): void {
  draft.update({ ...leg, hold: { ...leg.hold, offering: false } });
}
