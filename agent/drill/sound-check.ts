import type { Clock } from '../../lib/base/clock.ts';
import type { MediaPort } from '../calls/index.ts';
import type { DrillCheck } from './types.ts';

const SESSIONS = ['drill-a', 'drill-b'] as const;
const LISTEN_MS = 1_500;
/** Of the 75 packets of that time. */
const PACKETS_LEAST = 25;

/** Real sound through the media process and the box's own network: guidance goes out of one session and into another. */
export async function checkSound(media: MediaPort, host: string, clock: Clock): Promise<DrillCheck> {
  const check = (verdict: DrillCheck['verdict'], say: string): DrillCheck => ({
    feature: 'sound',
    verdict,
    say,
  });
  const ports: number[] = [];
  try {
    for (const session of SESSIONS) {
      const opened = await media.request({ type: 'rtpOpen', session, localHost: host, note: session });
      if (!opened.ok) return check('FAIL', opened.error.say);
      ports.push(opened.value.localPort);
    }
    for (const [at, session] of SESSIONS.entries()) {
      const port = ports[1 - at] ?? 0;
      const far = { host, port, payloadType: 0, dtmfPayloadType: null };
      const joined = await media.request({ type: 'rtpConnect', session, ...far });
      if (!joined.ok) return check('FAIL', joined.error.say);
    }
    const said = await media.request({ type: 'sessionTone', session: SESSIONS[0], tone: 'guideAway' });
    if (!said.ok) return check('FAIL', said.error.say);
    await new Promise<void>((resolve) => clock.after(LISTEN_MS, 'drill sound', resolve));
    const heard = await media.request({ type: 'rtpFigures', session: SESSIONS[1] });
    if (!heard.ok) return check('FAIL', heard.error.say);
    const { packetsReceived } = heard.value;
    if (packetsReceived < PACKETS_LEAST)
      return check('FAIL', `only ${packetsReceived} packets of guidance arrived`);
    return check('OK', 'guidance goes through the media process as sound');
  } finally {
    for (const session of SESSIONS) void media.request({ type: 'rtpClose', session });
  }
}
