import { isIP } from 'node:net';
import { attributesOf } from './parse.ts';
import type { AudioPath, Media } from './types.ts';

/** G.711 µ-law (RFC 3551). */
export const PCMU = '0';
/** Comfort noise at 8 kHz (RFC 3389 §4). */
export const COMFORT_NOISE = '13';

const PTIME_MS = 20;
/** Packets of 10 to 60 ms are sent; the sound comes in steps of 10. */
const LEAST_PTIME_MS = 10;
const MOST_PTIME_MS = 60;

/** The payload type that `a=rtpmap:101 telephone-event/8000` gives, among the formats of the `m=` line. */
export function dtmfOf(media: Media): number | null {
  for (const value of attributesOf(media, 'rtpmap')) {
    const [format, encoding] = value.split(' ', 2);
    if (format === undefined || encoding?.toLowerCase() !== 'telephone-event/8000') continue;
    const type = Number(format);
    if (media.formats.includes(format) && Number.isInteger(type) && type >= 96 && type <= 127) return type;
  }
  return null;
}

/** What a media says about RTCP, packet length and silence; only what differs from the usual. */
export function commonDetails(
  media: Media,
  host: string,
): Pick<AudioPath, 'rtcpMux' | 'rtcp' | 'ptimeMs' | 'comfortNoise'> {
  const rtcp = rtcpOf(media, host);
  const ptimeMs = ptimeOf(media);
  return {
    ...(attributesOf(media, 'rtcp-mux').length > 0 ? { rtcpMux: true } : {}),
    ...(rtcp === undefined || rtcp.port === media.port + 1 ? {} : { rtcp }),
    ...(ptimeMs === PTIME_MS ? {} : { ptimeMs }),
    ...(media.formats.includes(COMFORT_NOISE) ? { comfortNoise: true } : {}),
  };
}

/**
 * `a=rtcp:53020`, `a=rtcp:53020 IN IP4 126.16.64.4` (RFC 3605). Another host than that of the sound is not believed: reports
 * would be sent to somebody who never asked for them.
 */
function rtcpOf(media: Media, host: string): { readonly host: string; readonly port: number } | undefined {
  const [value] = attributesOf(media, 'rtcp');
  const [portText, network, , address] = value?.split(' ').filter((word) => word !== '') ?? [];
  const port = wholeNumber(portText ?? '');
  if (port === undefined || port === 0 || port > 65_535) return undefined;
  if (network === undefined) return { host, port };
  return network === 'IN' && isIP(address ?? '') !== 0 && address === host ? { host, port } : undefined;
}

/** What the peer wants to receive: `a=ptime`, no more than `a=maxptime`, in whole steps of 10 ms. */
function ptimeOf(media: Media): number {
  const wanted = wholeNumber(attributesOf(media, 'ptime')[0] ?? '') ?? PTIME_MS;
  const most = wholeNumber(attributesOf(media, 'maxptime')[0] ?? '') ?? MOST_PTIME_MS;
  const least = Math.min(MOST_PTIME_MS, Math.max(LEAST_PTIME_MS, Math.min(wanted, most)));
  return Math.floor(least / LEAST_PTIME_MS) * LEAST_PTIME_MS;
}

function wholeNumber(text: string): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return Number(text);
}
