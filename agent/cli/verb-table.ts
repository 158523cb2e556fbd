import type { Verb, VerbFlag } from './verb.ts';
import { BESIDE } from './verbs/beside.ts';
import { CHANGES } from './verbs/changes.ts';
import { DRILLS } from './verbs/drills.ts';
import { LOGS } from './verbs/logs.ts';
import { ON_LAN } from './verbs/on-lan.ts';
import { ON_LINES } from './verbs/on-lines.ts';
import { SETUP } from './verbs/setup.ts';
import { SHOWING } from './verbs/showing.ts';
import { UPDATES } from './verbs/updates.ts';
import { WIRES } from './verbs/wires.ts';

/** Flags that stand before or after every verb. */
export const GLOBAL_FLAGS: readonly VerbFlag[] = [
  { name: '--json', about: { en: 'print one JSON document, version 1', ja: 'JSON (版 1) で出力' } },
  {
    name: '--lang',
    value: 'lang',
    words: ['ja', 'en'],
    about: {
      en: 'language of the screens, ja or en; else the locale',
      ja: '表示の言語。ja または en。なければロケール',
    },
  },
  {
    name: '--color',
    value: 'when',
    words: ['auto', 'always', 'never'],
    about: { en: 'colours: auto, always or never', ja: '色: auto, always, never' },
  },
  {
    name: '--plain',
    about: {
      en: 'one fact a line, no colours, nothing aligned: for screen readers and logs',
      ja: '1 行 1 事実、色と桁揃えなし (読み上げ・記録用)',
    },
  },
  { name: '--no-color', about: { en: 'no colours; the words say the same', ja: '色なし (言葉は同じ)' } },
  {
    name: '--state',
    value: 'dir',
    file: true,
    about: { en: 'state folder of the box (.engawa)', ja: '装置の状態フォルダー (.engawa)' },
  },
  {
    name: '--socket',
    value: 'path',
    file: true,
    about: { en: 'unix socket of the agent', ja: 'エージェントの UNIX ソケット' },
  },
];

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  ...SETUP,
  ...SHOWING,
  ...ON_LINES,
  ...ON_LAN,
  ...LOGS,
  ...CHANGES,
  ...UPDATES,
  ...WIRES,
  ...DRILLS,
  ...BESIDE,
];
