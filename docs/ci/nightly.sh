#!/usr/bin/env bash
# One night: test an endpoint, keep the record under its date, print what changed since the night before.
#
#   nightly.sh URL DIRECTORY [OPTION...]
#
# OPTIONs are those of `tunnelspec run`; without --depth, the depth is standard. What searches find is kept in
# DIRECTORY/corpus and sent first in the next night. In a crontab, which mails whatever is written:
#
#   17 2 * * *  /opt/nightly.sh http://127.0.0.1:4566 /var/lib/tunnelspec --baseline /etc/tunnelspec.yaml
#
# Its exit status is the run's: 0 nothing new failed, 1 something did or the baseline is stale, 2 wrong
# usage, 3 no verdict. Nights older than KEEP_DAYS, 90 if it is not set, are deleted.
set -euo pipefail

if [ "$#" -lt 2 ]; then
  echo "usage: nightly.sh URL DIRECTORY [OPTION...]" >&2
  exit 2
fi
url="$1" directory="$2"
shift 2
night="$directory/$(date -u +%Y-%m-%d)"
mkdir -p -- "$directory"

# The newest record before tonight's: the names of the directories sort by date.
before=""
for found in "$directory"/????-??-??/record.json; do
  if [ -f "$found" ] && [[ "$found" < "$night/record.json" ]]; then before="$found"; fi
done

# The log is kept beside the reports; it is written out only when there is something to read.
status=0
mkdir -p -- "$night"
tunnelspec run --depth standard --endpoint-url "$url" --corpus "$directory/corpus" --report-dir "$night" "$@" \
  > "$night/run.log" 2>&1 \
  || status=$?
if [ "$status" -ne 0 ]; then cat -- "$night/run.log"; fi

if [ -f "$night/record.json" ]; then
  if [ -n "$before" ]; then
    # For the reader only; the verdict is the run's.
    tunnelspec report diff "$before" "$night/record.json" || true
  fi
  tunnelspec report trend "$directory"
fi

find "$directory" -mindepth 1 -maxdepth 1 -type d -name '????-??-??' -mtime "+${KEEP_DAYS:-90}" \
  -exec rm -r -- {} +
exit "$status"
