export {
  openRelay,
  RELAY_PORTS,
  type Relay,
  type RelayFigures,
  type RelayOptions,
  type RelaySide,
} from './relay.ts';
