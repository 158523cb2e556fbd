import type { DhcpView, LeaseView, LocalApiSource, PhonesView } from '../../../agent/local-api/index.ts';
import type { AgentStatus, CallStatus, LineStatus } from '../../../agent/status.ts';
import type { FaxFact } from '../../../lib/contract/facts.ts';
import { siteOf } from '../../support/site-config.ts';

/** 2026-11-21 14:02:31 in Japan. */
export const SAMPLE_NOW = Date.UTC(2026, 10, 21, 5, 2, 31);

/** A line that is registered and idle. */
export function sampleLine(port: number, changes: Partial<LineStatus> = {}): LineStatus {
  return {
    port,
    label: port === 1 ? '受付' : '事務所(奥の机、窓側)',
    serviceId: `id-000001-${port}`,
    extension: `1${port}`,
    state: 'onHook',
    registration: { at: 'registered', say: '' },
    call: null,
    ...changes,
  };
}

/** A call out that is going on. */
export function sampleCall(changes: Partial<CallStatus> = {}): CallStatus {
  return {
    call: 'mfxyz-0000000000000001',
    direction: 'out',
    line: 1,
    from: '0355550100',
    to: '0355550123',
    state: 'talking',
    startedAt: SAMPLE_NOW - 400_000,
    answeredAt: SAMPLE_NOW - 372_000,
    endedAt: null,
    end: null,
    because: null,
    ...changes,
  };
}

/** A fax of two pages that went well. */
export function sampleFax(changes: Partial<FaxFact> = {}): FaxFact {
  return {
    id: 'gw-000001/00c0ffee/7',
    call: 'mfxyz-0000000000000001',
    line: 1,
    serviceId: 'id-000001-1',
    from: '0355550100',
    to: '0355550160',
    direction: 'sent',
    remoteIdent: '+81 3 5555 0160',
    localIdent: '03-5555-0100',
    pages: 2,
    bitRate: 14_400,
    ecm: true,
    retrains: 0,
    path: 't38Gateway',
    result: 'ok',
    say: '2 pages sent at 14400 bit/s with error correction',
    trace: '<DIS >TSI >DCS 14400 <CFR',
    packets: { sent: 1_804, received: 120, recovered: 2, lost: 0 },
    startedAt: SAMPLE_NOW - 400_000,
    endedAt: SAMPLE_NOW - 300_000,
    durationMs: 100_000,
    ...changes,
  };
}

/** A healthy office with a call. */
export function sampleStatus(changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    v: 1,
    gateway: 'gw-000001',
    identity: {
      ...{ at: 'claimed', gateway: 'gw-000001', serialNumber: 'ENG-0007', say: '' },
      fingerprint: 'c0ffee00'.repeat(8),
    },
    office: '縁側商店 (Engawa Shoten)',
    version: '0.1.0',
    now: SAMPLE_NOW,
    upMs: 12 * 86_400_000,
    board: {
      up: true,
      identity: {
        protocol: { major: 1, minor: 0 },
        model: 'EFX-SIM',
        serial: 'SIM0001',
        firmware: '1.0.0',
        ports: 2,
        bootReason: 'powerOn',
        capabilities: ['pcm'],
        limits: { receiveBytes: 4_096, frameBytes: 1_024 },
      },
      say: '',
    },
    media: { connected: true, sessions: 1 },
    cloud: { connected: true, sinceMs: SAMPLE_NOW - 273_600_000, outbox: 0, oldestMs: 0 },
    config: { v: 1, appliedRev: 3, desiredRev: 3, state: 'applied', refusal: null, at: SAMPLE_NOW - 60_000 },
    lines: [sampleLine(1, { state: 'talking' }), sampleLine(2)],
    calls: { now: 1, limit: 2 },
    warnings: [],
    memory: { agentBytes: 84_000_000, mediaBytes: 62_000_000 },
    ...changes,
  };
}

