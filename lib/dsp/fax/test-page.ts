import type { Page } from './page-file.ts';

/**
 * - `white`: nothing but the number, carried in seconds
 * - `text`: dense lines of small signs, an ordinary office page
 * - `ramp`: a dithered ramp, which no compression likes: the longest to send
 * - `grid`: rules, circles and the number, large: what a person recognises at a glance
 * - `letter`: a business letter: address, heading, lines of text, a table, a seal
 */
export type TestPageKind = 'white' | 'text' | 'ramp' | 'grid' | 'letter';

/** Standard is 98 dots an inch down, fine is 196 (T.4: 3.85 and 7.7 lines a millimetre). */
export type TestPageResolution = 'standard' | 'fine';

const WIDTH = 1_728;
const BYTES_A_ROW = WIDTH / 8;
/** Rows of an A4 page, less what the feed of a machine loses. */
const FINE_ROWS = 2_156;

/**
 * Draws a page of A4, 1,728 dots wide, 204 × 98 or 204 × 196 dots an inch. The page number, 1 to 9,999, is printed on
 * every kind, so that no two pages of a document are alike; equal arguments give equal pages.
 */
export function drawTestPage(kind: TestPageKind, resolution: TestPageResolution, number: number): Page {
  const canvas = new Canvas();
  switch (kind) {
    case 'white':
      break;
    case 'text':
      drawText(canvas, number);
      break;
    case 'ramp':
      drawRamp(canvas);
      break;
    case 'grid':
      drawGrid(canvas, number);
      break;
    case 'letter':
      drawLetter(canvas, number);
      break;
  }
  canvas.number(number, 1_560, 40, 4);
  const rows = resolution === 'fine' ? canvas.rows : everySecondRow(canvas.rows);
  return {
    width: WIDTH,
    height: rows.length / BYTES_A_ROW,
    xResolution: 204,
    yResolution: resolution === 'fine' ? 196 : 98,
    rows,
  };
}

/** Segments of the ten digits, bits 0 to 6: top, upper right, lower right, bottom, lower left, upper left, middle. */
const SEGMENTS = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];

/** Black on white, in fine dots. What lies outside is cut. */
class Canvas {
  readonly rows = new Uint8Array(BYTES_A_ROW * FINE_ROWS);

  dot(x: number, y: number): void {
    if (x < 0 || x >= WIDTH || y < 0 || y >= FINE_ROWS) return;
    const at = y * BYTES_A_ROW + (x >> 3);
    this.rows[at] = (this.rows[at] ?? 0) | (0x80 >> (x & 7));
  }

  box(x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row += 1) {
      for (let column = x; column < x + width; column += 1) this.dot(column, row);
    }
  }

  frame(x: number, y: number, width: number, height: number, line: number): void {
    this.box(x, y, width, line);
    this.box(x, y + height - line, width, line);
    this.box(x, y, line, height);
    this.box(x + width - line, y, line, height);
  }

  ring(x: number, y: number, radius: number, line: number): void {
    for (let down = -radius; down <= radius; down += 1) {
      for (let across = -radius; across <= radius; across += 1) {
        const distance = Math.hypot(across, down);
        if (distance <= radius && distance > radius - line) this.dot(x + across, y + down);
      }
    }
  }

  number(value: number, x: number, y: number, scale: number): void {
    for (const [index, digit] of [...String(value)].entries()) {
      this.digit(Number(digit), x + index * 10 * scale, y, scale);
    }
  }

  digit(digit: number, x: number, y: number, scale: number): void {
    const lit = SEGMENTS[digit] ?? 0;
    const [long, short, half] = [7 * scale, scale, 6 * scale];
    if (lit & 0x01) this.box(x, y, long, short);
    if (lit & 0x02) this.box(x + long - short, y, short, half + short);
    if (lit & 0x04) this.box(x + long - short, y + half, short, half + short);
    if (lit & 0x08) this.box(x, y + 2 * half, long, short);
    if (lit & 0x10) this.box(x, y + half, short, half + short);
    if (lit & 0x20) this.box(x, y, short, half + short);
    if (lit & 0x40) this.box(x, y + half, long, short);
  }

  /** A sign that looks like writing: a few strokes in a square, different for each `code`. */
  sign(code: number, x: number, y: number, size: number): void {
    const pen = Math.max(2, size >> 3);
    let bits = scrambled(code);
    for (let stroke = 0; stroke < 4; stroke += 1) {
      const along = ((bits & 3) * (size - pen)) >> 2;
      const length = size - pen - (((bits >> 2) & 3) * size) / 8;
      if ((bits >> 4) & 1) this.box(x, y + along, Math.floor(length), pen);
      else this.box(x + along, y, pen, Math.floor(length));
      bits >>>= 5;
    }
  }

  line(code: number, x: number, y: number, signs: number, size: number): void {
    for (let index = 0; index < signs; index += 1) {
      this.sign(code * 97 + index, x + index * (size + (size >> 2)), y, size);
    }
  }
}

