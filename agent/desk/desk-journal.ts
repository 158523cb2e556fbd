import { z } from 'zod';
import type { BindingFacts, DialogSnapshot } from '../../lib/voice/sip/api.ts';
import { keptAddress, keptDialog } from '../calls/index.ts';

/** Where the journal of the desk phones lies. Nothing in it is a secret, and losing it costs the phones a moment. */
export interface DeskJournalFile {
  /** The text that was written last; undefined when there is none. */
  read(): string | undefined;
  /** Replaces it whole. Throws when it cannot. */
  write(text: string): void;
}

/** A call that a later run can take up, or end with a BYE, so that no handset hangs on dead air. */
export interface KeptCall {
  readonly port: number;
  /** The phone that had the place: places are given anew at a start. */
  readonly mac: string;
  readonly media: string;
  readonly localPort: number;
  /** The phone has put it on hold: it is ended, not taken up. */
  readonly held: boolean;
  readonly dialog: DialogSnapshot;
}

/** A registration, with the wall time at which it ends. */
export type KeptBinding = Omit<BindingFacts, 'expiresInS'> & {
  readonly user: string;
  readonly expiresAt: number;
};

/** Messages that wait for an ID. */
export interface KeptMailbox {
  readonly serviceId: string;
  readonly fresh: number;
  readonly old: number;
}

/** Everything that outlives a run. */
export interface DeskMemory {
  readonly bindings: readonly KeptBinding[];
  readonly calls: readonly KeptCall[];
  readonly mailboxes: readonly KeptMailbox[];
}

export const NO_MEMORY: DeskMemory = { bindings: [], calls: [], mailboxes: [] };

const count = z.int().min(0).max(9_999);
const memory = z.object({
  v: z.literal(1),
  bindings: z
    .array(
      z.strictObject({
        user: z.string().max(64),
        contact: z.string().max(1_000),
        source: keptAddress,
        agent: z.string().max(120),
        callId: z.string().max(255),
        expiresAt: z.number(),
      }),
    )
    .max(64),
  calls: z
    .array(
      z.strictObject({
        port: z.int().min(101).max(399),
        mac: z.string().max(12),
        media: z.string().max(100),
        localPort: z.int().min(0).max(65_535),
        held: z.boolean(),
        dialog: keptDialog.transform((found) => found as DialogSnapshot),
      }),
    )
    .max(128),
  mailboxes: z.array(z.strictObject({ serviceId: z.string().max(40), fresh: count, old: count })).max(64),
});

/** What an earlier run wrote; nothing when it cannot be read. */
export function readMemory(text: string | undefined): DeskMemory {
  if (text === undefined) return NO_MEMORY;
  try {
    const parsed = memory.safeParse(JSON.parse(text));
    if (!parsed.success) return NO_MEMORY;
    const { bindings, calls, mailboxes } = parsed.data;
    return { bindings, calls, mailboxes };
  } catch {
    return NO_MEMORY;
  }
}

export function writeMemory({ bindings, calls, mailboxes }: DeskMemory): string {
  return `${JSON.stringify({ v: 1, bindings, calls, mailboxes })}\n`;
}
