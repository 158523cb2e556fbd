import { type Notice, noticesOf } from './types.ts';

const group = noticesOf('groupForwarding');
const tollFree = noticesOf('calleePays');
const answering = noticesOf('answering');

/** Notices of forwarding from ring groups. */
export const GROUP_FORWARDING: readonly Notice[] = [
  group(
    'group.channel',
    ['S1-002'],
    'order',
    '外線をもう一本使うため、このオプションは別料金です。',
    'The option is charged apart because it takes one more channel to the outside.',
  ),
];

/** Notices of the toll-free service. */
export const CALLEE_PAYS: readonly Notice[] = [
  tollFree(
    'tollFree.others',
    ['S2-018'],
    'order',
    'フリーアクセスなど他社のサービスとは異なるところがあります。',
    'Some things differ from Free Access and the services of other carriers.',
  ),
  tollFree(
    'guidance.machine',
    ['S2-028'],
    'settings',
    '接続案内が、お客さまの留守番電話の応答と重なることがあります。',
    'The connection guidance may overlap the message of your answering machine.',
  ),
  tollFree(
    'guidance.others',
    ['S2-029'],
    'settings',
    '接続案内が、着信拒否や番号通知のお願いの案内と重なることがあります。',
    'The connection guidance may overlap that of call rejection or number request.',
  ),
  tollFree(
    'control.self',
    ['S2-038'],
    'settings',
    'カスタマーコントロールでは、パソコンからご自身で設定を変えられます。',
    'With customer control you change the settings yourself from a PC.',
  ),
  tollFree(
    'control.hours',
    ['S2-045'],
    'help',
    'メンテナンス中を除き、24時間使えます。',
    'It is open day and night, except during works.',
  ),
  tollFree(
    'control.browsers',
    ['S2-046'],
    'archive',
    '当時の推奨環境はWindows Vista・7とIE 7～9でした。',
    'In its day it asked for Windows Vista or 7 with IE 7 to 9.',
  ),
  tollFree(
    'control.tls',
    ['S2-047'],
    'archive',
    '当時はTLS 1.0以上が必要でした。いまは1.2以上です。',
    'In its day it asked for TLS 1.0; today 1.2 is the least.',
  ),
  tollFree(
    'access.course',
    ['S2-048'],
    'order',
    '光回線のコースに属します。回線をお使いの方は電話を、はじめての方は両方を一緒に申し込みます。',
    'It belongs to an optical line course: users of the line apply for the phone, others for both at once.',
  ),
  tollFree(
    'control.lock',
    ['S2-049'],
    'settings',
    'パスワードを続けて3回間違えるとロックされ、解除には申込みが要ります。',
    'Three wrong passwords in a row lock the login; to open it, an application is needed.',
  ),
];

/** Notices of the answering service. */
export const ANSWERING: readonly Notice[] = [
  answering(
    'answers.date',
    ['S4-004'],
    'help',
    '回答は質問のあった当時のもので、いまの決まりと違うことがあります。',
    'Answers are as of the day of the question; the rules of today may differ.',
  ),
  answering(
    'start.checks',
    ['S4-005'],
    'order',
    '開始のとき、転送が届くこと・会社名で応答すること・報告メールが届くことの三つを確かめてください。',
    'At the start please check that a forwarded call arrives, that your company name is said, and that the report reaches you.',
  ),
  answering(
    'start.mail',
    ['S4-006'],
    'help',
    'この確認は開始時にメールでお願いします。オペレータは試験の電話とは知りません。',
    'We ask for the checks by mail at the start; operators do not know that a call is a test.',
  ),
  answering(
    'operator.name',
    ['S4-007'],
    'help',
    'オペレータは、はじめにお客さまの会社名を名乗ります。',
    'The operator says the name of your company first.',
  ),
  answering(
    'line.any',
    ['S4-011'],
    'order',
    '転送できる回線であれば、種類や会社を問いません。',
    'Any line of any carrier will do, as long as it can forward.',
  ),
  answering(
    'line.carriers',
    ['S4-012', 'S4-026'],
    'order',
    '03番号はNTT東日本の光回線、050番号はNTTコミュニケーションズです。そこへ転送できるかは事前に確かめてください。',
    'Our 03 numbers are on optical lines of NTT East, our 050 numbers with NTT Com; check that your line can forward to them.',
  ),
  answering(
    'forwarding.own',
    ['S4-013'],
    'help',
    '転送の設定と解除は、お客さまご自身で行ってください。',
    'You set and clear the forwarding of your line yourself.',
  ),
  answering(
    'leave.free',
    ['S4-021'],
    'help',
    '規約に損害賠償の定めはありますが、解約で違約金をいただいたことはありません。',
    'The terms speak of damages; in practice leaving costs nothing.',
  ),
  answering(
    'intended.use',
    ['S4-022'],
    'order',
    '申込書では3か月以上のご利用をお願いしていますが、早くやめても料金はかかりません。',
    'The form asks for three months or more; leaving earlier costs nothing.',
  ),
  answering(
    'reports.to',
    ['S4-025'],
    'settings',
    '報告はご指定のアドレスへ送ります。',
    'Reports go to the addresses that you name.',
  ),
];
