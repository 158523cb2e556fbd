import type { InviteFacts } from '../../lib/voice/sip/api.ts';
import type { CallManner, CallMedia } from '../routing/types.ts';
import { preferredOf } from './identity.ts';
import { readSections, type Section } from './session-description.ts';

/** On an INVITE of an app: `mobile` when the call goes over the handset's own line; absent: over the internet. [S3-012] */
export const MODE_HEADER = 'X-Engawa-Mode';

/** Longer text is not looked at. */
const LIMIT = 256;

/**
 * How a device makes a call, as its INVITE says: what it wants to carry, which app calls, from which country, in which
 * mode, and which number it asks to show. What is not said is left out: an ordinary call. Total.
 */
export function mannerOf(invite: Pick<InviteFacts, 'header' | 'sdp'>): CallManner {
  const media = mediaOf(invite.sdp);
  const client = clientOf(first(invite, 'User-Agent'));
  const presents = preferredOf(invite);
  return {
    ...(media === 'voice' ? {} : { media }),
    ...(first(invite, MODE_HEADER).trim().toLowerCase() === 'mobile' ? { mode: 'mobile' } : {}),
    ...(isAbroad(first(invite, 'P-Access-Network-Info')) ? { abroad: true } : {}),
    ...(client === undefined ? {} : { client }),
    ...(presents === undefined ? {} : { presents }),
  };
}

function first(invite: Pick<InviteFacts, 'header'>, name: string): string {
  return (invite.header(name)[0] ?? '').slice(0, LIMIT);
}

/**
 * What an offer wants to carry: with a video stream it is a video call, with a data stream Data Connect, with wideband
 * codecs alone high-quality audio. An offer that takes G.711 as well is an ordinary voice call. [S2-017] [S2-027]
 */
export function mediaOf(sdp: string | undefined): CallMedia {
  const live = (readSections(sdp)?.sections ?? []).filter(({ port }) => port > 0);
  if (live.some(({ type }) => type === 'video')) return 'video';
  if (live.some(({ type }) => type === 'application')) return 'dataConnect';
  const audio = live.filter(({ type }) => type === 'audio');
  return audio.length > 0 && audio.every(isWideband) ? 'highQualityAudio' : 'voice';
}

/** `9 G722/8000`: the one codec whose clock in the description is half of its real one (RFC 3551 §4.5.2). */
const G722 = 9;
const WIDEBAND_HZ = 16_000;

function isWideband({ formats, attributes }: Section): boolean {
  const codecs = formats.filter((format) => !/^telephone-event\//i.test(codecOf(format, attributes)));
  return codecs.length > 0 && codecs.every((format) => isWide(Number(format), codecOf(format, attributes)));
}

function isWide(payloadType: number, codec: string): boolean {
  const [name = '', clock = ''] = codec.split('/');
  return payloadType === G722 || name.toUpperCase() === 'G722' || Number(clock) >= WIDEBAND_HZ;
}

/** `AMR-WB/16000/1`; empty for a static type that is not described. */
function codecOf(format: string, attributes: readonly string[]): string {
  const line = attributes.find((one) => one.startsWith(`rtpmap:${format} `));
  return line?.slice(line.indexOf(' ') + 1) ?? '';
}

const SYSTEMS = { android: 'android', ios: 'ios', pc: 'pc', featurephone: 'featurePhone' } as const;

/** `engawa-android/1.8.0`: the app and its version, as apps of the service name themselves. [S3-009] [S3-020] [S3-046] */
function clientOf(product: string): CallManner['client'] {
  const found = /\bengawa-(android|ios|pc|featurephone)\/(\d{1,4}(?:\.\d{1,4}){0,3})(?![\d.])/i.exec(product);
  const os = SYSTEMS[(found?.[1] ?? '').toLowerCase() as keyof typeof SYSTEMS];
  return found?.[2] === undefined || os === undefined ? undefined : { os, version: found[2] };
}

/** Mobile country codes of Japan (ITU-T E.212). */
const JAPAN = ['440', '441'];

/** By the cell that the handset is in (RFC 7315 §5.4): its identity begins with the country. [S3-014] */
function isAbroad(access: string): boolean {
  const country = /cell-id-3gpp="?(\d{3})/i.exec(access)?.[1];
  return country !== undefined && !JAPAN.includes(country);
}
