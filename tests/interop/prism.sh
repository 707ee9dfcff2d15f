#!/usr/bin/env bash
# The emulator and patform with Prism between them, which holds every request
# and every answer against Microsoft's Swagger. A violation on either side
# fails.
#
#   prism.sh BUILD_DIR WORK_DIR
#
# The programs are those of BUILD_DIR, or $EMULATOR and $PATFORM. Prism is
# installed into WORK_DIR by npm. The last line: `figures requests=N
# violations=N`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${1:?usage: prism.sh BUILD_DIR WORK_DIR}
work=${2:?usage: prism.sh BUILD_DIR WORK_DIR}
emulator=${EMULATOR:-$build/providers/emulator/patform-emulator}
patform=${PATFORM:-$build/engine/patform}
prism_version=5.14.2
# Named, because newer ones of the same major version need node 24; Debian 12
# has 18.
prism_parts=(@stoplight/prism-http-server@5.12.2 @stoplight/prism-core@5.8.0)

die() {
  printf 'prism.sh: %s\n' "$*" >&2
  exit 1
}

pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do
    if kill "$pid" 2>/dev/null; then wait "$pid" 2>/dev/null || true; fi
  done
}
trap finish EXIT

mkdir -p "$work"
work=$(cd "$work" && pwd)
prism=$work/node_modules/.bin/prism
if [[ ! -x $prism ]]; then
  npm install --prefix "$work" --no-audit --no-fund --no-save \
    "@stoplight/prism-cli@$prism_version" "${prism_parts[@]}" \
    >"$work/npm.log" 2>&1 ||
    { cat "$work/npm.log" >&2; die "npm could not install Prism"; }
fi

# Nothing of the caller's may steer patform or lead past loopback.
unset PATFORM_CONFIG PATFORM_API_VERSION PATFORM_PARALLELISM
unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy

# wait_for COMMAND…: until it works; 1 after twenty seconds.
wait_for() {
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  return 1
}