/** A whole number of 32 bits that looks like chance and is not. */
function scrambled(code: number): number {
  let bits = Math.imul(code + 0x9e37, 0x85ebca6b) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35) >>> 0;
  return (bits ^ (bits >>> 16)) >>> 0;
}

function drawText(canvas: Canvas, number: number): void {
  for (let line = 0; line < 52; line += 1) {
    const signs = line % 9 === 8 ? 22 : 56;
    canvas.line(number * 100 + line, 120, 120 + line * 38, signs, 20);
  }
}

/** 4 × 4 ordered dither (Bayer): brightness falls from left to right in 17 steps. */
const DITHER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
/** Rows of the ramp: enough for a minute of line time, since T.6 makes such rows longer instead of shorter. */
const RAMP_ROWS = 180;

function drawRamp(canvas: Canvas): void {
  for (let y = 160; y < 160 + RAMP_ROWS; y += 1) {
    for (let x = 64; x < WIDTH - 64; x += 1) {
      const darkness = ((x - 64) * 17) / (WIDTH - 128);
      if (darkness > (DITHER[(y & 3) * 4 + (x & 3)] ?? 0)) canvas.dot(x, y);
    }
  }
}

function drawGrid(canvas: Canvas, number: number): void {
  for (let x = 64; x < WIDTH; x += 160) canvas.box(x, 160, 3, FINE_ROWS - 320);
  for (let y = 160; y < FINE_ROWS - 120; y += 160) canvas.box(64, y, WIDTH - 128, 3);
  canvas.frame(40, 136, WIDTH - 80, FINE_ROWS - 272, 8);
  canvas.ring(WIDTH / 2, FINE_ROWS / 2, 480, 12);
  const digits = String(number).length;
  canvas.number(number, Math.round(WIDTH / 2 - digits * 190), FINE_ROWS / 2 - 240, 40);
}

function drawLetter(canvas: Canvas, number: number): void {
  canvas.line(number + 1, 160, 200, 9, 36);
  canvas.line(number + 2, 1_120, 300, 12, 28);
  canvas.line(number + 3, 1_120, 345, 12, 28);
  canvas.line(number + 4, 1_120, 390, 9, 28);
  // The sender's seal lies over his name.
  canvas.frame(1_470, 330, 110, 110, 5);
  canvas.sign(number + 5, 1_495, 355, 60);
  canvas.line(number + 6, 560, 520, 10, 48);
  canvas.box(560, 580, 600, 4);
  for (let line = 0; line < 10; line += 1) {
    canvas.line(number * 50 + line, 160, 660 + line * 54, line % 5 === 4 ? 20 : 40, 26);
  }
  canvas.frame(200, 1_260, 1_328, 400, 4);
  for (let row = 1; row < 5; row += 1) {
    canvas.box(200, 1_260 + row * 80, 1_328, 2);
    canvas.line(number * 70 + row, 230, 1_284 + (row - 1) * 80, 16, 28);
    canvas.number((scrambled(number * 10 + row) % 9_000) + 1_000, 1_280, 1_280 + (row - 1) * 80, 3);
  }
  canvas.box(1_200, 1_260, 2, 400);
  canvas.line(number + 9, 1_400, 1_760, 3, 32);
}

function everySecondRow(rows: Uint8Array): Uint8Array {
  const half = new Uint8Array(rows.length / 2);
  for (let row = 0; row < half.length / BYTES_A_ROW; row += 1) {
    half.set(rows.subarray(2 * row * BYTES_A_ROW, (2 * row + 1) * BYTES_A_ROW), row * BYTES_A_ROW);
  }
  return half;
}
