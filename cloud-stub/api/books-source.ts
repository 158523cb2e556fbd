import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import type { CreditNote, Period } from '../billing/index.ts';
import type { OfficeFile } from '../offices/index.ts';
import type {
  AcceptedOrder,
  ClosingRefusal,
  ClosingState,
  ClosingWork,
  CreditOrder,
  HistoryEntry,
  IssuedDocument,
  NO_CONTRACT,
  QuarantineFate,
  QuarantineOrder,
  QuarantineRefusal,
  Rerated,
  RerateRequest,
} from '../store/index.ts';

/** An order of a file that is in the books now. */
export interface TakenOrder extends Omit<AcceptedOrder, 'contract'> {
  readonly kind: string;
}

/** Why a file of orders is not taken, and how many of its orders are in the books all the same. */
export interface OrdersRefusal extends CodedError {
  readonly facts: readonly string[];
  readonly taken: number;
}

/** What the operator may order. */
export interface BooksSource {
  /** All orders of a file, or none where the rules refuse one. The same file again changes nothing. */
  takeOrders(file: OfficeFile): Promise<Result<readonly TakenOrder[], OrdersRefusal>>;
  history(contract: ContractId): Promise<readonly HistoryEntry[]>;
  close(period: Period): Promise<Result<ClosingWork, ClosingRefusal>>;
  closing(period: Period): Promise<ClosingState>;
  documents(contract: ContractId): Promise<readonly IssuedDocument[]>;
  credit(contract: ContractId, order: CreditOrder): Promise<Result<CreditNote>>;
  rerate(contract: ContractId, period: Period, request: RerateRequest): Promise<Rerated>;
  /** Of a contract, or of none: records for a contract that is not there wait under none. */
  decideDoubtful(
    contract: ContractId | typeof NO_CONTRACT,
    order: QuarantineOrder,
  ): Promise<Result<QuarantineFate, QuarantineRefusal>>;
}
