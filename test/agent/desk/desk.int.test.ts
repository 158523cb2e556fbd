import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BaresipPhone } from './baresip-phone.ts';
import { DeskRig, OUTSIDE, PASSWORD, phoneConfigs } from './desk-rig.ts';
import { LampWatcher } from './lamp-watcher.ts';

const BOX = '127.62.1.30';
/** SIP ports of the two phones. */
const PHONES = [5_262, 5_264] as const;

const phones: BaresipPhone[] = [];
let rig: DeskRig;

function phone(index: number): BaresipPhone {
  const found = phones[index];
  if (found === undefined) throw new Error(`no phone ${index}`);
  return found;
}

beforeAll(async () => {
  rig = await DeskRig.start(BOX, 2, (config) => ({
    ...config,
    lan: { ...config.lan, phoneHabits: { ...config.lan.phoneHabits, srtp: 'optional' } },
  }));
  rig.tell = () => phones.map((each) => each.output.slice(-1_500)).join('\n---\n');
  for (const [index, port] of PHONES.entries()) {
    const started = new BaresipPhone({
      ...{ folder: join(rig.folder, `phone-${index}`), port, registrar: BOX, answers: index === 1 },
      ...{ user: String(21 + index), password: PASSWORD, hz: 600 + 130 * index, encrypts: index === 1 },
    });
    phones.push(started);
    await started.start();
  }
  await rig.until('both phones are registered', () => rig.desk.phones().every((each) => each.registered));
}, 150_000);

afterEach(async () => {
  for (const each of phones) each.command('hangup');
  for (const each of phones) each.command('hangup');
  await rig.calm();
});

afterAll(async () => {
  await Promise.all(phones.map((each) => each.stop()));
  await rig?.stop();
});

describe('baresip as a desk phone of the office', () => {
  it('registers, and provisioning hears of it', () => {
    expect(rig.registered).toContain(phoneConfigs(1)[0]?.mac);
    expect(rig.desk.phones()[0]).toMatchObject({ extension: '21', registered: true });
  });

  it('calls a line of the board, is heard there, holds it, and goes on', async () => {
    phone(0).command('dial', `sip:11@${BOX}`);
    await rig.until('line 1 rings', () => rig.state(1) === 'ringing');
    await rig.board.control.lift(1);
    await rig.until('line 1 talks', () => rig.state(1) === 'talking');
    await rig.ear(1, 600);
    phone(0).command('hold');
    await rig.deaf(1, 600);
    phone(0).command('resume');
    await rig.ear(1, 600);
    expect(rig.begun).toMatchObject([{ direction: 'internal', line: 101, from: '21', to: '11' }]);
  });

  it('is called by a line of the board, and by another desk phone', async () => {
    await rig.board.control.lift(1);
    await rig.board.control.dial(1, '22');
    await rig.until('the phone answers', () => rig.state(1) === 'talking');
    await rig.ear(1, 730);
    phone(0).command('dial', `sip:22@${BOX}`);
    await rig.until(
      'a second call comes up',
      () => rig.office.calls().filter((call) => call.state === 'talking').length === 2,
    );
  });

  it('calls outside by the trunk and passes the call to a line', async () => {
    phone(0).command('dial', `sip:0355550123@${BOX}`);
    await rig.until('the trunk is called', () => rig.parties.length === 1);
    const [party] = rig.parties;
    if (party === undefined) return;
    party.pickUp();
    await rig.far(party, 600);
    phone(0).command('transfer', `sip:12@${BOX}`);
    await rig.until('line 2 rings', () => rig.state(2) === 'ringing');
    await rig.board.control.lift(2);
    await rig.board.control.speak(2, 880);
    await rig.ear(2, 1_100);
    await rig.far(party, 880);
    await rig.until('the phone is out of it', () => rig.desk.phones()[0]?.calls === 0);
  });

  it('rings for a call from outside and is heard there', async () => {
    const party = rig.callIn('id-000001-6', 1_500);
    await rig.until('the phone has answered', () =>
      rig.office
        .calls()
        .some((call) => call.direction === 'in' && call.state === 'talking' && call.line === 102),
    );
    await rig.far(party, 730);
  });

  it('lights the lamp of a line for whoever watches it, and not for strangers', async () => {
    const watcher = await LampWatcher.open(OUTSIDE, BOX, '22');
    await watcher.subscribe('11', 'not the password');
    expect(watcher.statuses).toEqual([407, 407]);
    await watcher.subscribe('11', PASSWORD);
    expect(watcher.statuses.at(-1)).toBe(200);
    await rig.until('the first state', () => watcher.bodies.length === 1);
    expect(watcher.bodies[0]).not.toContain('<dialog id');
    phone(0).command('dial', `sip:11@${BOX}`);
    await rig.until('the lamp blinks', () =>
      watcher.bodies.some((body) => body.includes('<state>early</state>')),
    );
    expect(watcher.bodies.at(-1)).toContain('entity="sip:11@');
    expect(watcher.bodies[0]).toContain('version="0" state="full"');
    expect(watcher.bodies[1]).toMatch(/version="1" state="partial"[\s\S]*display="desk 1"/);
    phone(0).command('hangup');
    await rig.until('the lamp goes out', () => watcher.bodies.at(-1)?.includes('terminated') === true);
    watcher.close();
  });

  it('shows messages that wait at the service, and no more when they are heard (RFC 3842)', async () => {
    const waiting = (fresh: number) => [{ serviceId: 'id-000001-5', fresh, old: 1 }];
    rig.desk.messagesWait({ mailboxes: waiting(3) });
    expect(rig.desk.phones()[0]).toMatchObject({ messages: 3 });
    await rig.until('the phone shows it', () => phone(0).output.includes('Voice-Message: 3/1'));
    rig.desk.messagesWait({ mailboxes: waiting(0) });
    await rig.until('the phone shows it', () => phone(0).output.includes('Messages-Waiting: no'));
    expect(phone(1).output).not.toContain('Voice-Message: 3/1');
  });

  it('speaks SRTP with a phone that speaks nothing else, and plain RTP with one that does not', async () => {
    phone(0).command('dial', `sip:22@${BOX}`);
    await rig.until('both talk', () => rig.office.calls()[0]?.state === 'talking');
    await rig.until('keys were given', () => /a=crypto:\d+ AES_CM_128_HMAC_SHA1_80/.test(phone(1).output));
    // Nothing of a phone is understood that is not encrypted: sound that arrives was.
    const party = rig.callIn('id-000001-6', 1_500);
    await rig.far(party, 730);
  });

  it('a call that nobody can take is refused with a reason', async () => {
    phone(0).command('dial', `sip:0455@${BOX}`);
    await rig.until('it is refused', () => phone(0).saw('CALL_CLOSED'));
    expect(rig.begun).toHaveLength(0);
  });
});
