import { TRACE_KINDS } from '../../trace/index.ts';
import { ASKS, LOOKS, type Verb } from '../verb.ts';

/** What goes over the wires, and what the networks do to it. */
export const WIRES: readonly Verb[] = [
  {
    name: 'trace',
    about: {
      en: 'what is spoken now, decrypted: calls, sound, LAN addresses, the service; also as a capture file',
      ja: 'いまの通信を復号して表示 (SIP, RTP, DHCP, MQTT)。ファイルにも保存',
    },
    example: 'engawa trace sip rtp --call last --file call.pcapng',
    arguments: [
      {
        name: 'what',
        many: true,
        words: TRACE_KINDS,
        about: { en: 'sip, rtp, dhcp, mqtt, or several', ja: 'sip, rtp, dhcp, mqtt (複数可)' },
      },
    ],
    flags: [
      {
        name: '--file',
        value: 'path',
        file: true,
        about: {
          en: 'into a file that Wireshark opens; .pcap for programs of old',
          ja: 'Wireshark で開けるファイルに保存 (.pcap は旧形式)',
        },
      },
      {
        name: '--call',
        value: 'id',
        about: { en: 'of one call: its id, its Call-ID, or last', ja: '一つの通話: ID、Call-ID または last' },
      },
      { name: '--line', value: 'port', about: { en: 'of one line', ja: '一つの回線' } },
      {
        name: '--phone',
        value: 'mac',
        about: { en: 'of one desk phone, by its hardware address', ja: '一つの電話機 (MAC アドレス)' },
      },
      {
        name: '--peer',
        value: 'address',
        about: { en: 'with one other side, with or without a port', ja: '相手のアドレス (ポートも可)' },
      },
      {
        name: '--for',
        value: 'seconds',
        about: { en: 'so long: 600, at most 3600', ja: '秒数 (600、最大 3600)' },
      },
      {
        name: '--rate',
        value: 'count',
        about: { en: 'messages a second at most: 1000, at most 5000', ja: '毎秒の上限 (1000、最大 5000)' },
      },
      {
        name: '--size',
        value: 'megabytes',
        about: { en: 'so much at most: 50, at most 500', ja: 'MB の上限 (50、最大 500)' },
      },
      {
        name: '--secrets',
        about: {
          en: 'proofs, passwords and keys as they are, instead of stars',
          ja: 'パスワードや鍵を伏せずに表示',
        },
      },
    ],
    exits: ['fault', 'noSuchThing', ...ASKS],
  },
  {
    name: 'netcheck',
    about: {
      en: 'what the networks between here and the service do to us; also without the agent',
      ja: 'サービスまでの網の状態 (NAT, SIP ALG, MTU, DNS, 時刻, 損失, ポート)。停止中も可',
    },
    example: 'engawa netcheck',
    flags: [
      {
        name: '--life',
        value: 'seconds',
        about: {
          en: 'longest silence that the NAT is tried with: 12, at most 300; 0: none',
          ja: 'NAT を試す無通信の最長秒数 (12、最大 300、0 でなし)',
        },
      },
      {
        name: '--echo',
        value: 'address',
        about: {
          en: "the service's echo, where no configuration names it",
          ja: '測定先 (設定がない時)',
        },
      },
      {
        name: '--letter',
        about: {
          en: "prints a note for the customer's network people instead",
          ja: 'お客様のネットワーク担当に渡す文面を表示',
        },
      },
    ],
    exits: LOOKS,
  },
  {
    name: 'capture',
    about: {
      en: 'the recorder of the last minutes: messages, sound of the lines, state, logs; bare: how it stands',
      ja: '直近数分の記録 (通信、回線の音、状態、ログ)。単独で状況表示',
    },
    example: 'engawa capture start',
    exits: ASKS,
  },
  {
    name: 'capture start',
    about: { en: 'begins to keep the last minutes', ja: '直近数分の記録を始める' },
    example: 'engawa capture start --keep 10 --for 120',
    flags: [
      {
        name: '--keep',
        value: 'minutes',
        about: { en: 'how much of the past: 5, at most 15', ja: '残す分数 (5、最大 15)' },
      },
      {
        name: '--for',
        value: 'minutes',
        about: {
          en: 'then writes a bundle and ends; else it ends after a day',
          ja: 'この分数の後に束を書いて終了 (なければ 1 日で終了)',
        },
      },
    ],
    exits: ['refused', ...ASKS],
  },
  {
    name: 'capture save',
    about: {
      en: 'writes what is kept into one file, or fetches one that the box has written',
      ja: '残っているものを一つのファイルに書く、または装置内の束を取り出す',
    },
    example: 'engawa capture save bad-call.tar.gz',
    arguments: [
      {
        name: 'file',
        optional: true,
        file: true,
        about: {
          en: 'where to; else it stays in the box, where the last five are kept',
          ja: '出力先。なければ装置内 (最新 5 個)',
        },
      },
    ],
    flags: [
      {
        name: '--bundle',
        value: 'name',
        about: {
          en: 'fetches this one of the box instead of writing a new one',
          ja: '新しく書かず、装置内のこの束を取り出す',
        },
      },
    ],
    exits: ['fault', 'refused', 'noSuchThing', ...ASKS],
  },
  {
    name: 'capture stop',
    about: { en: 'ends it; what was not saved is let go', ja: '記録を終える (保存していないものは消える)' },
    example: 'engawa capture stop',
    exits: ['refused', ...ASKS],
  },
];