/** An office in trouble. */
export function troubledStatus(): AgentStatus {
  const say = 'Line 2 is not registered: the service answered 403 Forbidden (wrong password).';
  return sampleStatus({
    cloud: { connected: false, sinceMs: SAMPLE_NOW - 2_460_000, outbox: 7, oldestMs: 2_000_000 },
    config: {
      v: 1,
      appliedRev: 3,
      desiredRev: 4,
      state: 'rejected',
      refusal: {
        code: 'config.signature',
        fault: 'peer',
        say: "Revision 4 is not signed by this gateway's cloud.",
      },
      at: SAMPLE_NOW - 60_000,
    },
    lines: [sampleLine(1), sampleLine(2, { registration: { at: 'refused', say: '403 Forbidden' } })],
    calls: { now: 0, limit: 2 },
    warnings: [
      {
        code: 'W-TRK-302/2',
        severity: 'error',
        say,
        remedy: 'Let the operator publish the configuration of this gateway again.',
        sinceMs: SAMPLE_NOW - 60_000,
      },
      {
        code: 'W-CLD-401',
        severity: 'warning',
        say: '127.42.0.10 port 8883 へ接続できません: connect ECONNREFUSED',
        remedy: 'Check the internet access of the office and that outbound TCP 8883 is allowed.',
        sinceMs: SAMPLE_NOW - 2_460_000,
      },
    ],
  });
}

/** A LAN on which the customer's router was heard. */
function sampleDhcp(): DhcpView {
  return {
    mode: 'serve',
    device: 'eth0',
    standing: 'steppedDown',
    looked: true,
    bound: 2,
    foreign: [
      {
        address: '192.168.20.1',
        mac: '00a0de112233',
        firstHeardAt: SAMPLE_NOW - 600_000,
        lastHeardAt: SAMPLE_NOW - 5_000,
        router: '192.168.20.1',
        leaseS: 3_600,
        provisioning: [],
      },
    ],
    phonesUrl: 'http://192.168.20.2:8080/p/',
    counts: { 'dhcp.steppedDown': 4, 'dhcp.renewed': 9 },
  };
}

const SAMPLE_LEASES: readonly LeaseView[] = [
  {
    address: '192.168.20.100',
    state: 'bound',
    mac: 'c074ad2bd859',
    hostName: null,
    vendorClass: 'Grandstream GRP2614',
    until: SAMPLE_NOW + 86_400_000,
  },
  {
    address: '192.168.20.101',
    state: 'quarantined',
    mac: null,
    hostName: null,
    vendorClass: null,
    until: SAMPLE_NOW + 600_000,
  },
];

/** An office with a phone that works, one that waits, and one that nobody has entered. */
function samplePhones(): PhonesView {
  const works: PhonesView['phones'][number] = {
    mac: 'c074ad2bd859',
    state: 'registered',
    vendor: 'grandstream',
    model: 'GRP2614',
    firmware: '1.0.5.48',
    address: '192.168.20.100',
    label: '受付カウンターの奥の机、窓側の電話',
    extension: '21',
    serviceId: 'id-000001-3',
    keys: 4,
    registered: true,
    sipSource: '192.168.20.100:5060 udp',
    calls: 1,
    heard: { dhcp: SAMPLE_NOW - 90_000, http: SAMPLE_NOW - 60_000, sip: SAMPLE_NOW - 30_000 },
    setUpAt: SAMPLE_NOW - 60_000,
    files: { login: true, encryption: 'md5' },
    windowUntil: null,
    lastFetch: {
      file: 'cfgc074ad2bd859.xml',
      hash: 'a'.repeat(64),
      atMs: SAMPLE_NOW - 60_000,
      refused: null,
    },
  };
  const say = 'Nobody has approved it: engawa approve 00:80:f0:a1:b2:c3';
  const refused = { rule: 'fetch.notApproved', say };
  const nothing = {
    label: null,
    extension: null,
    serviceId: null,
    keys: 0,
    registered: false,
    sipSource: null,
    calls: 0,
    setUpAt: null,
  };
  return {
    url: 'http://192.168.20.2:8080/p/',
    secure: true,
    pnp: true,
    counts: { 'fetch.own': 3 },
    phones: [
      works,
      {
        ...works,
        mac: '0080f0a1b2c3',
        state: 'waiting',
        vendor: 'panasonic',
        model: 'KX-HDV230N',
        firmware: null,
        label: '会議室',
        extension: '22',
        registered: false,
        sipSource: null,
        calls: 0,
        setUpAt: null,
        lastFetch: { file: 'KX-HDV230N.cfg', hash: null, atMs: SAMPLE_NOW - 5_000, refused },
      },
      { ...works, ...nothing, mac: 'ec74d7000001', state: 'unassigned', model: null, lastFetch: null },
    ],
  };
}

