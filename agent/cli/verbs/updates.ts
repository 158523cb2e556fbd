import { ASKS, type Verb, WATCH } from '../verb.ts';

/** The systems that the box has room for. */
export const UPDATES: readonly Verb[] = [
  {
    name: 'update',
    about: { en: 'the system that runs, and an update of it', ja: '動作中のシステムと更新の状況' },
    example: 'engawa update',
    flags: [WATCH],
    exits: ['fault', 'refused', ...ASKS],
  },
  {
    name: 'update status',
    about: { en: 'the same', ja: '同じ' },
    example: 'engawa update status --watch',
    flags: [WATCH],
    exits: ['fault', 'refused', ...ASKS],
  },
  {
    name: 'update install',
    about: {
      en: 'installs a signed bundle from a file, restarts at night when nobody talks; watches the new system, goes back if it is worse',
      ja: '署名付きファイルから更新。夜間、通話のない時に再起動し、悪くなれば自動で戻る',
    },
    example: 'engawa update install /media/usb/engawa-1.2.3.raucb --now',
    arguments: [
      {
        name: 'file',
        optional: true,
        file: true,
        about: {
          en: 'the bundle; with --now alone: what is installed already',
          ja: '更新ファイル。--now だけなら導入済みのもの',
        },
      },
    ],
    flags: [
      {
        name: '--now',
        about: { en: 'restarts as soon as nobody talks', ja: '通話が終わりしだい再起動する' },
      },
      {
        name: '--allow-older',
        about: { en: 'also a version below the one that runs', ja: '動作中より古い版でも入れる' },
      },
      {
        name: '--detach',
        about: { en: 'does not stay to watch it', ja: '経過を見ずに終了する' },
      },
    ],
    exits: ['fault', 'refused', 'noSuchThing', ...ASKS],
  },
  {
    name: 'update rollback',
    about: {
      en: 'goes back to the other system, as soon as nobody talks',
      ja: '通話が終わりしだい、もう一方のシステムに戻る',
    },
    example: 'engawa update rollback',
    exits: ['fault', 'refused', ...ASKS],
  },
];
