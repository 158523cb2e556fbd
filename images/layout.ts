/** The two places a whole system can lie in. Names are those of the bootloader and of RAUC. */
export type Slot = 'a' | 'b';

export const SLOTS: readonly Slot[] = ['a', 'b'];

/** One partition of the box's storage, found by `name` (the GPT label) and never by number. */
export interface Partition {
  readonly name: PartitionName;
  readonly sizeMiB: number;
  readonly what: string;
}

export type PartitionName = 'boot-state' | 'loader' | `boot-${Slot}` | `root-${Slot}` | 'persist' | 'data';

/** First partition; before it the table itself. */
export const FIRST_MIB = 1;

/**
 * In the order of the disk. `persist` is apart from `data`, so that a full disk never costs a box its identity or its routes.
 * `data` is made as large as the medium allows when a box starts for the first time; its size here is the least.
 */
export const PARTITIONS: readonly Partition[] = [
  { name: 'boot-state', sizeMiB: 1, what: 'which slot starts, and how many tries it has: two copies' },
  { name: 'loader', sizeMiB: 15, what: "the bootloader's script" },
  { name: 'boot-a', sizeMiB: 32, what: 'signed kernel and initial file system of slot A' },
  { name: 'root-a', sizeMiB: 288, what: 'system of slot A, read only, with its hash tree' },
  { name: 'boot-b', sizeMiB: 32, what: 'signed kernel and initial file system of slot B' },
  { name: 'root-b', sizeMiB: 288, what: 'system of slot B, read only, with its hash tree' },
  { name: 'persist', sizeMiB: 64, what: 'identity, enrolment, state of updates' },
  { name: 'data', sizeMiB: 640, what: 'configuration, call records, logs, downloads' },
];

/** A copy of the boot state: a U-Boot environment of 8 KiB; the second copy begins 512 KiB behind the first. */
export const BOOT_STATE_BYTES = 0x2000;
export const BOOT_STATE_SECOND_AT_BYTES = 0x80000;

/** Where each partition begins, in MiB from the start of the medium. */
export function offsetsMiB(
  partitions: readonly Partition[] = PARTITIONS,
): ReadonlyMap<PartitionName, number> {
  const offsets = new Map<PartitionName, number>();
  let next = FIRST_MIB;
  for (const { name, sizeMiB } of partitions) {
    offsets.set(name, next);
    next += sizeMiB;
  }
  return offsets;
}

/** The least medium that holds the layout; 1 MiB at the end is the table's second copy. */
export function mediumMiB(partitions: readonly Partition[] = PARTITIONS): number {
  return partitions.reduce((sum, { sizeMiB }) => sum + sizeMiB, FIRST_MIB + 1);
}

/** The words that `sfdisk` makes the table from. */
export function sfdiskScript(partitions: readonly Partition[] = PARTITIONS): string {
  const offsets = offsetsMiB(partitions);
  const lines = partitions.map(({ name, sizeMiB }) => {
    const boot = name === 'loader' ? ', attrs="LegacyBIOSBootable"' : '';
    return `start=${offsets.get(name)}MiB, size=${sizeMiB}MiB, type=L, name="${name}"${boot}`;
  });
  // The identities of disk and partitions say nothing here (all is found by name) and stay the same for every build.
  return ['label: gpt', 'label-id: 656e6761-7761-4000-8000-000000000000', ...lines, ''].join('\n');
}
