#!/bin/sh
# Lives through stories of the simulator for some hours: long.sh BUILD_DIR [HOURS] [FIRST_SEED].
# Ends at the first broken promise and says how to see it again.
set -eu
build=${1:?usage: long.sh BUILD_DIR [HOURS] [FIRST_SEED]}
hours=${2:-1}
seed=${3:-1000}
end=$(($(date +%s) + hours * 3600))
while [ "$(date +%s)" -lt "$end" ]; do
    last=$((seed + 499))
    for world in "" --hard; do
        # shellcheck disable=SC2086 # no word at all when it is empty
        if ! "$build/tests/sim" $world "$seed" "$last"; then
            echo "see the story with: $build/tests/sim $world --log SEED"
            exit 1
        fi
    done
    seed=$((last + 1))
done
