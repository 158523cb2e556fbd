import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../../../lib/voice/sip/api.ts';
import { BaresipPhone } from '../../../agent/desk/baresip-phone.ts';
import { address, Ear, registrar, sdpAt, startAgent, type TestAgent, until } from './agents.ts';

const US = '127.51.3.11';
const [PHONE, PORT] = ['127.0.0.1', 25_460];

let us: TestAgent;
let phone: BaresipPhone;
let folder: string;
let port: ReturnType<typeof registrar>;

function baresip(): BaresipPhone {
  const who = { registrar: US, user: 'id-right', password: 'ascii' };
  return new BaresipPhone({ folder, port: PORT, hz: 440, answers: true, ...who });
}

beforeEach(async () => {
  port = registrar(['MD5'], 'ascii');
  us = await startAgent(US, {
    listeners: [{ transport: 'udp', host: US, port: 5060 }],
    registrar: { ...port, algorithms: ['MD5'] },
  });
  folder = mkdtempSync(join(tmpdir(), 'engawa-probe-'));
  phone = baresip();
  await phone.start();
  await until('registered', () => port.bound.get('id-right'), 10_000);
});

afterEach(async () => {
  await phone.stop();
  await us.agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function callUp(): Promise<{ session: Session; ear: Ear }> {
  const contact = `sip:id-right@${PHONE}:${PORT}`;
  const session = us.agent.invite({
    to: address('udp', PHONE, PORT),
    ...{ requestUri: contact, toUri: contact },
    from: { uri: `sip:us@${US}`, display: '受付' },
    sdp: sdpAt(US),
  });
  const ear = new Ear(session);
  await ear.wait('answered', 10_000);
  return { session, ear };
}

function asked(session: Session): Promise<boolean | undefined> {
  return new Promise((resolve) => session.probe?.(resolve));
}

test('a phone of another maker that has put us on hold and sends nothing says that it knows the call', async () => {
  const { session, ear } = await callUp();
  expect(await asked(session)).toBe(true);
  phone.command('hold');
  await ear.wait('offer', 10_000);
  expect(await asked(session)).toBe(true);
  expect(ear.types).not.toContain('ended');
});

// baresip answers any OPTIONS for its address, whatever dialog it names: what has forgotten a call is not always found so.
test('one that was started anew, and answers for calls that it does not know, is believed', async () => {
  const { session, ear } = await callUp();
  await phone.stop();
  port.bound.clear();
  phone = baresip();
  await phone.start();
  // It speaks with its control connection before it hears SIP.
  await until('registered anew', () => port.bound.get('id-right'), 10_000);
  expect(await asked(session)).toBe(true);
  expect(ear.types).not.toContain('ended');
});
