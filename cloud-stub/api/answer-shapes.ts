import { z } from 'zod';
import { boxWarning, countersFact, stateFact } from '../../lib/contract/box-facts.ts';
import { boxCommand, commandResult } from '../../lib/contract/command.ts';
import { endReason, faxFact, reportedConfig } from '../../lib/contract/facts.ts';
import { lanReport, phoneFact } from '../../lib/contract/lan-facts.ts';

const epochMs = z.int().describe('Epoch ms');
const microYen = z.number().describe('Micro-yen, without tax');
const yen = z.int().describe('Yen');
const text = z.string();
const count = z.int().min(0);

/** One step of the reasoning. */
const traceLine = z.strictObject({ rule: text, facts: z.array(text), say: text });
const trace = z.array(traceLine);
/** A tree of verbs; each verb has fields of its own (cloud-stub/routing/plan.ts). */
const plan = z.looseObject({ verb: text }).describe('A tree: what is done with the call, verb by verb');
const alert = z.strictObject({ alert: text, contract: text, facts: z.array(text), say: text });
const bilingual = z.strictObject({ ja: text, en: text });

const counters = z.record(z.string(), z.union([z.int(), z.record(z.string(), z.int())]));
export const health = z.strictObject({
  ok: z.boolean(),
  database: z.enum(['up', 'down']),
  upMs: count,
  sync: counters,
  switch: counters,
});

export const gateways = z.strictObject({
  gateways: z.array(
    z.strictObject({
      id: text,
      contract: text,
      enrolledAt: epochMs.nullable(),
      serialNumber: text.nullable().describe('Of the box that was claimed last'),
      keyFingerprint: text.nullable().describe('SHA-256 of its public key, as on its console'),
      online: z.boolean(),
      presenceChangedAt: epochMs.nullable(),
      desiredRev: count,
      reported: reportedConfig.nullable(),
    }),
  ),
});
export const claimTicket = z.strictObject({
  gateway: text,
  code: text.describe('Four groups of five symbols; answered once'),
  expiresAt: epochMs,
});
export const revocation = z.strictObject({
  gateway: text,
  certificates: count.describe('How many were good until now'),
});
export const reported = z.strictObject({
  gateway: text,
  reported: z.strictObject({ report: reportedConfig, receivedAt: epochMs }).nullable(),
});
export const republished = z.strictObject({
  gateways: z.array(
    z.union([
      z.strictObject({ gateway: text, rev: count, fresh: z.boolean() }),
      z.strictObject({ refused: z.strictObject({ code: text, say: text }) }),
    ]),
  ),
});

