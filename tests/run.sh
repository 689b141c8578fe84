#!/bin/sh
# Run test programs that speak TAP, several at a time; the last line is: N passed, N failed, N skipped.
# A .bats file runs with bats, anything else as it is.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
prove -v -m -j "${JOBS:-2}" --exec "$(dirname "$0")/run_one.sh" "$@" >"$log" 2>&1 || status=$?

passed=$(grep -c '^ok ' "$log" || true)
failed=$(grep -c '^not ok ' "$log" || true)
skipped=$(grep -ci '^ok .*# skip' "$log" || true)
passed=$((passed - skipped))
if [ "$status" != 0 ] || [ -n "${V:-}" ]; then
	if [ -n "${V:-}" ]; then cat "$log"; else grep -vE '^(ok |1\.\.|# *$)' "$log" || true; fi
fi
# What was counted is for the reader.
[ -n "${V:-}" ] || [ "$status" != 0 ] || grep '^# kills: ' "$log" || true
# What was not tried, and why.
[ -n "${V:-}" ] || grep -i '^ok .*# skip' "$log" || true
# A program that died without saying so is a failure, too.
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
