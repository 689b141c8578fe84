#!/bin/sh
# Run fuzzers, each for $FUZZ_SECS seconds; what they find new goes beside them, a crash ends it.
set -eu
here=$(dirname "$0")
for program in "$@"; do
	name=${program##*/fuzzer_}
	mkdir -p "$program.corpus"
	echo "fuzz_$name:"
	"$program" -max_total_time="${FUZZ_SECS:-60}" -timeout=20 -rss_limit_mb=4096 -print_final_stats=0 \
		-verbosity=0 -artifact_prefix="$program." "$program.corpus" "$here/fuzz/corpus/$name"
done
