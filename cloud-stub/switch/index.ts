export { createSwitch, type Switch, type SwitchOptions } from './create-switch.ts';
export type { SwitchFigures, SwitchLimits } from './switch.ts';
