import { CHANGE_WORDS } from '../change-words.ts';
import { ASKS, type Verb, WATCH } from '../verb.ts';

/** What is changed on the spot. */
export const CHANGES: readonly Verb[] = [
  {
    name: 'try',
    about: {
      en: 'tries a change for some minutes and undoes it unless you keep it; alone it shows what is tried',
      ja: '設定変更を数分試し、keep しなければ戻す。単独では試行中の変更を表示',
    },
    example: 'engawa try lan=phonesOnly --for 5',
    arguments: [
      {
        name: 'change',
        optional: true,
        many: true,
        words: CHANGE_WORDS,
        about: {
          en: 'lan=MODE pool=FIRST-LAST router=ADDRESS port.EXTENSION=PORT line.PORT.NAME=VALUE',
          ja: 'lan=方式 pool=最初-最後 router=アドレス port.内線=口 line.口.名前=値',
        },
      },
    ],
    flags: [
      {
        name: '--for',
        value: 'minutes',
        about: {
          en: 'undone after so long, 5 unless told, at most 60',
          ja: '戻すまでの分数 (既定 5、最大 60)',
        },
      },
      {
        name: '--detach',
        about: {
          en: 'does not stay with it: it ends by its time, engawa keep or engawa undo',
          ja: 'すぐ終了。時間、engawa keep、engawa undo で決まる',
        },
      },
      {
        name: '--by',
        value: 'name',
        about: { en: 'who does it; else the user of the terminal', ja: '作業者名。なければ端末の利用者' },
      },
      WATCH,
    ],
    exits: ['fault', 'undone', 'refused', 'noSuchThing', ...ASKS],
  },
  {
    name: 'keep',
    about: { en: 'keeps what is on trial', ja: '試行中の変更を残す' },
    example: 'engawa keep',
    exits: ['fault', 'noSuchThing', ...ASKS],
  },
  {
    name: 'undo',
    about: { en: 'undoes what is on trial', ja: '試行中の変更を戻す' },
    example: 'engawa undo --all',
    flags: [
      {
        name: '--all',
        about: {
          en: 'what was kept before as well: as the service says',
          ja: '残した変更も戻し、サービスの設定どおりに',
        },
      },
    ],
    exits: ['fault', 'refused', 'noSuchThing', ...ASKS],
  },
  {
    name: 'reset',
    about: {
      en: 'as from the factory: everything goes but who the box is; asks first; also without the agent',
      ja: '工場出荷状態に戻す (装置の身元は残る)。確認あり。停止中も可',
    },
    example: 'engawa reset',
    flags: [
      { name: '--yes', about: { en: 'does not ask', ja: '確認しない' } },
      {
        name: '--lose-records',
        about: {
          en: 'also when call records wait that the service does not have: they are lost',
          ja: '未送信の通話記録があっても行う (記録は失われる)',
        },
      },
      {
        name: '--enrolment',
        about: {
          en: 'forgets whose box it is as well: it has to be claimed anew',
          ja: '登録も消す (新しい登録コードが必要になる)',
        },
      },
      {
        name: '--wipe',
        about: {
          en: 'forgets everything, the key of the device too: the storage is made anew; asks twice',
          ja: '装置の鍵も含めてすべて消し、記憶域を作り直す (確認 2 回)',
        },
      },
    ],
    exits: ['fault', 'refused', ...ASKS],
  },
];
