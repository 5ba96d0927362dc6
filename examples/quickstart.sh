#!/bin/sh
# From a bare machine to judged data: installs, builds, judges 330 pairs, shows what came out.
#
#   sh examples/quickstart.sh [--no-install]
#
# --no-install  only lists the packages that are missing; goes on when none is
#
# The teacher is the bundled simulator, unless the environment names yours:
#
#   TEACHER_URL    e.g. http://127.0.0.1:8000/v1
#   TEACHER_MODEL  the name it serves the model under
#   TEACHER_KEY    its key, if it wants one; it is never stored
#
# Everything lies in ./quickstart: project file, store, out/. Run it again: finished work is kept.
set -eu

cd "$(dirname -- "$0")/.."
gavel=build/gavel
teacher_pids=

say() {
    printf '\n== %s\n' "$*"
}

fail() {
    echo "quickstart: $1" >&2
    exit "${2:-1}"
}

# ---- the teacher simulator ----

stop_teachers() {
    for pid in $teacher_pids; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    teacher_pids=
}
trap stop_teachers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_teacher NAME OPTION...: a simulator on a free loopback port; sets teacher_url.
start_teacher() {
    log=$folder/$1.log
    shift
    : >"$log"
    build/gavel-sim-teacher --listen 127.0.0.1:0 --truth examples/quickstart/seeds.jsonl "$@" \
        >>"$log" 2>&1 &
    pid=$!
    teacher_pids="$teacher_pids $pid"
    port=
    while [ -z "$port" ]; do
        kill -0 "$pid" 2>/dev/null || fail "the teacher simulator did not start: $(cat "$log")"
        sleep 0.1
        port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' "$log")
    done
    teacher_url=http://127.0.0.1:$port/v1
}

# ---- projects ----

# prepare FOLDER: project file and seeds, unless they are there.
prepare() {
    mkdir -p "$1"
    for file in gavel.yaml seeds.jsonl; do
        [ -e "$1/$file" ] || cp "examples/quickstart/$file" "$1/$file"
    done
}

# number FOLDER GROUP KEY: one count out of `gavel status --json`; 0 before the first run.
number() {
    [ -e "$1/judge.db" ] || { echo 0; return; }
    "$gavel" status "$1" --json | tr -d ' \n' |
        sed -n "s/.*\"$2\":{[^}]*\"$3\":\([0-9][0-9]*\).*/\1/p"
}

# judge FOLDER OPTION...: runs the project; tells what calls that took.
judge() {
    judged=$1
    before=$(number "$judged" calls "done")
    echo "$gavel run $*"
    status=0
    "$gavel" run "$@" || status=$?
    [ "$status" -ne 3 ] || fail "stopped early; run the same line again and it goes on from here" 3
    [ "$status" -eq 0 ] || fail "gavel run ended with status $status" "$status"
    after=$(number "$judged" calls "done")
    if [ "$before" -eq "$after" ]; then
        echo "Everything was done already: $before calls before, $after after, none was made."
    else
        echo "$before calls before, $after after."
    fi
}

# ---- packages and build ----

install_option=
case ${1-} in
"") ;;
--no-install) install_option=--no-install ;;
*) fail "unknown option $1; usage: sh examples/quickstart.sh [--no-install]" 2 ;;
esac
if [ -n "${TEACHER_URL-}" ] && [ -z "${TEACHER_MODEL-}" ]; then
    fail "TEACHER_URL is set; set TEACHER_MODEL too, the name of the model there" 2
fi

say "Packages"
if [ -n "$install_option" ] && ! sh examples/install_packages.sh --no-install; then
    echo "Nothing was installed, and without these packages there is nothing to build."
    exit 0
fi
sh examples/install_packages.sh
echo "nothing is missing"

say "Build (Release, into build/; log in build/quickstart.log)"
mkdir -p build
if ! {
    cmake -S . -B build -DCMAKE_BUILD_TYPE=Release &&
        cmake --build build -j "$(nproc)" --target gavel gavel-sim-teacher
} >build/quickstart.log 2>&1; then
    tail -n 40 build/quickstart.log >&2
    fail "the build failed"
fi
"$gavel" --version

# ---- the run ----

# A store belongs to the teacher that judged into it; another teacher gets a folder of its own.
model=${TEACHER_MODEL:-sim-teacher}
[ -n "${TEACHER_URL-}" ] || model=sim-teacher
folder=quickstart
if [ -e quickstart/.teacher ] && [ "$(cat quickstart/.teacher)" != "$model" ]; then
    folder=quickstart/$(printf %s "$model" | tr -c 'A-Za-z0-9._\n' -)
fi
prepare "$folder"
echo "$model" >"$folder/.teacher"

if [ -n "${TEACHER_URL-}" ]; then
    say "Judging with $model at $TEACHER_URL"
    if [ -n "${TEACHER_KEY-}" ]; then
        judge "$folder" --set "endpoints[0].url=$TEACHER_URL" \
            --set "endpoints[0].model=$model" --set "endpoints[0].api_key_env=TEACHER_KEY"
    else
        judge "$folder" --set "endpoints[0].url=$TEACHER_URL" --set "endpoints[0].model=$model"
    fi
else
    say "Judging with the teacher simulator: right nine times out of ten, and fond of answer A"
    start_teacher sim-teacher --p-correct 0.9 --position-bias 0.1 --prefill trailing --echo
    judge "$folder" --set "endpoints[0].url=$teacher_url"
fi

say "The same pairs with a teacher that flips coins, in quickstart/coin"
prepare quickstart/coin
start_teacher coin --p-correct 0.5 --fix 0.5 --break 0.5
judge quickstart/coin --set "endpoints[0].url=$teacher_url"
stop_teachers
pairs=$(number quickstart/coin pairs total)
accepted=$(number quickstart/coin pairs accepted)
share=$((accepted * 1000 / pairs))
echo "Accepted by the default rule, 3 of 4 in both orders: $accepted of $pairs pairs," \
    "$((share / 10)).$((share % 10)) % (at most 15 % expected)."
[ "$share" -le 150 ] || fail "a coin-flipping teacher got more than 15 % of the pairs accepted"

# ---- what came out ----

say "From pairs to accepted pairs, with reasons"
"$gavel" report "$folder"

say "One accepted trace in full"
"$gavel" sample "$folder" --reason accepted -n 1

say "Shards"
find "$folder/out/" -name '*.jsonl' | sort

say "With a teacher of your own"
echo "TEACHER_URL=http://127.0.0.1:8000/v1 TEACHER_MODEL=Qwen/Qwen3-32B sh examples/quickstart.sh"
echo "(and TEACHER_KEY=... if it wants a key)"
