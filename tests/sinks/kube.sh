#!/usr/bin/env bash
# kube.sh [build]: the real kube-apiserver for the suite `sinks`. Prints its
# path where it is there, and nothing where it is not; `build` makes it first.
#
# No registry carries it as a program, so it is built from the Go module proxy:
# thirteen minutes of processor time, 600 MB of modules and 3 GB of Go's cache,
# once for each version. That is too long for each run of the tests: a deep run
# (PATFORM_SINKS=deep) builds it, any other takes what is there. Go 1.26 and
# etcd (Debian: etcd-server) are needed. PATFORM_KUBE_CACHE is where it is kept,
# ~/.cache/patform-tests unless set.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

version=v1.37.2
folder=${PATFORM_KUBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/patform-tests}
program=$folder/kube-apiserver-$version

# Every requirement of Kubernetes itself, so that its versions are upstream's;
# what it replaces by folders of its own repository is published beside it.
module() {
  local staging=v0.${version#v1.} mod
  mod=$(go mod download -json "k8s.io/kubernetes@$version" |
    sed -n 's/.*"GoMod": "\(.*\)",\{0,1\}$/\1/p')
  printf 'module patform/kube\n'
  sed -n 's/^go /go /p' "$mod"
  awk '/^godebug/ {on = 1} on {print} on && /^\)/ {on = 0}' "$mod"
  printf 'require k8s.io/kubernetes %s\n' "$version"
  awk '/^require \(/ {on = 1} on {print} /^\)/ {on = 0}' "$mod" |
    sed "s#\(k8s.io/[a-z-]*\) v0.0.0\( \|\$\)#\1 $staging\2#"
  sed -n 's#^\t\(k8s.io/[a-z-]*\) => ./staging/.*#\1#p' "$mod" |
    sed "s#.*#replace & => & $staging#"
}

# In a subshell: it goes elsewhere and cleans up.
make_server() {
  local work minor
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of this call
  trap "rm -rf '$work'" EXIT
  printf '%s\n' "Building kube-apiserver $version, once…" >&2
  cd "$work"
  module >go.mod
  minor=${version#v1.}
  GOFLAGS="-mod=mod -buildvcs=false -trimpath" CGO_ENABLED=0 nice -n 10 \
    go build -ldflags "-s -w \
      -X k8s.io/component-base/version.gitVersion=$version \
      -X k8s.io/component-base/version.gitMajor=1 \
      -X k8s.io/component-base/version.gitMinor=${minor%%.*}" \
    -o kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
  mkdir -p "$folder"
  # By a rename: another run may look for it at the same time.
  mv kube-apiserver "$program.new.$$"
  mv "$program.new.$$" "$program"
}

if [[ ${1:-} == build ]]; then
  # shellcheck source=tests/setup.sh
  source "$root/tests/setup.sh"
  need_packages etcd-server >&2
  if [[ ! -x $program ]]; then (make_server); fi
fi
if [[ ! -x $program ]]; then exit 0; fi
if ! command -v etcd >/dev/null; then
  printf '%s\n' "kube-apiserver needs etcd: install etcd-server" >&2
  exit 0
fi
printf '%s\n' "$program"
