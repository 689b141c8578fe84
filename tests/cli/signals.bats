#!/usr/bin/env bats
# Signals at random moments, to each of the programs: what it says, with which code it ends, and
# that going on is as it is said.

load helpers
load stores
load postgres
load nats

setup_file() {
	postgres_start
	nats_start
	cd "$BATS_FILE_TMPDIR" || return
	export SOURCE_DATE_EPOCH=1767225600
	store a.db 20000
	store big.db 60000
	esexport --from "sqlite://$BATS_FILE_TMPDIR/a.db" --out a.jsonl.zst --chunk-size 8KiB
	esexport --from "sqlite://$BATS_FILE_TMPDIR/big.db" --out big.jsonl.zst --chunk-size 8KiB --level 9
	esimport --from a.jsonl.zst --to "$(pg_db kept)"
	esimport --from a.jsonl.zst --to "$(nats_address kept)"
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	export SOURCE_DATE_EPOCH=1767225600
	db=sqlite://$BATS_FILE_TMPDIR/a.db
	whole=$BATS_FILE_TMPDIR/a.jsonl.zst
	big=sqlite://$BATS_FILE_TMPDIR/big.db
	whole_big=$BATS_FILE_TMPDIR/big.jsonl.zst
	hits=0
}

# Whether the process in the background is one of ours by now, which has set up its signals.
is_ready() { grep -qs '^es' "/proc/$1/comm" && (((0x0$(sed -n 's/^SigCgt:\t//p' "/proc/$1/status") >> 14) & 1)); }

# begin COMMAND...: in the background, as $pid, and ready for signals, or at its end.
begin() {
	"$@" <&0 >out 2>said 3>&- 8>&- &
	pid=$!
	until is_ready $pid || ! kill -0 $pid 2>/dev/null; do
		sleep 0.001
	done
}

# disturb MOST SIGNALS COMMAND...: the signals, one right behind the other, reach the command within
# MOST milliseconds; its code is $rc.
disturb() {
	local signal

	begin "${@:3}"
	sleep "$(printf 0.%03d $((RANDOM % $1 + 1)))"
	for signal in $2; do
		kill -"$signal" $pid 2>/dev/null || true
	done
	rc=0
	wait $pid || rc=$?
	hits=$((hits + (rc != 0)))
}

# until_hit N COMMAND...: until so many signals came in the middle of the work.
until_hit() {
	local tries=0

	until ((hits >= $1)); do
		tries=$((tries + 1))
		((tries < 20 * $1)) || return 1
		"${@:2}"
	done
	echo "# $hits of $tries came in the middle"
}

stopped() {
	[ $rc = 8 ] || [ $rc = 0 ]
	[ $rc = 0 ] || same "$(tail -n 1 said)" "$1: stopped by a signal"
}

export_once() {
	disturb 400 "$1" esexport --from "$big" --out b.jsonl.zst --chunk-size 8KiB --level 9 --resume
	[ "$2" != 8 ] || stopped esexport
	ended_by "$2"
	if [ $rc = 8 ]; then
		grep -qE 'note: b.jsonl.zst.part has [0-9,]+ events up to position [0-9]+; the same command with --resume goes on from there|nothing was written; begin again' said
	fi
	[ -e b.jsonl.zst ] || return 0
	cmp b.jsonl.zst "$whole_big"
	rm b.jsonl.zst
}

# ended_by CODES: one of them, or stopped, or the end was there before.
ended_by() {
	local code

	for code in $1 8 0; do
		[ $rc != "$code" ] || return 0
	done
	cat said
	return 1
}

@test "INT and TERM stop an export to a file, which says how to go on" {
	for signal in TERM INT; do
		hits=0
		until_hit 3 export_once $signal 8
	done
	esexport --from "$big" --out b.jsonl.zst --chunk-size 8KiB --level 9 --resume
	cmp b.jsonl.zst "$whole_big"
}

@test "a second signal ends an export at once, and it is resumed all the same" {
	until_hit 3 export_once 'TERM TERM' 143
	hits=0
	until_hit 3 export_once 'INT TERM' '130 143'
	esexport --from "$big" --out b.jsonl.zst --chunk-size 8KiB --level 9 --resume
	cmp b.jsonl.zst "$whole_big"
}

pipe_once() {
	disturb 400 "$1" esexport --from "$big" --chunk-size 8KiB --level 9
	stopped esexport
	if [ $rc = 8 ]; then
		grep -qE 'note: (standard output has [0-9,]+ events up to position [0-9]+, and is not complete; begin again: a target skips what it has|nothing was written; begin again)' said
		run -4 esverify out
	else
		cmp out "$whole_big"
	fi
}

@test "INT and TERM stop an export to a pipe, which no reader takes for whole" {
	until_hit 3 pipe_once TERM
	hits=0
	until_hit 3 pipe_once INT
}

import_once() {
	disturb 300 "$2" esimport --from "$whole" --to "$1" --batch-size 100
	[ "$3" != 8 ] || stopped esimport
	ended_by "$3"
	[ $rc != 8 ] ||
		grep -qE 'note: (the target has everything up to position [0-9]+ \([0-9,]+ events? written by this run\); the same command goes on from there|nothing was written to the target)' said
}

