import type { NetCode } from '../netcheck/index.ts';
import type { Said } from './language.ts';

/** What the codes of `engawa netcheck` mean whenever they appear. */
export const NET_MEANINGS: Readonly<Record<NetCode, Said>> = {
  'E-NET-101': { en: 'There is no way to the service.', ja: 'サービスへの経路がありません。' },
  'E-NET-201': { en: 'A name server is missing or silent.', ja: 'DNS サーバーがないか応答しません。' },
  'E-NET-202': {
    en: 'A name server invents addresses.',
    ja: 'DNS サーバーが存在しない名前にアドレスを返します。',
  },
  'E-NET-301': { en: 'The clock of the box is wrong.', ja: '装置の時計が狂っています。' },
  'E-NET-302': { en: 'No time server answers.', ja: '時刻サーバーが応答しません。' },
  'E-NET-311': {
    en: 'A port that the box needs is closed on the way.',
    ja: '必要なポートが途中で閉じられています。',
  },
  'E-NET-312': {
    en: 'Something on the way shows another certificate.',
    ja: '途中の何かが別の証明書を見せています。',
  },
  'E-NET-313': {
    en: 'The certificate of a server ends soon.',
    ja: 'サーバーの証明書がまもなく切れます。',
  },
  'E-NET-401': {
    en: 'UDP does not reach the service, or its answers do not come back: calls are silent.',
    ja: 'UDP が届かないか戻りません。通話は無音になります。',
  },
  'E-NET-402': {
    en: 'The NAT gives every destination another port (symmetric NAT).',
    ja: 'NAT が宛先ごとに別のポートを使います (対称型)。',
  },
  'E-NET-403': {
    en: 'Packets leave by several lines: sound may go by another one than the call.',
    ja: '複数の回線から出ています。音声が呼と別の回線を通ることがあります。',
  },
  'E-NET-411': { en: 'The NAT forgets silent ways fast.', ja: 'NAT が無通信の経路をすぐ忘れます。' },
  'E-NET-421': {
    en: 'A router rewrites SIP (SIP ALG).',
    ja: 'ルーターが SIP を書き換えています (SIP ALG)。',
  },
  'E-NET-422': { en: 'SIP over UDP is swallowed on the way.', ja: 'UDP の SIP が途中で消えています。' },
  'E-NET-431': { en: 'The way carries only small packets.', ja: '経路が小さいパケットしか通しません。' },
  'E-NET-432': {
    en: 'Large packets vanish without a word (path MTU black hole).',
    ja: '大きいパケットが通知なしに消えます (MTU ブラックホール)。',
  },
  'E-NET-441': { en: 'Packets of sound get lost.', ja: '音声パケットが失われています。' },
  'E-NET-442': { en: 'Packets of sound come unevenly (jitter).', ja: '音声パケットの間隔が乱れています。' },
  'E-NET-443': {
    en: 'The way is so long that people talk at the same time.',
    ja: '遅延が大きく、会話がぶつかります。',
  },
  'E-NET-501': {
    en: 'Several DHCP servers answer on the LAN.',
    ja: 'LAN に DHCP サーバーが複数あります。',
  },
};
