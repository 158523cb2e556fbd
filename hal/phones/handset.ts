import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { KeySettings, PhoneSettings } from './config/settings.ts';
import type { Microphone, Receiver } from './media/sound.ts';
import type { PhoneAgent } from './sip/agent.ts';
import type { Call } from './sip/call.ts';
import type { Line } from './sip/line.ts';

/** What the person has around: the phone's agent while it is up, its settings, its sound. */
export interface HandsetWorld {
  agent(): PhoneAgent | undefined;
  settings(): PhoneSettings;
  readonly microphone: Microphone;
  readonly receiver: Receiver;
}

/** What a key did. */
export interface KeyDone {
  readonly did: 'dialled' | 'pickedUp' | 'parked' | 'transferred' | 'line' | 'nothing';
  readonly call?: string;
  readonly status?: number;
}

type Done<Value> = Promise<Result<Value>>;

/** The person at the phone: everything that hands do with it. One call is in the hand, the others wait on hold. */
export class Handset {
  readonly #world: HandsetWorld;
  #consulting: { readonly first: Call; readonly second: Call } | undefined;

  constructor(world: HandsetWorld) {
    this.#world = world;
  }

  get calls(): readonly Call[] {
    return this.#world.agent()?.calls ?? [];
  }

  /** The call that a verb without a name means. */
  call(id: string | undefined, ...states: readonly Call['state'][]): Call | undefined {
    const there = this.calls.filter(({ over }) => !over);
    if (id !== undefined) return there.find((call) => call.id === id);
    for (const state of states) {
      const found = there.findLast((call) => call.state === state);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async lift(): Done<{ call: string } | null> {
    const ringing = this.call(undefined, 'ringing');
    return ringing === undefined ? ok(null) : await this.answer(ringing.id);
  }

  async dial(to: string, account?: number): Done<{ call: string }> {
    const line = this.#world.agent()?.line(account);
    if (line === undefined) return refuse(no('noAccount', 'No account of this phone works.'));
    return await this.#place(line, to);
  }

  async answer(id?: string): Done<{ call: string }> {
    const call = this.call(id, 'ringing');
    if (call === undefined || call.state !== 'ringing') return refuse(no('noCall', 'No call rings.'));
    await this.#holdOthers(call);
    return call.accept() ? ok({ call: call.id }) : refuse(no('notAccepted', 'The call cannot be taken.'));
  }

  reject(id?: string): Result<null> {
    const call = this.call(id, 'ringing');
    if (call?.state !== 'ringing') return refuse(no('noCall', 'No call rings.'));
    call.reject(486);
    return ok(null);
  }

  hangUp(id?: string): Result<null> {
    const call = this.call(id, 'talking', 'ringback', 'dialling', 'held', 'ringing');
    if (call === undefined) return refuse(no('noCall', 'There is no call.'));
    call.hangUp();
    return ok(null);
  }

  async hold(id?: string): Done<{ status: number }> {
    const call = this.call(id, 'talking');
    return call === undefined
      ? refuse(no('noCall', 'Nobody is talking.'))
      : ok({ status: await call.hold() });
  }

  async resume(id?: string): Done<{ status: number }> {
    const call = this.call(id, 'held');
    if (call === undefined) return refuse(no('noCall', 'No call is on hold.'));
    await this.#holdOthers(call);
    return ok({ status: await call.resume() });
  }

  /** Blind transfer: on hold, REFER, and out of it when the far end says that it went well. */
  async transfer(to: string, id?: string): Done<{ status: number }> {
    const call = this.call(id, 'talking', 'held');
    if (call === undefined) return refuse(no('noCall', 'There is no call to hand over.'));
    if (call.state === 'talking') await call.hold();
    const status = await call.refer(`<${call.line.uriFor(to)}>`);
    if (status >= 200 && status < 300) call.hangUp();
    return ok({ status });
  }

  async attend(to: string, id?: string): Done<{ call: string }> {
    const first = this.call(id, 'talking', 'held');
    if (first === undefined) return refuse(no('noCall', 'There is no call to hand over.'));
    const placed = await this.#place(first.line, to);
    if (!placed.ok) return placed;
    const second = this.call(placed.value.call);
    if (second !== undefined) this.#consulting = { first, second };
    return placed;
  }

  async complete(): Done<{ status: number }> {
    const pair = this.#consulting;
    if (pair === undefined || pair.first.over || pair.second.over) {
      return refuse(no('noCall', 'There are not two calls to be joined.'));
    }
    const { first, second } = pair;
    if (second.state === 'talking') await second.hold();
    const replaces = encodeURIComponent(second.replacesValue);
    const status = await first.refer(`<${second.dialog.remote.uri}?Replaces=${replaces}>`);
    if (status >= 200 && status < 300) {
      first.hangUp();
      second.hangUp();
      this.#consulting = undefined;
    }
    return ok({ status });
  }

  async key(n: number): Done<KeyDone> {
    const key = this.#world.settings().keys.find((each) => each.key === n);
    const agent = this.#world.agent();
    if (key === undefined) return refuse(no('noKey', `This phone has no key ${n}.`));
    const line = agent?.line(key.account);
    if (agent === undefined || line === undefined)
      return refuse(no('noAccount', 'The key’s account does not work.'));
    switch (key.use) {
      case 'none':
        return ok({ did: 'nothing' });
      case 'line':
        return await this.#lineKey(key);
      case 'dial':
        return done('dialled', await this.#place(line, key.value));
      case 'watch':
      case 'park':
        return await this.#lampKey(key, line, agent);
    }
  }

  /** The message key. */
  async messages(): Done<{ call: string }> {
    const number = this.#world.settings().accounts.find(({ voicemail }) => voicemail !== '')?.voicemail;
    return number === undefined
      ? refuse(no('noMailbox', 'No mailbox number is set.'))
      : await this.dial(number);
  }

  async dtmf(digits: string): Done<null> {
    const call = this.call(undefined, 'talking');
    const pressed = call === undefined ? false : await call.voice.press(digits);
    return pressed ? ok(null) : refuse(no('noCall', 'Nobody is there who takes key presses.'));
  }

  async #lineKey(key: KeySettings): Done<KeyDone> {
    const own = this.calls.filter((call) => call.line.settings.account === key.account);
    const ringing = own.find(({ state }) => state === 'ringing');
    if (ringing !== undefined) return done('line', await this.answer(ringing.id));
    const held = own.findLast(({ state }) => state === 'held');
    if (held === undefined) return ok({ did: 'line' });
    await this.resume(held.id);
    return ok({ did: 'line', call: held.id });
  }

  /** A colleague or a parking place: hands over the call in hand, takes what rings or waits there, or calls. */
  async #lampKey(key: KeySettings, line: Line, agent: PhoneAgent): Done<KeyDone> {
    const talking = this.call(undefined, 'talking');
    if (talking !== undefined) {
      const handed = await this.transfer(key.value, talking.id);
      const did = key.use === 'park' ? 'parked' : 'transferred';
      return handed.ok ? ok({ did, status: handed.value.status }) : handed;
    }
    const ringing = agent.ringingAt(key.account, key.value);
    const { pickupBy, pickupPrefix } = line.settings;
    if (ringing !== undefined && pickupBy !== 'off') {
      const { callId, localTag, remoteTag } = ringing;
      const named = callId !== undefined && localTag !== undefined && remoteTag !== undefined;
      if (pickupBy === 'replaces' && named) {
        const replaces = `${callId};to-tag=${localTag};from-tag=${remoteTag};early-only`;
        return done('pickedUp', await this.#place(line, key.value, replaces));
      }
      return done('pickedUp', await this.#place(line, `${pickupPrefix}${key.value}`));
    }
    const taken = key.use === 'park' || key.value.startsWith('*');
    return done(taken ? 'pickedUp' : 'dialled', await this.#place(line, key.value));
  }

  async #place(line: Line, to: string, replaces?: string): Done<{ call: string }> {
    const agent = this.#world.agent();
    if (agent === undefined) return refuse(no('noAccount', 'The phone has no network.'));
    await this.#holdOthers(undefined);
    const call = await agent.place(line, to, replaces);
    return ok({ call: call.id });
  }

  async #holdOthers(wanted: Call | undefined): Promise<void> {
    for (const call of this.calls) {
      if (call !== wanted && call.state === 'talking') await call.hold();
    }
  }
}

function done(did: KeyDone['did'], placed: Result<{ call: string }>): Result<KeyDone> {
  return placed.ok ? ok({ did, call: placed.value.call }) : placed;
}

function no(what: string, say: string): CodedError {
  return { code: `phone.${what}`, fault: 'caller', say };
}
