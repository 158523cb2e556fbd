/** One rule as people read it. */
export interface RuleRow {
  readonly facts: readonly string[];
  readonly rule: string;
}

/** What a contract must be at any moment, whatever orders came before. */
export const contractRules = {
  'contract.mainNumber': {
    facts: ['S0-054', 'S0-065'],
    rule: "exactly one contract number; in the old model it is the base ID's direct number",
  },
  'contract.baseId': { facts: ['S0-063'], rule: 'exactly one base ID' },
  'contract.additionalNumbers': {
    facts: ['S0-058', 'A-01'],
    rule: 'additional numbers ≤ min(2, additional IDs)',
  },
  'contract.twice': { facts: ['S0-054', 'S0-062'], rule: 'no number, ID, extension or device twice' },
  'contract.ringsForeignId': { facts: ['S0-055', 'S0-056'], rule: 'numbers ring IDs of the same contract' },
  'contract.presentsForeignNumber': { facts: ['S0-089'], rule: 'IDs show numbers of the same contract' },
  'contract.unknownDevice': { facts: ['S0-062'], rule: 'every ID sits on a device of the contract' },
  'contract.numberKind': {
    facts: ['A-45', 'S1-008'],
    rule: 'numbers are of a kind that the service has; representative and direct ones belong to the old model',
  },
  'contract.directNumber': {
    facts: ['S0-068', 'S0-070'],
    rule: 'old model: every ID has a direct number, which rings that ID alone',
  },
  'contract.representatives': {
    facts: ['S0-071', 'S0-073'],
    rule: 'old model: representative numbers ≤ IDs',
  },
  'contract.manyRepresentatives': {
    facts: ['S0-072'],
    rule: 'old model: 4 or more representative numbers only after a declaration that was accepted',
  },
  'contract.excludes': {
    facts: ['S0-125', 'A-57', 'A-17', 'A-49', 'S0-092', 'S2-042'],
    rule: 'what the catalogue excludes does not stand together',
  },
  'contract.requires': {
    facts: ['S0-149', 'S0-096', 'S0-159', 'S0-015', 'S2-002'],
    rule: 'what the catalogue requires is there',
  },
  'contract.toggles': {
    facts: ['S0-140', 'S0-141', 'A-16', 'A-17'],
    rule: 'forwarding, after-hours and bot: what excludes each other is not switched on together',
  },
  'contract.optionMissing': {
    facts: ['S0-086', 'S0-130', 'S0-010', 'S0-011', 'S0-018', 'S0-020', 'S0-022', 'S0-021'],
    rule: 'a setting needs its option on the same number or ID',
  },
  'contract.identity': { facts: ['S0-144', 'S0-204'], rule: 'forwarding waits for the identity check' },
  'contract.forwardTarget': {
    facts: ['S0-135', 'S0-136'],
    rule: 'forwarding has a target outside the contract',
  },
  'contract.voicemailAfter': { facts: ['S0-120'], rule: 'phones ring longer than 0 s before voicemail' },
  'contract.busyMessage': { facts: ['S0-076'], rule: 'no busy message where voicemail is contracted' },
  'contract.fax': {
    facts: ['A-12', 'S0-106', 'S0-107', 'S0-108'],
    rule: 'fax needs its option on the contract number or on an ID; on another number alone it does nothing',
  },
  'contract.faxRelay': {
    facts: ['S0-112'],
    rule: 'faxes of the contract number, and no other, can be relayed to an ID on an adapter',
  },
  'contract.timeTable': {
    facts: ['S0-115', 'S0-116'],
    rule: 'time tables are possible and do not contradict themselves',
  },
  'contract.unknownGroup': { facts: ['S0-084', 'S0-087'], rule: 'ring groups that are named exist' },
  'contract.groupMember': {
    facts: ['S1-009', 'S0-062'],
    rule: 'ring groups have members: IDs of the contract or numbers outside',
  },
  'contract.unknownMenu': { facts: ['S0-083'], rule: 'menus that are named exist, with digits 0–9, * and #' },
  'contract.externalMember': {
    facts: ['S1-002', 'S1-017'],
    rule: 'outside members need group forwarding, which is provided for the whole company',
  },
  'contract.externalTargets': {
    facts: ['S1-015', 'S1-016', 'A-38'],
    rule: 'outside members ≤ 1 for a standard number, ≤ 2 for a representative-only or IVR number, plus bought ones',
  },
  'contract.relayPresents': {
    facts: ['S1-014', 'A-39'],
    rule: 'a terminal that forwards has a number of its own or belongs to a representative number',
  },
  'contract.reception': {
    facts: ['S0-182', 'S0-183', 'S0-186'],
    rule: 'the reception app is on an iPad, has the buttons of its layout, and its ID rings for no number',
  },
  'contract.lineSettings': {
    facts: ['S0-179', 'S0-062'],
    rule: 'settings of an analog line are on an ID at a port of an adapter, and such as a box takes',
  },
  'contract.extension': {
    facts: ['S0-062'],
    rule: 'extensions have 1 to 5 digits, the first no 0, are no emergency number and, where a box is, begin like none',
  },
  'contract.port': {
    facts: ['S0-179', 'S0-062'],
    rule: 'a port is one of 1 to 8 of an adapter and carries one line; the adapters of a gateway share its ports',
  },
  'contract.boxText': {
    facts: ['S0-179'],
    rule: 'names that a box shows are short and without control characters',
  },
  'contract.boxNumbers': {
    facts: ['S0-056'],
    rule: 'an analog line or desk phone is rung by at most 16 numbers',
  },
  'contract.distinctRing': {
    facts: ['S0-056'],
    rule: 'a number with a ringing of its own on a line or desk phone rings it, and has one ringing there',
  },
  'contract.deskPhone': {
    facts: ['S0-170', 'S0-171', 'S0-176'],
    rule: 'a desk phone with a hardware address stands on the LAN of a gateway, and is of its maker and of a model that a box can set up',
  },
  'contract.hardwareTwice': { facts: ['S0-062'], rule: 'no two desk phones have one hardware address' },
  'contract.phoneIds': {
    facts: ['S0-062', 'S0-066'],
    rule: 'a desk phone carries one ID: every device needs its own',
  },
  'contract.phonesMost': { facts: ['S0-176'], rule: 'a gateway sets up at most 32 desk phones' },
  'contract.phoneSettings': {
    facts: ['S0-170', 'S0-056', 'S0-089'],
    rule: 'settings of a desk phone are on an ID on a desk phone, and such as its model has',
  },
  'contract.phoneKeys': {
    facts: ['S0-081', 'S0-082'],
    rule: 'a desk phone has a key for each that is ordered, and watches other extensions of its own gateway',
  },
  'contract.lan': {
    facts: ['S0-178'],
    rule: 'a LAN is that of a gateway of the contract; a box gives addresses only from a range, once somebody has looked at the LAN',
  },
  'contract.officeGroups': {
    facts: ['S0-078'],
    rule: 'a ring group of a gateway has an extension of its own and rings lines and desk phones of that gateway, each once',
  },
  'contract.book': {
    facts: ['S0-191', 'S0-192'],
    rule: 'the phone book has at most 300 numbers, each one once, with names of 1 to 24 characters',
  },
  'contract.power': {
    facts: ['S0-174', 'S0-175', 'A-42'],
    rule: 'a phone without a power adapter says where its power comes from',
  },
  'contract.mobileModeNumbers': { facts: ['S3-028'], rule: 'mobile mode: at most 500 numbers' },
  'contract.billingStation': { facts: ['S3-029'], rule: 'mobile mode needs web billing' },
  'contract.number050': { facts: ['S3-045'], rule: 'numbers of the 050 service begin with 050' },
  'contract.featurePhone': {
    facts: ['S3-046'],
    rule: 'a feature phone runs no app: it needs mobile mode',
  },
  'contract.voiceTerminal': {
    facts: ['S3-048', 'S3-020'],
    rule: 'a terminal paired with a handset number can make calls on it: no tablet, no PC',
  },
  'contract.handsetTwice': {
    facts: ['S3-021'],
    rule: 'one handset number is paired with one 050 number',
  },
  'contract.phoneBook': {
    facts: ['S3-059', 'S3-060', 'S3-061', 'S3-066', 'S3-067'],
    rule: 'the shared phone book needs 30 IDs, among them its administrator and everybody who may send messages; none of these on a feature phone or Android tablet',
  },
  'contract.tollFreeIds': { facts: ['S0-149'], rule: 'a toll-free number needs a contract with several IDs' },
  'contract.tollFreeFunction': {
    facts: ['S2-002', 'S2-030', 'S2-031', 'S0-096', 'S2-014'],
    rule: 'a function of a toll-free number needs its option',
  },
  'contract.unknownArea': { facts: ['S2-021', 'S2-023'], rule: 'areas are those of the numbering plan' },
  'contract.regionTwice': { facts: ['S2-040'], rule: 'one origin region belongs to one answer group' },
  'contract.mobileTwice': {
    facts: ['S2-041'],
    rule: 'of several groups within one prefecture one takes mobile calls',
  },
  'contract.detourAndPercentage': {
    facts: ['S2-042'],
    rule: 'busy detour and percentages are not on one toll-free number',
  },
  'contract.percentages': { facts: ['S2-033'], rule: 'percentages are whole, above 0, and add up to 100' },
  'contract.answerNumber': {
    facts: ['S2-031', 'S2-030'],
    rule: 'answer groups have answer numbers, each one a number that the toll-free number knows',
  },
  'contract.publishedNumber': {
    facts: ['S4-017'],
    rule: "a loan number is answered by operators: it rings none of the customer's devices",
  },
  'contract.loanNumberTwice': {
    facts: ['S4-014', 'S4-015'],
    rule: 'a loan number has one use: forwarding target or published',
  },
} as const satisfies Record<string, RuleRow>;

/** A rule that a contract broke. */
export type ContractRule = keyof typeof contractRules;
