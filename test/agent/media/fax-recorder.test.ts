import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaxRecorder } from '../../../agent/media/fax-recorder.ts';

/** A control frame: address, last frame, its field, and what is in it. */
const frame = (field: number, ...information: number[]): Uint8Array =>
  Uint8Array.of(0xff, 0x13, field, ...information);
const DCS = frame(0x82, 0x00, 0x20, 0x80, 0x04);
const [FTT, PPS, MCF, DCN] = [0x44, 0xbe, 0x8c, 0xfa];
/** Field of a partial page: what it ends. */
const [MPS, EOP, NULL] = [0x4e, 0x2e, 0x00];

const followed = (run: (recorder: FaxRecorder) => void) => {
  const recorder = new FaxRecorder(1_790_000_000_000, 1_000);
  run(recorder);
  return recorder.figures(5_000, null);
};

describe('the recorder of a fax', () => {
  it('counts pages when the receiver has confirmed them, parts of a page as one', () => {
    const figures = followed((recorder) => {
      recorder.frame(DCS, false);
      for (const end of [NULL, MPS, EOP]) {
        recorder.frame(frame(PPS, end), false);
        recorder.frame(frame(MCF), true);
      }
    });
    expect(figures).toMatchObject({
      direction: 'sent',
      pages: 2,
      ended: 'confirmed',
      bitRate: 14_400,
      ecm: true,
      durationMs: 4_000,
    });
  });

  it('a receiver that sends FTT is a retraining; DCN before the last page is a failure, after it is not', () => {
    const failed = followed((recorder) => {
      recorder.frame(DCS, true);
      recorder.frame(frame(FTT), false);
      recorder.frame(frame(DCN), true);
    });
    expect(failed).toMatchObject({ direction: 'received', retrains: 1, ended: 'disconnected', pages: 0 });
    const good = followed((recorder) => {
      recorder.frame(frame(EOP), true);
      recorder.frame(frame(MCF), false);
      recorder.frame(frame(DCN), true);
    });
    expect(good).toMatchObject({ pages: 1, ended: 'confirmed' });
  });

  it('writes down what passed and which way, as much as fits', () => {
    const figures = followed((recorder) => {
      recorder.frame(frame(MCF), true);
      for (let count = 0; count < 1_000; count++) recorder.frame(frame(DCN), false);
    });
    expect(figures.trace.startsWith('<MCF >DCN')).toBe(true);
    expect(figures.trace.length).toBeLessThanOrEqual(1_000);
  });

  it('believes a gateway that counts pages only where no frame could be read', () => {
    const counted = { bitRate: 9_600, ecm: false, pages: 3 };
    expect(followed((recorder) => recorder.counted(counted))).toMatchObject({ pages: 3, bitRate: 9_600 });
    const both = followed((recorder) => {
      recorder.counted(counted);
      recorder.frame(frame(DCN), true);
    });
    expect(both.pages).toBe(0);
  });

  it('T.38 wins over sound, and why it went as sound is kept', () => {
    const figures = followed((recorder) => {
      recorder.via('passthrough', 'no answer');
      recorder.via('t38Board', '');
      recorder.via('passthrough', '');
    });
    expect(figures).toMatchObject({ path: 't38Board', because: 'no answer' });
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.boolean())), (frames) => {
        const figures = followed((recorder) => {
          for (const [bytes, incoming] of frames) recorder.frame(bytes, incoming);
        });
        expect(figures.trace.length).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});
