import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import {
  type BoxCommand,
  boxCommand,
  type CommandResult,
  commandResult,
} from '../../lib/contract/command.ts';
import { type LanReport, lanReport } from '../../lib/contract/lan-facts.ts';
import type { Database } from './database.ts';

/** Commands that one question answers at most. */
const COMMANDS_MOST = 200;

/** The LAN of one gateway as it was reported last. */
export interface LanView {
  readonly gateway: GatewayId;
  readonly receivedAt: number;
  readonly report: LanReport;
}

/** One command and what became of it. */
export interface CommandView {
  readonly id: string;
  readonly gateway: GatewayId;
  readonly command: BoxCommand;
  readonly by: string;
  readonly sentAt: number;
  /** Null while nothing has come back. */
  readonly result: CommandResult | null;
  readonly answeredAt: number | null;
}

/** What boxes tell of their LANs, and what they were told to do there. */
export class BoxLans {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async save(contract: ContractId, gateway: GatewayId, report: LanReport, atMs: number): Promise<void> {
    const values = { report: JSON.stringify(report), received_at_ms: atMs };
    await this.#database.transaction('lan', (tx) =>
      tx
        .insertInto('lan_report')
        .values({ contract_id: contract, gateway_id: gateway, ...values })
        .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id']).doUpdateSet(values))
        .execute(),
    );
  }

  /** Of all gateways of a contract that have ever reported, in the order of their names. */
  async list(contract: ContractId): Promise<readonly LanView[]> {
    const rows = await this.#database.db
      .selectFrom('lan_report')
      .select(['gateway_id', 'report', 'received_at_ms'])
      .where('contract_id', '=', contract)
      .orderBy('gateway_id')
      .execute();
    return rows.map((row) => ({
      gateway: row.gateway_id as GatewayId,
      receivedAt: row.received_at_ms,
      report: lanReport.parse(row.report),
    }));
  }

  /** Written before the command goes out, so that its result always finds it. */
  async sent(
    contract: ContractId,
    command: Pick<CommandView, 'id' | 'gateway' | 'command' | 'by' | 'sentAt'>,
  ): Promise<void> {
    await this.#database.db
      .insertInto('box_command')
      .values({
        contract_id: contract,
        command_id: command.id,
        gateway_id: command.gateway,
        command: JSON.stringify(command.command),
        by_whom: command.by,
        sent_at_ms: command.sentAt,
        result: null,
        answered_at_ms: null,
      })
      .execute();
  }

  /** The first result of a command counts. False when the gateway was never told such a thing, or has answered. */
  async answered(
    contract: ContractId,
    gateway: GatewayId,
    result: CommandResult,
    atMs: number,
  ): Promise<boolean> {
    const done = await this.#database.db
      .updateTable('box_command')
      .set({ result: JSON.stringify(result), answered_at_ms: atMs })
      .where('contract_id', '=', contract)
      .where('command_id', '=', result.id)
      .where('gateway_id', '=', gateway)
      .where('result', 'is', null)
      .executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }

  /** Newest first. */
  async commands(contract: ContractId): Promise<readonly CommandView[]> {
    const rows = await this.#database.db
      .selectFrom('box_command')
      .selectAll()
      .where('contract_id', '=', contract)
      .orderBy('sent_at_ms', 'desc')
      .orderBy('command_id')
      .limit(COMMANDS_MOST)
      .execute();
    return rows.map((row) => ({
      id: row.command_id,
      gateway: row.gateway_id as GatewayId,
      command: boxCommand.parse(row.command),
      by: row.by_whom,
      sentAt: row.sent_at_ms,
      result: row.result === null ? null : commandResult.parse(row.result),
      answeredAt: row.answered_at_ms,
    }));
  }
}
