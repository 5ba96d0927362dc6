#!/bin/sh
# Installs the packages Gavel is built from, where they are missing (Debian 12, Ubuntu 22.04, 24.04).
#
#   sh examples/install_packages.sh [--tests] [--no-install]
#
# --tests       also what the tests need
# --no-install  only say what is missing and what would be run
#
# Exit status: 0 nothing is missing (any more) or that cannot be told, 1 something is, 2 wrong usage.
set -eu

build_packages="build-essential cmake pkg-config libzmq3-dev libcurl4-openssl-dev libsqlite3-dev
libcjson-dev zlib1g-dev libzstd-dev libyaml-dev libsodium-dev libunistring-dev uthash-dev
libgmp-dev libmpfr-dev libmpfi-dev libpcre2-dev
ca-certificates"
test_packages="libcmocka-dev python3 python3-jsonschema sqlite3 tmux procps git spin"

packages=$build_packages
install=yes
for argument in "$@"; do
    case $argument in
    --tests) packages="$packages $test_packages" ;;
    --no-install) install=no ;;
    *)
        echo "usage: sh examples/install_packages.sh [--tests] [--no-install]" >&2
        exit 2
        ;;
    esac
done

is_installed() {
    status=$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) && [ "$status" = installed ]
}

# by_hand WHY: the list for people, where this script cannot install.
by_hand() {
    echo "$1" >&2
    echo "Please install by hand (names as in Debian):" >&2
    echo "  $missing" >&2
    exit 1
}

missing=
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
    missing=${missing# }
    [ -n "$missing" ] || exit 0
else
    echo "This system has no dpkg, so what is missing cannot be told. Needed (names as in Debian):"
    echo "  $(echo $packages)"
    echo "Going on; the build names the first one that it does not find."
    exit 0
fi

command -v apt-get >/dev/null 2>&1 || by_hand "This system has no apt-get."
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if [ "$install" = yes ] && ! command -v sudo >/dev/null 2>&1; then
        by_hand "Packages are missing, and installing them needs root or sudo."
    fi
    as_root="sudo "
fi

apt="env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400"
update="$as_root$apt update -q"
add="$as_root$apt install -q -y --no-install-recommends $missing"
echo "Missing packages: $missing"
if [ "$install" = no ]; then
    echo "They would be installed by:"
else
    echo "Running:"
fi
echo "  $update"
echo "  $add"
[ "$install" = yes ] || exit 1

# Package lists that are partly out of reach may still hold all that is needed.
$update || echo "apt-get update did not succeed; trying with the package lists at hand" >&2
$add || by_hand "apt-get could not install everything."
