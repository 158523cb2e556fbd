import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit } from '../../../agent/desk/admit.ts';
import { callerOf } from '../../../agent/desk/caller-name.ts';
import { ringInvite } from '../../../agent/desk/ring-invite.ts';
import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import type { InviteFacts } from '../../../lib/voice/sip/api.ts';
import { inviteFacts } from '../calls/fakes.ts';
import { exampleConfig, OfficeWorld, samplePhone } from '../calls/office-world.ts';

const SDP = 'v=0\r\nm=audio 4000 RTP/AVP 0\r\n';

function office(change: Partial<PhoneConfig> = {}): OfficeWorld {
  const config = exampleConfig({ channels: 4 });
  const world = new OfficeWorld();
  const phones = [samplePhone(1, change), samplePhone(2)];
  const phoneBook = [{ name: '山田商店', number: '0312345678' }];
  world.open({ ...config, lan: { ...config.lan, phones, phoneBook } });
  for (const phone of [1, 2]) world.input({ type: 'phone', phone, reachable: true });
  return world;
}

function invite(uri: string, headers: Readonly<Record<string, string>> = {}): InviteFacts {
  const facts = inviteFacts({ requestUri: uri, sdp: SDP });
  return {
    ...facts,
    fromUser: headers['Privacy'] === undefined ? '21' : 'anonymous',
    header: (name) => (headers[name] === undefined ? [] : [headers[name]]),
  };
}

const nobody = (): boolean => false;

describe("a phone's INVITE", () => {
  it('becomes a call on the first free place, until there is none', () => {
    const { state } = office();
    const wants = { digits: '12' };
    expect(admit(invite('sip:12@box'), '21', state, nobody)).toEqual({ port: 101, wants });
    expect(admit(invite('sip:12@box'), '21', state, (port) => port === 101)).toEqual({ port: 201, wants });
    expect(admit(invite('sip:12@box'), '21', state, () => true)).toMatchObject({ status: 486 });
  });

  it('hides the number as 184 does where the phone is set to call anonymously, and nothing else was dialled', () => {
    const { state } = office();
    const privacy = { Privacy: 'id' };
    const digits = (uri: string) => admit(invite(uri, privacy), '21', state, nobody);
    expect(digits('sip:0312345678@box')).toMatchObject({ wants: { digits: '1840312345678' } });
    for (const as of ['12', '110', '1860312345678', '*71'])
      expect(digits(`sip:${as}@box`)).toMatchObject({ wants: { digits: as } });
  });

  it('of a stranger, for nothing, without audio is refused', () => {
    const { state } = office();
    expect(admit(invite('sip:12@box'), undefined, state, nobody)).toMatchObject({ status: 403 });
    expect(admit(invite('sip:12@box'), '99', state, nobody)).toMatchObject({ status: 403 });
    expect(admit(invite('sip:somebody@box'), '21', state, nobody)).toMatchObject({ status: 404 });
    const silent = { ...invite('sip:12@box'), sdp: 'v=0\r\n' };
    expect(admit(silent, '21', state, nobody)).toMatchObject({ status: 488 });
  });

  it('with Replaces takes exactly the call that it names, and only one that rings or is parked', () => {
    const world = office();
    world.lift(1);
    world.dial(1, '12');
    const leg = world.leg();
    const replaces = { Replaces: `${leg};to-tag=${leg};from-tag=${leg}` };
    expect(admit(invite('sip:12@box', replaces), '21', world.state, nobody)).toMatchObject({
      wants: { leg },
    });
    world.input({ type: 'takeCall', port: 101, leg });
    expect(world.sounds.get(101)).toEqual({ to: 'line', port: 1 });
    expect(world.at(2)).toBe('onHook');
    expect(admit(invite('sip:12@box', replaces), '22', world.state, nobody)).toMatchObject({ status: 481 });
  });

  it('never throws, whatever stands in it', () => {
    const { state } = office();
    fc.assert(
      fc.property(fc.string(), fc.string(), (uri, replaces) => {
        admit(invite(uri, { Replaces: replaces }), '21', state, nobody);
      }),
    );
  });
});

describe('who calls, as a phone shows it', () => {
  const called = (world: OfficeWorld, change: object): ReturnType<typeof ringInvite> => {
    const around = { call: undefined, from: '0312345678', to: '0355550100', sdp: 'far:7' };
    world.input({ type: 'invite', leg: 'in', user: 'id-000001-5', ...around, ...change });
    const bindingOf = () =>
      ({
        contact: 'sip:21@10.0.0.5',
        source: { transport: 'udp', host: '10.0.0.5', port: 5060 },
        agent: '',
        callId: '',
        expiresInS: 60,
      }) as const;
    return ringInvite(world.state, 101, { bindingOf }, '10.0.0.1');
  };

  it('is named by the phone book', () => {
    expect(called(office(), {})?.from).toEqual({ uri: 'sip:0312345678@10.0.0.1', display: '山田商店' });
    expect(called(office(), { from: '+81312345678' })?.from.display).toBe('山田商店');
  });

  it.each([
    ['P', 'ja', '非通知'],
    ['C', 'ja', '公衆電話'],
    ['O', 'ja', '表示圏外'],
    ['S', 'en', 'Interaction with other service'],
  ] as const)('without a number for reason %s shows in %s: %s', (absence, language, name) => {
    const options = called(office({ language }), { from: '', absence });
    expect(options?.from).toEqual({ uri: 'sip:anonymous@anonymous.invalid', display: name });
    expect(options?.headers).toContainEqual(['Privacy', 'id']);
  });

  it('rings with the ring of the number that was called [S0-056]', () => {
    const rings = [{ number: '0355550100', ring: 3 }];
    expect(called(office({ rings }), {})?.headers).toEqual([['Alert-Info', '<http://127.0.0.1>;info=ring3']]);
    expect(called(office({ rings }), { to: '0355550101' })?.headers).toEqual([]);
  });

  it('is a colleague by the label of his line', () => {
    const world = office();
    world.lift(1);
    world.dial(1, '21');
    const leg = world.state.legs.get(world.leg());
    expect(leg && callerOf(world.state, leg, 101)).toEqual({ number: '11', name: 'phone 1' });
  });
});
