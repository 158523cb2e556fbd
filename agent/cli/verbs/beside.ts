import { ON_LINE, type Verb } from '../verb.ts';

/** What needs no agent. */
export const BESIDE: readonly Verb[] = [
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
    name: 'shell',
    about: {
      en: 'a prompt for these verbs, without typing engawa: history, Tab, ?; the serial console begins with it',
      ja: '動詞だけを入力するプロンプト (履歴・Tab・?)。シリアルコンソールの最初の画面',
    },
    example: 'engawa shell',
    exits: [...ON_LINE, 'undone'],
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
          en: 'as a page for man, in the language of the screens: engawa(1), or engawa-codes(7)',
          ja: 'man の原稿 engawa(1), engawa-codes(7)。表示の言語で',
        },
      },
    ],
    exits: [],
  },
];
