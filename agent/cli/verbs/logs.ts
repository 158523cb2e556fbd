import { LOG_LEVELS } from '../../../lib/base/log-level.ts';
import { PROGRAMS } from '../log/entry.ts';
import { ASKS, type Verb, type VerbFlag } from '../verb.ts';

const PROGRAM: VerbFlag = {
  name: '--program',
  value: 'name',
  words: PROGRAMS,
  about: { en: 'of one program only: agent or media', ja: '一方だけ: agent または media' },
};

/** What the programs of the box write down. */
export const LOGS: readonly Verb[] = [
  {
    name: 'log',
    about: {
      en: 'the logs of agent and media process, readable; also without the agent',
      ja: 'エージェントと音声処理のログ (停止中も可)',
    },
    example: 'engawa log --follow --level warn',
    flags: [
      {
        name: '--follow',
        short: '-f',
        about: { en: 'goes on with what comes, until Ctrl-C', ja: '続きを表示し続ける (Ctrl-C で終了)' },
      },
      {
        name: '--lines',
        short: '-n',
        value: 'count',
        about: { en: 'at most so many of the past, 50 unless told', ja: '過去の行数 (既定 50)' },
      },
      {
        name: '--level',
        value: 'level',
        words: LOG_LEVELS,
        about: {
          en: 'of this level and above: trace, debug, info, warn, error',
          ja: 'この重さ以上: trace, debug, info, warn, error',
        },
      },
      {
        name: '--since',
        value: 'time',
        about: {
          en: 'from then on: 10m, 2h, 1d, 14:00, "2026-11-22 14:00"',
          ja: 'その時刻から: 10m, 2h, 1d, 14:00, "2026-11-22 14:00"',
        },
      },
      {
        name: '--call',
        value: 'id',
        about: { en: 'about one call, by its id, or last', ja: '一つの通話だけ (通話 ID または last)' },
      },
      { name: '--line', value: 'port', about: { en: 'about one line', ja: '一つの回線だけ' } },
      { name: '--phone', value: 'mac', about: { en: 'about one desk phone', ja: '一つの電話機だけ' } },
      PROGRAM,
    ],
    exits: ['noSuchThing'],
  },
  {
    name: 'log level',
    about: {
      en: 'how much is logged; with a level, that much for a while',
      ja: 'ログの詳しさ。指定するとしばらくその詳しさに',
    },
    example: 'engawa log level debug --for 10',
    arguments: [
      {
        name: 'level',
        optional: true,
        words: [...LOG_LEVELS, 'usual'],
        about: {
          en: 'trace, debug, info, warn, error, or usual: as at the start',
          ja: 'trace, debug, info, warn, error。usual で起動時に戻す',
        },
      },
    ],
    flags: [
      {
        name: '--for',
        value: 'minutes',
        about: {
          en: 'goes back by itself after so long: 15, at most 1440',
          ja: '自動で戻るまでの分数 (15、最大 1440)',
        },
      },
      PROGRAM,
    ],
    exits: ['fault', ...ASKS],
  },
];
