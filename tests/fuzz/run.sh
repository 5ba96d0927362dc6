#!/bin/sh
# Searches with libFuzzer (clang and its runtime library must be there) for inputs that break a
# promise, each target in turn.
#
#   sh tests/fuzz/run.sh [SECONDS for each target, default 20] [TARGET...]
#
# What is new and interesting is kept in build-fuzz/corpus; an input that breaks something is left
# in build-fuzz/found: put it into tests/fuzz/corpus/<target> once it is understood.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
build=${GAVEL_FUZZ_BUILD:-$root/build-fuzz}
compiler=${CC:-$(command -v clang || command -v clang-14)} || { echo "clang is missing" >&2; exit 1; }
seconds=${1:-20}
[ $# -eq 0 ] || shift

cmake -S "$root" -B "$build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DGAVEL_TESTS=ON -DGAVEL_SANITIZE=ON -DGAVEL_FUZZ=ON \
    -DCMAKE_C_FLAGS="-fsanitize=fuzzer-no-link \
        -fsanitize-coverage-ignorelist=$root/tests/fuzz/uncovered.txt"

[ $# -gt 0 ] || set -- $(cd "$root/tests/fuzz" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
cmake --build "$build" -j "$(nproc)" --target $(printf 'fuzz_%s ' "$@")

mkdir -p "$build/found"
failed=
for noun in "$@"; do
    echo "== $noun: $seconds s"
    mkdir -p "$build/corpus/$noun"
    "$build/tests/fuzz/fuzz_$noun" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=4096 -print_final_stats=1 -verbosity=0 -dict="$root/tests/fuzz/tokens.dict" \
        -artifact_prefix="$build/found/$noun-" \
        "$build/corpus/$noun" "$root/tests/fuzz/corpus/$noun" || failed="$failed $noun"
done
[ -z "$failed" ] || { echo "broken:$failed; see $build/found" >&2; exit 1; }
