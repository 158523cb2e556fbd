export type { AudioSource } from './player.ts';
export { promptSource, toneSource } from './prompts/prompts.ts';
export { openRelay, type Relay } from './relay.ts';
