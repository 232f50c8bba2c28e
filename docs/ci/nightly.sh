#!/usr/bin/env bash
# One night: judge an endpoint, keep the record under its date, say what changed since the night before.
#
#   nightly.sh URL DIRECTORY [BASELINE]
#
# In a crontab, where mail is sent for whatever is written:
#
#   17 2 * * *  /opt/tunnelspec/nightly.sh http://127.0.0.1:4566 /var/lib/tunnelspec /etc/tunnelspec/known.yaml
#
# Its exit status is the run's: 0 nothing new failed, 1 something did or the baseline is stale, 2 wrong
# usage, 3 the endpoint could not be judged. DEPTH and KEEP_DAYS may be set in the environment.
set -euo pipefail

if [ "$#" -lt 2 ] || [ "$#" -gt 3 ]; then
  echo "usage: nightly.sh URL DIRECTORY [BASELINE]" >&2
  exit 2
fi
url="$1" directory="$2" baseline="${3:-}"
night="$directory/$(date -u +%Y-%m-%d)"
mkdir -p "$directory"

# The newest record before tonight's: the names of the directories sort by date.
before=""
for found in "$directory"/????-??-??/record.json; do
  if [ -f "$found" ] && [[ "$found" < "$night/record.json" ]]; then before="$found"; fi
done

arguments=(--endpoint-url "$url" --depth "${DEPTH:-standard}" --report-dir "$night")
if [ -n "$baseline" ]; then arguments+=(--baseline "$baseline"); fi
status=0
tunnelspec run "${arguments[@]}" || status=$?

if [ -n "$before" ] && [ -f "$night/record.json" ]; then
  # What it says is for the reader; the verdict is the run's.
  tunnelspec report diff "$before" "$night/record.json" || true
fi

find "$directory" -mindepth 1 -maxdepth 1 -type d -name '????-??-??' -mtime "+${KEEP_DAYS:-90}" \
  -exec rm -r -- {} +
exit "$status"
