import type { FactRow } from './row.ts';
import { type SourceText, testsIn } from './scan.ts';

/** How the service reads a place that its price list leaves open: by which name, and which readings can be chosen. */
export interface Policy {
  /** The ambiguity: `A-07`. */
  readonly reading: string;
  /** `file#field` of a choice below `cloud-stub/`; a reading without a choice has a name of this table alone. */
  readonly name: string;
  /** What is offered, the standard first. */
  readonly offered: readonly [standard: string, ...others: string[]];
}

const RATING = 'rating/policy.ts#';
const ROUTING = 'routing/policy.ts#';
const BILLING = 'billing/policy.ts#';

function choice(reading: string, name: string, ...offered: Policy['offered']): Policy {
  return { reading, name, offered };
}

/** One reading is offered: the other one is no operator's wish, or is another catalogue entry. */
function only(reading: string, name: string, is: string): Policy {
  return { reading, name, offered: [is] };
}

/** Every ambiguity, in the order of the list; some have several choices. */
export const POLICIES: readonly Policy[] = [
  only('A-01', 'additionalNumbersMost', 'lesserOfTwoAndAdditionalIds'),
  choice('A-02', `${BILLING}setPrice`, 'printed', 'waivedMembers'),
  choice('A-03', `${BILLING}dissolvedSet`, 'nextPeriod', 'atOnce'),
  only('A-04', 'portedNumber', 'takesThePlaceOfTheContractNumber'),
  choice('A-05', `${ROUTING}deskPriority`, 'headStart', 'together'),
  choice('A-06', `${ROUTING}allBusyVoicemail`, 'atOnce', 'busyTone'),
  choice('A-06', `${ROUTING}botTakesChannel`, 'true', 'false'),
  choice('A-07', `${RATING}tenMinutes`, 'excess', 'wholeCall'),
  only('A-08', 'withdrawnOption', 'fromTheDecisionOn'),
  choice('A-09', `${ROUTING}callsADay`, '30', 'number'),
  only('A-10', 'appDestinations', 'domesticFixed050Mobile'),
  only('A-11', 'directoryEnquiry', 'endedWith2026-03-31'),
  only('A-12', 'faxEntitlement', 'contractNumberOrId'),
  choice('A-13', `${RATING}faxCrossing`, 'shareOfPages', 'wholeJob'),
  only('A-14', 'faxesKept', '100ReceivedAnd100Sent'),
  choice('A-15', `${ROUTING}faxTone`, 'listenFirst', 'forwardingFirst'),
  only('A-16', 'answerMode', 'togglesOrSchedule'),
  only('A-17', 'botAndForwarding', 'togetherInAScheduleOnly'),
  only('A-18', 'orderOfTreatment', 'stateRejectFaxScheduleBotIvrRingVoicemail'),
  choice('A-19', `${ROUTING}unrecorded`, 'externalLegs', 'forwardedLegs'),
  only('A-20', 'ivrPrice', 'perNumberExTax'),
  choice('A-21', `${RATING}refusedSales`, 'counted', 'notCounted'),
  choice('A-22', `${BILLING}proration`, 'none', 'daily'),
  only('A-23', 'periodBoundary', 'midnightInJapan'),
  choice('A-24', `${RATING}botBlock`, 'firstItem', 'fullBlock'),
  choice('A-25', `${BILLING}tollFreeLatePeriods`, '2', 'number'),
  choice('A-26', 'contracts/calendar.ts#cutOffMinute', '900', 'number'),
  only('A-27', 'receptionId', 'counts'),
  choice('A-28', 'contracts/orders/types.ts#construction', 'perApplication', 'perFunction'),
  choice('A-28', `${BILLING}construction`, 'perOrder', 'perFunction'),
  only('A-29', 'busyDetourAndRegion', 'busyDetourWins'),
  only('A-30', 'taxBasis', 'ofEachPrice'),
  only('A-31', 'sameMoment', 'afterHoursThenDestinationThenDetour'),
  only('A-32', 'mobileOrigin', 'networkElseUnknownPrefecture'),
  only('A-33', 'withheldOrigin', 'networkKnowsTheRegion'),
  only('A-34', 'tollFreeOrigins', 'byProduct'),
  only('A-35', 'opening060', '2026-07-01'),
  only('A-36', 'ceiling', 'warnAndRefuseRunningCallsFinish'),
  only('A-37', 'emergencyCalls', 'byProduct'),
  only('A-38', 'targetsOfRepresentative', 'two'),
  only('A-39', 'nothingToPresent', 'refused'),
  only('A-40', 'deposit', 'liability'),
  only('A-41', 'deskPhoneFees', 'purchaseAndMonthly'),
  only('A-42', 'powerOfPanasonic', 'hubOrOwnSupply'),
  choice('A-43', `${BILLING}usageRounding`, 'floor', 'nearest', 'ceil'),
  only('A-44', 'beganUnits', 'roundUpFromTheAnswer'),
  only('A-45', 'numberModel', 'flagOfTheContract'),
  only('A-46', 'trial', 'oncePerLegalEntity'),
  only('A-47', 'faxFiles', 'byClient'),
  only('A-48', 'registration', 'newestWins'),
  only('A-49', 'tenMinutesOnDeskPhone', 'refusedBothWays'),
  choice('A-50', `${RATING}browserFax`, 'charged', 'freeSheets'),
  only('A-51', 'faxOnAdapter', 'adapterCall'),
  only('A-52', 'endOfSale', 'newApplicationsOnly'),
  choice('A-53', `${BILLING}roundedBy`, 'category', 'use'),
  only('A-54', 'initialFeeInStandardSet', 'due'),
  only('A-55', 'severalBasicSets', 'othersStay'),
  choice('A-56', `${RATING}botItems`, 'perNumber', 'perContract'),
  only('A-57', 'botAndVoicemail', 'exclusivePerNumber'),
  choice('A-58', `${BILLING}insteadOf`, '[]', 'portingInstead'),
  only('A-59', 'carrierPrefix', 'dropped'),
  only('A-60', 'closingDay', '25OfEveryProduct'),
  choice('A-61', `${RATING}tollFreeFrom050`, 'mobile', 'fixed', 'unpriced'),
  choice('A-62', `${ROUTING}forwardingOn`, 'anyNumber', 'contractNumber'),
  choice('A-63', `${ROUTING}forwardTakesChannel`, 'true', 'false'),
  choice('A-64', `${RATING}failedFax`, 'confirmedPages', 'allTime'),
  choice('A-65', `${RATING}decidedBy`, 'answer', 'start'),
  only('A-66', 'cutOffItself', 'nextBusinessDay'),
];

