export { OutsideGuard, type OutsideNo } from './outside-guard.ts';
export { type SpendBar, spendBar, type UnreckonedCall } from './spend-guard.ts';
