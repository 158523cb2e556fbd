import type { AccountSettings } from '../config/settings.ts';
import type { Voice } from '../media/voice.ts';
import type { OwnAudio } from './description.ts';

/** What a call says of its sound, by its account. */
export function ownAudio(
  address: string,
  settings: AccountSettings,
  voice: Voice,
  version: number,
): OwnAudio {
  const { codecs, dtmfPayload: dtmf, srtp } = settings;
  return { host: address, port: voice.port, version, codecs, dtmf, srtp, keySalt: voice.keySalt };
}
