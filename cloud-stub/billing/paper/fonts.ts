import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The faces that papers are set in, as TrueType files. */
export interface PaperFonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

const FAMILY = '@expo-google-fonts/noto-sans-jp';

/** Reads Noto Sans JP, which has the characters of Japanese names and companies: ㈱ ① 髙 𠮷. Read once, used for many papers. */
export function readPaperFonts(): PaperFonts {
  const { resolve } = createRequire(import.meta.url);
  return {
    regular: readFileSync(resolve(`${FAMILY}/400Regular/NotoSansJP_400Regular.ttf`)),
    bold: readFileSync(resolve(`${FAMILY}/700Bold/NotoSansJP_700Bold.ttf`)),
  };
}
