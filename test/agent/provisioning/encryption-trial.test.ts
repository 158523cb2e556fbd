import { createDecipheriv, createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  afterRequest,
  afterSent,
  type EncryptionTrial,
  encryptionFor,
  splitFolder,
} from '../../../agent/provisioning/encryption-trial.ts';
import type { PhoneView } from '../../../agent/provisioning/index.ts';
import { authorizationFor, readLogin } from './phone-login.ts';
import { phoneOf } from './phones.ts';
import { DeskBench, MINE, SOURCE } from './world.ts';

type Reads = 'md5' | 'sha256' | 'nothing encrypted';

/** A Grandstream whose firmware reads files of one kind: keeps path, key and login of the last file that it could read. */
class Reader {
  path = 'p';
  key = '';
  label = '';
  readonly bench: DeskBench;
  readonly reads: Reads;

  constructor(bench: DeskBench, reads: Reads) {
    this.bench = bench;
    this.reads = reads;
  }

  /** Fetches its configuration; how the file came. */
  fetch(): 'plain' | 'encrypted' | 'refused' {
    const target = `/${this.path}/cfg${MINE}.xml`;
    let answer = this.bench.ask(target);
    const login = this.bench.logins.get(SOURCE);
    if (answer.status === 401 && login !== undefined) {
      answer = this.bench.ask(target, SOURCE, null, authorizationFor(answer.challenge, login, target));
    }
    if (answer.status !== 200 || answer.body.kind !== 'bytes') return 'refused';
    const bytes = Buffer.from(answer.body.bytes);
    answer.sent(true);
    const encrypted = bytes.toString('latin1', 0, 8) === 'Salted__';
    this.#take(encrypted ? this.#decrypted(bytes) : bytes.toString());
    return encrypted ? 'encrypted' : 'plain';
  }

  #take(text: string): void {
    if (!text.includes('<gs_provision')) return;
    const item = (name: string): string =>
      new RegExp(`"${name.replaceAll('.', '\\.')}">([^<]*)<`).exec(text)?.[1] ?? '';
    this.path = item('provisioning.config.serverPath').replace(/^[^/]+\//, '');
    this.key = item('provisioning.config.filePassword') || this.key;
    this.label = item('account.1.name');
    const login = readLogin(text);
    if (login !== undefined) this.bench.logins.set(SOURCE, login);
  }

  #decrypted(bytes: Buffer): string {
    if (this.reads === 'nothing encrypted') return '';
    const salt = bytes.subarray(8, 16);
    let [derived, last] = [Buffer.alloc(0), Buffer.alloc(0)];
    while (derived.length < 48) {
      last = createHash(this.reads).update(last).update(this.key).update(salt).digest();
      derived = Buffer.concat([derived, last]);
    }
    try {
      const cipher = createDecipheriv('aes-256-cbc', derived.subarray(0, 32), derived.subarray(32, 48));
      return Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]).toString();
    } catch {
      return '';
    }
  }
}

