import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { DeviceClass } from '../routing/types.ts';

/** One ID (ベースID, 追加ID) and where its device is attached. [S0-062] */
export interface PlannedId {
  readonly id: ServiceId;
  readonly role: 'base' | 'additional';
  readonly device: DeviceClass;
  /** Presented when it calls out. [S0-089] */
  readonly presents: string;
  readonly label: string;
  /** Port and extension of the gateway that carries it; null for devices without one. */
  readonly at: { readonly gateway: GatewayId; readonly port: number; readonly extension: string } | null;
}

/** One office as it is ordered: everything about a contract but its secrets. */
export interface OfficePlan {
  readonly contract: {
    readonly id: ContractId;
    readonly office: string;
    readonly state: 'active' | 'suspended' | 'ended';
    readonly emergency: 'supported' | 'refused';
  };
  readonly gateways: readonly GatewayId[];
  readonly ids: readonly PlannedId[];
  readonly numbers: readonly {
    readonly number: string;
    readonly role: 'contract' | 'additional';
    /** The IDs that it rings. [S0-056] */
    readonly rings: readonly ServiceId[];
  }[];
}
