import { TEST_RINGS } from '../../technician/index.ts';
import { FORCE, forAtMost, LINE, LOOKS, ON_LINE, type Verb } from '../verb.ts';

/** A technician's tools for one line. */
export const ON_LINES: readonly Verb[] = [
  {
    name: 'line',
    about: {
      en: "a technician's tools for one analog line; alone it shows the lines",
      ja: '回線の試験。単独では回線の一覧',
    },
    example: 'engawa line',
    exits: LOOKS,
  },
  {
    name: 'line test',
    about: {
      en: 'voltage, leakage, ringer, loop, and what to do',
      ja: '電圧・漏れ・呼出・ループの試験と対処',
    },
    example: 'engawa line test 2',
    arguments: [LINE],
    flags: [FORCE],
    exits: ON_LINE,
  },
  {
    name: 'line tone',
    about: { en: 'plays a tone to the handset', ja: '受話器に音を流す' },
    example: 'engawa line tone 2 reference',
    arguments: [
      LINE,
      {
        name: 'tone',
        optional: true,
        words: [
          'reference',
          'dial',
          'busy',
          'ringback',
          'howler',
          'hold',
          'congestion',
          'confirmation',
          'guideAway',
        ],
        about: {
          en: 'reference (unless named), dial, busy, ringback, howler, hold and others',
          ja: 'reference (既定), dial, busy, ringback, howler, hold など',
        },
      },
    ],
    flags: [forAtMost(300), FORCE],
    exits: ON_LINE,
  },
  {
    name: 'line ring',
    about: { en: 'rings the phone', ja: '電話機を鳴らす' },
    example: 'engawa line ring 2 double',
    arguments: [
      LINE,
      {
        name: 'cadence',
        optional: true,
        words: Object.keys(TEST_RINGS),
        about: { en: `${Object.keys(TEST_RINGS).join(', ')}`, ja: `${Object.keys(TEST_RINGS).join(', ')}` },
      },
    ],
    flags: [forAtMost(60)],
    exits: ON_LINE,
  },
  {
    name: 'line loopback',
    about: { en: 'gives the handset its own voice', ja: '受話器に自分の声を返す' },
    example: 'engawa line loopback 2',
    arguments: [LINE],
    flags: [forAtMost(300), FORCE],
    exits: ON_LINE,
  },
  {
    name: 'line capture',
    about: { en: 'records both directions to a WAV file', ja: '両方向を WAV に録音' },
    example: 'engawa line capture 2 a.wav',
    arguments: [
      LINE,
      {
        name: 'file',
        file: true,
        about: { en: 'WAV file: left the microphone, right the ear', ja: 'WAV (左: 送話、右: 受話)' },
      },
    ],
    flags: [
      forAtMost(120),
      FORCE,
      { name: '--ulaw', about: { en: 'as on the line, half the size', ja: '回線のまま (大きさ半分)' } },
    ],
    exits: ON_LINE,
  },
  {
    name: 'line stop',
    about: { en: 'ends tone, ring, loopback and recording', ja: '音・呼出・折返し・録音を終える' },
    example: 'engawa line stop 2',
    arguments: [LINE],
    exits: ON_LINE,
  },
];
