/**
 * Systematic malice after the manner of PROTOS c07-sip: one INVITE whose every element takes every anomaly in turn. The
 * elements and anomalies are our own; the method is to leave nothing out, where chance does.
 */

/** Elements of an INVITE, in braces where an anomaly takes their place. */
const TEMPLATE = [
  '{INVITE}{ }{sip}:{user}@{host}:{5060};{param}={value} {SIP}/{2.0}',
  'Via: {SIP}/{2.0}/{UDP} {192.0.2.1}:{5060};{branch}={z9hG4bKabc};rport',
  'Max-Forwards: {70}',
  '{From}: {"Display"} <{sip}:{user}@{host}>;{tag}={1}',
  'To: {Name} <sip:{user:password}@{[2001:db8::1]}:{5060}>{;x="y"}',
  'Call-ID: {one@host}',
  'CSeq: {1} {INVITE}',
  'Contact: {<sip:a@b>;expires=60},{<sip:c@d>}',
  'Route: {<sip:proxy;lr>}',
  'Require: {timer}',
  'Date: {Sat, 13 Nov 2010 23:29:00 GMT}',
  'Expires: {3600}',
  'Session-Expires: {1800};refresher={uac}',
  'Replaces: {a@b};to-tag={c};from-tag={d}',
  'Refer-To: {<sip:x@y?Replaces=a%40b>}',
  'Authorization: {Digest} {username}="{a}", {nonce}="{b}"',
  'Event: {dialog};id={1}',
  'Reason: {Q.850};cause={16};text="{x}"',
  'Retry-After: {5} {(comment)}',
  'Warning: {399} {host} "{text}"',
  'P-Asserted-Identity: {<tel:+81355550100>}',
  'Content-Type: {multipart/mixed};boundary={b}',
  'Content-Length: {31}',
  '',
  '{--b}\r\n{Content-Type}: {a/b}\r\n\r\nx\r\n{--b--}',
].join('\r\n');

const long = (piece: string, bytes: number): string => piece.repeat(Math.ceil(bytes / piece.length));

/** What is dear to read in numbers, where anything is. */
const REPEATED = [
  'a',
  ' ',
  '"',
  '\\',
  ';',
  ';a',
  ',',
  '<a>,',
  '%41',
  ':',
  '.',
  '9',
  '(',
  '縁',
  'a=',
  '\r\n ',
];

/** What may stand where something sensible should. */
const ANOMALIES: readonly string[] = [
  '',
  ...[' ', '\t', '\r\n', '\r\n ', '\n', '\r', '\0', '\x7f', '\x1b[2J'],
  ...['"', '""', '"\\', '<', '>', '<>', '<<', '(', '((', '[', ']', '[]', '{', '%', '%0', '%00', '%%', '%zz'],
  ...[
    ';',
    ';;',
    ';=',
    '=',
    '==',
    ',',
    ',,',
    ':',
    '::',
    ':::',
    '@',
    '@@',
    '/',
    '//',
    '?',
    '??',
    '&',
    '*',
    '#',
  ],
  ...['-1', '0', '1', '00', '255', '256', '65535', '65536', '2147483648', '4294967296', '1e9', '0x10', '١'],
  ...[
    '99999999999999999999',
    '3.14',
    'NaN',
    'null',
    'undefined',
    'true',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...['%s%s%n', '../../etc/passwd', "' OR 1=1", '#{x}', '受付', '\u202e', '\ud800', '😀', '\ufeff', '\ufffd'],
  ...[
    'SIP/7.0',
    'sips:',
    'tel:',
    'urn:',
    'sip:sip:sip:',
    '[::]',
    '[::1',
    '[1:2:3:4:5:6:7:8:9]',
    '::ffff:1.2.3.4',
  ],
  ...REPEATED.map((piece) => long(piece, 300)),
  ...REPEATED.map((piece) => long(piece, 15_000)),
];

/** Every message: element by element, anomaly by anomaly, in its place and beside it. */
export function* anomalousMessages(): Generator<Buffer> {
  const pieces = TEMPLATE.split(/[{}]/);
  const sound = pieces.join('');
  yield Buffer.from(sound);
  for (let at = 1; at < pieces.length; at += 2) {
    for (const anomaly of ANOMALIES) {
      yield Buffer.from([...pieces.slice(0, at), anomaly, ...pieces.slice(at + 1)].join(''));
      yield Buffer.from([...pieces.slice(0, at + 1), anomaly, ...pieces.slice(at + 1)].join(''));
    }
  }
}
