import { ASKS, LOOKS, type Verb, WATCH } from '../verb.ts';

/** What is: the whole box, or one side of it. */
export const SHOWING: readonly Verb[] = [
  {
    name: 'status',
    about: { en: 'the whole box on one screen', ja: '装置全体を一画面で' },
    example: 'engawa status --json',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'identity',
    about: {
      en: 'who the box is: gateway, serial number, fingerprint of its key',
      ja: '装置の身元: ゲートウェイ・製造番号・鍵の指紋',
    },
    example: 'engawa identity',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'lines',
    about: { en: 'analog lines: state, extension, registration', ja: 'アナログ回線: 状態・内線・登録' },
    example: 'engawa lines',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'calls',
    about: { en: 'running calls and the last hundred', ja: '通話中と直近 100 件の通話' },
    example: 'engawa calls --json',
    flags: [WATCH],
    exits: ASKS,
  },
  {
    name: 'config',
    about: { en: 'which configuration runs, and why another does not', ja: '動作中の設定と、拒否された理由' },
    example: 'engawa config --diff',
    flags: [
      {
        name: '--diff',
        about: {
          en: 'what the last configuration changed, line by line',
          ja: '直近の設定で変わった点を一行ずつ',
        },
      },
      WATCH,
    ],
    exits: LOOKS,
  },
  {
    name: 'trunk',
    about: {
      en: 'registration of every line at the service, and why one is not',
      ja: '各回線のサービスへの登録と、未登録の理由',
    },
    example: 'engawa trunk',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'sync',
    about: {
      en: 'connection to the service, what waits to be sent, which configuration is wanted',
      ja: 'サービスとの接続・未送信・指示された設定',
    },
    example: 'engawa sync --watch',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'warnings',
    about: {
      en: 'what is wrong now, what it hurts and what to do; with a code, what it means',
      ja: '現在の警告と影響・対処。コードを付けるとその意味',
    },
    example: 'engawa warnings W-TRK-301',
    arguments: [
      {
        name: 'code',
        optional: true,
        live: 'warnings',
        about: { en: 'code of a warning, as W-TRK-301', ja: '警告コード (例 W-TRK-301)' },
      },
    ],
    flags: [WATCH],
    exits: [...LOOKS, 'noSuchThing'],
  },
  {
    name: 'fax',
    about: {
      en: 'faxes that passed through this box; the same as fax log',
      ja: 'FAX の記録 (fax log と同じ)',
    },
    example: 'engawa fax',
    exits: ASKS,
  },
  {
    name: 'fax log',
    about: {
      en: 'the last hundred faxes: who, pages, rate, error correction, result',
      ja: '直近 100 件の FAX: 相手・枚数・速度・ECM・結果',
    },
    example: 'engawa fax log --json',
    flags: [WATCH],
    exits: ASKS,
  },
  {
    name: 'why',
    about: {
      en: 'what became of a call, what would become of a number, what was done with a device',
      ja: '通話の経過、番号にかけるとどうなるか、機器への応答の理由',
    },
    example: 'engawa why 0355550123',
    arguments: [
      {
        name: 'what',
        live: 'why',
        about: {
          en: 'a call (its id, last, missed), a number as dialled, or a hardware address as on its label',
          ja: '通話 (ID, last, missed)、ダイヤルする番号、または MAC アドレス (ラベルの表記)',
        },
      },
    ],
    flags: [
      WATCH,
      {
        name: '--line',
        value: 'port',
        about: {
          en: 'of a number: dialled on this line; else the first',
          ja: '番号をかける回線 (既定は最初の回線)',
        },
      },
    ],
    exits: [...LOOKS, 'noSuchThing'],
  },
  {
    name: 'watch',
    about: { en: 'what changes, a line each, until Ctrl-C', ja: '変化を 1 行ずつ (Ctrl-C で終了)' },
    example: 'engawa watch',
    exits: ASKS,
  },
  {
    name: 'doctor',
    about: {
      en: 'what is wrong and what to do, also without the agent',
      ja: '異常と対処 (エージェント停止中も可)',
    },
    example: 'engawa doctor',
    exits: ['fault'],
  },
];
