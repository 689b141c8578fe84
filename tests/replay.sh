#!/bin/sh
# Replay every fuzzing corpus without a fuzzer: one TAP test a target.
set -u
here=$(dirname "$0")
n=0
for program in "${B:?}"/tests/replay_fuzz_*; do
	[ -x "$program" ] || continue
	case $program in *.d) continue ;; esac
	name=${program##*/replay_fuzz_}
	n=$((n + 1))
	if "$program" "$here"/fuzz/corpus/"$name"/*; then
		echo "ok $n - the corpus of fuzz_$name"
	else
		echo "not ok $n - the corpus of fuzz_$name"
	fi
done
echo "1..$n"
