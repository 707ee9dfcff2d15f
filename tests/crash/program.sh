#!/bin/sh
# Stands in front of a store that is a program: counts the calls of a run, and
# lets something happen to one of them, as front.py does for stores over HTTP.
# usage: program.sh PROGRAM FOLDER VERB
# Beside FOLDER: what ("NUMBER WHAT" to happen), calls (the verbs so far), late
# and value (a call that is still to be carried out).
folder=$2 verb=$3
echo "$verb" >> "$folder.calls"
number=$(wc -l < "$folder.calls")
read -r at what < "$folder.what"
if [ "$number" -lt "$at" ] || [ "$at" -eq 0 ] ||
  { [ "$number" -gt "$at" ] && [ "$what" != "gone after" ]; }; then
  exec "$1" "$folder" "$verb"
fi
case $what in
  *after) [ "$number" -gt "$at" ] || "$1" "$folder" "$verb" > /dev/null ;;
  *late)
    cat > "$folder.value"
    { echo "$verb"; env | grep -E '^(PATH|PATFORM_.*)='; } > "$folder.late" ;;
esac
case $what in
  killed*) kill -9 "$PPID" ;;
  garbage*) echo "not JSON"; exit 0 ;;
  refused) exit 5 ;;
esac
exit 9
