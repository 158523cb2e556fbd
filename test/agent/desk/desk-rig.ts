import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { OfficeShell, PHONE_SESSION_PREFIX } from '../../../agent/calls/index.ts';
import type { LegEnd, LegStart } from '../../../agent/calls/journal.ts';
import { DeskRoom } from '../../../agent/desk/index.ts';
import { lampsOf } from '../../../agent/desk/lamps.ts';
import { MediaClient } from '../../../agent/media/index.ts';
import type { PhoneAccount } from '../../../agent/ports.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { type PhoneConfig, phoneConfig } from '../../../lib/contract/lan-config.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { NO_ADDRESS, parseIpv4 } from '../../../lib/net/ipv4.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';
import { inviteFacts } from '../calls/fakes.ts';
import { FarParty } from '../calls/far-party.ts';
import { exampleConfig, plainSdp } from '../calls/office-world.ts';

/** The far end of the trunk. */
export const OUTSIDE = '127.62.1.20';
/** Of every phone of the office. */
export const PASSWORD = 'made-by-the-box-for-one';
const LOUD = -30;

type FarSocket = Awaited<ReturnType<typeof FarParty.socket>>;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Phones 21, 22, 23 … of the office. */
export function phoneConfigs(count: number): readonly PhoneConfig[] {
  return Array.from({ length: count }, (_, index) =>
    phoneConfig.parse({
      mac: `c074ad0000${index + 1}0`,
      ...{ vendor: 'grandstream', model: 'GRP2614', label: `desk ${index + 1}` },
      serviceId: `id-000001-${index + 5}`,
      extension: String(21 + index),
      sip: { user: `id-000001-${index + 5}`, password: 'not-a-secret-at-all' },
      presents: '0355550100',
      ringsFor: ['0355550100'],
    }),
  );
}