/** A box whose status a test can change. */
export class SampleBox implements LocalApiSource {
  current: AgentStatus = sampleStatus();
  history: readonly CallStatus[] = [
    sampleCall(),
    sampleCall({
      direction: 'in',
      line: 2,
      from: '',
      to: '0355550100',
      state: 'ended',
      endedAt: SAMPLE_NOW - 100_000,
      end: 'answeredThenCallerHungUp',
      because: '',
      sound: { mos: 4.31, lossPercent: 0.4, roundTripMs: 22.5, encrypted: true },
    }),
    sampleCall({
      direction: 'internal',
      from: '11',
      to: '12',
      state: 'ended',
      answeredAt: null,
      endedAt: SAMPLE_NOW - 50_000,
      end: 'unreachable',
      because: 'no route',
    }),
  ];
  faxHistory: readonly FaxFact[] = [
    sampleFax(),
    sampleFax({
      direction: 'received',
      from: '0355550160',
      to: '0355550100',
      remoteIdent: null,
      pages: 0,
      bitRate: 9_600,
      ecm: false,
      retrains: 2,
      path: 'passthrough',
      result: 'cut',
      say: 'cut off in page 1: the caller hung up. As sound, because the far end refused T.38 (SIP 488)',
      packets: null,
    }),
  ];
  readonly #listeners: (() => void)[] = [];

  status(): AgentStatus {
    return this.current;
  }

  lines(): readonly LineStatus[] {
    return this.current.lines;
  }

  deskPorts: readonly number[] = [];

  phonePorts(): readonly number[] {
    return this.deskPorts;
  }

  faxes(): readonly FaxFact[] {
    return this.faxHistory;
  }

  calls(): readonly CallStatus[] {
    return this.history;
  }

  config(): ReturnType<typeof siteOf> {
    return siteOf();
  }

  dhcpNow: DhcpView | null = sampleDhcp();

  dhcp(): DhcpView | null {
    return this.dhcpNow;
  }

  leases(): readonly LeaseView[] {
    return SAMPLE_LEASES;
  }

  why(mac: string): ReturnType<LocalApiSource['why']> {
    if (mac !== 'c074ad2bd859') return [];
    return [
      {
        atMs: SAMPLE_NOW - 2_000,
        message: 'discover',
        done: 'silent',
        rule: 'dhcp.steppedDown',
        say: 'Another one.',
      },
      { atMs: SAMPLE_NOW - 1_000, message: 'request', done: 'acknowledged', rule: 'dhcp.renewed', say: '' },
    ];
  }

  phonesNow: PhonesView = samplePhones();

  phones(): PhonesView {
    return this.phonesNow;
  }

  whyFetch(mac: string): ReturnType<LocalApiSource['whyFetch']> {
    if (mac !== 'c074ad2bd859') return [];
    const say = 'The file is of c0:74:ad:00:00:01, the device that asks is c0:74:ad:2b:d8:59.';
    const message = 'cfgc074ad000001.xml';
    return [{ atMs: SAMPLE_NOW - 3_000, message, done: 'refused', rule: 'fetch.foreignName', say }];
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  become(status: AgentStatus): void {
    this.current = status;
    for (const listener of this.#listeners) listener();
  }
}
