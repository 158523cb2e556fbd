import type { InviteFacts, InviteOptions, SipAddress, SipHeaders } from '../api.ts';
import { Headers } from '../codec/headers.ts';
import { type SipRequest, sdpOf } from '../codec/message.ts';
import { parseUri, userOf } from '../codec/uri.ts';

/** What the user of an incoming call sees of its INVITE. */
export function factsOfRequest(request: SipRequest, source: SipAddress): InviteFacts {
  return {
    callId: request.callId,
    ...(request.maxForwards === undefined ? {} : { maxForwards: request.maxForwards }),
    source,
    requestUri: request.requestUri.text,
    toUser: userOf(request.to.uri),
    fromUser: userOf(request.from.uri),
    fromDisplay: request.from.display,
    header: (name) => request.headers.all(name),
    sdp: sdpOf(request),
  };
}

/** The same view of an INVITE of ours. */
export function factsOfOptions(options: InviteOptions, callId: string, source: SipAddress): InviteFacts {
  return factsOfParts(
    {
      callId,
      source,
      requestUri: options.requestUri,
      from: options.from.uri,
      display: options.from.display ?? '',
      to: options.toUri,
      sdp: options.sdp,
    },
    options.headers ?? [],
  );
}

/** From parts that are known one by one. */
export function factsOfParts(
  parts: {
    readonly callId: string;
    readonly source: SipAddress;
    readonly requestUri: string;
    readonly from: string;
    readonly display: string;
    readonly to: string;
    readonly sdp: string | undefined;
  },
  extra: SipHeaders,
): InviteFacts {
  const headers = Headers.of(extra);
  const user = (text: string): string => {
    const uri = parseUri(text);
    return uri === undefined ? '' : userOf(uri);
  };
  return {
    callId: parts.callId,
    source: parts.source,
    requestUri: parts.requestUri,
    toUser: user(parts.to),
    fromUser: user(parts.from),
    fromDisplay: parts.display,
    header: (name) => headers.all(name),
    sdp: parts.sdp,
  };
}
