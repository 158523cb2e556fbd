import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { runSipp, type SippRun, sippScenario, sippSend } from '../../support/sipp.ts';
import { DeskRig, PASSWORD, pause, phoneConfigs } from './desk-rig.ts';
import { SippPhone } from './sipp-phone.ts';

const BOX = '127.62.3.30';
const AT = '127.62.3.40';
const phone = new SippPhone(BOX, '21', PASSWORD);
const OK = '<recv response="200"/>';
/** Words that follow a header block without a body. */
const EMPTY = 'Content-Length: 0';

/** A reply to the request before, with a tag of ours. */
const LAST = ['[last_Via:]', '[last_From:]', '[last_To:];tag=1x', '[last_Call-ID:]', '[last_CSeq:]'];

let rig: DeskRig;
let run: SippRun | undefined;
let port = 5_300;

beforeAll(async () => {
  rig = await DeskRig.start(BOX, 2, (config) => ({
    ...config,
    groups: [
      {
        extension: '31',
        label: 'all',
        members: ['12', '21'],
        order: 'simultaneous',
        eachForMs: 5_000,
        deskFirstMs: 0,
      },
    ],
  }));
}, 150_000);

afterEach(async () => {
  run?.stop();
  await rig.calm();
});

afterAll(() => rig?.stop());

/** sipp plays the phone of extension 21, which registers first. `calls` is whom it calls in this run. */
async function play(name: string, steps: readonly string[], calls?: string): Promise<SippRun> {
  port += 10;
  const at = ['-i', AT, '-mi', AT, '-p', String(port), '-mp', String(port + 10_000)];
  await succeeds(await runSipp([...at, `${BOX}:5060`], sippScenario('register', [...phone.register(), OK])));
  const signed = calls === undefined ? [] : ['-auth_uri', `${calls}@${BOX}`];
  run = await runSipp([...at, ...signed, `${BOX}:5060`], sippScenario(name, steps));
  return run;
}

async function succeeds(played: SippRun): Promise<void> {
  const { code, output } = await played.done;
  expect(code, output.slice(-3_000)).toBe(0);
}

const lift = async (line: number): Promise<void> => {
  await rig.until(`line ${line} rings`, () => rig.state(line) === 'ringing');
  await rig.board.control.lift(line);
};

/** Line 1 calls the phone, or a group. */
async function dial(extension: string): Promise<void> {
  await rig.board.control.lift(1);
  await rig.until('there is dial tone', () => rig.state(1) === 'dialTone');
  await rig.board.control.dial(1, extension);
}