const device = z.enum(['adapter', 'deskPhone', 'app']);
const chargeView = z.strictObject({
  call: text,
  source: z.enum(['switch', 'box', 'feed']),
  kind: text,
  id: text.nullable(),
  device,
  destination: text,
  at: epochMs,
  talkMs: count,
  amountMicroYen: microYen,
  units: count,
  item: text,
  category: text,
  trace,
});
const switchRecord = z.strictObject({
  direction: z.enum(['in', 'out']),
  id: text.nullable(),
  device: device.nullable(),
  from: text,
  to: text,
  destination: text,
  startedAt: epochMs,
  answeredAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  talkMs: count.nullable(),
  end: endReason.nullable(),
  because: text.nullable().describe('A sentence'),
  rule: text.nullable().describe('Which rule ended it, where one did'),
  interrupted: z.boolean(),
  plan,
  trace,
});
const boxRecord = z.strictObject({
  record: text,
  gateway: text,
  direction: z.enum(['out', 'in', 'internal']),
  line: count,
  id: text,
  from: text,
  to: text,
  startedAt: epochMs,
  answeredAt: epochMs.nullable(),
  endedAt: epochMs,
  talkMs: count,
  end: endReason,
  because: text,
  rule: text.nullable(),
  interrupted: z.boolean(),
  media: z.unknown(),
  discrepancy: text.nullable(),
  settled: z.enum(['waiting', 'joined', 'charged', 'notCharged']),
});
export const records = z.strictObject({
  records: z.array(
    z.strictObject({
      call: text,
      startedAt: epochMs,
      switch: switchRecord.nullable(),
      boxes: z.array(boxRecord),
      charge: chargeView.nullable(),
      unrated: z.strictObject({ code: text, say: text }).nullable(),
    }),
  ),
});
export const calls = z.strictObject({
  calls: z.array(
    z.strictObject({
      call: text,
      startedAt: epochMs,
      direction: z.enum(['in', 'out', 'internal']),
      from: text,
      to: text,
      state: z.enum(['up', 'ended']),
      end: endReason.nullable(),
      talkMs: count,
      amountMicroYen: microYen.nullable(),
      discrepancies: z.array(text),
    }),
  ),
});
export const quarantined = z.strictObject({
  records: z.array(
    z.strictObject({
      id: text,
      gateway: text,
      code: text,
      say: text,
      record: z.unknown().describe('As it came'),
      receivedAt: epochMs,
      field: text,
      rule: text,
      source: z.enum(['box', 'feed']),
      decision: z.strictObject({ what: z.enum(['released', 'voided']), by: text, reason: text }).nullable(),
    }),
  ),
});
export const faxes = z.strictObject({
  faxes: z.array(faxFact.extend({ gateway: text, receivedAt: epochMs })),
});
export const alerts = z.strictObject({
  alerts: z.array(
    z.strictObject({
      alert: text,
      about: text.describe('The period of a ceiling, or the ID and day of one that calls often'),
      call: text.nullable(),
      at: epochMs,
      facts: z.array(text),
      say: text,
    }),
  ),
});
export const phones = z.strictObject({
  phones: z.array(
    z.strictObject({
      gateway: text,
      device: text,
      mac: text,
      type: text.describe('As it was ordered'),
      id: text,
      extension: text,
      label: text,
      keys: count,
      fact: phoneFact.nullable().describe('As its gateway sees it; null while it has said nothing'),
    }),
  ),
  others: z
    .array(phoneFact.extend({ gateway: text }))
    .describe('Devices on the LANs that look like phones and that nobody has ordered'),
});
export const lans = z.strictObject({
  lans: z.array(
    z.strictObject({
      gateway: text,
      online: z.boolean(),
      reportedAt: epochMs.describe("By the gateway's clock"),
      receivedAt: epochMs,
      dhcp: lanReport.shape.dhcp,
      warnings: lanReport.shape.warnings,
    }),
  ),
});
export const commands = z.strictObject({
  commands: z.array(
    z.strictObject({
      id: text,
      gateway: text,
      command: boxCommand,
      by: text,
      sentAt: epochMs,
      result: commandResult.nullable(),
      answeredAt: epochMs.nullable(),
    }),
  ),
});
export const boxes = z.strictObject({
  boxes: z.array(
    z.strictObject({
      contract: text,
      gateway: text,
      online: z.boolean(),
      state: stateFact.nullable(),
      counters: countersFact.nullable(),
    }),
  ),
});
export const events = z.strictObject({
  events: z.array(z.strictObject({ gateway: text, at: epochMs, raised: z.boolean(), warning: boxWarning })),
});
export const configDiff = z.strictObject({
  gateway: text,
  from: z.int(),
  to: z.int(),
  changes: z.array(
    z.strictObject({
      where: text,
      kind: z.enum(['added', 'removed', 'changed']),
      before: text.nullable(),
      after: text.nullable(),
    }),
  ),
});
export const carriedOut = z.strictObject({
  id: text,
  gateway: text,
  command: boxCommand,
  by: text,
  sentAt: epochMs,
  /** What the gateway found, as JSON text; null when there was nothing to find. */
  told: z.string().nullable(),
});
export const decided = z.strictObject({ record: text, fate: z.enum(['voided', 'stored', 'duplicate']) });

