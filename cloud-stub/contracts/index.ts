export { exampleOffice } from './example-office.ts';
export { channelsOf, checkContract } from './rules.ts';
export { routingSnapshot } from './snapshot.ts';
export { subscriptionsOf } from './subscriptions.ts';
export type { Contract, Subscription } from './types.ts';
