#!/usr/bin/env bash
# patform from nothing to a rotated token, on this machine only: installs what
# is missing, builds, starts a PAT service on loopback and goes through plan
# and apply against it. Nothing leaves the machine but the package download.
#
#   examples/quickstart.sh           as root, or as a user with sudo
#   KEEP=1 examples/quickstart.sh    keeps the folder of the story to look at
#   examples/quickstart.sh --yes     installs what is missing without asking
#   JOBS=4 examples/quickstart.sh    compilers at once (default: all cores)
set -euo pipefail
# shellcheck source=tests/setup.sh
source "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/tests/setup.sh"

case ${1:-} in
  "") ;;
  -y | --yes) PATFORM_YES=1 ;;
  *) die "unexpected argument $1; the only one is --yes" ;;
esac

heading() { printf '\n== %s\n\n' "$*"; }

# run [EXIT] COMMAND: shows the command as a user would type it, runs it, and
# insists on its exit code (0 if none is named).
run() {
  local want=0 got=0
  if [[ $1 =~ ^[0-9]+$ ]]; then
    want=$1
    shift
  fi
  printf '$ %s\n' "$1"
  eval "$1" || got=$?
  if [[ $got -ne $want ]]; then
    die "\`$1\` ended with exit code $got; $want was expected"
  fi
  [[ $want -eq 0 ]] || printf '(exit code %s)\n' "$got"
  printf '\n'
}

# expect WHAT GOT WANT
expect() {
  [[ $2 == "$3" ]] || die "$1: got \"$2\", expected \"$3\""
  printf '   %s: %s\n' "$1" "$2"
}

# state_of: the service's state of the secret on standard input. A secret is
# never an argument: any user of the machine can read those.
state_of() {
  jq -Rs '{token: rtrimstr("\n")}' |
    curl -sS --fail --cacert "$SSL_CERT_FILE" -H 'X-Emulator-Admin: 1' \
      -H 'Content-Type: application/json' --data-binary @- \
      "$PATFORM_SERVICE_URL/_emulator/verify" |
    jq -r .state
}

service_pid=
folder=
finish() {
  local rc=$?
  if [[ -n $service_pid ]] && kill "$service_pid" 2>/dev/null; then
    wait "$service_pid" 2>/dev/null || true
  fi
  if [[ -n $folder && -n ${KEEP:-} ]]; then
    say "Kept: $folder"
  elif [[ -n $folder ]]; then
    rm -rf "$folder"
  fi
  [[ $rc -eq 0 ]] || say "The quickstart did not get to its end (exit $rc)."
  exit "$rc"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading "1. What patform needs"
need_packages "${PATFORM_BUILD_PACKAGES[@]}" "${PATFORM_STORY_PACKAGES[@]}"

heading "2. Build"
say "The first build takes some minutes; the next one is reused."
build release patform patform-emulator
PATH="$(dirname "$(program release patform)"):$PATH"
PATH="$(dirname "$(program release patform-emulator)"):$PATH"
export PATH
# The caller's settings are not part of this story.
unset PATFORM_CONFIG PATFORM_API_VERSION PATFORM_PARALLELISM SSL_CERT_DIR
unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy
run "patform version"

heading "3. A PAT service on loopback, over TLS"
folder=$(mktemp -d)
cp -R "$PATFORM_ROOT/examples/quickstart/." "$folder"
cd "$folder"
run "patform-emulator --port 0 --ready-file ready.json \\
    --tls-cert-out service.pem >service.log 2>&1 & service_pid=\$!"
if ! wait_for ready.json "$service_pid"; then
  cat service.log >&2
  die "the PAT service did not start"
fi
run "export PATFORM_SERVICE_URL=\$(jq -r .url ready.json)"
run "export SSL_CERT_FILE=\$PWD/service.pem"
say "A sign-in as a user of that service; on Azure DevOps this would be"
say "\`az account get-access-token\`."
run "export PATFORM_ACCESS_TOKEN=\$(curl -sS --fail --cacert service.pem \\
    -H 'X-Emulator-Admin: 1' -H 'Content-Type: application/json' \\
    -d '{\"user\": \"quickstart@contoso.example\"}' \\
    \"\$PATFORM_SERVICE_URL/_emulator/token\" | jq -r .access_token)"
[[ -n $PATFORM_ACCESS_TOKEN && $PATFORM_ACCESS_TOKEN != null ]] ||
  die "the PAT service gave no access token"

heading "4. The file, and what it would change"
run "cat patform.toml"
run "patform validate"
run 2 "patform plan --detailed-exitcode"

heading "5. Apply: the secrets are delivered to files"
run "patform apply --auto-approve"
run "ls -l secrets"
first=$(cat secrets/ci-packaging)
say "The secret in secrets/ci-packaging, asked of the service:"
expect "state" "$(state_of <secrets/ci-packaging)" active

heading "6. A second plan has nothing to do"
run 0 "patform plan --detailed-exitcode"

heading "7. A changed scope is applied in place"
run "sed -i 's/vso.packaging_write/vso.packaging_manage/' patform.toml"
run 2 "patform plan --detailed-exitcode"
run "patform apply --auto-approve"
expect "state of the secret" "$(state_of <secrets/ci-packaging)" active
[[ $(cat secrets/ci-packaging) == "$first" ]] ||
  die "the secret changed, although a scope can change in place"
say "   the secret is still the same one"

heading "8. A rotation: new secret delivered, the old one lives on for a while"
run "patform apply --rotate ci-packaging --auto-approve"
[[ $(cat secrets/ci-packaging) != "$first" ]] ||
  die "the secret is the same after a rotation"
expect "state of the new secret" "$(state_of <secrets/ci-packaging)" active
expect "state of the old secret (its grace)" \
  "$(printf '%s' "$first" | state_of)" active

heading "9. A revocation"
# shellcheck source=/dev/null
nightly=$(source secrets/agent.env && printf '%s' "$NIGHTLY_PAT")
run "sed -i 's/^\\[token.nightly\\]\$/&\\nensure = \"absent\"/' patform.toml"
run 2 "patform plan --detailed-exitcode"
run "patform apply --auto-approve"
expect "state of nightly's secret" "$(printf '%s' "$nightly" | state_of)" revoked
printf '\n'
run 0 "patform plan --detailed-exitcode"

say "Done. Every step above ran against the service on loopback."
say "Next: README.md, \`patform help\`, \`patform init\`."
