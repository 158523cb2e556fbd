import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FRAME } from '../../hal/link/frame.ts';
import { FrameReader } from '../../hal/link/frame-reader.ts';
import { hex } from '../support/hex.ts';
import { protocolExamples } from './protocol-examples.ts';

const document = readFileSync(join(import.meta.dirname, '../../hal/README.md'), 'utf8');

/** The block of examples in the protocol document: `NAME` in a line of its own, then bytes. */
function documented(): Map<string, string> {
  const block = /```wire\n([\s\S]*?)```/.exec(document)?.[1] ?? '';
  const examples = new Map<string, string>();
  for (const entry of block.trim().split('\n\n')) {
    const [name = '', ...lines] = entry.split('\n');
    examples.set(name, lines.join(' ').replace(/\s+/g, ' ').trim());
  }
  return examples;
}

it('every example of the protocol document is what the codec makes, and none is missing', () => {
  expect(documented()).toEqual(new Map([...protocolExamples].map(([name, wire]) => [name, hex(wire)])));
});

it('every example of the protocol document is read as one good frame', () => {
  for (const [name, bytes] of documented()) {
    const items = new FrameReader().push(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
    expect([name, items.map((item) => item.kind)]).toEqual([name, ['frame']]);
  }
});

it('every frame type stands in the table of the protocol document, under its number', () => {
  const rows = new Set(
    [...document.matchAll(/^\| 0x([0-9a-f]{2}) \|/gm)].map((match) => Number.parseInt(match[1] ?? '', 16)),
  );
  expect(rows).toEqual(new Set(Object.values(FRAME)));
});
