import { createRequire } from 'node:module';
import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';

/** Address of something in native memory. Carries no type: only this folder ever holds one. */
export type NativeHandle = bigint;

/** A shared library that is loaded. */
export interface NativeLibrary {
  /** A function by its C declaration. Throws when the library does not have it. */
  func(declaration: string): unknown;
}

interface Koffi {
  load(file: string): NativeLibrary;
  proto(result: string, parameters: readonly string[]): unknown;
  pointer(type: unknown): unknown;
  register(callback: (...args: never[]) => unknown, type: unknown): bigint;
}

/** The foreign function interface, loaded on first use: what never touches a native library runs without it. */
function koffi(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi;
}

/**
 * Loads a shared library and binds functions of it. Errors: `dsp.libraryMissing` names the Debian package to install,
 * `dsp.libraryUnusable` the function that is not in it.
 */
export function bindLibrary<Functions>(
  file: string,
  debianPackage: string,
  bind: (library: NativeLibrary) => Functions,
): Result<Functions, DspError> {
  let library: NativeLibrary;
  try {
    library = koffi().load(file);
  } catch {
    return refuse({
      code: 'dsp.libraryMissing',
      fault: 'environment',
      say: `${file} cannot be loaded. Install the Debian package: apt-get install ${debianPackage}`,
    });
  }
  try {
    return { ok: true, value: bind(library) };
  } catch (error) {
    return refuse({
      code: 'dsp.libraryUnusable',
      fault: 'environment',
      say: `${file} lacks a function that is needed (${String(error)}). Debian's ${debianPackage} has it.`,
    });
  }
}

/**
 * For every array that native code writes or reads as samples: the foreign function interface takes any typed array by
 * its address, and with bytes in place of samples half of the write would go behind their end.
 */
export function mustBeSamples(array: Int16Array): void {
  if (array.BYTES_PER_ELEMENT !== Int16Array.BYTES_PER_ELEMENT) throw new TypeError('not 16-bit samples');
}

/** The refusal when a library answers no state: it only does so when memory has run out. */
export function noMemory(what: string): { readonly ok: false; readonly error: DspError } {
  return refuse({
    code: 'dsp.libraryUnusable',
    fault: 'environment',
    say: `${what} could not be created: no memory left.`,
  });
}

/**
 * A function of ours that a library may keep and call. It is never given back: register one per kind for the process
 * (there are 8,192 at most), and find the channel by the user data.
 */
export function registerCallback(
  result: string,
  parameters: readonly string[],
  callback: (...args: never[]) => unknown,
): NativeHandle {
  const { proto, pointer, register } = koffi();
  return register(callback, pointer(proto(result, parameters)));
}

type Memcpy = (to: Uint8Array, from: NativeHandle, count: number) => unknown;
type MemcpyInto = (to: NativeHandle, from: Uint8Array, count: number) => unknown;
let memcpy: Memcpy | undefined;
let memcpyInto: MemcpyInto | undefined;

/** A copy of native memory: ten times as fast as decoding it, and nothing of it is shared. */
export function copyFromNative(from: NativeHandle, count: number): Uint8Array {
  memcpy ??= koffi().load('libc.so.6').func('void *memcpy(uint8_t *to, void *from, size_t n)') as Memcpy;
  const to = new Uint8Array(count);
  if (count > 0) memcpy(to, from, count);
  return to;
}

/** Overwrites native memory. Only inside a callback, and only what the library has just shown there. */
export function overwriteNative(to: NativeHandle, offset: number, bytes: Uint8Array): void {
  memcpyInto ??= koffi()
    .load('libc.so.6')
    .func('void *memcpy(void *to, const uint8_t *from, size_t n)') as MemcpyInto;
  memcpyInto(to + BigInt(offset), bytes, bytes.length);
}
