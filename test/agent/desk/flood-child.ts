import { createSocket } from 'node:dgram';

/** Floods `host` port 5060 with what scanners and broken devices send, `count` datagrams a millisecond for `ms`. */
const [host = '', from = '', count = '10', ms = '3000'] = process.argv.slice(2);

const request = (method: string, at: number): string =>
  [
    `${method} sip:100@${host} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK-${at};rport`,
    'Max-Forwards: 70',
    `From: "friendly-scanner" <sip:100@${host}>;tag=${at}`,
    `To: <sip:100@${host}>`,
    `Call-ID: ${at}`,
    `CSeq: ${at} ${method}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');

const pieces = ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE'].flatMap((method) =>
  Array.from({ length: 50 }, (_, at) => request(method, at)),
);
pieces.push('\0'.repeat(1_200), '\r\n\r\n', 'SIP/2.0 200 OK\r\n\r\n', `INVITE ${'a'.repeat(1_300)}`);

const socket = createSocket('udp4');
socket.on('error', () => undefined);
socket.bind(0, from, () => {
  const end = performance.now() + Number(ms);
  let sent = 0;
  const turn = (): void => {
    for (let at = 0; at < Number(count) * 5; at++) {
      sent++;
      socket.send(pieces[sent % pieces.length] ?? '', 5_060, host);
    }
    if (performance.now() < end) setTimeout(turn, 5);
    else {
      process.stdout.write(String(sent));
      socket.close();
    }
  };
  turn();
});
