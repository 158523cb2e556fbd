import { parseArgs } from 'node:util';
import { StartupError } from '../../lib/base/errors.ts';
import type { Maker } from './phone-state.ts';

/** What a simulated phone is started with. */
export interface Flags {
  readonly maker: Maker;
  /** As printed below the phone: `GRP2612`, `KX-HDV230N`. */
  readonly model: string;
  /** Twelve lower-case hexadecimal digits. */
  readonly mac: string;
  /** The network interface, which belongs to the phone alone (in a network namespace of its own). */
  readonly device: string;
  /** Path of the control socket. */
  readonly control: string;
  /** Folder of what the phone remembers when its power is off; without one it is always as new. */
  readonly state: string | undefined;
  readonly firmware: string | undefined;
  /** Set by hand at the phone, in place of DHCP: `192.168.1.20/24`. */
  readonly address: string | undefined;
  readonly router: string | undefined;
  /** Address of its files, typed in at the phone. */
  readonly configUrl: string | undefined;
  /** With which digest its firmware derives the key of encrypted files; no public document says. */
  readonly fileDigest: 'md5' | 'sha256';
  /** How long its processor takes to start. */
  readonly bootMs: number;
  readonly logLevel: string;
}

const USAGE =
  'Say --maker grandstream|panasonic --model NAME --mac C0:74:AD:00:00:01 --device lan0 --control SOCKET; ' +
  'also --state DIR --firmware VERSION --address A.B.C.D/N --router A.B.C.D --config-url URL --file-digest md5|sha256 --boot-ms MS.';

/** Reads the command line; throws a {@link StartupError} that says what to write. */
export function readFlags(args: readonly string[]): Flags {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    throw usage(`${error instanceof Error ? error.message : String(error)} ${USAGE}`);
  }
  const { maker, model, device, control } = values;
  if (maker !== 'grandstream' && maker !== 'panasonic') throw usage(USAGE);
  if (model === undefined || !/^[A-Za-z0-9-]{3,20}$/.test(model) || control === undefined) throw usage(USAGE);
  if (device === undefined || !/^[A-Za-z0-9._-]{1,15}$/.test(device)) throw usage(USAGE);
  const mac = (values.mac ?? '').toLowerCase().replace(/[:.-]/g, '');
  if (!/^[0-9a-f]{12}$/.test(mac)) throw usage(`--mac is a hardware address. ${USAGE}`);
  const fileDigest = values['file-digest'];
  if (fileDigest !== 'md5' && fileDigest !== 'sha256') throw usage('--file-digest is md5 or sha256.');
  const bootMs = Number(values['boot-ms']);
  if (!Number.isInteger(bootMs) || bootMs < 0) throw usage('--boot-ms is a number of milliseconds.');
  return {
    maker,
    model,
    mac,
    device,
    control,
    state: values.state,
    firmware: values.firmware,
    address: values.address,
    router: values.router,
    configUrl: values['config-url'],
    fileDigest,
    bootMs,
    logLevel: values['log-level'],
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      maker: { type: 'string' },
      model: { type: 'string' },
      mac: { type: 'string' },
      device: { type: 'string' },
      control: { type: 'string' },
      state: { type: 'string' },
      firmware: { type: 'string' },
      address: { type: 'string' },
      router: { type: 'string' },
      'config-url': { type: 'string' },
      'file-digest': { type: 'string', default: 'md5' },
      'boot-ms': { type: 'string', default: '1500' },
      'follow-stdin': { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'info' },
    },
  }).values;
}

function usage(say: string): StartupError {
  return new StartupError({ code: 'phone.usage', fault: 'caller', say });
}
