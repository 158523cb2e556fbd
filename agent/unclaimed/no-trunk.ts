import type { MakeSockets } from '../../lib/voice/sip/core.ts';

/** Sockets of a trunk that leads nowhere: without an authority nobody at its far end could be believed. */
export const noTrunk: MakeSockets = () => ({
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  expectServerName: () => undefined,
  flowTo: () => undefined,
});
