/** Back to the factory. */
export const RESET_PHRASES_JA: readonly (readonly [english: string, japanese: string])[] = [
  ['reset', '初期化'],
  ['goes', '消すもの'],
  ['stays', '残すもの'],
  ['lost', '失うもの'],
  [
    'configuration, records, faxes, phones, addresses given, changes made here',
    '設定・通話記録・FAX 記録・電話機・貸出アドレス・現地の変更',
  ],
  ['enrolment, the key of the device, logs', '登録・装置の鍵・ログ'],
  ['the key of the device, logs', '装置の鍵・ログ'],
  ['call records that the service does not have: {x}', '未送信の通話記録: {x}'],
  [
    'Type {x} to reset this box; anything else leaves it as it is.',
    '初期化するには {x} と入力してください。それ以外なら何もしません。',
  ],
  [
    'Type {x} to wipe this box; anything else leaves it as it is.',
    'すべて消すには {x} と入力してください。それ以外なら何もしません。',
  ],
  [
    'everything: enrolment and key too, logs; the box is another one afterwards',
    'すべて (登録・鍵・ログも)。装置は別の装置になります',
  ],
  ['the system in both slots', '両スロットのシステム'],
  ['has revoked the certificate of this box', 'この装置の証明書を失効しました'],
  ['could not be told: {x}', '伝えられません: {x}'],
  ['let the operator do it: {x}', '運用者に依頼: {x}'],
  [
    'ordered; the box starts again and makes its storage anew, some minutes',
    '受け付けました。再起動して記憶域を作り直します (数分)',
  ],
  ['ordered; the agent restarts', '受け付けました。エージェントを再起動します'],
  ['done: the box is as from the factory', '完了: 工場出荷状態です'],
  ['done: the box waits to be claimed (engawa setup)', '完了: 登録待ちです (engawa setup)'],
  ['done; the agent was not running', '完了 (エージェントは停止中でした)'],
  [
    'nothing is reset without --yes, or a person who confirms it.',
    '確認する人か --yes がなければ初期化しません。',
  ],
  ['not confirmed; the box is as it was.', '確認されませんでした。装置はそのままです。'],
  [
    'the agent has not come back; the reset goes on when it starts.',
    'エージェントが戻りません。起動時に初期化を続けます。',
  ],
  ['A call is up: the box is reset when nobody talks.', '通話中です。通話が終わってから初期化してください。'],
  [
    '{n} calls are up: the box is reset when nobody talks.',
    '{n} 件通話中です。通話が終わってから初期化してください。',
  ],
  [
    '{n} call records wait for the service: connect the box until they are gone, or lose them with --lose-records.',
    '未送信の通話記録が {n} 件あります。接続して送り終えるか、--lose-records で破棄してください。',
  ],
  ['A running agent holds the store.', '動作中のエージェントが記録を使っています。'],
];
