#!/bin/sh
# The machine's own Node only starts the set-up; everything after it runs under the pinned one.
set -eu
verb=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v node >/dev/null 2>&1 || {
  echo "engawa: this machine has no Node. Install Node 18 or newer (with npm) and run again." >&2
  exit 1
}
case $verb in
  start) node "$root/scripts/setup/setup.mjs" run ;;
  bench | drill) node "$root/scripts/setup/setup.mjs" run ;;
  image) node "$root/scripts/setup/setup.mjs" image ;;
  *) node "$root/scripts/setup/setup.mjs" test ;;
esac
cd "$root"
exec "$root/scripts/node" --import tsx "$root/scripts/$verb.ts" "$@"
