import type { InviteOptions, SipHeaders } from '../api.ts';
import type { RequestDraft } from '../codec/message.ts';
import { writeAddress } from '../codec/name-addr.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, type SessionCore } from './core.ts';
import { askForTimer } from './session-timer.ts';

const MAX_FORWARDS = 70;

/** What differs between the INVITEs of one call. */
export interface InviteParts {
  readonly flow: Flow;
  readonly callId: string;
  readonly localTag: string;
  readonly localUser: string;
  readonly sequence: number;
  /** The least session time that the callee has asked for. */
  readonly leastS: number;
  readonly authorization: SipHeaders;
}

/** The INVITE of a call that we make. */
export function inviteDraft(core: SessionCore, options: InviteOptions, parts: InviteParts): RequestDraft {
  const { requestUri, from, toUri, sdp, headers } = options;
  const { flow, callId, localTag, localUser, sequence, leastS, authorization } = parts;
  const habit = core.sessionTimer;
  const timer: SipHeaders =
    habit === undefined ? [] : askForTimer({ ...habit, minS: Math.max(habit.minS, leastS) });
  return {
    method: 'INVITE',
    requestUri,
    headers: [
      ['Max-Forwards', String(Math.max(0, Math.min(255, options.maxForwards ?? MAX_FORWARDS)))],
      ['From', `${writeAddress(from.display ?? '', from.uri)};tag=${localTag}`],
      ['To', writeAddress('', toUri)],
      ['Call-ID', callId],
      ['CSeq', `${sequence} INVITE`],
      ['Contact', contactFor(flow, localUser)],
      ['Allow', core.allow],
      ...extensions(core, options),
      ...timer,
      ['User-Agent', core.product],
      ...authorization,
      ...(headers ?? []),
    ],
    ...(sdp === undefined ? {} : { body: sdp }),
  };
}

/** Reliable responses are asked for where our offer is in the INVITE: theirs in a 183 would need an answer in the PRACK. */
function extensions(core: SessionCore, options: InviteOptions): SipHeaders {
  const habit = options.sdp === undefined ? 'off' : (options.reliable ?? core.reliable);
  if (habit === 'off' && core.supported === '') return [];
  const own = core.supported.split(', ').filter((tag) => tag !== '' && tag !== '100rel');
  const supported = habit === 'supported' ? [...own, '100rel'] : own;
  return [
    ...(supported.length === 0 ? [] : [['Supported', supported.join(', ')] as const]),
    ...(habit === 'required' ? [['Require', '100rel'] as const] : []),
  ];
}
