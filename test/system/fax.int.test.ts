import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallStatus } from '../../agent/status.ts';
import type { FaxState } from '../../hal/sim/fax-device.ts';
import type { FaxFact } from '../../lib/contract/facts.ts';
import { comparePages, readPages } from '../../lib/dsp/fax/page-file.ts';
import { FAX_LINE_NUMBER, Stage } from '../../scripts/demo/stage.ts';
import { pause, until } from '../../scripts/demo/story.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { type RunningOffice, startOffice } from '../../scripts/launch/office.ts';
import type { OfficeKind } from '../../scripts/launch/programs.ts';
import { temporaryState } from '../../scripts/launch/temporary-state.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const LIMIT_MS = 75_000;

type Habits = Parameters<Stage['carrier']['faxHabits']>[1];
type Outcome = Awaited<ReturnType<Stage['carrier']['faxResult']>>;

/** A fax that was to pass through the whole office, as all three sides tell it. */
interface Passed {
  readonly machine: FaxState['result'];
  readonly network: Outcome | undefined;
  readonly logged: FaxFact | undefined;
  readonly identical: boolean;
  /** How its sound was on the trunk, as the list of calls tells. */
  readonly sound?: CallStatus['sound'];
}

/** An office in processes of its own, with a fax machine on each of its three lines. */
class FaxOffice {
  readonly #folder = temporaryState('fax');
  readonly #net: string;
  readonly #kind: OfficeKind;
  #office: RunningOffice | undefined;
  #stage: Stage | undefined;

  constructor(net: string, kind: OfficeKind) {
    this.#net = net;
    this.#kind = kind;
  }

  async start(): Promise<void> {
    this.#office = await startOffice(layoutOf(ROOT, this.#folder.path, this.#net), () => {}, {
      fax: true,
      ...this.#kind,
    });
    this.#stage = await Stage.open(this.#office.layout);
    const ready = await until(30_000, async () => {
      const { lines } = await this.stage.agent();
      const registered = lines.filter((line) => line.registration.at === 'registered');
      return registered.length === 3 ? true : undefined;
    });
    expect(ready).toBe(true);
  }

  async stop(): Promise<void> {
    this.#stage?.close();
    await this.#office?.stop();
    this.#folder.remove();
  }

  get stage(): Stage {
    if (this.#stage === undefined) throw new Error('the office is not there');
    return this.#stage;
  }

  /** The machine on `port` sends one page to a fax machine of the network that behaves so. */
  async send(port: number, number: string, page: string, habits: Habits): Promise<Passed> {
    const { phones, carrier, faxFolder } = this.stage;
    await carrier.faxHabits(number, { ident: number, ...habits });
    const fax = { number, ident: `090${port}`, pages: [page], folder: faxFolder };
    const { file } = await phones.faxSend(port, fax);
    const { result } = await phones.faxResult(port, LIMIT_MS);
    const network = await until(30_000, async () =>
      (await carrier.calls()).findLast((call) => call.to === number && call.fax !== undefined),
    );
    return {
      machine: result,
      network: network?.fax,
      logged: await this.#logged((fact) => fact.to === number),
      identical: identical(file, network?.fax?.file),
      sound: await this.#sound(number),
    };
  }

  /** A fax machine of the network that behaves so sends one page to the machine on port 3. */
  async receive(from: string, page: 'letter' | 'white', habits: Habits): Promise<Passed> {
    const { phones, carrier, faxFolder } = this.stage;
    const kept = await phones.faxReceive(3, { folder: faxFolder, ident: FAX_LINE_NUMBER, rings: 1 });
    const sent = await carrier.faxSend({
      from,
      to: FAX_LINE_NUMBER,
      pages: [page],
      habits: { ident: from, ...habits },
    });
    const [{ result }, network] = await Promise.all([
      phones.faxResult(3, LIMIT_MS),
      carrier.faxResult(sent.call, LIMIT_MS).catch(() => undefined),
    ]);
    return {
      machine: result,
      network,
      logged: await this.#logged((fact) => fact.from === from),
      identical: identical(sent.file, kept.file),
    };
  }

  async #sound(to: string): Promise<CallStatus['sound']> {
    const socket = this.#office?.layout.sockets.agent ?? '';
    const { calls } = (await requestJson(socket, 'GET', '/v1/calls')) as { calls: readonly CallStatus[] };
    return calls.find((call) => call.to === to && call.state === 'ended')?.sound;
  }

  async #logged(wanted: (fact: FaxFact) => boolean): Promise<FaxFact | undefined> {
    const socket = this.#office?.layout.sockets.agent ?? '';
    return until(30_000, async () => {
      const answer = (await requestJson(socket, 'GET', '/v1/faxes')) as {
        readonly faxes: readonly FaxFact[];
      };
      return answer.faxes.find(wanted);
    });
  }
}

