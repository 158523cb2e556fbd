import type { Connection, SessionDescription } from './types.ts';

/** A description as text with CRLF line ends (RFC 8866 §5). */
export function writeSdp(description: SessionDescription): string {
  const { origin, connection, attributes, media } = description;
  const lines = [
    'v=0',
    `o=${origin.user} ${origin.id} ${origin.version} ${writeConnection(origin.connection)}`,
    's=-',
  ];
  if (connection !== undefined) lines.push(`c=${writeConnection(connection)}`);
  lines.push('t=0 0', ...attributes.map(writeAttribute));
  for (const one of media) {
    lines.push(`m=${one.kind} ${one.port} ${one.protocol} ${one.formats.join(' ')}`);
    if (one.connection !== undefined) lines.push(`c=${writeConnection(one.connection)}`);
    lines.push(...one.attributes.map(writeAttribute));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function writeConnection(connection: Connection): string {
  return `IN IP${connection.family} ${connection.host}`;
}

function writeAttribute([name, value]: readonly [string, string]): string {
  return value === '' ? `a=${name}` : `a=${name}:${value}`;
}