free_port() {
  python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# admin NAME BODY: steers the emulator, past Prism.
admin() {
  curl -sS --fail -H 'X-Emulator-Admin: 1' -d "$2" "$upstream/_emulator/$1"
}

# through METHOD EXPECTED QUERY [BODY]: one request through Prism; the answer
# is in $answer.
through() {
  local status data=()
  if [[ $# -gt 3 ]]; then data=(--data-binary "$4"); fi
  status=$(curl -sS -X "$1" -o "$work/answer" -w '%{http_code}' \
    -H @"$work/authorization" -H 'Content-Type: application/json' \
    "${data[@]}" "$proxy/contoso/_apis/tokens/pats?api-version=$version$3")
  requests=$((requests + 1))
  answer=$(cat "$work/answer")
  if [[ $status != "$2" ]]; then
    failures=$((failures + 1))
    printf 'FAILED %s %s %s: %s, expected %s: %s\n' "$version" "$1" "$3" \
      "$status" "$2" "$(sed -E 's/("token":)"[^"]*"/\1"…"/' "$work/answer")"
  fi
}

drive() {
  local id continuation body
  body='{"displayName":"a","scope":"vso.code","allOrgs":false,'
  body+='"validTo":"2027-01-01T23:46:23.319Z"}'
  through POST 200 '' "$body"
  id=$(jq -r '.patToken.authorizationId' <<<"$answer")
  through POST 200 '' '{"displayName":"b","scope":"app_token","allOrgs":true}'
  through POST 200 '' '{"displayName":"","scope":"vso.code"}'
  through GET 200 "&authorizationId=$id"
  through GET 200 '&authorizationId=11111111-2222-3333-4444-555555555555'
  through PUT 200 '' "{\"authorizationId\":\"$id\",\"scope\":\"vso.work\"}"
  through PUT 200 '' "{\"authorizationId\":\"$id\",\"displayName\":\"c\",
    \"validTo\":\"2027-02-01T00:00:00Z\",\"allOrgs\":true}"
  admin seed '{"user":"ada@contoso.example","count":150}' >/dev/null
  for filter in active revoked expired all; do
    continuation=
    while :; do
      through GET 200 "&displayFilterOption=$filter&sortByOption=displayDate&\
isSortAscending=false&\$top=70${continuation:+&continuationToken=$continuation}"
      continuation=$(jq -r '.continuationToken' <<<"$answer")
      [[ -n $continuation && $continuation != null ]] || break
    done
  done
  through GET 200 ''
  through DELETE 204 "&authorizationId=$id"
  admin switches '{"revoke_status":200}' >/dev/null
  body='{"displayName":"d","scope":"vso.code"}'
  through POST 200 '' "$body"
  id=$(jq -r '.patToken.authorizationId' <<<"$answer")
  through DELETE 200 "&authorizationId=$id"
  admin switches '{"revoke_status":204}' >/dev/null
}

# How often Prism said that something was not as described. A status that is
# not is a warning, all else ends the exchange with an error.
count_violations() {
  grep -cE 'Violation: |errors#(VIOLATIONS|UNPROCESSABLE_ENTITY)' \
    "$work/prism-$version.log" || true
}

# Prism itself has teeth: what is wrong on either side is found.
teeth() {
  local before
  before=$(count_violations)
  # shellcheck disable=SC2016  # $top is the parameter's name
  through GET 422 '&$top=many'
  through GET 422 '&displayFilterOption=some'
  through POST 422 '' '{"displayName":7}'
  through POST 422 '' '{"displayName":"a","lifetime":7}'
  admin faults '{"operation":"list","action":{"body":{"value":[]}}}' >/dev/null
  through GET 500 ''
  admin faults '{"operation":"list","action":{"status":418,"body":{}}}' \
    >/dev/null
  through GET 418 ''
  if [[ $(count_violations) -ne $((before + 6)) ]]; then
    failures=$((failures + 1))
    printf 'FAILED %s: Prism let something pass\n' "$version"
  fi
}

# patform itself, from nothing to a rotated token.
run_patform() {
  local folder=$work/quickstart-$version step rc
  rm -rf "$folder"
  cp -R "$root/examples/quickstart" "$folder"
  chmod 700 "$folder"
  PATFORM_ACCESS_TOKEN=$(admin token '{"user":"quick@contoso.example"}' |
    jq -r .access_token)
  export PATFORM_ACCESS_TOKEN PATFORM_SERVICE_URL=$proxy
  export PATFORM_API_VERSION=$version
  for step in "plan" "apply --auto-approve" "plan --detailed-exitcode" \
    "apply --rotate ci-packaging --auto-approve" "plan --detailed-exitcode"; do
    rc=0
    # shellcheck disable=SC2086  # a step is words
    (cd "$folder" && "$patform" $step) >"$work/patform.log" 2>&1 || rc=$?
    if [[ $rc -ne 0 ]]; then
      failures=$((failures + 1))
      printf 'FAILED %s patform %s: exit %s\n' "$version" "$step" "$rc"
      cat "$work/patform.log"
    fi
  done
  unset PATFORM_ACCESS_TOKEN PATFORM_SERVICE_URL PATFORM_API_VERSION
}

requests=0
total=0
failures=0
violations=0
for version in 7.1-preview.1 7.2-preview.1; do
  python3 "$here/openapi.py" "$here/tokens-${version%%-*}.swagger.json" \
    >"$work/spec.json"
  rm -f "$work/ready.json"
  "$emulator" --plain --port 0 --ready-file "$work/ready.json" \
    >"$work/emulator.log" 2>&1 &
  pids+=($!)
  wait_for test -s "$work/ready.json" || die "the emulator did not start"
  upstream=http://127.0.0.1:$(jq -r .port "$work/ready.json")
  port=$(free_port)
  proxy=http://127.0.0.1:$port
  "$prism" proxy "$work/spec.json" "$upstream" --errors --host 127.0.0.1 \
    --port "$port" >"$work/prism-$version.log" 2>&1 &
  pids+=($!)
  wait_for curl -sS -o /dev/null "$proxy/" ||
    { cat "$work/prism-$version.log" >&2; die "Prism did not start"; }
  # In a file that is this user's alone: arguments can be seen by others.
  (umask 077
   printf 'Authorization: Bearer %s\n' \
     "$(admin token '{"user":"ada@contoso.example"}' | jq -r .access_token)" \
     >"$work/authorization")
  drive
  if [[ -x $patform ]]; then
    run_patform
  elif [[ -n ${PATFORM:-} ]]; then
    die "$patform is not there"
  fi
  # Those of patform too: what Prism let through, it has validated.
  seen=$(curl -sS --fail -H 'X-Emulator-Admin: 1' \
    "$upstream/_emulator/requests" | jq '[.counts[]] | add')
  found=$(count_violations)
  violations=$((violations + found))
  total=$((total + seen))
  if [[ $found -gt 0 ]]; then cat "$work/prism-$version.log"; fi
  teeth
  finish
  pids=()
done
rm -f "$work/authorization" "$work/answer"
passed=$((requests - failures))
printf '%s passed, %s failed\n' "$passed" "$failures"
printf 'figures requests=%s violations=%s\n' "$total" "$violations"
[[ $failures -eq 0 && $violations -eq 0 && $passed -gt 0 ]]
