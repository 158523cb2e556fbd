import type { RuleRow } from '../rule-table.ts';

/** What an order must be, given what is there already. The rules of the contract itself hold after every order too. */
export const orderRules = {
  'order.notApplied': { facts: ['S0-146'], rule: 'an application comes first' },
  'order.appliedTwice': { facts: ['S0-031'], rule: 'a contract is applied for once' },
  'order.ended': {
    facts: ['S0-158'],
    rule: 'an ended contract takes no orders, and nothing goes on without it',
  },
  'order.inThePast': { facts: ['S0-162'], rule: 'orders follow each other in time' },
  'order.unknown': { facts: ['S0-062'], rule: 'an order names what the contract has' },
  'order.taken': { facts: ['S0-054'], rule: 'a number belongs to one contract at a time' },
  'order.unknownItem': { facts: ['S0-154'], rule: 'options are those of the contracted service' },
  'order.notSold': { facts: ['S0-044', 'A-52'], rule: 'an item is ordered while it is for sale' },
  'order.wrongPlace': {
    facts: ['S0-130', 'S0-194', 'S0-107'],
    rule: 'an option is on what it is counted by: a number, an ID, the contract',
  },
  'order.alreadyHeld': { facts: ['S0-010'], rule: 'an option is ordered once for each number or ID' },
  'order.legacyModel': { facts: ['A-45', 'S0-054'], rule: 'new contracts are of the model of 2021-06-26' },
  'order.setLater': { facts: ['S0-031'], rule: 'sets only with the first application' },
  'order.setFixed': { facts: ['S0-039', 'A-03'], rule: 'a set can be neither changed nor cancelled' },
  'order.setKinds': { facts: ['S0-040'], rule: 'one kind of set in an application' },
  'order.setTwice': { facts: ['S0-041'], rule: 'only the Basic set several times: one for each number' },
  'order.setMember': { facts: ['S0-035'], rule: 'a set has all its members in the application' },
  'order.setNotSold': { facts: ['S0-044', 'A-52'], rule: 'a set is taken while it is for sale' },
  'order.optionLater': { facts: ['S0-134'], rule: 'recording is not in the first application' },
  'order.address03': {
    facts: ['S0-199', 'S0-200'],
    rule: "03 numbers need a base in Tokyo's 23 wards, or the shared office",
  },
  'order.businessOnly': { facts: ['S3-023'], rule: 'the service is for business use' },
  'order.inJapanOnly': { facts: ['S3-022'], rule: "the contractor's address is in Japan" },
  'order.notPausable': { facts: ['S3-022'], rule: 'the service cannot be paused' },
  'order.tollFreeFirst': { facts: ['S0-146'], rule: 'toll-free numbers once the contract is complete' },
  'order.tollFreeDigits': {
    facts: ['S0-147', 'S0-148'],
    rule: 'of a new toll-free number only the prefix is chosen; 0120 + 6 or 0800 + 7 digits',
  },
  'order.modelWithdrawn': { facts: ['S0-171'], rule: 'withdrawn models are not sold' },
  'order.analogOnly': {
    facts: ['S0-179', 'S0-180'],
    rule: 'an adapter is for analog phones, faxes and multifunction devices',
  },
  'order.baseId': { facts: ['S0-063', 'S0-065'], rule: 'the base ID stays as long as the contract' },
  'order.contractNumber': {
    facts: ['S0-054'],
    rule: 'the contract number stays; a ported one can take its place',
  },
  'order.answersTollFree': {
    facts: ['S2-031', 'S0-145'],
    rule: 'a number that answers a toll-free number stays until that one is answered elsewhere',
  },
  'order.hardware': {
    facts: ['S0-176', 'S0-170'],
    rule: 'only desk phones have a hardware address, written as on their label',
  },
  'order.phoneKey': {
    facts: ['S0-081'],
    rule: 'keys of a desk phone are counted from 1 and follow each other without gaps',
  },
  'order.noDeskPhone': { facts: ['S0-170'], rule: 'keys and rings are those of an ID on a desk phone' },
  'order.noBook': {
    facts: ['S0-191', 'S0-194'],
    rule: 'the office has a phone book when an ID has its option',
  },
  'order.deviceInUse': { facts: ['S0-062'], rule: 'a device goes when no ID sits on it' },
  'order.verification': {
    facts: ['S0-144'],
    rule: 'identity is checked by a method that the law allows on the day',
  },
  'order.scheduleMode': {
    facts: ['A-16', 'S0-142'],
    rule: 'in schedule mode the switches do nothing; the schedule decides',
  },
  'order.trialOnce': { facts: ['S4-019', 'A-46'], rule: 'one trial for a legal entity' },
  'order.trialCampaign': {
    facts: ['S4-020', 'A-46'],
    rule: 'no trial for use tied to an event or recruiting advertisement',
  },
  'order.noTrial': { facts: ['S4-018'], rule: 'only what is on trial can be converted or stopped' },
  'order.trialOver': { facts: ['S4-018', 'S4-003'], rule: 'a trial lasts 10 days' },
  'order.startDate': { facts: ['S4-023'], rule: 'the start is one exact date, not in the past' },
  'order.oneParty': {
    facts: ['S4-008', 'S4-009', 'S4-010'],
    rule: 'an answering contract is for one corporation or sole proprietor',
  },
  'order.sharedNumber': {
    facts: ['S4-010'],
    rule: 'a number on which two companies take calls needs a special approval',
  },
  'order.noAnswering': {
    facts: ['S0-154', 'S4-005'],
    rule: 'operators are told whose calls they take and whom they report to',
  },
  'order.outOfHours': { facts: ['S0-156'], rule: 'out-of-hours answering is agreed at application' },
  'order.mobileElsewhere': {
    facts: ['S3-027'],
    rule: 'a handset in mobile mode is not registered with the other business service',
  },
  'order.mobileMode': {
    facts: ['S3-028', 'S3-029'],
    rule: 'mobile mode is of the 050 service, and started once',
  },
  'order.forwardingScope': {
    facts: ['S1-017'],
    rule: 'group forwarding is provided per company, not for single users or numbers',
  },
  'order.control': {
    facts: ['S2-038', 'S2-039'],
    rule: 'with customer control the customer changes ratios and the schedules of destination and after-hours, nothing else',
  },
  'order.deposit': { facts: ['S0-152', 'S0-166'], rule: 'a deposit is raised or lowered where one is held' },
  'order.reason': { facts: ['S0-095', 'A-08'], rule: 'the provider takes an option away only with a reason' },
  'order.ceiling': { facts: ['S3-032', 'A-36'], rule: 'a ceiling is above 0 and warns at 1 to 100 %' },
} as const satisfies Record<string, RuleRow>;

/** A rule that an order broke. */
export type OrderRule = keyof typeof orderRules;
