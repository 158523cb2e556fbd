import { spawn } from 'node:child_process';

/** What tshark says of a capture file, a line a packet. A judge that knows nothing of us. */
export function tshark(file: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('tshark', ['-n', '-r', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`tshark ${code}: ${err}`))));
  });
}

/** Packets of a file that tshark cannot read to their end. */
export async function malformed(file: string): Promise<string> {
  return tshark(file, '-Y', '_ws.malformed');
}
