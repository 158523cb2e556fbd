import { callRulesOf, type ProductId } from '../../catalogue/index.ts';
import type { AnswerGroup, OriginArea, TollFreeNumber } from '../../contracts/index.ts';
import { areas, type CallerOrigin } from '../../numbering/index.ts';
import type { CallMedia, TollFreeCall } from '../types.ts';

/** Why a caller is not taken. `guidance`: he hears the restriction guidance where the number has it. [S2-025] */
export interface NotTaken {
  readonly rule: string;
  readonly facts: readonly string[];
  readonly say: string;
  readonly guidance: boolean;
}

/** What the service does not carry to a toll-free number. [S2-017] [S2-027] */
export function refusedMedia(product: ProductId, media: CallMedia): Omit<NotTaken, 'guidance'> | undefined {
  const carried = callRulesOf(product).tollFreeRefusesMedia.find((one) => one.of.includes(media));
  return carried && { rule: 'in.tollFree.media', facts: carried.facts, say: carried.say };
}

/** Kinds of line that the service does not take, whatever the customer has set. [S0-151] [S2-026] */
export function refusedByService(product: ProductId, caller: CallerOrigin): NotTaken | undefined {
  const kind = callRulesOf(product).tollFreeRefuses.find((one) => one.of.includes(caller.class));
  if (kind === undefined) return undefined;
  return { rule: 'in.tollFree.origin', facts: kind.facts, say: kind.say, guidance: false };
}

/** What the customer does not take: mobiles, or callers from outside the accepted areas. */
export function refusedByNumber(setting: TollFreeNumber, caller: CallerOrigin): NotTaken | undefined {
  return refusedMobile(setting, caller) ?? refusedArea(setting, caller);
}

/** Mobile callers are taken by choice. [S2-022] */
function refusedMobile(setting: TollFreeNumber, caller: CallerOrigin): NotTaken | undefined {
  if (caller.class !== 'mobile' || setting.acceptsMobile) return undefined;
  const say = `${setting.number} takes no calls from mobiles`;
  return { rule: 'in.tollFree.mobile', facts: ['S2-022', 'S2-025'], say, guidance: true };
}

/** The nation, regions, prefectures or charge areas whose callers are taken. [S2-020] [S2-021] */
function refusedArea(setting: TollFreeNumber, caller: CallerOrigin): NotTaken | undefined {
  if (setting.accepts.some((area) => isIn(caller, area))) return undefined;
  const say = `${setting.number} takes no calls from ${placeName(caller)}`;
  return { rule: 'in.tollFree.area', facts: ['S2-021', 'S2-025'], say, guidance: true };
}

/**
 * The answer group of a caller: the one that has his area, else the one for the rest. A mobile goes to groups that take
 * mobiles only; of the groups that split a prefecture by charge area that is one, and it takes the mobiles of the whole
 * prefecture. [S2-031] [S2-040] [S2-041]
 */
export function groupOf(setting: TollFreeNumber, caller: CallerOrigin): AnswerGroup | undefined {
  let rest: AnswerGroup | undefined;
  for (const group of setting.groups) {
    if (caller.class === 'mobile' && !group.mobile) continue;
    if (group.origins === 'rest') rest ??= group;
    else if (group.origins.some((area) => isIn(caller, area))) return group;
  }
  return rest;
}

/** Whether a caller is in an area. Of a mobile the prefecture is the finest that counts. [S2-021] [S2-023] */
function isIn(caller: CallerOrigin, area: OriginArea): boolean {
  if (area.area !== 'chargeArea' || caller.class !== 'mobile') return areas.holds(area, caller);
  return caller.prefecture !== null && caller.prefecture === areas.prefectureOf(area.name);
}

/** For people: `相模原`, `a mobile in 東京都`, `an unknown place`. */
export function placeName(caller: CallerOrigin): string {
  const mobile = caller.class === 'mobile';
  const place = (mobile ? null : caller.chargeArea) ?? caller.prefecture ?? 'an unknown place';
  return mobile ? `a mobile in ${place}` : place;
}

/**
 * The caller as prices see him: what calls by satellite costs as a mobile; a caller of whom nothing is known as a fixed
 * line, so that nobody pays more than can be shown. [S0-051]
 */
export function callerClass({ class: is }: CallerOrigin): TollFreeCall['callerClass'] {
  switch (is) {
    case 'payphone':
    case 'ip050':
    case 'mobile':
      return is;
    case 'satellite':
      return 'mobile';
    case 'fixed':
    case 'international':
    case 'withheld':
      return 'geographic';
  }
}
