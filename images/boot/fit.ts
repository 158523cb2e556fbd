/**
 * Source of the signed image that a boot partition holds: kernel and initial file system, and one configuration over both.
 * The signature covers the configuration, so that a kernel of one build and an initial file system of another never start
 * together (U-Boot, "FIT signature verification", signed configurations).
 */
export function fitSource(files: { readonly kernelGz: string; readonly initramfs: string }): string {
  return `/dts-v1/;
/ {
  description = "Engawa";
  #address-cells = <1>;
  images {
    kernel {
      description = "kernel";
      data = /incbin/("${files.kernelGz}");
      type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip";
      load = <0x41000000>; entry = <0x41000000>;
      hash-1 { algo = "sha256"; };
    };
    ramdisk {
      description = "initial file system";
      data = /incbin/("${files.initramfs}");
      type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none";
      hash-1 { algo = "sha256"; };
    };
  };
  configurations {
    default = "box";
    box {
      kernel = "kernel"; ramdisk = "ramdisk";
      signature-1 { algo = "sha256,rsa3072"; key-name-hint = "boot"; sign-images = "kernel", "ramdisk"; };
    };
  };
};
`;
}
