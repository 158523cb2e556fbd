import { ASKS, type Verb } from '../verb.ts';

/** Outage drills. */
export const DRILLS: readonly Verb[] = [
  {
    name: 'drill',
    about: { en: 'the last outage drills, and one that waits', ja: '障害訓練の結果と予定' },
    example: 'engawa drill',
    exits: [...ASKS, 'fault'],
  },
  {
    name: 'drill outage',
    about: {
      en: 'cuts the links to the service for a while and tests every feature without it',
      ja: 'サービスへの接続を一時的に切り、全機能を試験',
    },
    example: 'engawa drill outage 60s --at 19:00',
    arguments: [
      {
        name: 'duration',
        optional: true,
        about: { en: '5s to 10m, 60s unless told', ja: '5s から 10m (既定 60s)' },
      },
    ],
    flags: [
      {
        name: '--at',
        value: 'time',
        about: {
          en: 'at this time of day in Japan, HH:MM; else now',
          ja: '開始時刻 HH:MM (日本時間)。なければ直ちに',
        },
      },
    ],
    exits: [...ASKS, 'fault', 'refused'],
  },
  {
    name: 'drill stop',
    about: { en: 'ends a drill, or takes back one that waits', ja: '訓練の中止または取り消し' },
    example: 'engawa drill stop',
    exits: [...ASKS, 'refused'],
  },
];
