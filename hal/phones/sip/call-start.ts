import { Voice } from '../media/voice.ts';
import { Call } from './call.ts';
import type { CallContext } from './call-types.ts';
import { offerAudio } from './description.ts';
import { type Dialog, inside, learn } from './dialog.ts';
import type { Line } from './line.ts';
import { displayOf, fromWire, headerText, type SipRequest, userOf } from './message.ts';
import { ownAudio } from './own-audio.ts';

/** A call out; `replaces` takes over somebody's ringing call (RFC 3891). Rejects when no port for sound is free. */
export async function placeCall(
  context: CallContext,
  line: Line,
  to: string,
  replaces?: string,
): Promise<Call> {
  const voice = await openVoice(context, line);
  const uri = line.uriFor(to);
  const dialog: Dialog = {
    callId: line.newCallId(),
    local: line.self(),
    remote: { uri, params: {} },
    target: uri,
    routes: [],
    sequence: 0,
    remoteSequence: 0,
  };
  const headers = {
    ...line.offerHeaders(),
    ...line.route(),
    ...(replaces === undefined ? {} : { replaces }),
  };
  const own = ownAudio(context.address, line.settings, voice, 1);
  const invite = inside(dialog, 'INVITE', headers, offerAudio(own, 'sendrecv'));
  const name = context.nameOf(to) ?? '';
  return Call.placed(context, line, voice, { dialog, invite, direction: 'out', number: to, name, ring: '' });
}

/**
 * A call in, which rings; undefined when its caller gave up before it could. Rejects when no port for sound is free.
 */
export async function takeCall(
  context: CallContext,
  line: Line,
  invite: SipRequest,
  givenUp: () => boolean,
): Promise<Call | undefined> {
  const voice = await openVoice(context, line);
  if (givenUp()) {
    voice.close();
    return undefined;
  }
  const { headers } = invite;
  const { to, from } = headers;
  const dialog: Dialog = {
    callId: headers['call-id'] ?? '',
    local: { uri: to?.uri ?? line.uri, params: { tag: line.random.bytes(6).toString('hex') } },
    remote: { uri: from?.uri ?? '', params: { ...from?.params } },
    target: from?.uri ?? '',
    routes: [],
    sequence: 0,
    remoteSequence: headers.cseq?.seq ?? 0,
  };
  learn(dialog, invite, 'callee');
  const number = userOf(from?.uri);
  const name = context.nameOf(number) ?? displayOf(from);
  const ring = context.ringOf(line, fromWire(headerText(headers, 'alert-info')));
  return Call.rung(context, line, voice, { dialog, invite, direction: 'in', number, name, ring });
}

function openVoice(context: CallContext, line: Line): Promise<Voice> {
  return Voice.open({ ...context, host: context.address, random: line.random });
}
