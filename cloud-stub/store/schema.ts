import type { ColumnType } from 'kysely';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { LedgerEntry } from '../billing/index.ts';
import type { RatableUsage, RatedFarEnd, UsageCategory } from '../rating/types.ts';
import type { DeviceClass, NumberClass } from '../routing/types.ts';
import type { RolloutTables } from './rollout-tables.ts';

/** A jsonb column: read as parsed, written as JSON text. */
type Json = ColumnType<unknown, string, string>;
type NullableJson = ColumnType<unknown, string | null, string | null>;

/** Contract id of calls to numbers that belong to nobody. */
export const NO_CONTRACT = '-';

/** Names that are unique in the whole service. */
interface NameOwnerTable {
  kind: 'number' | 'gateway' | 'service_id' | 'phone';
  name: string;
  contract_id: string;
  /** When it is free again; null while no end is known. */
  held_until_ms: number | null;
}

interface HeldColumns {
  more: Json;
  held_from_ms: number;
  held_until_ms: number | null;
}

interface ContractTable {
  contract_id: string;
  name_ja: string;
  name_en: string;
  state: 'active' | 'suspended' | 'ended';
  model: 'current' | 'legacy';
  emergency: 'supported' | 'refused';
  identity_verified: boolean;
  created_at_ms: number;
  more: Json;
  version: ColumnType<number, number | undefined, number>;
  closed_period: ColumnType<string, string | undefined, string>;
}

interface PhoneNumberTable extends HeldColumns {
  contract_id: string;
  number: string;
  role: 'contract' | 'additional';
  ported_in: boolean;
}

interface GatewayTable {
  contract_id: string;
  gateway_id: string;
  enrolled_at_ms: number | null;
}

interface GatewayClaimTable {
  contract_id: string;
  gateway_id: string;
  claim_digest: string;
  made_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
  used_by_key: string | null;
  serial_number: string | null;
}

interface GatewayCertificateTable {
  contract_id: string;
  gateway_id: string;
  serial: string;
  key_digest: string;
  issued_at_ms: number;
  ends_at_ms: number;
  revoked_at_ms: number | null;
  why: string | null;
}

interface DeviceTable extends HeldColumns {
  contract_id: string;
  device_id: string;
  kind: DeviceClass;
  gateway_id: string | null;
  items: Json;
}

interface ServiceIdTable extends HeldColumns {
  contract_id: string;
  service_id: string;
  role: 'base' | 'additional';
  device_id: string;
  port: number | null;
  extension: string;
  label: string;
  presents: string;
  realm: string;
  sip_password_sealed: string;
  ha1_md5: string;
  ha1_sha256: string;
}

interface NumberRingTable {
  contract_id: string;
  number: string;
  held_from_ms: number;
  service_id: string;
}

interface ContractOptionTable extends HeldColumns {
  contract_id: string;
  position: number;
  items: Json;
  on_name: string;
}

interface DesiredConfigTable {
  contract_id: string;
  gateway_id: string;
  rev: number;
  content_sha256: string;
  envelope: string;
  made_at_ms: number;
}

interface ReportedConfigTable {
  contract_id: string;
  gateway_id: string;
  report: Json;
  received_at_ms: number;
}

interface LanReportTable {
  contract_id: string;
  gateway_id: string;
  report: Json;
  received_at_ms: number;
}

interface BoxCommandTable {
  contract_id: string;
  command_id: string;
  gateway_id: string;
  command: Json;
  by_whom: string;
  sent_at_ms: number;
  result: NullableJson;
  answered_at_ms: number | null;
}

interface PresenceTable {
  contract_id: string;
  gateway_id: string;
  online: boolean;
  boot: string;
  connection: number;
  changed_at_ms: number;
}

interface CallRecordTable {
  contract_id: string;
  call_id: string;
  run_id: string;
  direction: 'in' | 'out';
  service_id: string | null;
  device: DeviceClass | null;
  from_number: string;
  to_number: string;
  destination: NumberClass;
  started_at_ms: number;
  answered_at_ms: number | null;
  heartbeat_at_ms: number;
  ended_at_ms: number | null;
  talk_ms: number | null;
  end_reason: EndReason | null;
  because: string | null;
  interrupted: ColumnType<boolean, boolean | undefined, boolean>;
  plan: Json;
  trace: Json;
}

interface BoxRecordTable {
  contract_id: string;
  record_id: string;
  gateway_id: string;
  call_id: string;
  direction: 'out' | 'in' | 'internal';
  line: number;
  service_id: string;
  from_number: string;
  to_number: string;
  started_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number;
  talk_ms: number;
  end_reason: EndReason;
  because: string;
  interrupted: boolean;
  media: NullableJson;
  received_at_ms: number;
  discrepancy: string | null;
  settled: 'waiting' | 'joined' | 'charged' | 'notCharged';
  /** Counts as used while it waits. */
  held_micro_yen: number;
}

interface BoxQuarantineTable {
  contract_id: string;
  record_id: string;
  gateway_id: string;
  code: string;
  say: string;
  record: Json;
  received_at_ms: number;
  field: ColumnType<string, string | undefined, string>;
  rule: ColumnType<string, string | undefined, string>;
  source: ColumnType<'box' | 'feed', 'box' | 'feed' | undefined, 'box' | 'feed'>;
}

interface QuarantineDecisionTable {
  contract_id: string;
  record_id: string;
  decision: 'released' | 'voided';
  order_id: string;
  by_whom: string;
  reason: string;
  correction: Json;
  at_ms: number;
}

interface BootClockTable {
  contract_id: string;
  gateway_id: string;
  boot: string;
  offset_ms: number;
  learnt_at_ms: number;
}

