export { digestHa1 } from './digest/compute.ts';
export { createUserAgent } from './user-agent.ts';
