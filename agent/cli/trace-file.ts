import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import {
  type CaptureFormat,
  fileEnd,
  fileHead,
  filePacket,
  formatOf,
  type Traced,
  type TraceLosses,
} from '../trace/index.ts';

/** A capture file that grows: readable by its writer only, because it is somebody's talk; never over one that is there. */
export class TraceFile {
  readonly path: string;
  readonly #fd: number;
  readonly #format: CaptureFormat;
  #bytes = 0;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.#format = formatOf(path);
  }

  /** Makes the file. Errors: `cli.cannotWrite`. */
  static open(
    path: string,
    about: { readonly box: string; readonly program: string },
  ): Result<TraceFile, CodedError> {
    try {
      const file = new TraceFile(path, openSync(path, 'wx', 0o600));
      file.#append(fileHead(file.#format, about));
      return ok(file);
    } catch (error) {
      const say = `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      return refuse({ code: 'cli.cannotWrite', fault: 'environment', say });
    }
  }

  /** Why a message could not be written, or undefined. */
  write(traced: Traced): string | undefined {
    try {
      this.#append(filePacket(this.#format, traced));
      return undefined;
    } catch (error) {
      return `${this.path} cannot be written any more: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Ends it; how long it has become. What cannot be written any more is left out. */
  close(at: { readonly atMs: number; readonly seen: number; readonly lost: TraceLosses }): number {
    try {
      this.#append(fileEnd(this.#format, at));
    } catch {
      // The messages are what matters; their count stands on the screen as well.
    }
    closeSync(this.#fd);
    return this.#bytes;
  }

  /** Nothing was traced because nobody answered: no file is left behind. */
  removeEmpty(seen: number): void {
    if (seen === 0) rmSync(this.path, { force: true });
  }

  #append(bytes: Buffer): void {
    writeSync(this.#fd, bytes);
    this.#bytes += bytes.length;
  }
}