describe('sipp as a desk phone', () => {
  it('registers, calls and is told that the call is over, all over TCP', async () => {
    const at = (): string[] => {
      port += 10;
      return ['-i', AT, '-mi', AT, '-p', String(port), '-mp', String(port + 10_000), '-t', 't1'];
    };
    const before = rig.registered.length;
    await succeeds(
      await runSipp([...at(), `${BOX}:5060`], sippScenario('register', [...phone.register(), OK])),
    );
    expect(rig.registered.length).toBeGreaterThan(before);
    const steps = [...phone.call('A', '11'), ...phone.answers('BYE')];
    run = await runSipp([...at(), '-auth_uri', `11@${BOX}`, `${BOX}:5060`], sippScenario('tcp', steps));
    await lift(1);
    await rig.until('both talk', () => rig.state(1) === 'talking');
    await rig.board.control.hangUp(1);
    await succeeds(run);
    // A registration is gone with its connection.
    await rig.until('it is registered no more', () => rig.desk.phones()[0]?.registered === false);
  });

  it('calls 110 with all of its places taken: one of its calls gives way', async () => {
    const played = await play('full', [...phone.isCalled('A'), ...phone.answers('BYE')]);
    await dial('21');
    await rig.until('both talk', () => rig.state(1) === 'talking');
    // The other two places are taken by calls that ring.
    const waiting = [rig.callIn('id-000001-5', 900), rig.callIn('id-000001-5', 950)];
    await rig.until('all places are taken', () => rig.desk.phones()[0]?.calls === 3);
    port += 10;
    const at = ['-i', AT, '-mi', AT, '-p', String(port), '-mp', String(port + 10_000)];
    const signed = ['-auth_uri', `110@${BOX}`, `${BOX}:5060`];
    const talk = ['<pause milliseconds="1500"/>', phone.inside('E', '110', 'BYE', 3, [EMPTY]), OK];
    const urgent = await runSipp(
      [...at, ...signed],
      sippScenario('110', [...phone.call('E', '110'), ...talk]),
    );
    await rig.until('the trunk is called', () => rig.parties.some(({ direction }) => direction === 'out'));
    const police = rig.parties.find(({ direction }) => direction === 'out');
    police?.pickUp();
    await rig.until('the police talks', () =>
      rig.office.calls().some(({ to, state }) => to === '110' && state === 'talking'),
    );
    // No call to the police is ended for silence: they may hear the caller.
    rig.fallSilent(60_000);
    expect(rig.office.calls().some(({ to, state }) => to === '110' && state === 'talking')).toBe(true);
    for (const party of waiting) party.hangsUp();
    await succeeds(urgent);
    played.stop();
  });

  it('keeps the best of several contacts, and the new one where the old one leaves in the same breath', async () => {
    const contact = (port: number, rest: string): string => `<sip:21@${AT}:${port}>;${rest}`;
    const best = [contact(5_901, 'q=0.1'), contact(5_902, 'q=0.9'), contact(5_903, 'expires=0')];
    const next = [contact(5_902, 'expires=0'), contact(5_904, 'expires=60')];
    for (const [contacts, kept] of [
      [best, 5902],
      [next, 5904],
    ] as const) {
      const only = `<ereg regexp="^ *.sip:21@${AT}:${kept}.;expires=[0-9]+$" search_in="hdr" header="Contact:" check_it="true" assign_to="one"/>`;
      port += 10;
      const at = ['-i', AT, '-mi', AT, '-p', String(port), `${BOX}:5060`];
      const answer = `<recv response="200"><action>${only}</action></recv><Reference variables="one"/>`;
      await succeeds(
        await runSipp(at, sippScenario('contacts', [...phone.register(contacts.join(', ')), answer])),
      );
    }
  });

  it('passes a call on after asking: REFER with Replaces (RFC 3891, RFC 5589)', async () => {
    const replaces = '[$callA]%3Bto-tag%3D[$tagA]%3Bfrom-tag%3DA1';
    const played = await play(
      'attended',
      [
        ...phone.isCalled('A'),
        ...phone.call('B', '12'),
        phone.inside('B', '12', 'REFER', 3, [
          `Refer-To: <sip:11@${BOX}?Replaces=${replaces}>`,
          `Referred-By: <sip:21@${BOX}>`,
          EMPTY,
        ]),
        '<recv response="202"/>',
        ...phone.answers('NOTIFY'),
        ...phone.answers('BYE'),
        ...phone.answers('NOTIFY'),
        ...phone.answers('BYE'),
      ],
      '12',
    );
    await dial('21');
    await lift(2);
    await rig.board.control.speak(2, 880);
    await succeeds(played);
    await rig.ear(1, 880);
    expect(rig.office.calls().filter(({ state }) => state === 'talking')).toHaveLength(1);
  });

  it('takes a call that rings elsewhere: INVITE with Replaces of the lamp', async () => {
    const party = rig.callIn('id-000001-1', 1_100);
    await rig.until('line 1 rings', () => rig.state(1) === 'ringing');
    const [leg] = [...rig.office.state.legs.keys()];
    const take = `Replaces: ${leg};to-tag=${leg};from-tag=${leg}`;
    const steps = [...phone.call('A', '11', [take]), phone.inside('A', '11', 'BYE', 3, [EMPTY]), OK];
    await succeeds(await play('replaces', steps, '11'));
    await rig.until('the caller is told', () => party.ended);
    expect(rig.begun).toHaveLength(1);
    expect(rig.state(1)).toBe('onHook');
  });

  it('cannot take what does not ring: 481', async () => {
    const steps = phone.takesInVain('11', 'nothing;to-tag=nothing;from-tag=nothing');
    await succeeds(await play('replaces', steps, '11'));
  });

  it('is told to fetch its configuration, and challenges whoever says so', async () => {
    const challenge = 'WWW-Authenticate: Digest realm="phone", nonce="n1", algorithm=MD5, qop="auth"';
    const right = `<action><verifyauth assign_to="right" username="21" password="${PASSWORD}"/></action>`;
    const played = await play('check-sync', [
      ...phone.answers('NOTIFY', '401 Unauthorized', [challenge, EMPTY], { tag: ';tag=x' }),
      `<recv request="NOTIFY">${right}</recv>`,
      '<nop next="1" test="right"/>',
      sippSend(['SIP/2.0 403 Forbidden', ...LAST, EMPTY].join('\n'), 'next="2"'),
      '<label id="1"/>',
      sippSend(['SIP/2.0 200 OK', ...LAST, EMPTY].join('\n')),
      '<label id="2"/>',
    ]);
    await pause(300);
    const mac = phoneConfigs(1)[0]?.mac as MacAddress;
    expect(await rig.desk.checkSync(mac)).toBe('told');
    await succeeds(played);
  });

  it.each([
    ['302 Moved Temporarily', [`Contact: <sip:12@${BOX}>`], 'ringing'],
    ['486 Busy Here', [], 'onHook'],
  ] as const)('answers %s: the call goes on there, or the caller hears busy', async (status, lines, at) => {
    const played = await play('declines', [
      `<recv request="INVITE"/>`,
      sippSend([`SIP/2.0 ${status}`, ...LAST, ...lines, EMPTY].join('\n')),
      '<recv request="ACK"/>',
    ]);
    await dial('21');
    await succeeds(played);
    await rig.until('line 2 is as it should be', () => rig.state(2) === at);
    if (at === 'onHook') await rig.until('line 1 hears busy', () => rig.state(1) === 'busyTone');
  });

  it('rings in a group with a line; whoever is quicker has the call [S0-078]', async () => {
    const why =
      '<ereg regexp="completed elsewhere" search_in="hdr" header="Reason:" check_it="true" assign_to="why"/>';
    const played = await play('group', [
      `<recv request="INVITE"/>`,
      sippSend(['SIP/2.0 180 Ringing', ...LAST, EMPTY].join('\n')),
      `<recv request="CANCEL"><action>${why}</action></recv>`,
      '<Reference variables="why"/>',
      sippSend(['SIP/2.0 200 OK', ...LAST, EMPTY].join('\n')),
    ]);
    await dial('31');
    await lift(2);
    await rig.until('both talk', () => rig.state(1) === 'talking');
    await succeeds(played);
  });
});
