export { callKind, legKind } from './call-kind.ts';
export { decide } from './decide.ts';
export { explain } from './explain.ts';
export { unansweredLegs } from './legs.ts';
export { RoutingMemory } from './memory.ts';
export { defaultPolicy, type RoutingPolicy } from './policy.ts';
export { renderPlan } from './render-plan.ts';
export type { Tracing } from './steps.ts';
