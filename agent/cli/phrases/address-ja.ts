/** The address of the LAN port. */
export const ADDRESS_PHRASES_JA: readonly (readonly [english: string, japanese: string])[] = [
  ['address', 'アドレス'],
  ['wanted', '指定'],
  ['router', 'ルーター'],
  ['name servers', 'DNS サーバー'],
  ['set by', '設定元'],
  ['this box has no LAN of its own', 'この装置に LAN の口はありません'],
  ['{x} on {x}, fixed', '{1} ({2}) 固定'],
  ['{x} on {x}, given by the LAN', '{1} ({2}) DHCP から取得'],
  ['{x} on {x}, as nobody gives addresses there', '{1} ({2}) アドレスを貸す機器がありません'],
  ['{x} on {x}, not the one that is fixed', '{1} ({2}) 固定したアドレスではありません'],
  ['{x} on {x}, nobody gives one, or no cable', '{1} ({2}) 取得できないか、ケーブルが未接続'],
  ['none over this port', 'この口にはなし'],
  ["the computer's own system", 'このコンピューターの OS'],
  ['fix one: engawa address 192.168.58.1/24', '固定してください: engawa address 192.168.58.1/24'],
  ['written down; the port takes it now', '保存しました。口に反映します'],
  [
    '--router and --dns belong to an address that is fixed.',
    '--router と --dns は固定アドレスと一緒に指定します。',
  ],
  [
    'Router and name servers come with the address that is given: leave them out.',
    'given ではルーターと DNS も取得します。指定しないでください。',
  ],
  [
    'Write the address with the length of its prefix: 192.168.58.1/24, or given.',
    'アドレスはプレフィックス長つきで書いてください: 192.168.58.1/24、または given。',
  ],
  [
    'A prefix of {n} bits is no LAN: 8 to 30, mostly 24.',
    'プレフィックス長 {n} は LAN になりません (8-30、通常 24)。',
  ],
  ['{x} is no address that a device may have.', '{x} は機器に付けられないアドレスです。'],
  [
    'Another port of the box is in that network already: it has {x}.',
    '装置の別の口がそのネットワークにあります: {x}。',
  ],
  ['{x} is no other device in the network of {x}.', '{1} は {2} のネットワークの別の機器ではありません。'],
  ['Three name servers at most.', 'DNS サーバーは 3 台までです。'],
  [
    'Write name servers as 192.168.58.254,1.1.1.1.',
    'DNS サーバーは 192.168.58.254,1.1.1.1 のように書いてください。',
  ],
  [
    'On a computer its own system sets addresses; here that cannot be done.',
    'コンピューターではアドレスは OS で設定します。ここではできません。',
  ],
  [
    'With another address calls lose their sound: when nobody talks, or with --force.',
    'アドレスを変えると通話の音が途切れます。通話が終わってから、または --force で。',
  ],
  ['The address cannot be written down: {x}.', 'アドレスを保存できません: {x}。'],
  ['The port {x} is to have {x} and has {x}.', '口 {1} は {2} のはずが {3} です。'],
  [
    'nobody gives addresses on this LAN, and the box has none',
    'LAN にアドレスを貸す機器がなく、装置にもありません',
  ],
  ['Address of this box, with its prefix', '本装置のアドレス (プレフィックス長つき)'],
  [
    'the port does not take {x}: another device has it, or there is no cable',
    '{x} を使えません: 他の機器が使用中か、ケーブルが未接続です',
  ],
  [
    'Fix another one: engawa address 192.168.58.1/24',
    '別のアドレスを固定してください: engawa address 192.168.58.1/24',
  ],
  ['See: engawa address', '確認: engawa address'],
];
