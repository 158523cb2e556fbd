import { type MediaPort, OfficeShell, VoiceSdp } from '../../../agent/calls/index.ts';
import type { CallJournal, LegEnd, LegStart, UnfinishedLeg } from '../../../agent/calls/journal.ts';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaValue } from '../../../agent/media/index.ts';
import type { FaxParameters, MediaCommand, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import type { FaxEntry } from '../../../agent/store/index.ts';
import type { Instant } from '../../../lib/base/clock.ts';
import type { Result } from '../../../lib/base/errors.ts';
import type { FactId, PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import type { Page } from '../../../lib/dsp/fax/page-file.ts';
import type {
  DialogSnapshot,
  InviteFacts,
  ReinviteOutcome,
  Session,
  SessionEvent,
} from '../../../lib/voice/sip/api.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';
import { exampleConfig } from '../calls/office-world.ts';
import { FaxPhone } from '../media/fax-phone.ts';

const HERE = '127.54.7.1';
const THERE = '127.54.7.2';

/** What the far end does with a re-INVITE of ours. */
type OnReinvite = (sdp: string, settled: (outcome: ReinviteOutcome) => void) => void;

/** The SIP end of the peer: a script decides. */
class ScriptedSession implements Session {
  readonly direction;
  readonly invite: InviteFacts;
  readonly #office: FaxOffice;
  #listener: (event: SessionEvent) => void = () => {};

  constructor(office: FaxOffice, direction: 'in' | 'out', sdp: string | undefined) {
    this.#office = office;
    this.direction = direction;
    this.invite = {
      callId: 'x@cloud',
      source: { transport: 'tls', host: THERE, port: 5061 },
      requestUri: `sip:${exampleConfig().lines[0]?.sip.user}@${HERE}`,
      toUser: 'x',
      fromUser: '0355550160',
      fromDisplay: '',
      header: () => [],
      sdp,
    };
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
  }
  event(event: SessionEvent): void {
    this.#listener(event);
  }
  progress(): void {}
  answer(sdp: string): void {
    this.#office.answered(sdp);
  }
  reject(status: number): void {
    this.#office.said.push(`reject ${status}`);
  }
  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    this.#office.said.push('reinvite');
    this.#office.onReinvite(sdp, settled);
  }
  hangUp(): void {
    this.#office.said.push('bye');
  }
  snapshot(): DialogSnapshot {
    return {
      callId: 'x@cloud',
      localTag: 'a',
      remoteTag: 'b',
      localUri: 'sip:a@x',
      remoteUri: 'sip:b@x',
      remoteTarget: 'sip:b@x',
      routeSet: [],
      localSequence: 1,
      remoteSequence: 1,
      via: { transport: 'tls', host: THERE, port: 5061 },
      localSdp: undefined,
      remoteSdp: undefined,
    };
  }
}

const WAY = {
  version: 0,
  errorCorrection: 'redundancy',
  redundancy: 3,
  maxDatagram: 400,
  ecm: true,
  modems: 'v17',
} as const satisfies Omit<FaxParameters, 'host' | 'port'>;

/**
 * A box with a fax machine on port 1, and a far end with another: our calls room and our media process on one side, a
 * scripted SIP peer with a media process of its own on the other, real UDP between them, one virtual clock over all.
 */
export class FaxOffice {
  readonly clock = new VirtualClock();
  readonly board = new FakeBoard();
  readonly farBoard = new FakeBoard();
  readonly engine: MediaEngine;
  readonly far: MediaEngine;
  /** What our side said in SIP, beside answers. */
  readonly said: string[] = [];
  readonly faxes: FaxEntry[] = [];
  readonly ends: LegEnd[] = [];
  readonly answers: string[] = [];
  shell: OfficeShell;
  session: ScriptedSession | undefined;
  /** The machines are Super G3: ANSam instead of CED, and CM for it. */
  superG3 = false;
  phone: FaxPhone | undefined;
  farPhone: FaxPhone | undefined;
  farPort = 0;
  /** Datagrams vanish from this moment on. */
  farGone = false;
  onReinvite: OnReinvite = (sdp, settled) => this.accept(sdp, settled);
  readonly #open = new Map<FactId, UnfinishedLeg>();
  #facts = 0;

  constructor(
    options: { readonly t38Board?: boolean; readonly config?: (config: SiteConfig) => SiteConfig } = {},
  ) {
    const capabilities = options.t38Board ? (['pcm', 't38'] as const) : (['pcm'] as const);
    this.engine = this.#engine(this.board, 3);
    this.far = this.#engine(this.farBoard, 4);
    this.shell = this.#shell();
    this.engine.start();
    this.far.start();
    this.board.emit({ type: 'up', board: { ...FAKE_BOARD, capabilities } });
    this.farBoard.emit({ type: 'up', board: FAKE_BOARD });
    this.#connect();
    this.shell.apply((options.config ?? ((config) => config))(exampleConfig()));
  }

  /** The agent's process dies and another one begins. The media process lives on. */
  restartAgent(): void {
    this.engine.orphan();
    this.shell = this.#shell();
    this.shell.apply(exampleConfig());
    this.#connect();
  }

  /** Another media process is there, which knows of nothing. */
  async loseMedia(): Promise<void> {
    this.shell.mediaConnected(this.#engine(new FakeBoard(), 5).adopt(() => {}));
    await this.pass(100);
  }

  /** The far fax machine is ready on its line, and its session waits for our address. */
  async openFar(): Promise<void> {
    const opened = await this.farDo({ type: 'rtpOpen', session: 'far', localHost: THERE, note: '' });
    this.farPort = (opened as RtpOpened).localPort;
  }

  async farDo(command: MediaCommand): Promise<unknown> {
    const result = await this.far.execute(command);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
    return result.value;
  }

  /** The far end calls; the machine on port 1 answers and receives, the far one sends. */
  async callIn(pages: readonly Page[], sdp?: string): Promise<void> {
    await this.openFar();
    const session = new ScriptedSession(this, 'in', sdp ?? this.audio());
    this.session = session;
    this.shell.invited(session);
    this.phone = new FaxPhone(this.board, 1, { ident: '0355550101', superG3: this.superG3 });
    this.farPhone = new FaxPhone(this.farBoard, 1, {
      send: pages,
      ident: '0355550160',
      superG3: this.superG3,
    });
    await this.pass(500);
    this.board.hook(1, true);
    await this.pass(50);
  }

  /** The machine on port 1 calls and sends; the far one answers. */
  async callOut(pages: readonly Page[]): Promise<void> {
    await this.openFar();
    this.farPhone = new FaxPhone(this.farBoard, 1, { ident: '0355550160', superG3: this.superG3 });
    this.board.hook(1, true);
    await this.pass(100);
    for (const digit of '0355550160') {
      this.board.emit({ type: 'pulseDigit', port: 1 as PortNumber, digit, tick: 0 });
    }
    await this.pass(100);
    this.phone = new FaxPhone(this.board, 1, { send: pages, ident: '0355550101', superG3: this.superG3 });
    this.session?.event({ type: 'answered', sdp: this.audio() });
    await this.pass(50);
  }

  /** Our 200, or our INVITE: the far machine talks to the address in it. */
  answered(sdp: string): void {
    this.answers.push(sdp);
    void this.#joinFar(sdp);
  }

  /** Time passes for both boards, both machines and the network. */
  async pass(ms: number, done: () => boolean = () => false): Promise<void> {
    for (let frame = 0; frame < ms / 10 && !done(); frame++) {
      this.board.frame();
      if (!this.farGone) this.farBoard.frame();
      this.phone?.listen();
      this.farPhone?.listen();
      this.clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Until both machines are done with each other, and the one on port 1 has hung up. */
  async fax(limitMs = 120_000): Promise<void> {
    await this.pass(limitMs, () => this.phone?.machine.end !== null && this.farPhone?.machine.end !== null);
    await this.pass(200);
    await this.hangUp();
  }

  async hangUp(): Promise<void> {
    this.board.hook(1, false);
    await this.pass(100);
  }

  // --- the far end's SIP ---

  audio(): string {
    return sdpOf(THERE, [`m=audio ${this.farPort} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000']);
  }

  image(media: readonly string[] = []): string {
    const t38 = ['a=T38FaxVersion:0', 'a=T38MaxBitRate:14400', 'a=T38FaxUdpEC:t38UDPRedundancy'];
    return sdpOf(THERE, [...media, `m=image ${this.farPort} udptl t38`, ...t38]);
  }

  /** Takes our offer of T.38. */
  accept(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    void this.farT38(sdp);
    settled({ ok: true, sdp: this.image() });
  }

  /** The far side speaks T.38 to the address of our description. */
  async farT38(sdp: string): Promise<void> {
    await this.farDo({ type: 'faxOpen', session: 'far', ...addressOf(sdp, 'image'), ...WAY });
  }

  /** The far end offers `sdp` inside the call; answers what we say to it. */
  offer(sdp: string): Promise<string | number> {
    return new Promise((resolve) => {
      this.session?.event({ type: 'offer', sdp, answer: resolve, refuse: resolve });
    });
  }

  async close(): Promise<void> {
    this.phone?.close();
    this.farPhone?.close();
    await this.engine.stop();
    await this.far.stop();
  }

  async #joinFar(sdp: string): Promise<void> {
    if (!sdp.includes('m=audio')) {
      this.farBoard.hook(1, true);
      await this.farDo({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 'far' } });
      await this.farT38(sdp);
      return;
    }
    const to = { ...addressOf(sdp, 'audio'), payloadType: 0, dtmfPayloadType: null };
    await this.farDo({ type: 'rtpConnect', session: 'far', ...to });
    this.farBoard.hook(1, true);
    await this.farDo({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 'far' } });
    // As the far gateway would: sound as modems need it.
    await this.farDo({ type: 'faxPassthrough', session: 'far', because: '' });
  }

  #engine(board: FakeBoard, seed: number): MediaEngine {
    return new MediaEngine({ board, clock: this.clock, random: seededRandom(seed), log: silentLog() });
  }

  #connect(): void {
    const shell = this.shell;
    const snapshot = this.engine.adopt((event) => shell.mediaEvent(event));
    shell.mediaConnected(snapshot);
  }

  #shell(): OfficeShell {
    const media: MediaPort = {
      request: <Command extends MediaCommand>(command: Command) =>
        this.engine.execute(command) as Promise<Result<MediaValue<Command>>>,
    };
    const shell = new OfficeShell({
      clock: this.clock,
      random: seededRandom(7),
      log: silentLog(),
      host: HERE,
      journal: this.#journal(),
      faxes: { write: (entry) => void this.faxes.push(entry) },
      media,
      sip: {
        invite: (options) => {
          this.session = new ScriptedSession(this, 'out', undefined);
          this.answered(options.sdp ?? '');
          return this.session;
        },
        register: () => ({ stop: async () => {}, hurry: () => {} }),
        adopt: () => this.session ?? new ScriptedSession(this, 'out', undefined),
      },
      sdp: new VoiceSdp(null),
      health: { raise: () => {}, clear: () => {} },
    });
    shell.start();
    return shell;
  }

  #journal(): CallJournal {
    const change = (id: FactId, part: Partial<UnfinishedLeg>): void => {
      const leg = this.#open.get(id);
      if (leg !== undefined) this.#open.set(id, { ...leg, ...part });
    };
    const run = new Set<FactId>();
    return {
      begin: (start: LegStart) => {
        const id = `gw-000001/00000000/${++this.#facts}` as FactId;
        run.add(id);
        this.#open.set(id, { id, start, answeredAt: null, kept: null, lastSeenAt: this.clock.now() });
        return id;
      },
      answered: (id: FactId, answeredAt: Instant) => change(id, { answeredAt }),
      keep: (id, kept) => change(id, { kept: JSON.parse(JSON.stringify(kept)) }),
      end: (id: FactId, end: LegEnd) => {
        this.#open.delete(id);
        this.ends.push(end);
      },
      heartbeat: () => {},
      unfinished: () => [...this.#open.values()].filter(({ id }) => !run.has(id)),
    };
  }

  /** The last figures of our session, while the call is up. */
  async figures(): Promise<RtpFigures['fax']> {
    const [session] = this.engine.adopt((event) => this.shell.mediaEvent(event)).sessions;
    if (session === undefined) return undefined;
    const result = await this.engine.execute({ type: 'rtpFigures', session: session.session });
    return result.ok ? (result.value as RtpFigures).fax : undefined;
  }
}

function sdpOf(host: string, lines: readonly string[]): string {
  return `${['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', ...lines].join('\r\n')}\r\n`;
}

function addressOf(sdp: string, kind: 'audio' | 'image'): { readonly host: string; readonly port: number } {
  const port = Number(new RegExp(`^m=${kind} ([0-9]+) `, 'm').exec(sdp)?.[1]);
  const host = /^c=IN IP4 ([0-9.]+)/m.exec(sdp)?.[1] ?? '';
  return { host, port };
}