/** Two lines of a simulated board, a media process, an office and its desk phones; the trunk is played. */
export class DeskRig {
  readonly parties: FarParty[] = [];
  readonly begun: LegStart[] = [];
  readonly ends: LegEnd[] = [];
  readonly registered: MacAddress[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'desk-'));
  readonly desk: DeskRoom;
  readonly office: OfficeShell;
  readonly #phones: readonly PhoneConfig[];
  readonly #client: MediaClient;
  readonly #sessions = new Set<string>();
  readonly #pty: PtyPair;
  readonly #media: Program;
  readonly #sockets: FarSocket[];
  readonly board: BoardSimulator;
  /** What is to be said when something does not happen. */
  tell: () => string = () => '';

  /** `box` is its address on the LAN: each file of tests has its own. */
  static async start(
    box: string,
    phones: number,
    change: (config: SiteConfig) => SiteConfig = (same) => same,
  ) {
    const pty = await startPtyPair();
    const board = await startBoardSimulator({ device: pty.board, ports: 2 });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => FarParty.socket(OUTSIDE)));
    const rig = new DeskRig(box, phoneConfigs(phones), pty, board, sockets);
    await rig.#media.ready();
    const config = exampleConfig({ channels: 4 }, 2);
    rig.office.apply(change({ ...config, lan: { ...config.lan, phones: [...rig.#phones] } }));
    await rig.desk.start();
    rig.office.start();
    rig.#client.start();
    await rig.until('the board is up', async () => {
      await board.control.lift(1);
      await pause(100);
      return rig.state(1) === 'dialTone';
    });
    await board.control.hangUp(1);
    await rig.until('line 1 is down', () => rig.state(1) === 'onHook');
    return rig;
  }

  private constructor(
    box: string,
    phones: readonly PhoneConfig[],
    pty: PtyPair,
    board: BoardSimulator,
    sockets: FarSocket[],
  ) {
    this.#phones = phones;
    this.#pty = pty;
    this.board = board;
    this.#sockets = sockets;
    const socket = join(this.folder, 'media.sock');
    const flags = ['--device', pty.box, '--socket', socket, '--host', box];
    this.#media = new Program('agent/media/main.ts', flags);
    this.#client = new MediaClient({
      socketPath: socket,
      clock: systemClock,
      log: silentLog(),
      onConnected: (snapshot) => {
        this.office.mediaConnected(snapshot);
        this.desk.mediaConnected(snapshot);
      },
      onEvent: (event) => {
        this.office.mediaEvent(event);
        this.desk.mediaEvent(event);
      },
      onLost: () => this.office.mediaLost(),
    });
    const request = this.#client.request.bind(this.#client);
    this.#client.request = (command) => {
      if ('session' in command) this.#sessions.add(command.session);
      return request(command);
    };
    const around = { clock: systemClock, random: systemRandom, log: silentLog(), media: this.#client };
    const health = { raise: () => {}, clear: () => {} };
    this.desk = new DeskRoom({
      ...{ ...around, health, product: 'Engawa/test', office: () => this.office },
      lan: () => ({ address: parseIpv4(box) ?? NO_ADDRESS, prefixBits: 8 }),
      accounts: {
        accountOf: (user) => this.#accountOf(user),
        registered: (mac) => void this.registered.push(mac),
        unregistered: () => {},
      },
    });
    this.office = new OfficeShell({
      ...{ ...around, health, host: box, sdp: plainSdp, phones: this.desk, faxes: { write: () => {} } },
      journal: {
        begin: (start) => `gw-000001/00000000/${this.begun.push(start)}` as FactId,
        answered: () => {},
        keep: () => {},
        end: (_id, end) => void this.ends.push(end),
        heartbeat: () => {},
        unfinished: () => [],
      },
      sip: {
        invite: ({ sdp = '', requestUri }) => {
          const party = FarParty.open('out', inviteFacts({ sdp, requestUri }), 1_100, this.#socket());
          this.parties.push(party);
          return party;
        },
        register: () => ({ stop: async () => {}, hurry: () => {} }),
        adopt: () => {
          throw new Error('nothing to adopt');
        },
      },
    });
  }

  /** A call from outside for the ID of a line or phone, at `hz`. */
  callIn(id: string, hz: number): FarParty {
    const socket = this.#socket();
    const { address, port } = socket.address();
    const requestUri = `sip:${id}@box`;
    const party = FarParty.open('in', inviteFacts({ requestUri, sdp: `${address}:${port}` }), hz, socket);
    this.parties.push(party);
    this.office.invited(party);
    return party;
  }

  /** As if no desk phone's sound had come for so long. */
  fallSilent(silentMs: number): void {
    for (const session of this.#sessions) {
      if (session.startsWith(PHONE_SESSION_PREFIX))
        this.desk.mediaEvent({ event: 'rtpSilent', session, silentMs });
    }
  }

  state(port: number): string {
    return this.office.lines().find((line) => line.port === port)?.state ?? 'none';
  }

  async until(what: string, look: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
    for (const from = systemClock.monotonicMs(); !(await look()); await pause(30)) {
      if (systemClock.monotonicMs() - from < limitMs) continue;
      const calls = JSON.stringify(this.office.calls().slice(0, 4));
      throw new Error(`did not happen: ${what}\n${calls}\n${this.tell()}`);
    }
  }

  ear(port: number, hz: number): Promise<void> {
    return this.until(`line ${port} hears ${hz} Hz`, async () => {
      const { tones } = await this.board.control.hear(port, 300);
      return tones.some((tone) => Math.abs(tone.hz - hz) < 25 && tone.dbm0 > LOUD);
    });
  }

  /** The opposite. */
  deaf(port: number, hz: number): Promise<void> {
    return this.until(`line ${port} hears ${hz} Hz no more`, async () => {
      const { tones } = await this.board.control.hear(port, 300);
      return !tones.some((tone) => Math.abs(tone.hz - hz) < 25 && tone.dbm0 > LOUD);
    });
  }

  far(party: FarParty, hz: number): Promise<void> {
    return this.until(`the far end hears ${hz} Hz`, () => party.hears(hz) > LOUD);
  }

  /** Everybody hangs up; afterwards nothing is left, and there is exactly one record for every leg. */
  async calm(): Promise<void> {
    for (const port of [1, 2]) await this.board.control.hangUp(port);
    for (const party of this.parties.splice(0)) if (!party.ended) party.hangsUp();
    const gone = (): boolean =>
      this.office.callsNow() === 0 && this.desk.phones().every(({ calls }) => calls === 0);
    await this.until('everybody is gone', gone);
    await this.until('every line is down', () => [1, 2].every((port) => this.state(port) === 'onHook'));
    await this.until('every record has ended', () => this.ends.length === this.begun.length);
    await this.until('every session is closed', async () => {
      const figures = await this.#client.request({ type: 'figures' });
      return figures.ok && figures.value.sessions === 0;
    });
    expect([...lampsOf(this.office.state).values()].flat()).toEqual([]);
    this.begun.length = 0;
    this.ends.length = 0;
  }

  async stop(): Promise<void> {
    await this.desk.stop();
    await this.office.stop();
    this.#client.stop();
    await this.#media.stop();
    await this.board.stop();
    await this.#pty.stop();
    for (const socket of this.#sockets) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #socket() {
    const socket = this.#sockets.pop();
    if (socket === undefined) throw new Error('no socket is left');
    return socket;
  }

  #accountOf(user: string): PhoneAccount | undefined {
    const phone = this.#phones.find((each) => each.extension === user);
    return phone === undefined ? undefined : { user, password: PASSWORD, phone };
  }
}
