export { rate } from './rate.ts';
export { tariffAt, tariffOf } from './tariff.ts';
