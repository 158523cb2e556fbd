import { type AudioPath, answerOffer, makeOffer, readAnswer } from '../../lib/voice/sdp/index.ts';
import { makeAudioOffer } from '../../lib/voice/t38/image-media.ts';
import type { AudioSdp, RemoteAudio } from './audio-sdp.ts';

/** {@link AudioSdp} as the voice library writes and reads it. The port of our socket names the session. */
export const voiceSdp: AudioSdp = {
  offer: (host, port, version) => makeOffer({ host, port, id: port, version }),
  reoffer(host, port, version, held, before) {
    const local = { host, port, id: port, version, direction: held ? 'sendonly' : 'sendrecv' } as const;
    return before === null ? makeOffer(local) : makeAudioOffer(local, before);
  },
  readAnswer(sdp) {
    const read = readAnswer(sdp);
    return read.ok ? remoteOf(read.value) : undefined;
  },
  answer(offer, host, port, version) {
    const made = answerOffer(offer, { host, port, id: port, version });
    if (!made.ok) return undefined;
    const { sdp, path } = made.value;
    return {
      sdp,
      remote: remoteOf(path),
      held: path.direction === 'sendonly' || path.direction === 'inactive',
    };
  },
};

function remoteOf(path: AudioPath): RemoteAudio {
  const { host, port, payloadType, dtmfPayloadType } = path;
  return { host, port, payloadType, dtmfPayloadType };
}
