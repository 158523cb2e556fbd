import type { Socket } from 'node:net';
import { LabError } from './lab-error.ts';
import { connectSoon } from './talk.ts';

const ANSWER_LIMIT_MS = 20_000;
/** Numbers of an AArch64's registers at a debugger (GDB, `aarch64-core.xml`): program counter and processor state. */
const PC = 32;
const CPSR = 33;
/** D, A, I and F of the processor state: no interrupt is taken. */
const MASK_ALL = 0x3c0;
/** `b .`: the processor runs on the spot. Little endian. */
const BRANCH_TO_SELF = '00000014';

/** A packet of GDB's remote protocol: `$`, the words, `#`, their sum in two digits. */
export function packetOf(words: string): string {
  let sum = 0;
  for (const byte of Buffer.from(words, 'latin1')) sum = (sum + byte) & 0xff;
  return `$${words}#${sum.toString(16).padStart(2, '0')}`;
}

/** The first whole packet in what came, and what is left behind it; undefined while it is not whole. */
export function firstPacket(text: string): { readonly words: string; readonly rest: string } | undefined {
  const found = /\$([^#$]*)#[0-9a-f]{2}/i.exec(text);
  if (found === null) return undefined;
  return { words: found[1] ?? '', rest: text.slice(found.index + found[0].length) };
}

/** A word that nobody asked for: the machine has stopped (`T05thread:01;`). QEMU says it when a debugger comes, at its leisure. */
export function isStop(words: string): boolean {
  return /^[TS][0-9a-f]{2}/.test(words);
}

/** A number of a register, as it is written: little endian, hexadecimal. */
export function littleEndian(value: number, bytes: number): string {
  const text = Buffer.alloc(bytes);
  text.writeUIntLE(value, 0, Math.min(6, bytes));
  return text.toString('hex');
}

/**
 * Has every processor of an emulated machine run on the spot, interrupts masked: nothing of its system works any more, and only
 * the watchdog beside it still counts.
 */
export async function stopProcessors(path: string, processors = 2): Promise<void> {
  const socket = await connectSoon(path);
  socket.setEncoding('latin1');
  try {
    // QEMU stands still while a debugger is there.
    await ask(socket, '?', isStop);
    // It gives single registers only to who has asked for their description.
    await ask(socket, 'qXfer:features:read:target.xml:0,ffb');
    for (let thread = 1; thread <= processors; thread += 1) {
      await wantOk(socket, `Hg${thread}`);
      const pc = Buffer.from(await ask(socket, `p${PC.toString(16)}`), 'hex').readBigUInt64LE();
      const state = Buffer.from(await ask(socket, `p${CPSR.toString(16)}`), 'hex').readUInt32LE();
      await wantOk(socket, `M${pc.toString(16)},4:${BRANCH_TO_SELF}`);
      await wantOk(socket, `P${CPSR.toString(16)}=${littleEndian((state | MASK_ALL) >>> 0, 4)}`);
    }
    await ask(socket, 'D');
  } finally {
    socket.destroy();
  }
}

async function wantOk(socket: Socket, words: string): Promise<void> {
  const answer = await ask(socket, words);
  if (answer !== 'OK') throw new LabError(`the debugger's ${words} was answered with ${answer || 'nothing'}`);
}

/** The next packet that `answers`: a second word of the stop may come between. */
function ask(
  socket: Socket,
  words: string,
  answers: (words: string) => boolean = (one) => !isStop(one),
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (): void => {
      clearTimeout(limit);
      socket.off('data', take);
    };
    const take = (piece: string): void => {
      text += piece;
      for (let packet = firstPacket(text); packet !== undefined; packet = firstPacket(text)) {
        text = packet.rest;
        socket.write('+');
        if (!answers(packet.words)) continue;
        end();
        resolve(packet.words);
        return;
      }
    };
    const limit = setTimeout(() => {
      end();
      reject(new LabError(`the debugger does not answer ${words}`));
    }, ANSWER_LIMIT_MS);
    socket.on('data', take);
    socket.write(packetOf(words));
  });
}
