#!/bin/sh
# Checks the rules of leases with spin, and that both planted-wrong variants are caught.
# Exit 77 (skipped) when spin is not installed (Debian package: spin).
set -eu
model=$(cd "$(dirname "$0")" && pwd)/lease.pml
command -v spin >/dev/null 2>&1 || { echo "spin is not installed: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# check NAME [-DVARIANT]: number of errors on standard output
check() {
    name=$1
    shift
    spin "$@" -a "$model" >"$name.spin" 2>&1 || { cat "$name.spin"; exit 1; }
    "${CC:-cc}" -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=3000 -o "$name" pan.c 2>"$name.cc" ||
        { cat "$name.cc"; exit 1; }
    "./$name" -m200000 -w22 >"$name.out" 2>&1 || true
    if grep -q -e "max search depth too small" -e "out of memory" -e "reached -DMEMLIM" "$name.out"
    then
        cat "$name.out"
        exit 1
    fi
    sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$name.out"
}

bad=0
errors=$(check rules)
states=$(sed -n 's/ *\([0-9e.+]*\) states, stored.*/\1/p' rules.out)
echo "the rules: $errors errors in $states states"
[ "$errors" = 0 ] || { cat rules.out; bad=1; }
for variant in NO_FENCE ACK_EARLY; do
    errors=$(check "$variant" "-D$variant")
    echo "without the rule ($variant): $errors errors"
    [ "${errors:-0}" -gt 0 ] || bad=1
done
exit $bad
