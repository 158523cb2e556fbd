/** Names of the prompts that toll-free numbers have. */
export const TOLL_FREE_PROMPTS = {
  connection: 'tollFree.connection',
  restriction: 'tollFree.restriction',
  afterHours: 'tollFree.afterHours',
} as const;

/** After-hours guidance is one kind only, played twice; then the call is cut. [S2-037] */
export const AFTER_HOURS_TIMES = 2;

/** What the guidance says: thanks, the number that was called, that reception is closed, the invitation to call again. [S2-036] */
export function afterHoursWords(number: string): string {
  return `お電話ありがとうございます。こちらは${spoken(number)}です。ただいまの時間は受付を終了しております。恐れ入りますが、改めておかけ直しください。`;
}

/** `0120-123-456`, `0800-123-4567`. */
function spoken(number: string): string {
  return number.replace(/^(\d{4})(\d{3})(\d+)$/, '$1-$2-$3');
}
