import type { Said } from '../language.ts';
import { NET_MEANINGS } from '../netcheck-words.ts';

/** What the codes of the doctor and of line tests mean whenever they appear. */
export const FINDING_MEANINGS: Readonly<Record<string, Said>> = {
  'E-DOC-101': { en: 'The state folder does not exist.', ja: '状態フォルダーがありません。' },
  'E-DOC-102': {
    en: 'The state folder may not be used by this user.',
    ja: '状態フォルダーを使う権限がありません。',
  },
  'E-DOC-103': {
    en: 'The state folder is open to other users.',
    ja: '状態フォルダーが他の利用者に開かれています。',
  },
  'E-DOC-104': { en: 'The disk is almost full.', ja: 'ディスクの空きが足りません。' },
  'E-DOC-111': { en: 'The enrolment file is missing.', ja: '登録ファイルがありません。' },
  'E-DOC-112': { en: 'The enrolment file cannot be read.', ja: '登録ファイルを読めません。' },
  'E-DOC-113': { en: 'The enrolment file is not one.', ja: '登録ファイルの内容が正しくありません。' },
  'E-DOC-114': {
    en: 'The enrolment file may be read by others.',
    ja: '登録ファイルを他の利用者が読めます。',
  },
  'E-DOC-121': { en: 'The agent runs on another store.', ja: 'エージェントは別の記録で動いています。' },
  'E-DOC-122': { en: 'The store is damaged.', ja: '記録が壊れています。' },
  'E-DOC-123': { en: 'A damaged store was moved aside.', ja: '壊れた記録が退避されています。' },
  'E-DOC-131': { en: 'No configuration is stored.', ja: '設定が保存されていません。' },
  'E-DOC-132': { en: 'The stored configuration is damaged.', ja: '保存された設定が壊れています。' },
  'E-DOC-133': { en: 'The configuration before the last one is used.', ja: '一つ前の設定を使っています。' },
  'E-DOC-201': { en: 'The agent is not running.', ja: 'エージェントが動いていません。' },
  'E-DOC-202': { en: 'This user may not ask the agent.', ja: 'エージェントに問い合わせる権限がありません。' },
  'E-DOC-203': { en: 'The agent does not answer.', ja: 'エージェントが応答しません。' },
  'E-DOC-211': { en: 'The folder of the sockets is missing.', ja: 'ソケットのフォルダーがありません。' },
  'E-DOC-221': { en: 'The media process does not answer.', ja: '音声処理が応答しません。' },
  'E-DOC-231': { en: 'The FXS board is absent or silent.', ja: 'アナログ基板がないか、応答しません。' },
  'E-DOC-301': { en: 'The clock of the box is wrong.', ja: '装置の時計が狂っています。' },
  'E-DOC-311': {
    en: 'The certificate of the authority is not valid.',
    ja: '認証局の証明書が有効ではありません。',
  },
  'E-DOC-321': { en: 'A server of the service cannot be reached.', ja: 'サービスのサーバーに届きません。' },
  'E-DOC-322': {
    en: 'The certificate of a server cannot be trusted.',
    ja: 'サーバーの証明書を信用できません。',
  },
  'E-DOC-323': { en: 'The certificate of a server ends soon.', ja: 'サーバーの証明書がまもなく切れます。' },
  'E-DOC-901': { en: 'Something could not be checked.', ja: '確認できない項目があります。' },
  ...NET_MEANINGS,
  'E-LINE-201': {
    en: 'The line is in use, so nothing was measured. Wait until it is free.',
    ja: '回線が使用中のため測れません。空くまで待ってください。',
  },
  'E-LINE-202': {
    en: 'Dangerous voltage from outside. Do not touch the wires; unplug the line at the box.',
    ja: '危険な電圧が外から来ています。線に触れず、装置側で抜いてください。',
  },
  'E-LINE-203': {
    en: 'The wires touch another line. Separate the wall socket from the old telephone line.',
    ja: '他の回線と混触しています。壁の差込口を旧電話線から切り離してください。',
  },
  'E-LINE-204': {
    en: 'Leakage: moisture, a crushed cable or a bad socket.',
    ja: '漏れがあります。湿気、つぶれた線、差込口の不良です。',
  },
  'E-LINE-205': {
    en: 'The handset is off its hook. Put it down and test again.',
    ja: '受話器が外れています。戻して再試験してください。',
  },
  'E-LINE-206': {
    en: 'Too little current: the line is too long or a joint is bad.',
    ja: '電流が足りません。線が長すぎるか、継ぎ目の不良です。',
  },
  'E-LINE-207': {
    en: 'No phone at the end of the wire. Is the plug all the way in?',
    ja: '線の先に電話機がありません。モジュラーが奥まで入っていますか。',
  },
  'E-LINE-208': {
    en: 'Too many phones on one port: they ring weakly or not at all.',
    ja: '一つの口に電話機が多すぎます。鳴らないことがあります。',
  },
  'E-LINE-209': {
    en: 'Short circuit: the two wires touch.',
    ja: '短絡しています。2 本の線が触れています。',
  },
};
