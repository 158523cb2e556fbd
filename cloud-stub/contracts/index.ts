export { type Calendar, type CalendarSettings, defaultCalendar, dueDay, japanCalendar } from './calendar.ts';
export { lanSettings, type PhoneSettings, phoneSettings } from './desk.ts';
export { exampleFaxOffice, exampleOffice, examplePhoneOffice } from './example-office.ts';
export type {
  AnswerAction,
  AnswerMode,
  IdFeatures,
  IvrMenu,
  MenuAction,
  NumberFeatures,
  RejectEntry,
  RingGroup,
  RingMember,
  RingStep,
} from './features.ts';
export { emptyFeatures, emptyIdFeatures, PROMPTS } from './features.ts';
export { contractAt, holds, holdsNumber, optionsOn } from './held.ts';
export { type LineSettings, lineSettings } from './line.ts';
export { applyOrder } from './orders/apply-order.ts';
export { type OrderEntry, type OrderHistory, record, replay } from './orders/history.ts';
export type { Application, Order, OrderContext, OrderOutcome, OrderRefusal } from './orders/types.ts';
export { checkContract } from './rules/check.ts';
export { presentedByRelay } from './rules/groups.ts';
export { channelsOf, loginNumber } from './rules/model.ts';
export type { Ceiling } from './services.ts';
export { siteName } from './site-name.ts';
export { routingSnapshot } from './snapshot.ts';
export { subscriptionsOf } from './subscriptions.ts';
export type { Holidays, TimeTable } from './time-table.ts';
export { intervalAt, valueAt } from './time-table.ts';
export type { AnswerGroup, Distribution, OriginArea, TollFreeNumber } from './toll-free.ts';
export type { Contract, NumberKind, Subscription } from './types.ts';
