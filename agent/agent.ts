import type { Running } from '../lib/base/lifecycle.ts';
import type { AgentOptions } from './agent-options.ts';
import { Rooms } from './rooms.ts';

export type { AgentOptions } from './agent-options.ts';

/**
 * Puts the rooms of the agent together and starts them. The last good configuration is applied before any network, so
 * that the phones have dial tone whether the service is there or not.
 */
export async function startAgent(options: AgentOptions): Promise<Running> {
  return new Rooms(options).start();
}
