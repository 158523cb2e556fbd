import { z } from 'zod';
import { lineConfig } from '../../lib/contract/site-config.ts';

/** The box's own shape without its usual values: what a file does not name is not said. */
const { ring, rings, numberDisplay, callWaiting, gains, impedance, echo, flash, pulse, fax, presentable } =
  lineConfig.shape;

/** Settings of an analog line that one order changes; ranges are the box's. [S0-056] [S0-089] */
export const lineChange = z.strictObject({
  ring: ring.optional().describe('Ringing of numbers that have none of their own'),
  rings: said(rings).describe('A ringing of its own for some of the numbers that ring the line (鳴り分け)'),
  numberDisplay: saidGroup(numberDisplay).describe('ナンバー・ディスプレイ'),
  callWaiting: said(callWaiting).describe('キャッチホン: a second call is announced by a tone'),
  gains: saidGroup(gains).describe('dB, to the ear and from the microphone'),
  impedance: said(impedance),
  echo: said(echo).describe('Line echo cancellation'),
  flash: saidGroup(flash),
  pulse: said(pulse).describe('Whether dial pulses count'),
  fax: saidGroup(fax),
  presentable: said(presentable).describe(
    'Numbers that a caller may choose by code for one call, in this order',
  ),
});

function said<Inner extends z.ZodType>(usual: z.ZodDefault<Inner>): z.ZodOptional<Inner> {
  return usual.unwrap().optional();
}

/** Each setting of a group stands by itself. */
function saidGroup(usual: z.ZodPrefault<z.ZodObject<Record<string, z.ZodDefault<z.ZodType>>>>): z.ZodType {
  const each = Object.entries(usual.unwrap().shape).map(([name, one]) => [name, said(one)] as const);
  return z.strictObject(Object.fromEntries(each)).optional();
}
