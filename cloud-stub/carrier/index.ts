export type { CarrierCallView } from './call-view.ts';
export { CarrierControl } from './control-client.ts';
