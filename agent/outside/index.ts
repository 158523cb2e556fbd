export { OutsideGuard } from './outside-guard.ts';
