import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMemory } from '../../../agent/desk/desk-journal.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';
import { BaresipPhone } from './baresip-phone.ts';
import { PASSWORD, pause } from './desk-rig.ts';

const BOX = '127.62.2.30';
const folder = mkdtempSync(join(tmpdir(), 'desk-killed-'));
const socket = join(folder, 'media.sock');
const phones: BaresipPhone[] = [];
let pty: PtyPair;
let board: BoardSimulator;
let media: Program;
let agent: Program;

async function until(what: string, look: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  for (const from = systemClock.monotonicMs(); !(await look()); await pause(50)) {
    if (systemClock.monotonicMs() - from < limitMs) continue;
    throw new Error(
      `did not happen: ${what}\n${JSON.stringify([...media.lines.slice(-4), ...agent.lines.slice(-8)]).slice(-3_000)}\n${phones[0]?.output.slice(-2_000)}\n${phones[0]?.output
        .match(/Reason: .*/g)
        ?.slice(-3)
        .join()}`,
    );
  }
}

/** What the agent last said of itself. */
const now = (): Record<string, unknown> => agent.lines.findLast((line) => 'lines' in line) ?? {};
const line = (port: number): unknown => (now()['lines'] as string[] | undefined)?.[port - 1];
const kept = () => readMemory(readFileSync(join(folder, 'desk.json'), 'utf8'));

async function startAgent(): Promise<void> {
  agent = new Program('test/agent/desk/desk-child.ts', [BOX, folder, socket]);
  await agent.ready();
}

const hears = (port: number, hz: number): Promise<void> =>
  until(`line ${port} hears ${hz} Hz`, async () => {
    const { tones } = await board.control.hear(port, 300);
    return tones.some((tone) => Math.abs(tone.hz - hz) < 25 && tone.dbm0 > -30);
  });

beforeAll(async () => {
  pty = await startPtyPair();
  board = await startBoardSimulator({ device: pty.board, ports: 2 });
  media = new Program('agent/media/main.ts', ['--device', pty.box, '--socket', socket, '--host', BOX]);
  await media.ready();
  await startAgent();
  for (const [index, port] of [5_272, 5_274].entries()) {
    const phone = new BaresipPhone({
      ...{ folder: join(folder, `phone-${index}`), port, registrar: BOX, answers: index === 1 },
      ...{ user: String(21 + index), password: PASSWORD, hz: 600 + 130 * index },
    });
    phones.push(phone);
    await phone.start();
  }
  await until('both phones are registered', () => now()['registered'] === 2);
}, 150_000);

afterAll(async () => {
  await Promise.all(phones.map((each) => each.stop()));
  await agent?.stop('SIGKILL');
  await media?.stop();
  await board?.stop();
  await pty?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['killed', 'SIGKILL'],
  ['told to stop', 'SIGTERM'],
] as const)(
  'a call of a desk phone talks on when the agent is %s, and its phones can be rung at once',
  async (_, signal) => {
    const [caller] = phones;
    caller?.events.splice(0);
    caller?.command('dial', `sip:11@${BOX}`);
    await until('line 1 rings', () => line(1) === 'ringing');
    await board.control.lift(1);
    await hears(1, 600);
    await until('the call is written down', () => kept().calls.length === 1);
    await agent.stop(signal);
    await hears(1, 600);
    expect(caller?.saw('CALL_CLOSED')).toBe(false);
    await startAgent();
    await until('the call is taken up', () => now()['talking'] === 1);
    await hears(1, 600);
    // Nobody has registered again meanwhile.
    await board.control.lift(2);
    await until('line 2 has dial tone', () => line(2) === 'dialTone');
    await board.control.dial(2, '22');
    await hears(2, 730);
    await board.control.hangUp(2);
    // The dialog goes on from our side too.
    await board.control.hangUp(1);
    await until('the phone is told', () => caller?.saw('CALL_CLOSED') === true);
    await until('nothing is left', () => now()['talking'] === 0 && kept().calls.length === 0);
  },
  150_000,
);

it('a phone that rings when the agent is killed is not left on dead air when somebody lifts it', async () => {
  const [called] = phones;
  called?.events.splice(0);
  await board.control.lift(1);
  await until('line 1 has dial tone', () => line(1) === 'dialTone');
  await board.control.dial(1, '21');
  await until('the phone rings', () => called?.saw('CALL_INCOMING') === true);
  await agent.stop('SIGKILL');
  await startAgent();
  await until('both phones are known', () => now()['registered'] === 2);
  // The caller's line has nobody any more.
  await until('line 1 has dial tone', () => line(1) === 'dialTone');
  called?.command('accept');
  await until('it is up for a moment', () => called?.saw('CALL_ESTABLISHED') === true);
  await until('the phone is told', () => called?.saw('CALL_CLOSED') === true, 30_000);
  await board.control.hangUp(1);
  await until('line 1 is down', () => line(1) === 'onHook');
}, 150_000);

it('a call that cannot go on is ended at the phone: no handset hangs on dead air', async () => {
  const [caller] = phones;
  caller?.events.splice(0);
  caller?.command('dial', `sip:11@${BOX}`);
  await until('line 1 rings', () => line(1) === 'ringing');
  await board.control.lift(1);
  await hears(1, 600);
  caller?.command('hold');
  await until('the hold is written down', () => kept().calls[0]?.held === true);
  await agent.stop('SIGKILL');
  await startAgent();
  await until('the phone is told', () => caller?.saw('CALL_CLOSED') === true);
  await until('line 1 has dial tone', () => line(1) === 'dialTone');
  expect(now()['talking']).toBe(0);
  await until('nothing is left', () => kept().calls.length === 0);
  await board.control.hangUp(1);
}, 150_000);
