import { TEST_RINGS } from '../technician/index.ts';
import type { ExitName } from './exit-codes.ts';
import type { Said } from './language.ts';

/** What the agent can tell the shell while a word is typed. */
export type Live = 'lines' | 'phones' | 'calls' | 'warnings';

/** A word after the verb. */
export interface VerbArgument {
  readonly name: string;
  readonly about: Said;
  readonly optional?: true;
  /** Takes all words that are left. */
  readonly many?: true;
  /** What may stand here: fixed words, something live, or a file. */
  readonly words?: readonly string[];
  readonly live?: Live;
  readonly file?: true;
}

export interface VerbFlag {
  readonly name: `--${string}`;
  readonly short?: `-${string}`;
  /** Name of its value, when it takes one. */
  readonly value?: string;
  readonly words?: readonly string[];
  readonly file?: true;
  readonly about: Said;
}

/** One verb. Help, man page and completion are made of this and of nothing else. */
export interface Verb {
  /** `line test` */
  readonly name: string;
  readonly about: Said;
  readonly example: string;
  readonly arguments?: readonly VerbArgument[];
  readonly flags?: readonly VerbFlag[];
  /** How it may end, beside 0, 2 and 70, which all can. */
  readonly exits: readonly ExitName[];
}

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

const WATCH: VerbFlag = {
  name: '--watch',
  short: '-w',
  about: {
    en: 'shows it again whenever it changes, until Ctrl-C',
    ja: '変わるたびに表示し直す (Ctrl-C で終了)',
  },
};
const LINE: VerbArgument = {
  name: 'line',
  live: 'lines',
  about: { en: 'port of the line, 1 to 8', ja: '回線の口番号 (1-8)' },
};
const MAC: VerbArgument = {
  name: 'mac',
  live: 'phones',
  about: { en: 'hardware address, as on its label', ja: 'MAC アドレス (ラベルの表記)' },
};
const FORCE: VerbFlag = {
  name: '--force',
  about: { en: 'also in a call, which it disturbs', ja: '通話中でも行う (通話の邪魔になる)' },
};
const forAtMost = (seconds: number): VerbFlag => ({
  name: '--for',
  value: 'seconds',
  about: {
    en: `ends by itself after this long, at most ${seconds}`,
    ja: `この秒数で自動終了 (最大 ${seconds})`,
  },
});
const ASKS = ['notPermitted', 'notRunning', 'timeOut'] as const;
const LOOKS = ['fault', ...ASKS] as const;
const ON_LINE = [
  'fault',
  'timeOut',
  'refused',
  'notPermitted',
  'noHardware',
  'notRunning',
  'noSuchThing',
] as const;

const SHOWING: readonly Verb[] = [
  {
    name: 'status',
    about: { en: 'the whole box on one screen', ja: '装置全体を一画面で' },
    example: 'engawa status --json',
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
    example: 'engawa config',
    flags: [WATCH],
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

const ON_LINES: readonly Verb[] = [
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
        words: ['reference', 'dial', 'busy', 'ringback', 'howler', 'hold', 'congestion', 'confirmation'],
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

const ON_LAN: readonly Verb[] = [
  {
    name: 'dhcp',
    about: {
      en: 'addresses on the LAN: what this box does, and who else',
      ja: 'LAN の DHCP: 本装置と他のサーバー',
    },
    example: 'engawa dhcp',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'leases',
    about: { en: 'which device has which address from this box', ja: 'アドレスの貸出状況' },
    example: 'engawa leases',
    flags: [WATCH],
    exits: ASKS,
  },
  {
    name: 'why',
    about: { en: 'why a device was answered so, or not', ja: '機器への応答とその理由' },
    example: 'engawa why C0:74:AD:2B:D8:59',
    arguments: [MAC],
    flags: [WATCH],
    exits: ASKS,
  },
  {
    name: 'phones',
    about: {
      en: 'desk phones: state, last file, and devices that look like one',
      ja: '電話機: 状態・最後のファイル・未知の機器',
    },
    example: 'engawa phones',
    flags: [WATCH],
    exits: LOOKS,
  },
  {
    name: 'phone',
    about: {
      en: 'one desk phone: model, firmware, registration, why it was refused',
      ja: '電話機 1 台: 機種・版・登録・拒否の理由',
    },
    example: 'engawa phone C0:74:AD:2B:D8:59',
    arguments: [MAC],
    flags: [WATCH],
    exits: [...LOOKS, 'noSuchThing'],
  },
  {
    name: 'approve',
    about: {
      en: 'lets a phone before you fetch its password, once',
      ja: '目の前の電話機に一度だけパスワードの取得を許す',
    },
    example: 'engawa approve C0:74:AD:2B:D8:59',
    arguments: [MAC],
    flags: [
      {
        name: '--for',
        value: 'minutes',
        about: { en: 'how long it may, from 5 (unless said) to 10', ja: '許す分数 5 (既定) - 10' },
      },
      {
        ...WATCH,
        about: { en: 'shows then what it does, until Ctrl-C', ja: 'その後の様子を表示 (Ctrl-C で終了)' },
      },
    ],
    exits: [...LOOKS, 'refused', 'noHardware', 'noSuchThing'],
  },
  {
    name: 'reprovision',
    about: { en: 'tells a phone to fetch its files again', ja: '電話機に設定の再取得を促す' },
    example: 'engawa reprovision C0:74:AD:2B:D8:59',
    arguments: [MAC],
    exits: [...LOOKS, 'refused', 'noHardware', 'noSuchThing'],
  },
];

const BESIDE: readonly Verb[] = [
  {
    name: 'report',
    about: {
      en: 'a bundle for support without secrets, as tar.gz; also without the agent',
      ja: 'サポート用の記録一式 (秘密なし、tar.gz、停止中も可)',
    },
    example: 'engawa report',
    arguments: [
      {
        name: 'file',
        optional: true,
        file: true,
        about: {
          en: 'where to; else engawa-report-*.tar.gz here',
          ja: '出力先。なければここに engawa-report-*.tar.gz',
        },
      },
    ],
    exits: ['fault'],
  },
  {
    name: 'completion',
    about: { en: 'prints a script that lets the shell complete words', ja: 'シェル補完のスクリプトを出力' },
    example: 'source <(engawa completion bash)',
    arguments: [
      { name: 'shell', words: ['bash', 'zsh'], about: { en: 'bash or zsh', ja: 'bash または zsh' } },
    ],
    exits: [],
  },
  {
    name: 'help',
    about: { en: 'how to use a verb; --man prints the manual page', ja: '使い方。--man でマニュアル' },
    example: 'engawa help line test',
    arguments: [
      {
        name: 'verb',
        optional: true,
        many: true,
        about: { en: 'a verb, or codes with --man', ja: '動詞。--man では codes も' },
      },
    ],
    flags: [
      {
        name: '--man',
        about: {
          en: 'as a page for man: engawa(1), or engawa-codes(7)',
          ja: 'man の原稿 engawa(1), engawa-codes(7)',
        },
      },
    ],
    exits: [],
  },
];

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [...SHOWING, ...ON_LINES, ...ON_LAN, ...BESIDE];

/** What a verb is called with: `line test [options] <line>`. */
export function usageOf(verb: Verb): string {
  const words = (verb.arguments ?? []).map(({ name, optional, many }) => {
    const word = many === true ? `${name}...` : name;
    return optional === true ? `[${word}]` : `<${word}>`;
  });
  return [verb.name, ...words].join(' ');
}
