import { STEPS } from '../setup/index.ts';
import { ASKS, type Verb } from '../verb.ts';

/** The first hour of a box. */
export const SETUP: readonly Verb[] = [
  {
    name: 'setup',
    about: {
      en: 'sets the box up, step by step, with a person or with flags alone; goes on where it was left',
      ja: '設置を順に進める (対話、またはオプションだけで)。中断した所から再開',
    },
    example: 'engawa setup --code XXXXX-XXXXX-XXXXX-XXXXX --lan optionOnly --call 117 --yes',
    arguments: [
      {
        name: 'step',
        optional: true,
        words: STEPS,
        about: { en: `one step again: ${STEPS.join(', ')}`, ja: `この段階だけやり直す: ${STEPS.join(', ')}` },
      },
    ],
    flags: [
      {
        name: '--code',
        value: 'code',
        about: { en: 'claim code, as on the order', ja: '登録コード (注文書に記載)' },
      },
      {
        name: '--service',
        value: 'host',
        about: { en: 'where the box is claimed, HOST or HOST:PORT', ja: '登録先 HOST または HOST:PORT' },
      },
      {
        name: '--serial',
        value: 'number',
        about: { en: 'serial number, as on the label', ja: '製造番号 (ラベルに記載)' },
      },
      {
        name: '--address',
        value: 'address',
        about: {
          en: 'address of this box on the LAN, 192.168.58.1/24, or given',
          ja: 'LAN での本装置のアドレス 192.168.58.1/24、または given',
        },
      },
      {
        name: '--lan',
        value: 'mode',
        words: ['detect', 'optionOnly', 'phonesOnly', 'serve', 'off'],
        about: {
          en: 'what the box does on the LAN: detect, optionOnly, phonesOnly, serve, off',
          ja: 'LAN での動作: detect, optionOnly, phonesOnly, serve, off',
        },
      },
      {
        name: '--pool',
        value: 'range',
        about: { en: 'addresses that it gives, FIRST-LAST', ja: '貸し出すアドレス 最初-最後' },
      },
      {
        name: '--router',
        value: 'address',
        about: { en: 'router that it tells', ja: '伝えるルーターのアドレス' },
      },
      {
        name: '--lines',
        value: 'list',
        about: { en: 'which extension is on which port: 11=1,12=2', ja: '内線と口の割当: 11=1,12=2' },
      },
      {
        name: '--call',
        value: 'number',
        about: { en: 'waits for a test call to this number', ja: 'この番号への試験通話を待つ' },
      },
      { name: '--fax', about: { en: 'waits for a test fax', ja: '試験 FAX を待つ' } },
      {
        name: '--skip',
        value: 'steps',
        about: { en: 'leaves steps out: lan,fax', ja: '省く段階: lan,fax' },
      },
      {
        name: '--yes',
        about: { en: 'takes what is recommended, asks nothing', ja: '推奨値で進め、質問しない' },
      },
      { name: '--again', about: { en: 'from the beginning', ja: '最初から' } },
      {
        name: '--by',
        value: 'name',
        about: { en: 'who does it; else the user of the terminal', ja: '作業者名。なければ端末の利用者' },
      },
    ],
    exits: ['fault', ...ASKS],
  },
];
