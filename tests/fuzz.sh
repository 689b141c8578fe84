#!/bin/sh
# Run fuzzers, each for $FUZZ_SECS seconds: one line each, and the log of the first that fails.
# What they find new goes beside them, as does the input of a failure; both stay for the next run.
set -eu
here=$(dirname "$0")
for program in "$@"; do
	name=${program##*/fuzzer_}
	dict=
	[ ! -f "$here/fuzz/dict/$name" ] || dict=-dict=$here/fuzz/dict/$name
	mkdir -p "$program.corpus"
	if ! "$program" -max_total_time="${FUZZ_SECS:-60}" -timeout=20 -rss_limit_mb=4096 ${dict:+"$dict"} \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="$program." "$program.corpus" \
		"$here/fuzz/corpus/$name" >"$program.log" 2>&1; then
		cat "$program.log"
		echo "fuzz_$name: failed; its input is beside $program"
		exit 1
	fi
	echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log") inputs"
done
