/** Debian's packages of the system, each with what the box needs it for. Recommended packages are not taken. */
export const PACKAGES: readonly (readonly [name: string, why: string])[] = [
  ['systemd-sysv', 'init, journal, network, watchdog'],
  ['dbus', 'RAUC is spoken to over it'],
  ['udev', 'devices and their rights'],
  ['kmod', 'kernel modules'],
  ['iproute2', 'looking at the network'],
  ['nftables', 'the packet filter'],
  ['rauc', 'installs updates into the other slot'],
  ['libubootenv-tool', 'writes the boot state'],
  ['e2fsprogs', 'checks the writable file systems'],
  ['dmsetup', 'sets up the verified system'],
  ['busybox-static', 'the initial file system'],
  ['systemd-timesyncd', 'time from the network'],
  ['ca-certificates', 'certificates of downloads'],
  ['libspandsp2', 'fax and tones'],
  ['libspeexdsp1', 'echo'],
  ['tzdata', 'Japanese time'],
];

/** Modules of Debian's kernel that a box may need; what they depend on comes along. */
export const MODULES = {
  /** Loaded before there is a system, in this order. */
  initial: [
    'virtio_pci',
    'virtio_mmio',
    'virtio_blk',
    'dm_mod',
    'dm_verity',
    'crc32c_generic',
    'ext4',
    'squashfs',
  ],
  /** Loaded with those where the processor can: digests of blocks by its own instructions. One that cannot starts without. */
  faster: ['sha2_ce', 'sha256_arm64'],
  system: [
    'autofs4',
    'loop',
    'virtio_net',
    'virtio_console',
    'virtio_rng',
    'nf_tables',
    'nft_ct',
    'nft_limit',
    'nft_objref',
    'xhci_pci',
    'ftdi_sio',
    'usb_storage',
    'sd_mod',
    'vfat',
    'exfat',
    'nls_cp437',
    'nls_ascii',
    'i6300esb',
    '8021q',
  ],
} as const;

/** npm packages that cannot be bundled, as they bring machine code; and the parts of them for arm64. */
export const NATIVE_PACKAGES: readonly string[] = ['koffi', '@koromix/koffi-linux-arm64'];

/** What a bundle must say to be installed on this kind of box. RAUC refuses every other. */
export const COMPATIBLE = 'engawa-virt-arm64';
