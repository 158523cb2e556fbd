/** Control packet types of MQTT 3.1.1 §2.2.1, as the broker's side and ours use them. */
export const CONNECT = 1;
const NAMES: readonly string[] = [
  '?',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  '?',
];
/** What CONNACK says (§3.2.2.3). */
const CONNACK_WORDS: readonly string[] = [
  'accepted',
  'refused: protocol version',
  'refused: client identifier',
  'refused: unavailable',
  'refused: user name or password',
  'refused: not authorised',
];

/** A control packet as the MQTT package hands it out; fields that a packet does not have are left out. */
export interface MqttPacket {
  readonly cmd: string;
  readonly messageId?: number | undefined;
  readonly qos?: number | undefined;
  readonly dup?: boolean | undefined;
  readonly retain?: boolean | undefined;
  readonly topic?: string | Buffer | undefined;
  readonly payload?: string | Buffer | undefined;
  readonly returnCode?: number | undefined;
  readonly sessionPresent?: boolean | undefined;
  readonly granted?: readonly unknown[] | undefined;
  readonly subscriptions?: readonly { readonly topic: string; readonly qos: number }[] | undefined;
  readonly unsubscriptions?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  readonly clean?: boolean | undefined;
  readonly keepalive?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | Buffer | undefined;
  readonly will?:
    | {
        readonly topic: string;
        readonly payload: string | Buffer;
        readonly qos?: number | undefined;
        readonly retain?: boolean | undefined;
      }
    | undefined;
}

/**
 * The bytes of a packet, as MQTT 3.1.1 writes it. They are made anew because the connection's own are encrypted when we can
 * see them; the encoding leaves no choice, so they are the same. Undefined for what 3.1.1 does not know.
 */
export function mqttBytes(packet: MqttPacket): Buffer | undefined {
  const type = NAMES.indexOf(packet.cmd.toUpperCase());
  if (type < 1 || packet.cmd === '?') return undefined;
  const body = bodyOf(packet);
  if (body === undefined) return undefined;
  return Buffer.concat([Buffer.from([(type << 4) | flagsOf(packet)]), remainingLength(body.length), body]);
}

function flagsOf(packet: MqttPacket): number {
  switch (packet.cmd) {
    case 'publish':
      return (packet.dup === true ? 8 : 0) | ((packet.qos ?? 0) << 1) | (packet.retain === true ? 1 : 0);
    case 'subscribe':
    case 'unsubscribe':
    case 'pubrel':
      return 2;
    default:
      return 0;
  }
}

function bodyOf(packet: MqttPacket): Buffer | undefined {
  const id = short(packet.messageId ?? 0);
  switch (packet.cmd) {
    case 'connect':
      return connectBody(packet);
    case 'connack':
      return Buffer.from([packet.sessionPresent === true ? 1 : 0, packet.returnCode ?? 0]);
    case 'publish':
      return Buffer.concat([
        text(packet.topic ?? ''),
        ...((packet.qos ?? 0) > 0 ? [id] : []),
        Buffer.from(packet.payload ?? ''),
      ]);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'unsuback':
      return id;
    case 'subscribe':
      return Buffer.concat([
        id,
        ...(packet.subscriptions ?? []).flatMap(({ topic, qos }) => [text(topic), Buffer.from([qos & 3])]),
      ]);
    case 'suback':
      return Buffer.concat([id, Buffer.from((packet.granted ?? []).map(Number))]);
    case 'unsubscribe':
      return Buffer.concat([id, ...(packet.unsubscriptions ?? []).map(text)]);
    case 'pingreq':
    case 'pingresp':
    case 'disconnect':
      return Buffer.alloc(0);
    default:
      return undefined;
  }
}

function connectBody(packet: MqttPacket): Buffer {
  const { will, username, password } = packet;
  const willFlags = will === undefined ? 0 : 4 | ((will.qos ?? 0) << 3) | (will.retain === true ? 0x20 : 0);
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (packet.clean === false ? 0 : 2) |
    willFlags;
  return Buffer.concat([
    text('MQTT'),
    Buffer.from([4, flags]),
    short(packet.keepalive ?? 0),
    text(packet.clientId ?? ''),
    ...(will === undefined ? [] : [text(will.topic), text(will.payload)]),
    ...(username === undefined ? [] : [text(username)]),
    ...(password === undefined ? [] : [text(password)]),
  ]);
}

