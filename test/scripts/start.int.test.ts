import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { displayWidth } from '../../agent/cli/text.ts';
import { SimControl } from '../../hal/sim/control-client.ts';
import { whyNoLan } from '../../scripts/lab/lan.ts';
import { spacePrefix, spacesOf } from '../../scripts/lab/spaces.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { temporaryState } from '../../scripts/launch/temporary-state.ts';
import { engawa, type Network, nothingLeft, OfficeProcess, pause } from '../support/office-process.ts';
import { Terminal } from '../support/terminal.ts';

const NET = '127.58.1';

const started: OfficeProcess[] = [];
afterEach(async () => {
  for (const office of started.splice(0)) await office.abandon();
});

function start(
  state: string,
  net: string,
  args: readonly string[] = [],
  network: Network = 'own',
): OfficeProcess {
  const office = new OfficeProcess(state, net, args, network);
  started.push(office);
  return office;
}

async function reportedRev(state: string): Promise<number> {
  const layout = layoutOf('/', state, NET);
  for (let tries = 0; tries < 100; tries++) {
    const status = (await requestJson(layout.sockets.agent, 'GET', '/v1/status')) as {
      config: { appliedRev: number };
    };
    if (status.config.appliedRev > 0) return status.config.appliedRev;
    await pause(200);
  }
  throw new Error('the agent applied no configuration');
}