function identical(sent: string, received: string | undefined): boolean {
  const [one, other] = [readPages(sent), readPages(received ?? '')];
  return one.ok && other.ok && comparePages(one.value, other.value).identical;
}

/** What every fax that arrived by T.38 has in common. */
function arrived(logged: FaxFact['path']): object {
  return {
    identical: true,
    machine: { ok: true, pages: 1, ecm: true },
    network: { ok: true, pages: 1, path: 't38' },
    logged: { path: logged, pages: 1, result: 'ok', ecm: true },
  };
}

const plain = new FaxOffice('127.58.43', {});
const fitted = new FaxOffice('127.58.44', { t38Board: true });

/** The handset lies for a second before the line is free again. */
async function then<Next>(before: Promise<unknown>, next: () => Promise<Next>): Promise<Next> {
  await before;
  await pause(1_500);
  return next();
}

/** All at the same time, as in an office; where two share a line, one after the other. */
async function allFaxes() {
  const out = plain.send(1, '0355550160', 'letter', {});
  const into = plain.receive('0312340101', 'letter', {});
  const [both, ignored, gone, fittedOut, fittedRefused, fittedInto] = await Promise.all([
    then(out, () => plain.send(1, '0355550164', 'white', { offers: 'both' })),
    then(into, () => plain.receive('0312340103', 'white', { t38: 'ignore' })),
    plain.send(2, '0355550165', 'white', { vanishAfterMs: 8_000 }),
    fitted.send(1, '0355550162', 'letter', {}),
    fitted.send(2, '0355550163', 'white', { t38: 'refuse', offers: 'none' }),
    fitted.receive('0312340102', 'letter', {}),
  ]);
  return {
    ...{ out: await out, into: await into },
    ...{ both, ignored, gone, fittedOut, fittedRefused, fittedInto },
  };
}

/** Every page is compared dot by dot. */
describe('a fax through simulator, media process, agent, switch and network', () => {
  let faxes: Awaited<ReturnType<typeof allFaxes>>;
  beforeAll(async () => {
    await Promise.all([plain.start(), fitted.start()]);
    faxes = await allFaxes();
  }, 240_000);
  afterAll(async () => {
    await Promise.all([plain.stop(), fitted.stop()]);
  }, 150_000);

  it('arrives out and in by T.38 on a plain board', () => {
    const { out, into } = faxes;
    expect(out).toMatchObject(arrived('t38Gateway'));
    expect(into).toMatchObject(arrived('t38Gateway'));
    expect(into.logged).toMatchObject({ direction: 'received', remoteIdent: '0312340101' });
    expect(out.logged).toMatchObject({ direction: 'sent', remoteIdent: '0355550160' });
  });

  it('arrives out and in by T.38 on a board with its own processor', () => {
    expect(faxes.fittedOut).toMatchObject(arrived('t38Board'));
    expect(faxes.fittedInto).toMatchObject(arrived('t38Board'));
  });

  it('arrives as sound where T.38 is refused', () => {
    const { fittedRefused } = faxes;
    expect(fittedRefused).toMatchObject({
      identical: true,
      machine: { ok: true },
      network: { path: 'audio' },
    });
    expect(fittedRefused.logged).toMatchObject({ path: 'passthrough', say: expect.stringMatching(/sound/) });
    // The trunk is encrypted between the box and the cloud, and nothing is lost on the way.
    expect(fittedRefused.sound).toMatchObject({ encrypted: true, lossPercent: 0 });
  });

  it('arrives where both media are offered', () => {
    expect(faxes.both).toMatchObject({ identical: true, machine: { ok: true }, network: { ok: true } });
  });

  it('stays in sound where the offer of T.38 is never answered', () => {
    expect(faxes.ignored.logged).toMatchObject({
      path: 'passthrough',
      say: expect.stringContaining('no answer to the offer of T.38'),
    });
  });

  it('ends in words where the other machine vanishes', () => {
    const { gone } = faxes;
    expect(gone).toMatchObject({ identical: false, machine: { ok: false } });
    expect(gone.machine?.say).toMatch(/\w+ \w+ \w+/);
    expect(gone.logged?.result).not.toBe('ok');
    expect(gone.logged?.say).toMatch(/\w+ \w+ \w+/);
  });
});
