#!/usr/bin/env bash
# Runs the rows of rows.tsv in turn, and prints what they took, and which goals were reached.
#
#     run.sh [EVENTS] [ROUNDS]
#     ROWS='^pairs: ' run.sh 200000        # those whose "GROUP: NAME" this regex matches, and what
#                                          # they are compared with
#     ROWS=goals run.sh                    # those that goals.tsv speaks of
set -euo pipefail

events=${1:-1000000}
rounds=${2:-5}
here=$(cd "$(dirname "$0")" && pwd)
REPO=$(dirname "$here")
cores=$(nproc)
export REPO cores
PATH="${BIN:?}:$BIN/bench:$here:$PATH"
for program in esexport esimport esverify gen measure; do
	command -v $program >/dev/null
done
unset ES_PG_DIR ES_NATS_DIR # of a test that runs this: servers here are others
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
export BATS_FILE_TMPDIR=$dir
# shellcheck source=tests/cli/postgres.bash
source "$REPO/tests/cli/postgres.bash"
# shellcheck source=tests/cli/nats.bash
source "$REPO/tests/cli/nats.bash"
# shellcheck source=bench/servers.bash
source "$here/servers.bash"
trap 'nats_stop; postgres_stop; rm -rf "$dir"' EXIT
cd "$dir"

"$here/table.py" choose "${ROWS:-}" >rows
! grep -q 'postgres:' rows || start_postgres
! grep -q "\$nats" rows || start_nats

make_corpus() {
	local needed

	needed=$("$here/table.py" corpus rows)
	# shellcheck disable=SC2086 # a list of words
	if ! make -s -f "$here/corpus.mk" N="$events" $needed >log 2>&1; then
		cat log >&2
		return 1
	fi
}

# Each program of the pipe is measured by itself.
run_row() {
	local left=$1 measured='' stage=1

	while [[ $left = *' | '* ]]; do
		measured+="measure took.$stage ${left%%' | '*} | "
		left=${left#*' | '}
		stage=$((stage + 1))
	done
	bash -o pipefail -c "$measured measure took.$stage $left" >/dev/null 2>log
}

bytes_of_out() {
	find . -maxdepth 1 -name 'out.*' -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# A line of results: row, seconds, CPU of each program, peak of each, CPU of servers, bytes of out.*.
measure_row() {
	local row=$1 before=$2 command=$3 start end ticks code=0 step

	rm -rf out.* took.*
	for step in ${before//,/ }; do
		[ "$step" = - ] || "$step"
	done
	[ "$before" = - ] || rest
	ticks=$(server_ticks)
	start=$EPOCHREALTIME
	run_row "$command" || code=$?
	end=$EPOCHREALTIME
	ticks=$(($(server_ticks) - ticks))
	case $code in
	0) ;;
	127) # of a shell, and of the scripts here: something that it needs is not installed
		printf '%s\tmissing\n' "$row" >>results
		return
		;;
	*)
		printf '%s\tfailed\n' "$row" >>results
		echo "bench: failed with code $code: $command" >&2
		cat log >&2
		return
		;;
	esac
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$row" "$((${end/./} - ${start/./}))" \
		"$(cut -d ' ' -f 1 took.* | paste -sd +)" "$(cut -d ' ' -f 2 took.* | paste -sd +)" \
		"$ticks" "$(bytes_of_out)" >>results
}

run_round() {
	local row=0 before command

	while IFS=$'\t' read -r -u 3 _ _ _ before command; do
		row=$((row + 1))
		measure_row "$row" "$before" "$command" </dev/null
	done 3<rows
}

uptime
echo "making $events events"
make_corpus
cat ./*/* >/dev/null # into memory
for ((round = 1; round <= rounds; round++)); do
	echo "round $round of $rounds, $(wc -l <rows) rows"
	run_round
done
uptime
"$here/table.py" report rows results "$events" "$(sqliteloop scan tenth/events.db)" "$(getconf CLK_TCK)"
! grep -q failed results
