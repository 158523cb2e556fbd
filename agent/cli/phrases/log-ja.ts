/** Logs. */
export const LOG_PHRASES_JA: readonly (readonly [english: string, japanese: string])[] = [
  ['level {x}, until {x}, then as at the start', '{x} ({x} まで)'],
  ['level {x}', '{x}'],
  ['--since is a time as {x}', '--since は次のように書きます: {x}'],
  [
    'there is no log: neither files in the state folder nor a journal.',
    'ログがありません: 状態フォルダーにもジャーナルにも見つかりません。',
  ],
];
