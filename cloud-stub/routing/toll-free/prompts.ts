/** Names of the prompts that toll-free numbers have. */
export const TOLL_FREE_PROMPTS = {
  connection: 'tollFree.connection',
  restriction: 'tollFree.restriction',
  afterHours: 'tollFree.afterHours',
} as const;

type PromptName = (typeof TOLL_FREE_PROMPTS)[keyof typeof TOLL_FREE_PROMPTS];

/** After-hours guidance is one kind only, played twice; then the call is cut. [S2-037] */
export const AFTER_HOURS_TIMES = 2;

/** What a prompt says. After-hours: thanks, the number, that reception is closed, the invitation to call again. [S2-036] */
export function tollFreeWords(prompt: PromptName, number: string): string {
  switch (prompt) {
    case 'tollFree.connection':
      return 'この電話は、着信者が通話料を負担する電話です。';
    case 'tollFree.restriction':
      return 'おかけになった電話番号は、お客様の地域または電話からはご利用になれません。';
    case 'tollFree.afterHours':
      return `お電話ありがとうございます。こちらは${spoken(number)}です。ただいまの時間は受付を終了しております。恐れ入りますが、改めておかけ直しください。`;
  }
}

/** `0120-123-456`, `0800-123-4567`. */
function spoken(number: string): string {
  return number.replace(/^(\d{4})(\d{3})(\d+)$/, '$1-$2-$3');
}