waits_for_a_writer() {
	grep -qs -e wait_for_partner -e fifo_open "/proc/$pid/wchan"
}

@test "INT and TERM end the waiting for who writes to a named pipe" {
	mkfifo pipe
	for signal in TERM INT; do
		begin esexport --from pipe --plain
		until waits_for_a_writer || ! kill -0 $pid; do
			sleep 0.01
		done
		kill -$signal $pid
		rc=0
		wait $pid || rc=$?
		same $rc 8
		stopped esexport
		[ ! -s out ]
	done
}

@test "signals to an import: the same command goes on, and every event is there once" {
	local n=0 to signals code
	while read -r code signals; do
		for to in sqlite postgres nats; do
			n=$((n + 1))
			case $to in
			sqlite) to=sqlite://t$n.db ;;
			postgres) to=$(pg_db t$n) ;;
			nats) to=$(nats_address t$n) ;;
			esac
			hits=0
			import_some() {
				import_once "$to" "$signals" "$code"
				[ $rc != 0 ] || hits=99 # all is there
			}
			until_hit 2 import_some
			esimport --from "$whole" --to "$to"
			esverify --positions "$whole" "$to"
		done
	done <<'END'
8 TERM
8 INT
143 TERM TERM
END
}

verify_once() {
	disturb 100 "$@"
	stopped esverify
	[ $rc != 8 ] || grep -q 'nothing is kept of what was compared; begin again' said
}

@test "INT and TERM stop a comparison, and the check of an archive" {
	for signal in TERM INT; do
		hits=0
		until_hit 2 verify_once $signal esverify "$whole_big"
		hits=0
		until_hit 2 verify_once $signal esverify "$big" "$whole_big"
	done
}

# usr1_all_the_time COMMAND...: while it works; it ends well.
usr1_all_the_time() {
	begin "$@"
	while kill -USR1 $pid 2>/dev/null; do
		sleep 0.002
	done
	wait $pid
	notes=$(grep -cE ': note: [0-9,]+ events, .* in .*, [0-9,]+/s' said || true)
	echo "# $notes answers: $1"
}

@test "USR1 does no harm to any of them, and is answered" {
	local of answered=0
	for of in "$db" "$(pg_address kept)" "$(nats_address kept)"; do
		usr1_all_the_time esexport --from "$of" --out b.cbor.zst --level 9 --chunk-size 8KiB --force
		answered=$((answered + notes))
		esverify --positions "$whole" b.cbor.zst
		usr1_all_the_time esverify "$whole" "$of"
	done
	for of in sqlite://t.db "$(pg_db usr)" "$(nats_address usr)"; do
		usr1_all_the_time esimport --from "$whole" --to "$of" --batch-size 500
		answered=$((answered + notes))
		esverify --positions "$whole" "$of"
	done
	usr1_all_the_time esverify "$whole"
	((answered > 0))
}

# A run that waits in the middle is asked, and then goes on.
@test "the answer to USR1 comes at once, whatever --progress says" {
	local mode program tries
	mkfifo pipe
	for program in 'esimport --to sqlite://t.db' 'esverify -' 'esexport --from - --out n.jsonl.zst'; do
		for mode in none json; do
			exec 8<>pipe
			# shellcheck disable=SC2086 # a list of words
			begin $program --progress $mode <pipe
			head -c 30000 "$whole" >&8
			for ((tries = 0; tries < 100; tries++)); do
				! grep -qE 'note: [0-9,]+ events, .* in .*, [0-9,]+/s' said || break
				kill -USR1 $pid
				sleep 0.1
			done
			((tries < 100))
			tail -c +30001 "$whole" >&8 &
			feeder=$!
			exec 8>&-
			wait $feeder
			wait $pid
			rm -f t.db n.jsonl.zst
		done
	done
}

# hup_all_the_time COMMAND...: while it works; it ends well.
hup_all_the_time() {
	begin "$@"
	while kill -HUP $pid 2>/dev/null; do
		sleep 0.002
	done
	wait $pid
}

@test "HUP does no harm to any of them" {
	local of
	hup_all_the_time esexport --from "$db" --out b.jsonl.zst --chunk-size 8KiB
	cmp b.jsonl.zst "$whole"
	for of in sqlite://t.db "$(pg_db hup)" "$(nats_address hup)"; do
		hup_all_the_time esimport --from "$whole" --to "$of" --batch-size 500
		hup_all_the_time esverify --positions "$whole" "$of"
	done
}

# on_a_terminal COMMAND...: on one of its own, which is closed when there is a file `closed`.
on_a_terminal() {
	python3 -c 'import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while not os.path.exists("closed"):
    time.sleep(0.01)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$@"
}

@test "a run outlives its terminal" {
	mkfifo pipe
	on_a_terminal esimport --from pipe --to sqlite://t.db --batch-size 100 --progress bar 3>&- &
	pid=$!
	exec 8>pipe
	head -c 30000 "$whole" >&8
	until [ "$(sqlite3 t.db 'SELECT count(*) > 0 FROM events' 2>/dev/null)" = 1 ]; do
		kill -0 $pid
		sleep 0.05
	done
	touch closed
	# What it says goes nowhere by now.
	tail -c +30001 "$whole" >&8
	exec 8>&-
	wait $pid
	esverify --positions "$whole" sqlite://t.db
}
