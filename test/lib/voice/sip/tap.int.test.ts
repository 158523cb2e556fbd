import { describe, expect, it } from 'vitest';
import type { SipTap, TappedMessage } from '../../../../lib/voice/sip/api.ts';
import { testAuthority } from '../../../support/tls-authority.ts';
import { address, Ear, SERVER_NAME, sdpAt, startAgent } from './agents.ts';

const SERVICE = '127.62.3.10';
const BOX = '127.62.3.30';

describe('a tap on a user agent', () => {
  it.each(['udp', 'tls'] as const)(
    'sees every message of a call over %s, decrypted, with its true ends',
    async (transport) => {
      const seen: TappedMessage[] = [];
      const tap: SipTap = { watch: undefined };
      const authority = testAuthority();
      const { cert: certPem, key: keyPem } = authority.issue(SERVER_NAME);
      const identity = transport === 'tls' ? { certPem, keyPem } : {};
      const at = { host: SERVICE, port: 5_061 };
      const service = await startAgent(
        SERVICE,
        { listeners: [{ transport, ...at, ...identity } as never] },
        (session) => session.answer(sdpAt(SERVICE)),
      );
      const listeners = transport === 'udp' ? [{ transport, host: BOX, port: 5_060 }] : [];
      const trust = { caPem: authority.caPem, tlsServerName: SERVER_NAME };
      const box = await startAgent(BOX, { listeners, tap, ...trust });
      const call = async (): Promise<void> => {
        const session = box.agent.invite({
          to: address(transport, SERVICE, at.port),
          requestUri: `sip:x@${SERVICE}`,
          from: { uri: `sip:y@${BOX}` },
          toUri: `sip:x@${SERVICE}`,
          sdp: sdpAt(BOX),
        });
        await new Ear(session).wait('answered');
        const before = service.calls.length;
        session.hangUp();
        await service.calls[before - 1]?.ear.wait('ended');
      };
      try {
        await call();
        expect(seen).toEqual([]);
        tap.watch = (message) => seen.push({ ...message, bytes: Buffer.from(message.bytes) });
        await call();
        const lines = seen.map(
          ({ direction, bytes }) => `${direction} ${bytes.toString().split(/[ \r]/, 2).join(' ')}`,
        );
        expect(lines.slice(0, 1)).toEqual(['out INVITE sip:x@127.62.3.10']);
        for (const line of ['in SIP/2.0 200', 'out ACK', 'out BYE']) {
          expect(lines.some((each) => each.startsWith(line))).toBe(true);
        }
        for (const { local, remote, transport: over } of seen) {
          expect([local.host, remote, over]).toEqual([BOX, at, transport]);
          expect(local.port).toBeGreaterThan(0);
        }
      } finally {
        await box.agent.stop();
        await service.agent.stop();
      }
    },
    30_000,
  );
});
