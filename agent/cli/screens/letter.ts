import { type Look, spoken } from '../screen.ts';
import { clean } from '../text.ts';

/** Something that has to be let out of the office. */
export interface Needed {
  readonly protocol: string;
  readonly host: string;
  readonly ports: string;
  readonly what: string;
}

/** A note for whoever looks after the customer's network: what the box needs, and nothing about the box. */
export function letterFor(needed: readonly Needed[], look: Look): readonly string[] {
  const rows = needed.map(
    ({ protocol, host, ports, what }) => `  ${protocol}  ${clean(host)}  ${ports}  (${spoken(what, look)})`,
  );
  if (look.language === 'ja') {
    return [
      ...[
        '電話ゲートウェイの設置について',
        '',
        '社内ネットワークから外向きに、次の通信を許可してください。',
        '',
      ],
      ...rows,
      '',
      '・戻りの通信も許可してください (UDP は 120 秒以上保持)。',
      '・ルーターの SIP ALG (SIP ヘルパー、SIP 検査) は切ってください。',
      '・TLS を復号する検査の対象から外してください。',
      '・外からの着信用にポートを開ける必要はありません。',
    ];
  }
  return [
    ...[
      'For whoever looks after the network of this office',
      '',
      'The telephone gateway needs, outbound:',
      '',
    ],
    ...rows,
    '',
    '- Answers have to come back; UDP ways should be kept for 120 s.',
    '- Switch SIP ALG (SIP helper, SIP inspection) off in the router.',
    '- Do not open TLS to these addresses (inspection).',
    '- No port has to be opened from outside.',
  ];
}
