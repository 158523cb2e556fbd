import { type Notice, noticesOf } from './types.ts';

const notice = noticesOf('cloudPhone');

/** Fax, messages, recording and the bot. */
const functions: readonly Notice[] = [
  notice(
    'park',
    ['S0-081'],
    'help',
    'IP電話機で保留した通話は、アプリから取ることができます。',
    'A call that is held on the desk phone can be taken up on the app.',
  ),
  notice(
    'fax.sources',
    ['S0-099', 'A-47'],
    'app',
    'アプリからは、紙を撮った写真のほか、PDF・JPG・PNGのファイルを送れます。',
    'The app sends a photo of a page, or a file in PDF, JPG or PNG.',
  ),
  notice(
    'fax.photo',
    ['S0-100'],
    'app',
    '写真は送る前にファクス向けの白黒に整えます。',
    'A photo is made fit for fax before it is sent.',
  ),
  notice(
    'fax.results',
    ['S0-101'],
    'settings',
    '送受信の結果は、アプリの通知と登録メールアドレスでお知らせします。',
    'You hear of each fax sent or received by a notice in the app and by mail.',
  ),
  notice(
    'fax.store',
    ['S0-103', 'S0-198', 'A-14'],
    'settings',
    'ファクスはIDごとに受信100件・送信100件まで残り、それを超えると古いものから消えます。',
    'For each ID 100 received and 100 sent faxes are kept; beyond that the oldest go first.',
  ),
  notice(
    'fax.browser',
    ['S0-109'],
    'help',
    'パソコンのブラウザでも送受信できます。ChromeかFirefoxをお使いください。',
    'Faxes can be sent and read in a browser, best in Chrome or Firefox.',
  ),
  notice(
    'fax.browser.pdf',
    ['S0-110', 'A-47'],
    'settings',
    'ブラウザで扱えるファイルは、送信も受信もPDFだけです。',
    'In the browser faxes are PDF files only, both ways.',
  ),
  notice(
    'fax.browser.one',
    ['S0-111'],
    'settings',
    'ブラウザでのファクスは、ひとつのIDにつき同時に1台までです。',
    'One browser at a time can use the fax of an ID.',
  ),
  notice(
    'fax.relay',
    ['S0-113'],
    'settings',
    'アダプタにつないだ機械へは、受け終えてから送り直すため、アプリより遅れて届きます。',
    'A machine on the adapter gets the fax after the app, because it is sent on once it has arrived.',
  ),
  notice(
    'voicemail.limits',
    ['S0-121'],
    'settings',
    '留守番電話の録音時間・件数・保存期間には上限があります。',
    'Voicemail is limited in length, number and time of keeping.',
  ),
  notice(
    'bot.transcript',
    ['S0-126'],
    'settings',
    '文字起こしは外部のサービスによるもので、聞き違いが残ることがあります。',
    'Transcripts are made by another service and may contain mistakes.',
  ),
  notice(
    'bot.channels',
    ['S0-190'],
    'settings',
    '用件はメールと各種チャットへ届きます。LINEとTeamsには文字だけが届き、音声はログイン後に聞けます。',
    'Matters arrive by mail and chat; LINE and Teams get the text alone, the sound is heard after logging in.',
  ),
  notice(
    'bot.keeping',
    ['S0-196'],
    'settings',
    '自動応答で受けた用件は30日で消えます。',
    'What the answering bot took is kept for 30 days.',
  ),
  notice(
    'recording.delay',
    ['S0-131', 'S0-197'],
    'settings',
    '録音は通話が終わってから15分以内に聞けるようになります。',
    'A recording can be heard within 15 minutes of the end of the call, and not before.',
  ),
  notice(
    'recording.where',
    ['S0-132'],
    'settings',
    '録音を聞けるのはお客さまページだけです。アプリや電話機では聞けません。',
    'Recordings are on the customer page only, not in the app nor on a phone.',
  ),
  notice(
    'book.shared',
    ['S0-191'],
    'settings',
    '電話帳はグループでひとつです。アプリでもページでも直せて、すぐ全員に反映します。',
    'The group shares one phone book, edited in the app or on the page and seen by all at once.',
  ),
  notice(
    'book.import',
    ['S0-192'],
    'settings',
    '電話帳はお客さまページからCSVで読み込めます。',
    'The phone book can be loaded from a CSV file on the customer page.',
  ),
  notice(
    'book.safe',
    ['S0-193'],
    'help',
    '電話帳は端末に残りません。紛失や退職のときも安心です。',
    'No entry is kept on a device, should one be lost or somebody leave.',
  ),
];

