#!/usr/bin/env bash
# Prints an Entra access token of the user whose PATs these are.
#
#   sign-in.sh vso.pats                    for plan
#   sign-in.sh vso.pats vso.pats_manage    for apply
#
# The PAT service takes users alone, no service principals: so a bot user signed
# in once through an app registration of yours (a public client, with delegated
# permissions of Azure DevOps for those scopes and no others) and its refresh
# token was put where secrets are kept. It is good for 90 days; seed a new one
# before. Environment: ENTRA_TENANT, ENTRA_CLIENT_ID, ENTRA_REFRESH_TOKEN.
set -euo pipefail
azure_devops=499b84ac-1321-427f-aa17-267ca6975798
scope=
for name in "$@"; do
  scope+="${scope:+ }$azure_devops/$name"
done
# On standard input, not as an argument: arguments can be read by everybody on
# the machine.
answer=$(printf '%s' "$ENTRA_REFRESH_TOKEN" |
  curl --silent --show-error --max-time 60 --retry 3 \
    --data-urlencode "client_id=$ENTRA_CLIENT_ID" \
    --data-urlencode "grant_type=refresh_token" \
    --data-urlencode "scope=$scope" \
    --data-urlencode "refresh_token@-" \
    "${ENTRA_AUTHORITY:-https://login.microsoftonline.com}/$ENTRA_TENANT/oauth2/v2.0/token")
# Nothing of the answer is printed but its error: the rest are secrets.
if ! jq --exit-status --raw-output '.access_token // empty' <<<"$answer"; then
  jq --raw-output '"sign-in: \(.error): \(.error_description)"' \
    <<<"$answer" >&2
  exit 4
fi
