import { T38Gateway } from '../../lib/dsp/fax/t38-gateway.ts';

/** A gateway that only listens: what it would tell the network is thrown away. */
function openEar(frame: (bytes: Uint8Array) => void): T38Gateway | undefined {
  const opened = T38Gateway.open({
    version: 0,
    ecm: true,
    modems: 'v17',
    onIfp: () => {},
    onControlFrame: (bytes) => frame(bytes),
  });
  return opened.ok ? opened.value : undefined;
}

/**
 * Overhears two machines that talk by sound, so that the fax log can tell of them what it tells of a fax over T.38. It
 * touches nothing; without the library there is just less in the log.
 */
export class FaxOverhear {
  readonly #line: T38Gateway | undefined;
  readonly #network: T38Gateway | undefined;

  /** `frame` gets the T.30 control frames in clear; `incoming` ones came from the network. */
  constructor(frame: (bytes: Uint8Array, incoming: boolean) => void) {
    this.#line = openEar((bytes) => frame(bytes, false));
    this.#network = openEar((bytes) => frame(bytes, true));
  }

  fromLine(samples: Int16Array): void {
    this.#line?.hear(samples);
  }

  toLine(samples: Int16Array): void {
    this.#network?.hear(samples);
  }

  /** Frees native memory. */
  close(): void {
    this.#line?.close();
    this.#network?.close();
  }
}