/** What a terminal takes for colour. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9]*m`, 'g');

/** The first hour of a box, by a technician at an 80-column terminal: reset, claim code, ports, a call from a real phone. */
async function setUpAnew(state: string, pid: number): Promise<void> {
  const { sockets, hosts } = layoutOf('/', state, NET);
  const reset = engawa(state, 'reset', '--yes', '--enrolment', '--json');
  expect([reset.code, JSON.parse(reset.out)]).toEqual([0, { v: 1, reset: { done: true, agent: 'claim' } }]);
  const ticket = await requestJson(sockets.cloud, 'POST', '/gateways/gw-000001/claim', {});
  const inside = `nsenter --target ${pid} --net -- ${process.execPath} ${resolve('scripts/engawa.mjs')}`;
  const flags = `--state ${state} --service ${hosts.cloud} --serial EXAMPLE-1 --lang ja`;
  const terminal = new Terminal(`${inside} setup ${flags}`);
  const board = await SimControl.connect(sockets.board);
  try {
    await terminal.says('登録コード: ');
    terminal.type('not the code');
    await terminal.says('登録コード: ');
    terminal.type((ticket as { code: string }).code);
    await terminal.says('この装置は gw-000001 です');
    await terminal.says('内線 11');
    await board.lift(1);
    await terminal.says('内線 11      口 1');
    await board.hangUp(1);
    await terminal.says('内線 12');
    terminal.type('');
    await terminal.says('内線 13');
    terminal.type('');
    await terminal.says('かける番号');
    terminal.type('0355550150');
    await terminal.says('受話器を上げ 0355550150');
    await board.lift(2);
    await board.dial(2, '0355550150', 'dtmf');
    await terminal.says('回線 2 が 0355550150 に発信中');
    await pause(1_500);
    await board.hangUp(2);
    await terminal.says('FAX 機はありますか');
    terminal.type('');
    await terminal.says('報告書');
    await terminal.ended;
  } finally {
    terminal.close();
    board.close();
  }
  // Colours, and nothing that moves the cursor: a serial console of eighty columns does.
  const screen = terminal.screen.replace(COLOUR, '');
  expect(screen).toMatch(/OK {4}通話 +回線 2 から 0355550150: /);
  expect(screen).not.toContain('\u001b');
  for (const line of screen.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  const why = engawa(state, 'why', 'last', '--json');
  expect([why.code, JSON.parse(why.out)]).toMatchObject([0, { v: 1, legs: [{ line: 2, to: '0355550150' }] }]);
}

describe('scripts/start', () => {
  const folder = temporaryState('test');
  afterAll(() => folder.remove());
  const desk = whyNoLan() === undefined ? ['phone-1', 'phone-2'] : [];
  let rev = 0;

  it('starts everything, says what runs where, and Ctrl-C ends everything it started', async () => {
    const office = start(folder.path, NET);
    await office.running();
    for (const name of ['postgresql', 'carrier', 'cloud', 'board', 'media', 'agent'])
      expect(office.out).toContain(`  ${name} `);
    for (const name of desk) expect(office.out).toContain(`  ${name} `);
    expect(spacesOf(spacePrefix(office.pid)).length).toBe(desk.length === 0 ? 0 : desk.length + 1);
    expect(office.out).toContain(`npx engawa --state ${folder.path} status`);
    rev = await reportedRev(folder.path);
    const status = engawa(folder.path, 'status', '--json');
    expect([0, 1]).toContain(status.code);
    expect(JSON.parse(status.out)).toMatchObject({ v: 1, gateway: 'gw-000001' });
    office.signal('SIGINT');
    expect(await office.ended).toBe(0);
    await nothingLeft(folder.path, 1_000);
    expect(spacesOf(spacePrefix(office.pid))).toEqual([]);
  });

  it('finds its data again at the second start, where a box is reset and set up from a terminal', async () => {
    const office = start(folder.path, NET, ['--no-phones']);
    await office.running();
    expect(await reportedRev(folder.path)).toBe(rev);
    const second = start(folder.path, NET);
    expect(await second.ended).toBe(1);
    await setUpAnew(folder.path, office.pid);
    expect(second.err).toMatch(/already runs from .* \(process [0-9]+\): end it with Ctrl-C/);
    office.signal('SIGTERM');
    expect(await office.ended).toBe(0);
  });

  it('leaves nothing running when it is killed, and starts again after that', async () => {
    const office = start(folder.path, NET);
    await office.running();
    office.signal('SIGKILL');
    await nothingLeft(folder.path, 10_000);
    const again = start(folder.path, NET);
    await again.running();
    expect(spacesOf(spacePrefix(office.pid))).toEqual([]);
    again.signal('SIGINT');
    expect(await again.ended).toBe(0);
  });
});

describe('scripts/start on a machine where something is wrong', () => {
  const folder = temporaryState('test');
  const taken = createServer();
  beforeAll(() => new Promise<void>((resolve) => taken.listen(8883, '127.58.2.10', resolve)));
  afterAll(() => {
    taken.close();
    folder.remove();
  });

  it('names the port that is in use, ends what it had started and exits with 1', async () => {
    const office = start(folder.path, '127.58.2', ['--no-phones'], 'machine');
    expect(await office.ended).toBe(1);
    const sentences = office.err.trim().split('\n');
    expect(sentences.at(-1)).toMatch(/127\.58\.2\.10:8883: another program uses the port/);
    await nothingLeft(folder.path, 1_000);
  });

  it('runs without desk phones where no namespaces can be made, and says so in one line', async () => {
    const office = start(folder.path, NET, [], 'powerless');
    await office.running();
    const said = office.err.split('\n').filter((line) => line.includes('desk phones'));
    expect(said).toEqual([
      expect.stringMatching(/runs without its desk phones: no network namespaces here: .*not permitted/),
    ]);
    expect(office.out).not.toContain('phone-1');
    expect(await reportedRev(folder.path)).toBeGreaterThan(0);
    office.signal('SIGINT');
    expect(await office.ended).toBe(0);
  });

  it('names the folder that it cannot make', async () => {
    const file = join(folder.path, 'a-file');
    writeFileSync(file, '');
    const office = start(join(file, 'state'), '127.58.2');
    expect(await office.ended).toBe(1);
    expect(office.err).toMatch(/state folder .*a-file.* cannot be made/);
  });

  it('names the folder that its file system does not take', async () => {
    const office = start('/proc/engawa/state', '127.58.2');
    expect(await office.ended).toBe(1);
    expect(office.err).toMatch(/state folder \/proc\/engawa.* cannot be made/);
  });

  it('refuses addresses that are not loopback, and options it does not know', async () => {
    const outside = start(folder.path, '192.168.1');
    expect(await outside.ended).toBe(2);
    expect(outside.err).toContain('--net takes a loopback prefix');
    const unknown = start(folder.path, '127.58.2', ['--dmeo']);
    expect(await unknown.ended).toBe(2);
    expect(unknown.err).toContain('usage: scripts/start');
    const alone = start(folder.path, '127.58.2', ['--json']);
    expect(await alone.ended).toBe(2);
    expect(alone.err).toContain('--json goes with --demo');
  });
});
