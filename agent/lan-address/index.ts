export {
  LanAddressKeeper,
  type LanAddressTools,
  type LanAddressView,
} from './lan-address-keeper.ts';
