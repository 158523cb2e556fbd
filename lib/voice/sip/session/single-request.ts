import { randomHex } from '../../../base/random.ts';
import type { RequestOptions, SipHeaders } from '../api.ts';
import type { RequestDraft, SipResponse } from '../codec/message.ts';
import { isChallenge, Signer } from '../digest/client.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, type SessionCore } from './core.ts';

/** What a single request needs to know of the registrar. */
interface Bindings extends SessionCore {
  bindingOf(user: string): { readonly contact: string } | undefined;
}

/** One request outside any call to a registered account, challenged once at most. See `UserAgent.request`. */
export function sendRequest(core: Bindings, options: RequestOptions): Promise<number> {
  const user = options.to.registration;
  const binding = core.bindingOf(user);
  const flow = core.flowFor({ kind: 'account', user, last: undefined });
  if (binding === undefined || flow === undefined) return Promise.resolve(480);
  const identity = { callId: randomHex(core.random, 16), tag: randomHex(core.random, 8) };
  return new Promise((resolve) => {
    const send = (sequence: number, authorization: SipHeaders): void => {
      const draft = draftOf(core, options, { ...identity, sequence, contact: binding.contact, flow });
      const complete = { ...draft, headers: [...draft.headers, ...authorization] };
      const response = (answer: SipResponse): void => {
        if (answer.status < 200) return;
        const again = sequence === 1 ? authorizationOf(core, options, draft, answer) : undefined;
        if (again === undefined) resolve(answer.status);
        else send(2, again);
      };
      const failed = (cause: 'timeout' | 'transport'): void => resolve(cause === 'timeout' ? 408 : 503);
      core.transactions.request(complete, flow, { response, failed });
    };
    send(1, []);
  });
}

function authorizationOf(
  core: SessionCore,
  { credentials }: RequestOptions,
  { method, requestUri: uri, body }: RequestDraft,
  response: SipResponse,
): SipHeaders | undefined {
  if (!isChallenge(response) || credentials === undefined) return undefined;
  return new Signer(credentials, core.random).answer(response, { method, uri, body });
}

function draftOf(
  core: SessionCore,
  { method, from, headers, body }: RequestOptions,
  at: { callId: string; tag: string; sequence: number; contact: string; flow: Flow },
): RequestDraft {
  return {
    method,
    requestUri: at.contact,
    headers: [
      ['Max-Forwards', '70'],
      ['From', `<${from.uri}>;tag=${at.tag}`],
      ['To', `<${from.uri}>`],
      ['Call-ID', at.callId],
      ['CSeq', `${at.sequence} ${method}`],
      ['Contact', contactFor(at.flow, '')],
      ['User-Agent', core.product],
      ...headers,
    ],
    ...(body === undefined ? {} : { body }),
  };
}
