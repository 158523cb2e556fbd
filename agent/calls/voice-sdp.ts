import { type AudioPath, answerOffer, makeOffer, readAnswer } from '../../lib/voice/sdp/index.ts';
import { makeAudioOffer } from '../../lib/voice/t38/image-media.ts';
import type { AudioSdp, RemoteAudio } from './audio-sdp.ts';

/** {@link AudioSdp} as the voice library writes and reads it. The port of our socket names the session. */
export const voiceSdp: AudioSdp = {
  offer: (host, port, version, srtp) => makeOffer({ host, port, id: port, version, srtp }),
  reoffer(host, port, version, held, before) {
    const local = { host, port, id: port, version, direction: held ? 'sendonly' : 'sendrecv' } as const;
    return before === null ? makeOffer(local) : makeAudioOffer(local, before);
  },
  readAnswer(sdp, offer) {
    const read = readAnswer(sdp, 'sendrecv', offer);
    return read.ok ? remoteOf(read.value) : undefined;
  },
  answer(offer, host, port, version, srtp) {
    const made = answerOffer(offer, { host, port, id: port, version, srtp });
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
  const { direction: _direction, comfortNoise: _comfortNoise, ...remote } = path;
  return remote;
}
