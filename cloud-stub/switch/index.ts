export { createSwitch, type Switch } from './create-switch.ts';
export type { SwitchFigures } from './switch.ts';