const lineBase = {
  name: bilingual,
  facts: z.array(text),
  quantity: z.number(),
  exactMicroYen: microYen,
  amountYen: yen,
  taxPercent: count,
};
const details = z.array(
  z.strictObject({
    item: text,
    name: bilingual,
    facts: z.array(text),
    calls: count,
    units: count,
    exactMicroYen: microYen,
  }),
);
const usagePeriod = z.strictObject({ name: text, firstDay: text, closesOn: text });
const invoiceLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['recurring', 'initial', 'purchase', 'discount']),
    ...lineBase,
    item: text,
    unitPriceMicroYen: microYen,
    on: z.array(text),
    days: z.strictObject({ held: count, of: count }).optional(),
  }),
  z.strictObject({ kind: z.literal('usage'), ...lineBase, category: text, details }),
  z.strictObject({ kind: z.literal('lateUsage'), ...lineBase, category: text, of: usagePeriod, details }),
  z.strictObject({
    kind: z.literal('adjustment'),
    ...lineBase,
    category: text,
    of: usagePeriod,
    reasons: z.array(text),
  }),
]);
const issuer = z.strictObject({
  name: text,
  registrationNumber: text,
  address: text,
  telephone: text.optional(),
});
const recipient = z.strictObject({ contract: text, name: bilingual, addressLines: z.array(text).optional() });
const taxes = z.array(z.strictObject({ percent: count, taxableYen: yen, taxYen: yen }));
const sums = { taxes, subtotalYen: yen, taxYen: yen, totalYen: yen };
const invoiceBody = {
  v: z.literal(1),
  issuer,
  recipient,
  period: z.strictObject({ name: text, from: epochMs, until: epochMs, firstDay: text, closesOn: text }),
  lines: z.array(invoiceLine),
  ...sums,
  deposits: z.array(
    z.strictObject({ item: text, name: bilingual, facts: z.array(text), on: text, amountYen: yen }),
  ),
  depositYen: yen,
  dueYen: yen,
};
export const draft = z.strictObject({ ...invoiceBody, status: z.literal('draft'), number: z.null() });
const invoice = z.strictObject({
  ...invoiceBody,
  status: z.literal('issued'),
  number: text,
  issuedOn: text,
  dueOn: text.nullable(),
  payment: text.nullable(),
});
export const creditNote = z.strictObject({
  v: z.literal(1),
  status: z.literal('credit'),
  number: text,
  issuedOn: text,
  of: z.strictObject({ number: text, issuedOn: text, period: text }),
  issuer,
  recipient,
  reason: text,
  lines: z.array(z.strictObject({ say: text, amountYen: yen, taxPercent: count })),
  ...sums,
});
const document = {
  contract: text,
  number: text,
  period: text,
  sha256: text,
  totalYen: yen,
  issuedAt: epochMs,
};
export const documents = z.strictObject({
  documents: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ ...document, kind: z.literal('invoice'), body: invoice }),
      z.strictObject({ ...document, kind: z.literal('creditNote'), body: creditNote }),
    ]),
  ),
});

const notes = z.array(z.strictObject({ facts: z.array(text), say: text }));
const promises = z.array(
  z.strictObject({
    what: z.enum(['shipped', 'tollFreeOpens']),
    on: text,
    by: epochMs,
    businessDays: count,
    facts: z.array(text),
  }),
);
/** As it was ordered; its kinds are those that POST takes. */
const order = z.looseObject({ kind: text }).describe('As POST /contracts/{id}/orders takes it');
export const history = z.strictObject({
  orders: z.array(
    z.strictObject({
      seq: count,
      orderId: text,
      at: epochMs,
      by: text,
      entry: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('order'), order }),
        z.strictObject({
          kind: z.literal('opening'),
          contract: z.looseObject({ id: text }).describe('The contract as it was taken over, without orders'),
        }),
      ]),
      notes,
      promises,
    }),
  ),
});
export const taken = z.strictObject({
  contract: text,
  orders: z.array(
    z.strictObject({ seq: count, at: epochMs, kind: text, again: z.boolean(), notes, promises }),
  ),
});

const charge = z.strictObject({ amount: microYen, units: count, item: text, category: text });
export const rerated = z.strictObject({
  adjustments: z.array(
    z.strictObject({
      id: text,
      order: text,
      use: text,
      usedAt: epochMs,
      decidedAt: epochMs,
      reason: text,
      before: charge,
      after: charge,
      differenceMicroYen: microYen,
      trace,
    }),
  ),
  priced: count,
  unpriced: count,
});
export const closing = z.strictObject({
  period: text,
  waiting: count,
  closed: count,
  failed: z.array(z.strictObject({ contract: text, say: text })),
});
export const closed = z.strictObject({ closed: count, failed: count, invoices: count, state: closing });

const rating = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), charge, trace }),
  z.strictObject({ ok: z.literal(false), code: text, say: text, trace }),
]);
export const explained = z.strictObject({
  decision: z.strictObject({
    plan,
    trace,
    tollFree: z
      .strictObject({
        number: text,
        payer: z.literal('callee'),
        callerClass: text,
        group: text,
        answeredBy: text.nullable(),
        lines: z.array(text),
      })
      .optional(),
    nextTurn: z.strictObject({ key: text, shares: text, given: count, calls: count.optional() }).optional(),
    outgoing: z
      .strictObject({ tenMinutes: z.boolean(), freePartner: z.boolean(), mode: z.enum(['ip', 'mobile']) })
      .optional(),
    change: z
      .strictObject({ change: z.literal('presents'), contract: text, id: text, presents: text })
      .optional(),
    alerts: z.array(alert).optional(),
  }),
  text: z.array(text).describe('The same as lines of text'),
  pays: z.enum(['caller', 'office', 'nobody']),
  price: rating.nullable(),
  legs: z.array(z.strictObject({ to: text, price: rating })),
});

/** The document itself. */
export const openApi = z.looseObject({ openapi: text, paths: z.record(z.string(), z.unknown()) });
