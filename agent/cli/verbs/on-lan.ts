import { ASKS, FORCE, LOOKS, MAC, type Verb, WATCH } from '../verb.ts';

/** Addresses and desk phones. */
export const ON_LAN: readonly Verb[] = [
  {
    name: 'address',
    about: {
      en: 'address of this box on the LAN; with one (192.168.58.1/24) fixes it, with "given" takes what the LAN gives',
      ja: 'LAN での本装置のアドレス。指定 (192.168.58.1/24) で固定、given で DHCP から取得',
    },
    example: 'engawa address 192.168.58.1/24 --router 192.168.58.254 --dns 192.168.58.254',
    arguments: [
      {
        name: 'address',
        optional: true,
        words: ['given'],
        about: { en: 'address and prefix, or given', ja: 'アドレス/プレフィックス長、または given' },
      },
    ],
    flags: [
      {
        name: '--router',
        value: 'address',
        about: { en: 'way to other networks over this port', ja: 'この口から他のネットワークへ出るルーター' },
      },
      {
        name: '--dns',
        value: 'list',
        about: { en: 'name servers, three at most: A,B', ja: 'DNS サーバー (3 台まで): A,B' },
      },
      FORCE,
      WATCH,
    ],
    exits: [...LOOKS, 'refused', 'noHardware'],
  },
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
