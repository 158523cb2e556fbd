export { openRelay, type Relay } from './relay.ts';
