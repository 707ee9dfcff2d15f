#!/bin/sh -eu
# A store that keeps no versions: a file for each place, the record and then the
# secret in it, put in place by one rename.
# usage: plain_store.sh FOLDER read|check|put|remove|list
umask 077
show() { printf '{"at":"%s","record":%s}\n' "${1##*/}" "$(head -n 1 "$1")"; }
case $2 in
  read) [ -e "$1/$PATFORM_AT" ] || exit 3; show "$1/$PATFORM_AT" ;;
  list) for each in "$1"/*; do [ ! -e "$each" ] || show "$each"; done ;;
  check) [ -w "$1" ] ;;
  put) { printf '%s\n' "$PATFORM_RECORD"; cat; } > "$1/.new"
    mv "$1/.new" "$1/$PATFORM_AT" ;;
  remove) [ -e "$1/$PATFORM_AT" ] || exit 3; rm "$1/$PATFORM_AT" ;;
  *) exit 64 ;;
esac
