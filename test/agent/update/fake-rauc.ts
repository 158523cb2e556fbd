import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RaucSlots } from '../../../agent/update/index.ts';

/**
 * A program that speaks as RAUC 1.8 does, over files instead of slots: `running`, `version-a`, `version-b`, `next`, and `said` with every
 * order. A bundle is a line `SIGNED <compatible> <version>`; what is not signed is refused.
 */
const PROGRAM = `#!/bin/sh
cd "\${0%/*}"
running=$(cat running); other=b; [ "$running" = b ] && other=a
echo "$*" >>said
case "$1 $2" in
  "info "*)
    read -r signed compatible version <"$3"
    [ "$signed" = SIGNED ] || { echo 'rauc-Message: Reading bundle: x' >&2; echo 'signature verification failed: unknown CA' >&2; exit 1; }
    printf '{"compatible":"%s","version":"%s","description":null,"build":null,"hooks":[],"images":[]}\\n' "$compatible" "$version"
    ;;
  "install "*)
    read -r signed compatible version <"$2" || { echo "No such file: $2" >&2; exit 1; }
    echo installing
    for percent in 0 20 40 99; do printf '%3d%% Copying image to rootfs\\n' $percent; done
    [ -e busy ] && { echo 'already processing a different method' >&2; exit 1; }
    [ -e broken ] && { echo 'LastError: Installation error: Failed copying: Input/output error'; echo 'idle'; exit 1; }
    echo "$version" >"version-$other"
    echo ' 100% Installing done.'; echo idle; echo 'Installing succeeded'
    ;;
  "status mark-active") echo "$other" >next ;;
  "status mark-good") echo "$running" >good ;;
  "status mark-bad") echo "$other" >next ;;
  "status --detailed")
    [ -e gone ] && { echo 'Error calling D-Bus: no such name' >&2; exit 1; }
    one() { printf '{"rootfs.%s":{"class":"rootfs","device":"/dev/x","type":"raw","bootname":"%s","state":"inactive","parent":null,"mountpoint":null,"boot_status":"%s","slot_status":{"bundle":{"compatible":"engawa-virt-arm64","version":%s}}}}' "$1" "$2" "$3" "$4"; }
    of() { if [ -s "version-$1" ]; then printf '"%s"' "$(cat "version-$1")"; else printf null; fi; }
    printf '{"compatible":"engawa-virt-arm64","variant":"","booted":"%s","boot_primary":"rootfs.0","slots":[%s,%s,{"boot.0":{"class":"boot","device":"/dev/y","type":"raw","bootname":null,"state":"active","parent":"rootfs.0","mountpoint":null,"boot_status":null}}]}\\n' \\
      "$running" "$(one 0 a good "$(of a)")" "$(one 1 b "$(cat state-b)" "$(of b)")"
    ;;
  *) echo "what is $*?" >&2; exit 1 ;;
esac
`;

/** RAUC's place, with files that tests look into and write. */
export class FakeRauc {
  readonly folder = mkdtempSync(join(tmpdir(), 'engawa-rauc-'));
  readonly slots: RaucSlots;

  constructor() {
    this.write('rauc', PROGRAM);
    chmodSync(join(this.folder, 'rauc'), 0o755);
    this.write('running', 'a\n');
    this.write('state-b', 'good\n');
    this.write('boot-state', 'order=a b\nleft_a=9\nleft_b=9\ntrial=\nturn=0\n');
    this.slots = new RaucSlots({
      program: join(this.folder, 'rauc'),
      bootState: join(this.folder, 'boot-state'),
      restartWanted: join(this.folder, 'restart-wanted'),
      version: '1.0.0',
    });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    try {
      return readFileSync(join(this.folder, name), 'utf8').trim();
    } catch {
      return '';
    }
  }

  /** A bundle as this RAUC knows them; what nobody has signed on wish. */
  bundle(version: string, signed: boolean = true, compatible: string = 'engawa-virt-arm64'): string {
    const path = join(this.folder, `bundle-${version}.raucb`);
    writeFileSync(path, `${signed ? 'SIGNED' : 'FORGED'} ${compatible} ${version}\n`);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
