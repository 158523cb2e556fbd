import type { CallView, Stage } from './phone-state.ts';

/** What the display knows. */
export interface Shown {
  readonly language: string;
  readonly stage: Stage;
  readonly label: string;
  readonly registered: boolean;
  readonly messages: number;
  readonly calls: readonly CallView[];
}

type Words = Readonly<
  Record<Stage | CallView['state'] | 'notRegistered' | 'messages' | 'heldByOther', string>
>;

const JAPANESE: Words = {
  booting: '起動中',
  noLink: 'LANケーブルが接続されていません',
  addressing: 'ネットワーク設定中',
  asking: '設定サーバーを検索中',
  fetching: '設定を取得中',
  upgrading: 'ファームウェア更新中',
  ready: '',
  notRegistered: '未登録',
  messages: '伝言',
  dialling: '発信中',
  ringback: '呼出中',
  ringing: '着信',
  talking: '通話中',
  held: '保留中',
  heldByOther: '相手保留中',
  ended: '終了',
};

const ENGLISH: Words = {
  booting: 'Booting',
  noLink: 'Network down',
  addressing: 'Initializing network',
  asking: 'Looking for provisioning',
  fetching: 'Downloading configuration',
  upgrading: 'Upgrading',
  ready: '',
  notRegistered: 'Not registered',
  messages: 'Messages',
  dialling: 'Dialing',
  ringback: 'Ringing',
  ringing: 'Incoming',
  talking: 'Connected',
  held: 'On hold',
  heldByOther: 'Held by other side',
  ended: 'Ended',
};

/** The rows of the display, top down: who the phone is, how it stands, its calls. Pure. */
export function displayRows(shown: Shown): readonly string[] {
  const words = shown.language === 'ja' ? JAPANESE : ENGLISH;
  const standing =
    shown.stage === 'ready' ? (shown.registered ? '' : words.notRegistered) : words[shown.stage];
  const calls = shown.calls
    .filter(({ state }) => state !== 'ended')
    .map((call) => {
      const state = call.state === 'talking' && call.heldByOther ? words.heldByOther : words[call.state];
      const who = call.name === '' || call.name === call.number ? call.number : `${call.name} ${call.number}`;
      return `${state} ${who}`;
    });
  const mail = shown.messages > 0 ? [`${words.messages} ${shown.messages}`] : [];
  return [shown.label, standing, ...mail, ...calls].filter((row) => row !== '');
}
