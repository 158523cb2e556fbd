import type { ProductId } from '../catalogue/index.ts';
import { CLOUD_PHONE } from './cloud-phone.ts';
import { IP_050 } from './ip050.ts';
import { ANSWERING, CALLEE_PAYS, GROUP_FORWARDING } from './other-services.ts';
import type { Notice, NoticePlace } from './types.ts';

/** Everything that a customer is told and that no rule decides. */
export const NOTICES: readonly Notice[] = [
  ...CLOUD_PHONE,
  ...GROUP_FORWARDING,
  ...CALLEE_PAYS,
  ...IP_050,
  ...ANSWERING,
];

/** What a customer of `product` reads at `shown`, in the order of the list. */
export function noticesAt(shown: NoticePlace, product: ProductId): readonly Notice[] {
  return NOTICES.filter((notice) => notice.shown === shown && notice.product === product);
}
