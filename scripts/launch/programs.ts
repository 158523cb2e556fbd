import { join } from 'node:path';
import type { ProgramSpec } from './child.ts';
import { type DeskLan, type DeskPhone, phoneSocket } from './desk-lan.ts';
import type { Layout } from './layout.ts';
import type { Database } from './postgres.ts';
import { SOURCE_ENVIRONMENT, SOURCE_NODE } from './source-program.ts';

/** Ports of the simulated board: two telephones, and a fax machine where the office has one. */
const PHONES = 2;
const PHONES_AND_FAX = 3;
/** On a machine that is busy with other things, five seconds of work take a minute. */
const READY_LIMIT_MS = 120_000;

/** What the office has beyond two telephones. */
export interface OfficeKind {
  /** A fax machine on port 3, with a number of its own. A state folder keeps the office that it began with. */
  readonly fax?: boolean;
  /** Ports of the board, where there are more than the example's contract uses. */
  readonly ports?: number;
  /** The board has a T.38 processor of its own. */
  readonly t38Board?: boolean;
  /** Two desk phones on a LAN of network namespaces, where the machine can make some. */
  readonly deskPhones?: boolean;
  /** That LAN without desk phones: the caller puts hosts of its own on it. */
  readonly lan?: boolean;
  /** The media process as one file, as the box runs it, in place of its sources. */
  readonly mediaProgram?: string;
}

function program(layout: Layout, name: string, entry: string, flags: readonly string[]): ProgramSpec {
  const command = [...SOURCE_NODE, join(layout.root, entry), '--follow-stdin', ...flags];
  const environment = SOURCE_ENVIRONMENT;
  const logFile = join(layout.log, `${name}.log`);
  return { name, command, environment, logFile, ready: 'event', readyLimitMs: READY_LIMIT_MS };
}

/** The service. */
export function cloudSpec(layout: Layout, database: Database, kind: OfficeKind): ProgramSpec {
  const { hosts, sockets } = layout;
  return program(layout, 'cloud', 'cloud-stub/main.ts', [
    ...['--state', layout.cloud, '--host', hosts.cloud, '--database', database.url],
    ...['--database-password-file', database.passwordFile],
    ...['--api', sockets.cloud, '--carrier', `${hosts.carrier}:5060`],
    exampleOf(kind),
  ]);
}

/** The telephone network. */
export function carrierSpec(layout: Layout): ProgramSpec {
  const { hosts, sockets } = layout;
  return program(layout, 'carrier', 'cloud-stub/carrier/main.ts', [
    ...['--host', hosts.carrier, '--trunk', `${hosts.cloud}:5060`, '--control', sockets.carrier],
    ...['--fax-folder', layout.fax],
  ]);
}

/** The wire between board and media process. */
export function serialSpec(layout: Layout): ProgramSpec {
  const { serial } = layout;
  const end = (link: string): string => `pty,raw,echo=0,link=${link}`;
  return {
    name: 'serial-line',
    // socat has no lifeline of its own: it is to end with the launcher, even when that is killed.
    command: ['setpriv', '--pdeathsig', 'TERM', '--', 'socat', end(serial.agent), end(serial.board)],
    logFile: join(layout.log, 'serial-line.log'),
    ready: 'spawn',
    readyLimitMs: 30_000,
    hardware: true,
  };
}

/** The simulated board with its phones. */
export function boardSpec(layout: Layout, kind: OfficeKind): ProgramSpec {
  const ports = String(kind.ports ?? (kind.fax === true ? PHONES_AND_FAX : PHONES));
  const flags = [
    ...['--device', layout.serial.board, '--control', layout.sockets.board, '--ports', ports],
    ...(kind.t38Board === true ? ['--t38'] : []),
  ];
  return { ...program(layout, 'board', 'hal/sim/main.ts', flags), hardware: true };
}

/** The media process of the box. */
export function mediaSpec(layout: Layout, kind: OfficeKind): ProgramSpec {
  const flags = [
    ...['--device', layout.serial.agent, '--socket', layout.sockets.media, '--host', layout.hosts.gateway],
  ];
  const spec = program(layout, 'media', 'agent/media/main.ts', flags);
  if (kind.mediaProgram === undefined) return spec;
  return {
    ...spec,
    command: [process.execPath, kind.mediaProgram, '--follow-stdin', ...flags],
    environment: {},
  };
}

/** The agent of the box. */
export function agentSpec(layout: Layout, lan: DeskLan | undefined): ProgramSpec {
  const { sockets, hosts } = layout;
  return program(layout, 'agent', 'agent/main.ts', [
    ...['--state', layout.agent, '--media', sockets.media, '--api', sockets.agent, '--host', hosts.gateway],
    ...(lan === undefined ? [] : ['--lan', lan.device]),
  ]);
}

/** A simulated desk phone, in the namespace of its host. */
export function phoneSpec(layout: Layout, { lan }: DeskLan, phone: DeskPhone): ProgramSpec {
  const { name, maker, model, mac } = phone;
  const spec = program(layout, name, 'hal/phones/main.ts', [
    ...['--maker', maker, '--model', model, '--mac', mac, '--device', 'lan0'],
    ...['--control', phoneSocket(layout, phone), '--state', join(layout.state, 'phones', name)],
  ]);
  return { ...spec, command: [...lan.inside(name), ...spec.command] };
}

function exampleOf({ fax, deskPhones }: OfficeKind): string {
  if (deskPhones === true) return '--example-phone-office';
  return fax === true ? '--example-fax-office' : '--example-office';
}