interface CallLegTable {
  contract_id: string;
  call_id: string;
  leg: number;
  kind: 'member' | 'external' | 'forward' | 'answering' | 'network';
  service_id: string | null;
  device: DeviceClass | null;
  called_number: string;
  to_number: string;
  presents: string;
  destination: NumberClass;
  started_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number | null;
  talk_ms: number | null;
  end_reason: EndReason | null;
  because: string | null;
  interrupted: ColumnType<boolean, boolean | undefined, boolean>;
}

interface ChargeTable {
  contract_id: string;
  call_id: string;
  source: 'switch' | 'box' | 'feed';
  kind: RatableUsage['kind'];
  service_id: string | null;
  device: DeviceClass;
  destination: RatedFarEnd;
  at_ms: number;
  talk_ms: number;
  amount_micro_yen: number;
  units: number;
  item: string;
  category: UsageCategory;
  trace: NullableJson;
  rated_at_ms: number;
  answered: boolean;
  number: string | null;
  own_number: string | null;
  facts: NullableJson;
  counter: string | null;
  pieces: number | null;
  late: boolean;
  billed_in: ColumnType<string | null, string | null | undefined, string | null>;
}

interface UnratedCallTable {
  contract_id: string;
  call_id: string;
  code: string;
  say: string;
  trace: Json;
  rated_at_ms: number;
  facts: NullableJson;
}

interface SpendTable {
  contract_id: string;
  period: string;
  micro_yen: number;
}

interface SpendNoticeTable {
  contract_id: string;
  period: string;
  level: 'warned' | 'reached';
  at_ms: number;
  spent_micro_yen: number;
  limit_micro_yen: number;
}

interface AllowanceUseTable {
  contract_id: string;
  period: string;
  counter: string;
  pieces: number;
}

interface ContractOrderTable {
  contract_id: string;
  seq: number;
  order_id: string;
  at_ms: number;
  kind: 'opening' | 'order';
  body: Json;
  outcome: Json;
  by_whom: string;
  received_at_ms: number;
}

interface ClosingJobTable {
  contract_id: string;
  period: string;
  state: 'waiting' | 'closed' | 'failed';
  say: string;
  made_at_ms: number;
  done_at_ms: ColumnType<number | null, number | null | undefined, number | null>;
}

interface DocumentSeriesTable {
  series: string;
  last_number: number;
}

interface DocumentTable {
  contract_id: string;
  number: string;
  kind: 'invoice' | 'creditNote';
  period: string;
  body: string;
  sha256: string;
  total_yen: number;
  issued_at_ms: number;
  order_id: string | null;
}

interface LedgerEntryTable {
  contract_id: string;
  document: string;
  position: number;
  period: string;
  account: LedgerEntry['account'];
  detail: string;
  debit_yen: number;
  credit_yen: number;
  at_ms: number;
}

interface AdjustmentTable {
  contract_id: string;
  adjustment_id: string;
  order_id: string;
  call_id: string;
  used_at_ms: number;
  decided_at_ms: number;
  reason: string;
  before: Json;
  after: Json;
  difference_micro_yen: number;
  trace: Json;
  document: string | null;
}

interface RoutingTurnTable {
  contract_id: string;
  turn_key: string;
  shares: string;
  given: number;
  calls: number;
}

interface RoutingAlertTable {
  contract_id: string;
  alert: string;
  about: string;
  call_id: string;
  at_ms: number;
  facts: Json;
  say: string;
}

interface BoxFaxTable {
  contract_id: string;
  fax_id: string;
  gateway_id: string;
  call_id: string;
  service_id: string;
  started_at_ms: number;
  result: string;
  pages: number;
  fact: Json;
  received_at_ms: number;
}

interface BoxEventTable {
  contract_id: string;
  fact_id: string;
  gateway_id: string;
  code: string;
  raised: boolean;
  at_ms: number;
  warning: Json;
  received_at_ms: number;
}

interface BoxViewTable {
  contract_id: string;
  gateway_id: string;
  kind: 'state' | 'counters';
  boot: string;
  seq: number;
  at_ms: number;
  fact: Json;
  received_at_ms: number;
}

/** The tables, as the newest migration leaves them. */
export interface Tables extends RolloutTables {
  name_owner: NameOwnerTable;
  contract: ContractTable;
  phone_number: PhoneNumberTable;
  gateway: GatewayTable;
  gateway_claim: GatewayClaimTable;
  gateway_certificate: GatewayCertificateTable;
  service_id: ServiceIdTable;
  number_ring: NumberRingTable;
  contract_option: ContractOptionTable;
  device: DeviceTable;
  desired_config: DesiredConfigTable;
  reported_config: ReportedConfigTable;
  presence: PresenceTable;
  call_record: CallRecordTable;
  box_record: BoxRecordTable;
  box_quarantine: BoxQuarantineTable;
  charge: ChargeTable;
  unrated_call: UnratedCallTable;
  quarantine_decision: QuarantineDecisionTable;
  boot_clock: BootClockTable;
  call_leg: CallLegTable;
  spend: SpendTable;
  spend_notice: SpendNoticeTable;
  allowance_use: AllowanceUseTable;
  contract_order: ContractOrderTable;
  closing_job: ClosingJobTable;
  document_series: DocumentSeriesTable;
  document: DocumentTable;
  ledger_entry: LedgerEntryTable;
  adjustment: AdjustmentTable;
  routing_turn: RoutingTurnTable;
  routing_alert: RoutingAlertTable;
  box_fax: BoxFaxTable;
  lan_report: LanReportTable;
  box_command: BoxCommandTable;
  box_event: BoxEventTable;
  box_view: BoxViewTable;
}
