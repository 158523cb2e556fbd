import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest, requestId } from '../../../agent/media/command.ts';
import { Delays } from '../../../agent/media/delays.ts';

describe('requests of the agent', () => {
  it.each([
    [{ id: 1, type: 'hello', protocol: 2 }],
    [{ id: 2, type: 'ring', port: 1, cadence: [1_000, 2_000] }],
    [{ id: 3, type: 'ringStop', port: 1 }],
    [{ id: 4, type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } }],
    [{ id: 5, type: 'rtpOpen', session: 'a', localHost: '127.42.0.30', note: '' }],
    [
      {
        id: 6,
        type: 'rtpConnect',
        session: 'a',
        host: '::1',
        port: 16_384,
        payloadType: 0,
        dtmfPayloadType: null,
      },
    ],
    [{ id: 7, type: 'rtpClose', session: 'a' }],
    [{ id: 8, type: 'rtpFigures', session: 'a' }],
    [{ id: 9, type: 'measure', port: 8 }],
    [{ id: 10, type: 'figures' }],
    [
      {
        id: 11,
        type: 'ring',
        port: 1,
        cadence: [500, 500],
        display: { caller: { reason: 'P' } },
        forMs: 900,
      },
    ],
    [{ id: 12, type: 'overlay', port: 1, tone: null }],
    [{ id: 13, type: 'bridge', session: 'a', other: 'b' }],
    [
      {
        id: 14,
        type: 'attach',
        port: 1,
        attachment: {
          to: 'conference',
          with: [
            { to: 'line', port: 2 },
            { to: 'rtp', session: 'a' },
          ],
        },
      },
    ],
  ])('understands %j', (request) => {
    expect(parseRequest(request)).toEqual({ ok: true, value: request });
  });

  it.each([
    [{ id: 1, type: 'sing' }, 'type'],
    [{ id: 1, type: 'ringStop', port: 9 }, 'port'],
    [{ id: 1, type: 'ring', port: 1, cadence: [] }, 'cadence'],
    [{ id: 1, type: 'attach', port: 1, attachment: { to: 'tone', tone: 'jazz' } }, 'attachment.tone'],
    [{ id: 1, type: 'rtpOpen', session: 'a', localHost: 'localhost', note: '' }, 'localHost'],
    [{ id: 1, type: 'rtpOpen', session: 'a'.repeat(81), localHost: '::1', note: '' }, 'session'],
    [{ id: 1, type: 'ring', port: 1, cadence: [500, 500], display: { caller: {} } }, 'display.caller'],
    [{ id: 1, type: 'capture', port: 1, forMs: 120_001, law: 'pcm' }, 'forMs'],
    [{ id: 1, type: 'attach', port: 1, attachment: { to: 'conference', with: [] } }, 'attachment.with'],
    [
      {
        id: 1,
        type: 'lineSettings',
        port: 1,
        settings: { earDb: 7, microphoneDb: 0, impedance: 'japan', echo: true },
      },
      'settings.earDb',
    ],
    [7, 'the request'],
  ])('refuses %j and names the field', (request, field) => {
    const parsed = parseRequest(request);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'media.badRequest' } });
    expect(parsed.ok ? '' : parsed.error.say.split(':')[0]).toBe(field);
  });

  it('never throws, and finds an id or −1', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseRequest(value);
        expect(Number.isSafeInteger(requestId(value))).toBe(true);
      }),
    );
  });
});

describe('measured delays', () => {
  it('are nothing at first, and then percentiles of the last ones', () => {
    const delays = new Delays();
    expect(delays.figures).toEqual({ p50: 0, p99: 0, max: 0 });
    for (let value = 1; value <= 100; value++) delays.note(value);
    expect(delays.figures).toEqual({ p50: 51, p99: 100, max: 100 });
    for (let value = 0; value < 5_000; value++) delays.note(3);
    expect(delays.figures.max).toBe(3);
  });
});