describe('which encryption a phone reads, found out from the phone', () => {
  let bench: DeskBench;
  beforeEach(() => {
    bench = new DeskBench();
    bench.configure([phoneOf()], { encryption: 'try' });
  });
  afterEach(() => bench.remove());
  const view = (): PhoneView | undefined => bench.desk.list().find((each) => each.mac === MINE);

  /** Approved, set up in the clear, registered; then it fetches as often as it is told to. */
  function setUp(reads: Reads): { readonly phone: Reader; readonly came: string[] } {
    const phone = new Reader(bench, reads);
    bench.desk.approve(MINE, 5);
    expect(phone.fetch()).toBe('plain');
    expect(phone.key).toMatch(/^[a-z2-9]{32}$/);
    bench.desk.registered(MINE, null);
    return { phone, came: fetchesWhenTold(phone) };
  }

  function fetchesWhenTold(phone: Reader): string[] {
    const came: string[] = [];
    for (let minute = 0; minute < 120; minute++) {
      if (bench.desk.work() === MINE) came.push(phone.fetch());
      bench.clock.advance(60_000);
    }
    return came;
  }

  it.each<[Reads, string[], EncryptionTrial]>([
    ['md5', ['encrypted', 'encrypted'], { at: 'proved', digest: 'md5' }],
    ['sha256', ['encrypted', 'encrypted', 'encrypted'], { at: 'proved', digest: 'sha256' }],
    ['nothing encrypted', ['encrypted', 'encrypted', 'plain'], { at: 'failed' }],
  ])('one that reads %s comes %j, and is settled', (reads, expected, trial) => {
    const { came, phone } = setUp(reads);
    expect(came).toEqual(expected);
    expect(view()).toMatchObject({ state: 'registered', fresh: true, trial });
    expect(phone.label).toBe('受付');
  });

  it('what was found out is kept over a restart, and used for the next change', () => {
    const { phone } = setUp('sha256');
    bench.desk.keep();
    bench.open();
    bench.configure([phoneOf({ label: '会議室' })], { encryption: 'try' });
    bench.desk.registered(MINE, null);
    expect(fetchesWhenTold(phone)).toEqual(['encrypted']);
    expect([phone.label, view()?.trial]).toEqual(['会議室', { at: 'proved', digest: 'sha256' }]);
  });

  it('one that is approved anew gets its first file in the clear, and goes on where it was', () => {
    const { phone } = setUp('md5');
    bench.desk.approve(MINE, 5);
    expect(phone.fetch()).toBe('plain');
    bench.desk.registered(MINE, null);
    expect(fetchesWhenTold(phone)).toEqual(['encrypted']);
  });

  it('a file that did not arrive proves nothing', () => {
    const phone = new Reader(bench, 'md5');
    bench.desk.approve(MINE, 5);
    phone.fetch();
    bench.desk.registered(MINE, null);
    const target = `/p/cfg${MINE}.xml`;
    for (let attempt = 0; attempt < 3; attempt++) {
      const asked = bench.ask(target);
      const login = bench.logins.get(SOURCE);
      if (asked.status !== 401 || login === undefined) throw new Error('no challenge');
      const broken = bench.ask(target, SOURCE, null, authorizationFor(asked.challenge, login, target));
      if (broken.status === 200) broken.sent(false);
    }
    expect(view()?.trial).toEqual({ at: 'open' });
    expect(fetchesWhenTold(phone)).toEqual(['encrypted', 'encrypted']);
  });
});

describe('the trial, step by step', () => {
  it('goes from one digest to the next and to none, and ends with what was read', () => {
    const open: EncryptionTrial = { at: 'open' };
    expect(encryptionFor('try', open)).toEqual({ digest: 'md5', folder: 'm' });
    const sent = afterSent(open, 'md5');
    expect(afterRequest(sent, 'md5')).toEqual({ at: 'proved', digest: 'md5' });
    const second = afterRequest(sent, undefined);
    expect(encryptionFor('try', second)).toEqual({ digest: 'sha256', folder: 's' });
    // Asked again before anything of the second went out: nothing is known of it.
    expect(afterRequest(second, undefined)).toEqual(second);
    const failed = afterRequest(afterSent(second, 'sha256'), undefined);
    expect([failed, encryptionFor('try', failed)]).toEqual([{ at: 'failed' }, null]);
    expect(encryptionFor('md5', failed)).toEqual({ digest: 'md5', folder: null });
    expect(encryptionFor('off', open)).toBeNull();
  });

  it('reads the folder of a request, and leaves every other name as it is', () => {
    expect(splitFolder(`m/cfg${MINE}.xml`)).toEqual({ file: `cfg${MINE}.xml`, proves: 'md5' });
    expect(splitFolder('s/firmware/x.bin')).toEqual({ file: 'firmware/x.bin', proves: 'sha256' });
    expect(splitFolder('firmware/x.bin')).toEqual({ file: 'firmware/x.bin', proves: undefined });
  });
});