/**
 * What does not hold of the readings: one without a name, a name whose choices in the code are others, a choice without a
 * test. A test of a choice stands in a file that names the ambiguity in a test, and writes the choice down.
 */
export function policyProblems(
  list: readonly FactRow[],
  sources: readonly SourceText[],
  policies: readonly Policy[] = POLICIES,
): readonly string[] {
  const readings = list.filter(({ id }) => id.startsWith('A-'));
  const unnamed = readings
    .filter(({ id }) => !policies.some(({ reading }) => reading === id))
    .map(({ id }) => `${id} has no named policy`);
  const tests = sources.filter(({ path }) => path.startsWith('test/') && path.endsWith('.test.ts'));
  const code = new Map(sources.map(({ path, text }) => [path, text]));
  return [
    ...unnamed,
    ...policies.flatMap((policy) => [...strange(policy, code), ...untested(policy, tests)]),
  ];
}

/** Choices that the code does not offer as the table does. */
function strange({ reading, name, offered }: Policy, code: ReadonlyMap<string, string>): readonly string[] {
  const [file, field] = name.split('#');
  if (field === undefined) return [];
  const text = code.get(`cloud-stub/${file}`) ?? '';
  const written = new RegExp(`\\b${field}\\??: ([^;\\n]*)`).exec(text)?.[1];
  if (written === undefined) return [`${reading}: there is no ${name}`];
  const choices = [...written.matchAll(/'(\w+)'/g)].map((one) => one[1]).sort();
  const same = choices.length === 0 || choices.join() === [...offered].sort().join();
  return same ? [] : [`${reading}: ${name} offers ${choices.join(', ')}`];
}

function untested({ reading, name, offered }: Policy, tests: readonly SourceText[]): readonly string[] {
  const field = name.split('#')[1];
  const naming = tests.filter((file) => testsIn(file).some(({ facts }) => facts.includes(reading)));
  return offered.slice(1).flatMap((other) => {
    const wanted = new RegExp(
      other === 'number' ? `\\b${field}: ` : `\\b${field}\\b.*\\b${other}\\b|'${other}'`,
    );
    return naming.some(({ text }) => wanted.test(text)) ? [] : [`${reading}: no test chooses ${other}`];
  });
}
