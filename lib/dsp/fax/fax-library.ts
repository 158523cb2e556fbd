import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import { bindLibrary, type NativeHandle, type NativeLibrary } from '../native-library.ts';

/** The functions of libspandsp 0.0.6 that fax needs, by their C names without the common prefix. */
export interface FaxLibrary {
  readonly machine: {
    init(state: null, calling: number): NativeHandle | null;
    setTransmitOnIdle(machine: NativeHandle, on: number): void;
    t30(machine: NativeHandle): NativeHandle;
    /** Writes into `samples`: it takes the direct current out of them where they lie. */
    rx(machine: NativeHandle, samples: Int16Array, count: number): number;
    rxFillin(machine: NativeHandle, count: number): number;
    tx(machine: NativeHandle, samples: Int16Array, most: number): number;
    release(machine: NativeHandle): number;
    free(machine: NativeHandle): number;
  };
  readonly t30: {
    setIdent(t30: NativeHandle, ident: string): number;
    setSendFile(t30: NativeHandle, file: string, first: number, last: number): void;
    setReceiveFile(t30: NativeHandle, file: string, last: number): void;
    setModems(t30: NativeHandle, mask: number): number;
    setCompressions(t30: NativeHandle, mask: number): number;
    setResolutions(t30: NativeHandle, mask: number): number;
    setImageSizes(t30: NativeHandle, mask: number): number;
    setEcm(t30: NativeHandle, on: number): number;
    setPhaseDHandler(t30: NativeHandle, handler: NativeHandle, channel: number): void;
    setPhaseEHandler(t30: NativeHandle, handler: NativeHandle, channel: number): void;
    setFrameHandler(t30: NativeHandle, handler: NativeHandle, channel: number): void;
    statistics(t30: NativeHandle, out: Int32Array): void;
    terminate(t30: NativeHandle): void;
    completionText(code: number): string;
  };
  readonly gateway: {
    init(state: null, packetHandler: NativeHandle, channel: number): NativeHandle | null;
    core(gateway: NativeHandle): NativeHandle;
    /** Writes into `samples`, as `machine.rx` does. */
    rx(gateway: NativeHandle, samples: Int16Array, count: number): number;
    rxFillin(gateway: NativeHandle, count: number): number;
    tx(gateway: NativeHandle, samples: Int16Array, most: number): number;
    setTransmitOnIdle(gateway: NativeHandle, on: number): void;
    setEcm(gateway: NativeHandle, on: number): void;
    setModems(gateway: NativeHandle, mask: number): void;
    /** Takes lengths only: the bytes that the pointers name are never read. */
    setNsxSuppression(gateway: NativeHandle, a: null, aBytes: number, b: null, bBytes: number): void;
    setFrameHandler(gateway: NativeHandle, handler: NativeHandle, channel: number): void;
    statistics(gateway: NativeHandle, out: Int32Array): void;
    release(gateway: NativeHandle): number;
    free(gateway: NativeHandle): number;
  };
  readonly terminal: {
    init(state: null, calling: number, packetHandler: NativeHandle, channel: number): NativeHandle | null;
    t30(terminal: NativeHandle): NativeHandle;
    core(terminal: NativeHandle): NativeHandle;
    sendTimeout(terminal: NativeHandle, samples: number): number;
    release(terminal: NativeHandle): number;
    free(terminal: NativeHandle): number;
  };
  readonly core: {
    rxIfp(core: NativeHandle, ifp: Uint8Array, bytes: number, sequence: number): number;
    setVersion(core: NativeHandle, version: number): void;
    setRateManagement(core: NativeHandle, method: number): void;
    sendIndicator(core: NativeHandle, indicator: number): number;
  };
}

let loaded: Result<FaxLibrary, DspError> | undefined;

/** Loads the library on first use and remembers the outcome; errors are those of {@link bindLibrary}. */
export function loadFaxLibrary(): Result<FaxLibrary, DspError> {
  loaded ??= bindLibrary('libspandsp.so.2', 'libspandsp2', (library) => ({
    machine: bindMachine(library),
    t30: bindT30(library),
    gateway: bindGateway(library),
    terminal: bindTerminal(library),
    core: bindCore(library),
  }));
  return loaded;
}

/** User data is a small whole number in place of a pointer: it names the channel, and nothing is behind it. */
const CHANNEL = 'intptr_t channel';

function bindMachine(library: NativeLibrary): FaxLibrary['machine'] {
  type Machine = FaxLibrary['machine'];
  return {
    init: library.func('void *fax_init(void *s, int calling)') as Machine['init'],
    setTransmitOnIdle: library.func(
      'void fax_set_transmit_on_idle(void *s, int on)',
    ) as Machine['setTransmitOnIdle'],
    t30: library.func('void *fax_get_t30_state(void *s)') as Machine['t30'],
    rx: library.func('int fax_rx(void *s, int16_t *amp, int len)') as Machine['rx'],
    rxFillin: library.func('int fax_rx_fillin(void *s, int len)') as Machine['rxFillin'],
    tx: library.func('int fax_tx(void *s, int16_t *amp, int max_len)') as Machine['tx'],
    release: library.func('int fax_release(void *s)') as Machine['release'],
    free: library.func('int fax_free(void *s)') as Machine['free'],
  };
}

