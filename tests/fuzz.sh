#!/bin/sh
# Run fuzzers, each until it has used $FUZZ_SECS seconds of the processor: one line of a table each, and
# the log of the first that fails.  What they find new goes beside them, as does the input of a failure;
# both stay for the next run.
set -eu
here=$(dirname "$0")
wanted=${FUZZ_SECS:-60}

# The last number behind a word of a log: "cov: 1234".
said() { # LOG WORD
	sed -n "s/.*$2: *\\([0-9][0-9]*\\).*/\\1/p" "$1" | tail -n 1
}

# Seconds of the processor that a run took: "3m10.25s 0m4.50s", as the shell says of its children.
cpu_seconds() {
	tail -n 1 "$1" | awk '{ for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); n += 60 * t[1] + t[2] } printf "%d", n + 1 }'
}

# By the clock, which is the only limit that a fuzzer knows.
fuzz_for() { # SECONDS PROGRAM OPTIONS...
	seconds=$1 program=$2
	shift 2
	(
		"$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 "$@" \
			-print_final_stats=1 -artifact_prefix="$program." "$program.corpus" \
			"$here/fuzz/corpus/$name" >"$program.log" 2>&1 &&
			times >"$program.times"
	)
}

row='%-18s %10s %12s %10s %10s %10s\n'
# shellcheck disable=SC2059
printf "$row" fuzzer 'CPU s' inputs 'a CPU s' edges features
for program in "$@"; do
	name=${program##*/fuzzer_}
	set --
	[ ! -f "$here/fuzz/dict/$name" ] || set -- -dict="$here/fuzz/dict/$name"
	# Whole programs have standard error themselves.
	case $name in esexport | esimport | esverify) set -- "$@" -close_fd_mask=2 ;; esac
	mkdir -p "$program.corpus"
	cpu=0 inputs=0
	# Where the machine is busy, a run gets less of the processor than it was given time.
	while [ "$cpu" -lt "$wanted" ]; do
		if ! fuzz_for $((wanted - cpu)) "$program" "$@"; then
			cat "$program.log"
			echo "fuzz_$name: failed; its input is beside $program"
			exit 1
		fi
		cpu=$((cpu + $(cpu_seconds "$program.times")))
		inputs=$((inputs + $(said "$program.log" stat::number_of_executed_units)))
	done
	# shellcheck disable=SC2059
	printf "$row" "$name" "$cpu" "$inputs" "$((inputs / cpu))" \
		"$(said "$program.log" cov)" "$(said "$program.log" ft)"
done