function remainingLength(length: number): Buffer {
  const out: number[] = [];
  let left = length;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    out.push(left > 0 ? digit | 0x80 : digit);
  } while (left > 0);
  return Buffer.from(out);
}

function short(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value).subarray(0, 0xffff);
  return Buffer.concat([short(bytes.length), bytes]);
}

/** Type of the packet that begins here, 0 to 15. */
export function packetTypeOf(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) >> 4;
}

/** Where the password of a CONNECT stands; undefined when it has none or is cut short. */
export function connectPasswordAt(
  bytes: Uint8Array,
): { readonly from: number; readonly to: number } | undefined {
  const start = bodyAt(bytes);
  const flags = bytes[start + 7] ?? 0;
  if ((flags & 0x40) === 0) return undefined;
  // Client identifier; topic and message of the will; user name.
  let skip = 1 + ((flags & 4) === 0 ? 0 : 2) + ((flags & 0x80) === 0 ? 0 : 1);
  let at = start + 10;
  for (; skip > 0; skip--) at += 2 + shortAt(bytes, at);
  const to = at + 2 + shortAt(bytes, at);
  return to > bytes.length ? undefined : { from: at + 2, to };
}

/** What a person is shown of a packet: `PUBLISH engawa/gw-000001/records 812 B q1 #7`. */
export function mqttLine(bytes: Uint8Array): string {
  const type = packetTypeOf(bytes);
  const name = NAMES[type] ?? '?';
  const at = bodyAt(bytes);
  switch (name) {
    case 'CONNECT': {
      const flags = bytes[at + 7] ?? 0;
      const client = textAt(bytes, at + 10);
      return `CONNECT ${client}${(flags & 2) === 0 ? '' : ' clean'}, keep alive ${shortAt(bytes, at + 8)} s`;
    }
    case 'CONNACK': {
      const code = bytes[at + 1] ?? 0;
      const session = (bytes[at] ?? 0) === 1 ? ', session kept' : '';
      return `CONNACK ${CONNACK_WORDS[code] ?? `code ${code}`}${session}`;
    }
    case 'PUBLISH':
      return publishLine(bytes, at);
    case 'SUBSCRIBE':
      return `SUBSCRIBE ${textAt(bytes, at + 2)}${moreTopics(bytes, at)} #${shortAt(bytes, at)}`;
    case 'SUBACK': {
      const refused = [...bytes.subarray(at + 2)].filter((code) => code > 2).length;
      return `SUBACK #${shortAt(bytes, at)}${refused > 0 ? `, ${refused} refused` : ''}`;
    }
    case 'PINGREQ':
    case 'PINGRESP':
    case 'DISCONNECT':
    case '?':
      return name;
    default:
      return `${name} #${shortAt(bytes, at)}`;
  }
}

function publishLine(bytes: Uint8Array, at: number): string {
  const head = bytes[0] ?? 0;
  const qos = (head >> 1) & 3;
  const topic = textAt(bytes, at);
  const id = at + 2 + shortAt(bytes, at);
  const from = qos > 0 ? id + 2 : id;
  const marks = [
    `${Math.max(0, bytes.length - from)} B`,
    ...(qos > 0 ? [`q${qos} #${shortAt(bytes, id)}`] : []),
    ...((head & 1) === 1 ? ['retained'] : []),
    ...((head & 8) === 8 ? ['again'] : []),
  ];
  return `PUBLISH ${topic} ${marks.join(' ')}`;
}

function moreTopics(bytes: Uint8Array, at: number): string {
  let count = 0;
  for (let next = at + 2; next < bytes.length && count < 1_000; count++) next += 3 + shortAt(bytes, next);
  return count > 1 ? ` and ${count - 1} more` : '';
}

/** Behind the fixed header, whose length takes one to four bytes. */
function bodyAt(bytes: Uint8Array): number {
  let at = 1;
  while (at < 4 && ((bytes[at] ?? 0) & 0x80) !== 0) at++;
  return at + 1;
}

function shortAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function textAt(bytes: Uint8Array, at: number): string {
  const from = at + 2;
  return Buffer.from(bytes.subarray(from, from + Math.min(200, shortAt(bytes, at)))).toString('utf8');
}
