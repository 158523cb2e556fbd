import type { ColumnType } from 'kysely';

/** A jsonb column: read as parsed, written as JSON text. */
type Json = ColumnType<unknown, string, string>;

interface ReleaseTable {
  version: string;
  compatible: string;
  size_bytes: number;
  sha256: string;
  signature_checked: boolean;
  added_at_ms: number;
}

interface RolloutTable {
  rollout_id: string;
  started_at_ms: number;
  head: Json;
}

interface RolloutBoxTable {
  contract_id: string;
  rollout_id: string;
  gateway_id: string;
  enrolled_at_ms: number;
  place: Json;
}

interface UpdateOrderTable {
  contract_id: string;
  gateway_id: string;
  serial: number;
  issued: Json;
}

interface UpdateReportTable {
  contract_id: string;
  gateway_id: string;
  report: Json;
  received_at_ms: number;
}

/** Tables of rollouts, as the newest migration leaves them. */
export interface RolloutTables {
  release: ReleaseTable;
  rollout: RolloutTable;
  rollout_box: RolloutBoxTable;
  update_order: UpdateOrderTable;
  update_report: UpdateReportTable;
}
