import { expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../../lib/dsp/g711.ts';
import { receiveWithSpandsp } from '../../../../lib/dsp/number-display/foreign-receiver.ts';
import { encodeDisplayFrame } from '../../../../lib/dsp/number-display/frame.ts';
import type { CallerDisplay } from '../../../../lib/dsp/number-display/message.ts';
import { modulateFrame } from '../../../../lib/dsp/number-display/modulator.ts';

/** What libspandsp's receiver hands out: the frame without parity and check. */
function heard(display: CallerDisplay): string[] {
  const signal = ulawDecodeBlock(ulawEncodeBlock(modulateFrame(encodeDisplayFrame(display))));
  const line = new Int16Array(signal.length + 1_600);
  line.set(signal, 400);
  const received = receiveWithSpandsp(line);
  if (!received.ok) throw new Error(received.error.say);
  return received.value.map((message) => Buffer.from(message).toString('latin1'));
}

/** The frame around fields, as a receiver sees it. */
function frame(fields: string): string[] {
  return [`\x10\x01\x07\x10\x02\x40${String.fromCharCode(fields.length)}${fields}\x10\x03`];
}

it('a receiver that others wrote reads number, reason and called number', () => {
  expect(heard({ caller: { number: '0312345678' } })).toEqual(frame('\x02\x0a0312345678'));
  for (const reason of ['P', 'C', 'O', 'S'] as const) {
    expect(heard({ caller: { reason } })).toEqual(frame(`\x04\x01${reason}`));
  }
  expect(heard({ caller: { number: '09012345678' }, dialled: '0355550101' })).toEqual(
    frame('\x02\x0b09012345678\x09\x0a0355550101'),
  );
});

it('reads many numbers, and only what was sent', () => {
  const random = seededRandom(11);
  for (let count = 0; count < 50; count++) {
    const number = Array.from({ length: 10 + (count % 4) }, () => Math.floor(random.fraction() * 10)).join(
      '',
    );
    expect(heard({ caller: { number } })).toEqual(
      frame(`\x02${String.fromCharCode(number.length)}${number}`),
    );
  }
});

it('does not undo a doubled length of 16, which is why fields that lead to it are not sent', () => {
  expect(heard({ caller: { number: '01012125550100' } })).toEqual([]);
});
