#!/bin/sh -eu
# A store of your own: a folder for each secret, put in place by one rename.
# usage: store.sh FOLDER read|check|put|remove|list
umask 077
case $PATFORM_AT in
  *[!A-Za-z0-9._-]* | .*) echo "not a name: $PATFORM_AT" >&2; exit 5 ;;
esac
at=$1/$PATFORM_AT
exec 9< "$1" && flock 9               # one at a time
now=$(readlink "$at" || true)         # the version; "": nothing is there
show() { printf '{"at":"%s","record":%s,"version":"%s"}\n' \
  "${1##*/}" "$(cat "$1/record")" "$(readlink "$1")"; }
case $2 in
  read) [ "$now" ] || exit 3; show "$at" ;;
  list) for each in "$1"/*; do [ ! -h "$each" ] || show "$each"; done ;;
  check) [ -w "$1" ] || { echo "cannot write to $1" >&2; exit 5; } ;;
  put) [ "$now" = "$PATFORM_EXPECTED" ] || exit 4
    new=$(mktemp -d "$1/.XXXXXXXX")
    cat > "$new/secret"; printf %s "$PATFORM_RECORD" > "$new/record"
    ln -s "${new##*/}" "$new/link"; mv -T "$new/link" "$at"
    rm -rf "$1/${now:-.none}"; printf '{"version":"%s"}' "${new##*/}" ;;
  remove) [ "$now" ] || exit 3
    [ "$now" = "$PATFORM_EXPECTED" ] || exit 4
    rm -r "$at" "${1:?}/$now" ;;
  *) exit 64 ;;
esac
