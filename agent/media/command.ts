import { isIP } from 'node:net';
import { z } from 'zod';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { LOG_LEVEL_MOST_MS, LOG_LEVELS } from '../../lib/base/log-level.ts';
import { EVENT_LIMITS } from '../../lib/voice/rtp/event-sender.ts';
import { isSrtpSuite } from '../../lib/voice/srtp/suites.ts';
import { GUIDES, type MediaRequest } from './protocol.ts';

/** A board has eight ports at most. */
const port = z.int().min(1).max(8);
const session = z.string().min(1).max(80);
const address = z.string().refine((text) => isIP(text) !== 0, 'not an IP address');
/** Master key and salt in base64. */
const key = z.string().min(40).max(64);
const payloadType = z.int().min(0).max(127);
const tone = z.enum([
  ...GUIDES,
  'dial',
  'secondDial',
  'ringback',
  'busy',
  'congestion',
  'howler',
  'callWaiting',
  'confirmation',
  'refused',
  'hold',
  'reference',
]);

const party = z.discriminatedUnion('to', [
  z.object({ to: z.literal('rtp'), session }),
  z.object({ to: z.literal('line'), port }),
]);

/** Digits that a display shows; the frame carries 0-9 only, others are left out there. */
const shownNumber = z.string().regex(/^[0-9*#+-]{1,32}$/);
const display = z.object({
  caller: z.union([z.object({ number: shownNumber }), z.object({ reason: z.enum(['P', 'C', 'O', 'S']) })]),
  dialled: shownNumber.optional(),
});

/** ±: more than a line needs, less than what howls. */
const gainDb = z.number().min(-12).max(6);
const settings = z.object({
  earDb: gainDb,
  microphoneDb: gainDb,
  impedance: z.enum(['japan', '600', '900']),
  echo: z.boolean(),
});
const probe = z.discriminatedUnion('play', [
  z.object({ play: z.literal('tone'), tone }),
  z.object({ play: z.literal('loopback') }),
]);
const forMs = z.int().min(10).max(300_000);

const attachment = z.discriminatedUnion('to', [
  z.object({ to: z.literal('silence') }),
  z.object({ to: z.literal('tone'), tone }),
  z.object({ to: z.literal('rtp'), session }),
  z.object({ to: z.literal('line'), port }),
  z.object({ to: z.literal('conference'), with: z.array(party).min(2).max(3) }),
]);

const id = z.int().min(0);

const request = z.discriminatedUnion('type', [
  z.object({ id, type: z.literal('hello'), protocol: z.int() }),
  z.object({
    id,
    type: z.literal('ring'),
    port,
    cadence: z.array(z.int().min(50).max(10_000)).min(2).max(8),
    display: display.optional(),
    forMs: forMs.optional(),
  }),
  z.object({ id, type: z.literal('ringStop'), port }),
  z.object({ id, type: z.literal('attach'), port, attachment }),
  z.object({ id, type: z.literal('overlay'), port, tone: tone.nullable(), forMs: forMs.optional() }),
  z.object({ id, type: z.literal('sessionTone'), session, tone: tone.nullable() }),
  z.object({ id, type: z.literal('bridge'), session, other: session }),
  z.object({ id, type: z.literal('lineSettings'), port, settings }),
  z.object({ id, type: z.literal('probe'), port, probe: probe.nullable(), forMs: forMs.optional() }),
  z.object({
    id,
    type: z.literal('capture'),
    port,
    forMs: z.int().min(100).max(120_000),
    law: z.enum(['pcm', 'ulaw']),
  }),
  z.object({ id, type: z.literal('captureStop'), port }),
  z.object({ id, type: z.literal('rtpOpen'), session, localHost: address, note: z.string().max(4_096) }),
  z.object({
    id,
    type: z.literal('rtpConnect'),
    session,
    host: address,
    port: z.int().min(1).max(65_535),
    payloadType,
    dtmfPayloadType: payloadType.nullable(),
    srtp: z
      .object({ suite: z.string().refine(isSrtpSuite, 'not a suite'), local: key, remote: key })
      .optional(),
    rtcpMux: z.boolean().optional(),
    rtcp: z.object({ host: address, port: z.int().min(1).max(65_535) }).optional(),
    ptimeMs: z.int().min(10).max(60).multipleOf(10).optional(),
    comfortNoise: z.boolean().optional(),
    latch: z.object({ network: address, prefix: z.int().min(16).max(32) }).optional(),
  }),
  z.object({
    id,
    type: z.literal('dtmf'),
    session,
    digits: z.string().regex(/^[0-9A-D*#]{1,64}$/),
    durationMs: z.int().min(EVENT_LIMITS.leastMs).max(EVENT_LIMITS.mostMs).optional(),
  }),
  z.object({ id, type: z.literal('rtpClose'), session }),
  z.object({ id, type: z.literal('rtpFigures'), session }),
  z.object({ id, type: z.literal('faxWatch'), session, on: z.boolean() }),
  z.object({ id, type: z.literal('faxMute'), session, toNetwork: z.boolean(), toLine: z.boolean() }),
  z.object({
    id,
    type: z.literal('faxOpen'),
    session,
    host: address,
    port: z.int().min(1).max(65_535),
    version: z.literal([0, 1, 2, 3]),
    errorCorrection: z.enum(['redundancy', 'fec', 'none']),
    redundancy: z.int().min(0).max(8),
    maxDatagram: z.int().min(72).max(4_096),
    ecm: z.boolean(),
    modems: z.enum(['v17', 'v29', 'v27ter']),
    tones: z.boolean().optional(),
  }),
  z.object({ id, type: z.literal('faxPassthrough'), session, because: z.string().max(300) }),
  z.object({ id, type: z.literal('faxClose'), session }),
  z.object({ id, type: z.literal('measure'), port }),
  z.object({
    id,
    type: z.literal('logLevel'),
    set: z
      .object({
        level: z.enum(LOG_LEVELS).nullable(),
        forMs: z.int().min(0).max(LOG_LEVEL_MOST_MS),
      })
      .optional(),
  }),
  z.object({ id, type: z.literal('trace'), perSecond: z.int().min(0).max(5_000), sound: z.boolean() }),
  z.object({
    ...{ id, type: z.literal('lamps'), service: z.boolean() },
    worst: z.enum(['error', 'warning']).nullable(),
  }),
  z.object({ id, type: z.literal('figures') }),
]);

/** A request as it came off the wire, or a refusal `media.badRequest` that says which field is wrong. */
export function parseRequest(value: unknown): Result<MediaRequest> {
  const parsed = request.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.join('.');
  return refuse({
    code: 'media.badRequest',
    fault: 'caller',
    say: `${where}: ${issue?.message ?? 'not understood'}`.slice(0, 300),
  });
}

/** The id of a request that was not understood, so that its refusal can be matched; −1 when it has none. */
export function requestId(value: unknown): number {
  const found = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof found === 'number' && Number.isSafeInteger(found) ? found : -1;
}
