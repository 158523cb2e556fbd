import { ASKS, LOOKS, MAC, type Verb, WATCH } from '../verb.ts';

/** Addresses and desk phones. */
export const ON_LAN: readonly Verb[] = [
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