function bindT30(library: NativeLibrary): FaxLibrary['t30'] {
  type T30 = FaxLibrary['t30'];
  const mask = (name: string) => library.func(`int ${name}(void *s, int mask)`);
  const handler = (name: string) => library.func(`void ${name}(void *s, void *handler, ${CHANNEL})`);
  return {
    setIdent: library.func('int t30_set_tx_ident(void *s, const char *id)') as T30['setIdent'],
    setSendFile: library.func(
      'void t30_set_tx_file(void *s, const char *file, int first, int last)',
    ) as T30['setSendFile'],
    setReceiveFile: library.func(
      'void t30_set_rx_file(void *s, const char *file, int last)',
    ) as T30['setReceiveFile'],
    setModems: mask('t30_set_supported_modems') as T30['setModems'],
    setCompressions: mask('t30_set_supported_compressions') as T30['setCompressions'],
    setResolutions: mask('t30_set_supported_resolutions') as T30['setResolutions'],
    setImageSizes: mask('t30_set_supported_image_sizes') as T30['setImageSizes'],
    setEcm: mask('t30_set_ecm_capability') as T30['setEcm'],
    setPhaseDHandler: handler('t30_set_phase_d_handler') as T30['setPhaseDHandler'],
    setPhaseEHandler: handler('t30_set_phase_e_handler') as T30['setPhaseEHandler'],
    setFrameHandler: handler('t30_set_real_time_frame_handler') as T30['setFrameHandler'],
    statistics: library.func('void t30_get_transfer_statistics(void *s, int32_t *t)') as T30['statistics'],
    terminate: library.func('void t30_terminate(void *s)') as T30['terminate'],
    completionText: library.func('const char *t30_completion_code_to_str(int code)') as T30['completionText'],
  };
}

function bindGateway(library: NativeLibrary): FaxLibrary['gateway'] {
  type Gateway = FaxLibrary['gateway'];
  const setting = (name: string) => library.func(`void t38_gateway_${name}(void *s, int value)`);
  return {
    init: library.func(`void *t38_gateway_init(void *s, void *handler, ${CHANNEL})`) as Gateway['init'],
    core: library.func('void *t38_gateway_get_t38_core_state(void *s)') as Gateway['core'],
    rx: library.func('int t38_gateway_rx(void *s, int16_t *amp, int len)') as Gateway['rx'],
    rxFillin: library.func('int t38_gateway_rx_fillin(void *s, int len)') as Gateway['rxFillin'],
    tx: library.func('int t38_gateway_tx(void *s, int16_t *amp, int max_len)') as Gateway['tx'],
    setTransmitOnIdle: setting('set_transmit_on_idle') as Gateway['setTransmitOnIdle'],
    setEcm: setting('set_ecm_capability') as Gateway['setEcm'],
    setModems: setting('set_supported_modems') as Gateway['setModems'],
    setNsxSuppression: library.func(
      'void t38_gateway_set_nsx_suppression(void *s, void *a, int a_len, void *b, int b_len)',
    ) as Gateway['setNsxSuppression'],
    setFrameHandler: library.func(
      `void t38_gateway_set_real_time_frame_handler(void *s, void *handler, ${CHANNEL})`,
    ) as Gateway['setFrameHandler'],
    statistics: library.func(
      'void t38_gateway_get_transfer_statistics(void *s, int32_t *t)',
    ) as Gateway['statistics'],
    release: library.func('int t38_gateway_release(void *s)') as Gateway['release'],
    free: library.func('int t38_gateway_free(void *s)') as Gateway['free'],
  };
}

function bindTerminal(library: NativeLibrary): FaxLibrary['terminal'] {
  type Terminal = FaxLibrary['terminal'];
  return {
    init: library.func(
      `void *t38_terminal_init(void *s, int calling, void *handler, ${CHANNEL})`,
    ) as Terminal['init'],
    t30: library.func('void *t38_terminal_get_t30_state(void *s)') as Terminal['t30'],
    core: library.func('void *t38_terminal_get_t38_core_state(void *s)') as Terminal['core'],
    sendTimeout: library.func(
      'int t38_terminal_send_timeout(void *s, int samples)',
    ) as Terminal['sendTimeout'],
    release: library.func('int t38_terminal_release(void *s)') as Terminal['release'],
    free: library.func('int t38_terminal_free(void *s)') as Terminal['free'],
  };
}

function bindCore(library: NativeLibrary): FaxLibrary['core'] {
  type Core = FaxLibrary['core'];
  return {
    rxIfp: library.func(
      'int t38_core_rx_ifp_packet(void *s, const uint8_t *buf, int len, uint16_t seq)',
    ) as Core['rxIfp'],
    setVersion: library.func('void t38_set_t38_version(void *s, int version)') as Core['setVersion'],
    setRateManagement: library.func(
      'void t38_set_data_rate_management_method(void *s, int method)',
    ) as Core['setRateManagement'],
    sendIndicator: library.func(
      'int t38_core_send_indicator(void *s, int indicator)',
    ) as Core['sendIndicator'],
  };
}
