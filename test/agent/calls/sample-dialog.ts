import type { DialogSnapshot } from '../../../lib/voice/sip/api.ts';

/** A confirmed dialog with the service, as a user agent would keep it. */
export const sampleDialog: DialogSnapshot = {
  callId: 'a@b',
  localTag: '1',
  remoteTag: '2',
  localUri: 'sip:id-000001-1@engawa.example',
  remoteUri: 'sip:0355550123@engawa.example',
  remoteTarget: 'sip:127.54.0.10:5061;transport=tls',
  routeSet: [],
  localSequence: 2,
  remoteSequence: 0,
  via: { transport: 'tls', host: '127.54.0.10', port: 5061 },
  localSdp: undefined,
  remoteSdp: undefined,
};
