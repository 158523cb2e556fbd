/** One note of a spoken-message stand-in: a tone for a time, or silence. */
export interface Note {
  /** 0 is silence. */
  readonly hz: number;
  readonly forMs: number;
}

/** A stored prompt: what it says, and the notes by which a listener, or a test, can tell it from the others. */
export interface Prompt {
  readonly name: string;
  /** The words that belong here, for the page of the customer and for whoever records them. */
  readonly text: { readonly ja: string; readonly en: string };
  readonly notes: readonly Note[];
  /** Requirements that speak of it. */
  readonly facts: readonly string[];
}

/** Two notes and a rest: short, and no other prompt has the same two. */
function chime(firstHz: number, secondHz: number): readonly Note[] {
  return [
    { hz: firstHz, forMs: 400 },
    { hz: secondHz, forMs: 400 },
    { hz: 0, forMs: 200 },
  ];
}

/**
 * The prompts that everybody has. The original recordings are not known, so each is a chime of its own with its text
 * beside it; a customer's recordings are handed in by name. Toll-free messages that say the customer's number have their
 * words with the rules of toll-free routing.
 */
export const PROMPT_TABLE: readonly Prompt[] = [
  {
    name: 'default.busy',
    text: {
      ja: 'ただいま電話が大変混み合っております。しばらくしてからおかけ直しください。',
      en: 'All our lines are busy. Please call again later.',
    },
    notes: chime(620, 480),
    facts: ['S0-074', 'S0-075'],
  },
  {
    name: 'default.afterHours',
    text: {
      ja: 'お電話ありがとうございます。本日の営業は終了いたしました。',
      en: 'Thank you for calling. We are closed at the moment.',
    },
    notes: chime(880, 660),
    facts: ['S0-115', 'S0-117'],
  },
  {
    name: 'default.voicemail',
    text: {
      ja: 'ただいま電話に出ることができません。発信音の後にメッセージをお話しください。',
      en: 'We cannot take your call. Please leave a message after the tone.',
    },
    notes: chime(740, 740),
    facts: ['S0-119'],
  },
  {
    name: 'tollFree.afterHours',
    text: {
      ja: 'お電話ありがとうございます。こちらのフリーダイヤルは、ただいま受付時間外です。恐れ入りますが、改めておかけ直しください。',
      en: 'Thank you for calling this toll-free number. Reception is closed at the moment. Please call again.',
    },
    notes: chime(990, 790),
    facts: ['S2-035', 'S2-037'],
  },
  {
    name: 'tollFree.restriction',
    text: {
      ja: 'おかけになったフリーダイヤルは、お客様の地域または電話からはご利用になれません。',
      en: 'This toll-free number cannot be used from your area or telephone.',
    },
    notes: chime(560, 840),
    facts: ['S2-025'],
  },
  {
    name: 'tollFree.connection',
    text: { ja: 'フリーダイヤルでおつなぎします。', en: 'This is a toll-free connection.' },
    notes: chime(1_170, 1_390),
    facts: ['S2-024'],
  },
  {
    name: 'tollFree.presentsOn',
    text: { ja: 'これからは、着信課金番号を通知します。', en: 'Your toll-free number is shown from now on.' },
    notes: chime(430, 610),
    facts: ['S2-015'],
  },
  {
    name: 'tollFree.presentsOff',
    text: { ja: 'これからは、契約番号を通知します。', en: 'Your contract number is shown from now on.' },
    notes: chime(610, 430),
    facts: ['S2-015'],
  },
  {
    name: 'default.announcement',
    text: { ja: 'お知らせの音声が登録されていません。', en: 'No recording is stored for this announcement.' },
    notes: chime(520, 700),
    facts: [],
  },
];
