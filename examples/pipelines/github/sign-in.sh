#!/usr/bin/env bash
# Prints an Entra access token of the user whose PATs these are.
#
#   sign-in.sh vso.pats                    for plan
#   sign-in.sh vso.pats vso.pats_manage    for apply
#
# The PAT service accepts users only, no service principals: so a bot user signed
# in once through an app registration of yours (a public client, with delegated
# permissions of Azure DevOps for those scopes and no others) and its refresh
# token was put where secrets are kept. Environment: ENTRA_TENANT,
# ENTRA_CLIENT_ID, ENTRA_REFRESH_TOKEN.
#
# How long that lasts: a refresh token is good for 90 days from the day it was
# given, used or not, and less where a password changes or a sign-in frequency
# is set. Each sign-in gives a new one, good for another 90 days; the old one
# stays good, so runs beside each other do no harm. A pipeline cannot write its
# own secrets, so the new one is kept only if you provide a way:
#
#   ENTRA_KEEP    a command that gets it on its standard input, such as
#                 vault kv patch -mount=ci patform-writer refresh_token=-
#                 where the next run reads ENTRA_REFRESH_TOKEN from
#
# Without it each run prints a reminder, and somebody has to sign the bot user in
# again before the 90 days are over. With it, one run in 90 days is enough.
set -euo pipefail
azure_devops=499b84ac-1321-427f-aa17-267ca6975798
scope=offline_access
for name in "$@"; do
  scope+=" $azure_devops/$name"
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
access=$(jq --raw-output '.access_token // empty' <<<"$answer")
if [[ -z $access ]]; then
  jq --raw-output '"sign-in: \(.error): \(.error_description)"' \
    <<<"$answer" >&2
  exit 4
fi
next=$(jq --raw-output '.refresh_token // empty' <<<"$answer")
if [[ -z $next || $next == "$ENTRA_REFRESH_TOKEN" ]]; then
  : # None was given, which happens where the first sign-in did not ask for it.
elif [[ -z ${ENTRA_KEEP:-} ]]; then
  echo "sign-in: the new refresh token is not kept (no ENTRA_KEEP): the one in" \
    "use ends 90 days after it was given" >&2
elif ! printf '%s' "$next" | bash -euo pipefail -c "$ENTRA_KEEP" >&2; then
  # The old one is as good as before: the run continues.
  echo "sign-in: ENTRA_KEEP failed: the new refresh token is not kept; the one" \
    "in use ends 90 days after it was given" >&2
fi
printf '%s\n' "$access"
