export { type CarrierCallView, carrierCallStates } from './call-view.ts';
export { Carrier, type CarrierOptions } from './carrier.ts';
export { CarrierControl, CarrierControlError } from './control-client.ts';
