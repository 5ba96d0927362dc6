#!/bin/sh
# Installs what the tests need, builds with ASan and UBSan into build-tests/ and runs all tests.
#
#   sh tests/run.sh [ctest arguments, e.g. -R json or -L fast]
#
# The last line is "N passed, N failed, N skipped"; the status is 0 when none failed and some ran.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build-tests
results=$build/results.xml

sh "$root/examples/install_packages.sh" --tests

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DGAVEL_TESTS=ON -DGAVEL_SANITIZE=ON \
    -DGAVEL_WERROR=ON
cmake --build "$build" -j "$(nproc)"

rm -f "$results"
status=0
(cd "$build" && ctest -j 2 --output-on-failure --output-junit "$results" "$@") || status=$?

# cases PATTERN: how many lines of ctest's own results match; output in there has its "<" escaped.
cases() {
    [ -f "$results" ] || { echo 0; return; }
    grep -c "$1" "$results" || true
}

# A test that could not be run (no executable, a failed fixture) is "notrun" like a skipped one, but
# it has failed; only a test that asked for it, or is disabled, is skipped.
total=$(cases '^[[:space:]]*<testcase ')
passed=$(cases '^[[:space:]]*<testcase .* status="run"')
skipped=$(($(cases '<skipped message="SKIP_R') + $(cases '<testcase .* status="disabled"')))
failed=$((total - passed - skipped))
if [ "$((passed + failed))" -eq 0 ]; then
    echo "no test was run" >&2
    status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
