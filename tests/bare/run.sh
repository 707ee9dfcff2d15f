#!/usr/bin/env bash
# The two commands of the README in a fresh, minimal Debian 12: no compiler, no
# node, no git, no /etc/hosts. Takes root and mmdebstrap (apt installs it), and
# as long as a first run of all suites. Closes with `N passed, N failed`.
#
#   tests/bare/run.sh [SUITE…]    the suites run inside (default: CI's)
#   KEEP=1 tests/bare/run.sh      keeps build/bare/root to look at
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/setup.sh
source "$root/tests/setup.sh"

bare="$root/build/bare/root"
mounted=()
passed=0 failed=0

finish() {
  local folder
  for folder in "${mounted[@]}"; do
    umount -l "$folder" || true
  done
  # Never through a mount that could not be undone.
  if [[ -z ${KEEP:-} ]]; then rm -rf --one-file-system "$bare"; fi
}
trap finish EXIT

mounts() {
  mount --bind /proc "$bare/proc"
  mounted+=("$bare/proc")
  mount --rbind /dev "$bare/dev"
  mount --make-rslave "$bare/dev"
  mounted+=("$bare/dev")
}

# carry FILE [PREFIX]: from this machine into the other root, below PREFIX.
carry() {
  local to="$bare${2:-}$1"
  [[ -e $1 ]] || return 0
  mkdir -p "$(dirname "$to")"
  rm -rf "${to:?}"
  cp -RL "$1" "$to"
}

# What a machine needs to reach its package registries, and nothing more: name
# service, apt's settings, and the variables of proxies and certificates with
# the files that they name.
network=()
carry_network() {
  local name value
  carry /etc/resolv.conf
  carry /etc/apt/apt.conf.d
  carry /etc/apt/sources.list
  carry /etc/apt/sources.list.d
  while IFS='=' read -r name value; do
    case $name in
      *_proxy | *_PROXY | PIP_* | NPM_CONFIG_* | npm_config_* | \
        *_CA_BUNDLE | *_CA_CERTS | *_CERT | *_CERT_FILE | *_CERT_DIR | \
        *_CAINFO)
        # Apart: a package would write over one at its usual place.
        if [[ $value == /* && -e $value ]]; then
          carry "$value" /carried
          value="/carried$value"
        fi
        network+=("$name=$value")
        ;;
    esac
  done < <(env)
}

# inside COMMAND…: runs it in a clean environment, as a person on that machine.
inside() {
  chroot "$bare" /usr/bin/env -i HOME=/root \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin "${network[@]}" JOBS="${JOBS:-}" \
    /bin/bash -c 'cd /src/patform && exec "$@"' inside "$@" </dev/null
}

# step WHAT COMMAND…
step() {
  local what=$1
  shift
  printf '\n== bare: %s\n' "$what"
  if inside "$@"; then
    passed=$((passed + 1))
    say "bare $what: ok"
  else
    failed=$((failed + 1))
    say "bare $what: FAILED"
  fi
}

[[ $(id -u) -eq 0 ]] || die "needs root: it makes a root file system"
need_packages mmdebstrap
rm -rf --one-file-system "$bare"
mkdir -p "$(dirname "$bare")"
mmdebstrap --quiet --variant=minbase bookworm "$bare"
mkdir -p "$bare/src" "$bare/root"
carry_network
git clone --quiet --no-local "$root" "$bare/src/patform"
mounts

rm -f "$bare/etc/hosts"
step quickstart examples/quickstart.sh --yes
# What Debian's installer writes: localhost is an IPv6 address as well.
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' \
  >"$bare/etc/hosts"
step tests tests/run.sh --yes "$@"
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