/** Devices and the LAN. */
const devices: readonly Notice[] = [
  notice(
    'phone.plug',
    ['S0-169'],
    'device',
    'LANと電源をつなぐだけで使えます。工事は要りません。',
    'Plug in the LAN cable and the power; no installer comes.',
  ),
  notice(
    'phone.makers',
    ['S0-172'],
    'order',
    '2社の電話機は使い方が違うだけで、できることは同じです。',
    'The two makes are handled differently and do the same.',
  ),
  notice(
    'phone.grandstream.power',
    ['S0-173'],
    'order',
    'Grandstreamの電源はACで、アダプタが付属します。',
    'The Grandstream runs on AC; its adapter is in the box.',
  ),
  notice(
    'device.settings',
    ['S0-176'],
    'device',
    '設定を済ませてお送りします。お客さまの設定は要りません。',
    'Devices arrive with your settings; there is nothing to configure.',
  ),
  notice(
    'device.dhcp',
    ['S0-178'],
    'device',
    '音がしない、発着信やファクスができないときは、LANのDHCPを有効にしてください。',
    'No tone, no calls or no fax: turn on DHCP in your LAN.',
  ),
  notice(
    'adapter.what',
    ['S0-179'],
    'order',
    'アダプタには家庭用の電話機・ファクス・複合機をつなげます。ビジネスフォンはつなげません。',
    'The adapter takes home phones, fax and multifunction machines, and no business telephone system.',
  ),
  notice(
    'adapter.analog',
    ['S0-180'],
    'order',
    'アナログ回線につなげない機器は使えません。',
    'A machine that does not fit an analog line cannot be used.',
  ),
  notice(
    'device.manuals',
    ['S0-181'],
    'device',
    '説明書は電話機のメーカーごとに用意しています。',
    'There is a manual for each make of phone.',
  ),
  notice(
    'reception.ipad',
    ['S0-182'],
    'order',
    '受付アプリはiPad専用です。',
    'The reception app runs on an iPad only.',
  ),
  notice(
    'reception.layout',
    ['S0-183'],
    'settings',
    '画面はボタン1つ・2つ・一覧の三通りから選べます。',
    'Its screen has one button, two buttons or a list.',
  ),
  notice(
    'reception.design',
    ['S0-184'],
    'settings',
    '色・文章・画像は管理画面で決め、アプリへ読み込みます。',
    'Colours, texts and pictures are set on the admin page and loaded by the app.',
  ),
];

/** Operators, addresses and papers. */
const people: readonly Notice[] = [
  notice(
    'secretary.work',
    ['S0-153'],
    'order',
    '外部のオペレータが代わりに電話を受け、一件ごとにメールで報告します。',
    'Operators outside answer for you and report each call by mail.',
  ),
  notice(
    'secretary.partner',
    ['S0-154'],
    'order',
    '電話代行パックは提携先（ベルシステム24）が行い、当サービスのお客さまだけが申し込めます。提携先のサイトからは申し込めません。',
    'The package is run by a partner (Bellsystem24) for our customers alone, and is not sold on its own site.',
  ),
  notice(
    'secretary.notes',
    ['S0-155'],
    'order',
    'お名前・会社名・電話番号を伺います。営業の電話はお断りすることもできます。',
    'Name, company and telephone number are taken; sales calls can be turned away.',
  ),
  notice(
    'secretary.hours',
    ['S0-156'],
    'order',
    '時間外の応対をご希望の方は、申込みのときにご相談ください。',
    'For answering out of hours, talk to us when you apply.',
  ),
  notice(
    'office.content',
    ['S0-201'],
    'order',
    'シェアオフィスには、専用の時間枠・住所の利用・郵便の受取と保管と転送・会議室が含まれます。',
    'The shared office has a time slot of your own, the address, mail (taken, kept, sent on) and meeting rooms.',
  ),
  notice(
    'office.slots',
    ['S0-202'],
    'order',
    '時間枠は当方で決めます。枠内は席を確保し、枠外は空席を使えますが、その枠の方が来たら譲ってください。',
    'We assign the slot. In it a desk is yours; at other times a free desk may be used until its owner comes.',
  ),
  notice(
    'office.furnishing',
    ['S0-203'],
    'help',
    'Wi-Fi・電源・飲み物・共用プリンタ・シュレッダ・冷蔵庫・電子レンジがあります。',
    'There are Wi-Fi, power, drinks, a shared printer, a shredder, a refrigerator and a microwave oven.',
  ),
  notice(
    'tollFree.porting',
    ['S0-207'],
    'order',
    '0120・0800番号の移転は、お送りする用紙に記入して返送いただきます。',
    'To port a 0120 or 0800 number, fill in the paper that we post and send it back.',
  ),
];

/** Notices of the cloud phone. */
export const CLOUD_PHONE: readonly Notice[] = [...functions, ...devices, ...people];
