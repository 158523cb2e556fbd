import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../../images/build/programs.ts';

/** The media process as one file, made as the image's is. */
export async function bundleMedia(
  root: string,
): Promise<{ readonly file: string; readonly remove: () => void }> {
  // Inside the checkout, where it finds the machine code that is not in the file.
  const folder = mkdtempSync(join(root, 'node_modules', '.engawa-media-'));
  const file = join(folder, 'bin', 'media.js');
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(root, 'node_modules/@serialport/bindings-cpp/prebuilds'), join(folder, 'prebuilds'));
  await bundleProgram(root, 'agent/media/main.ts', file);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
