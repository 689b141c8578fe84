# Runs that end early, for whatever reason, and are started again: every event is there once.
load helpers

# lines FIRST LAST [WORD]: events as JSON Lines, each of them large enough for a chunk of 1 KiB.
lines() {
	local i
	for ((i = $1; i <= $2; i++)); do
		printf '{"position":%d,"stream":"s-%d","version":%d,"id":"e-%d","type":"T%d",' \
			$i $((i % 2)) $(((i - 1) / 2)) $i $((i % 3))
		printf '"data":{"word":"%s","pad":"%0700d"}}\n' "${3:-one}" 0
	done
}

# store FILE FIRST LAST [WORD]
store() { lines "${@:2}" | esimport --plain --to sqlite://$1 2>/dev/null; }

# archive DATABASE FILE [OPTIONS]
archive() { esexport --from sqlite://$1 --out $2 --chunk-size 1KiB "${@:3}" 2>/dev/null; }

setup() {
	store a.db 1 3
	archive a.db a.jsonl.zst
	# The first chunk ends where the block of the second begins.
	first=$(grep -obUaF ESARC a.jsonl.zst | sed -n 2p | cut -d: -f1)
	first=$((first - 8))
	case ${BIN##*/} in
	*-*) step=7 ;;
	*) step=1 ;;
	esac
	# Leaks cannot be looked for under strace.
	export ASAN_OPTIONS=detect_leaks=0
}

traced() { strace -qq -o trace true || skip "no strace here"; }

# at CALL N SIGNAL COMMAND...: the signal meets the command at its Nth such system call.
at() { strace -f -qq -o trace -e trace=$1 -e inject=$1:signal=$3:when=$2 "${@:4}"; }

# until_true COMMAND...: again and again, for what another process is about to do.
until_true() {
	local end=$((SECONDS + 30))
	until "$@" 2>/dev/null; do
		((SECONDS < end)) || return 1
	done
}

positions() {
	sqlite3 $1 'SELECT group_concat(position) FROM (SELECT position FROM events ORDER BY 1)'
}
has() { [ "$(positions $1)" = $2 ]; }

# Whether this process is one of ours by now, and has a handler for SIGTERM.
handles_term() { [[ $(</proc/$1/comm) == es* ]] && (((0x$(sed -n 's/^SigCgt:\t//p' /proc/$1/status) >> 14) & 1)); }

# Whether all that was written to this pipe has been read.
is_empty() { python3 -c 'import fcntl, sys, termios
f = open(sys.argv[1], "rb+", buffering=0)
sys.exit(fcntl.ioctl(f, termios.FIONREAD, b"1234") != bytes(4))' $1; }

# ends_with CODE: how the program in the background ends.
ends_with() {
	local rc=0
	wait $pid || rc=$?
	[ $rc = $1 ]
}

# Start esimport on a pipe that has the first chunk, and wait until that is in t.db; $pid, fd 8.
start_import() {
	rm -f pipe t.db
	mkfifo pipe
	esimport --to sqlite://t.db --batch-size 1 "$@" <pipe 2>said 3>&- &
	pid=$!
	exec 8>pipe
	head -c $first a.jsonl.zst >&8
	until_true has t.db 1
}

finish_import() {
	tail -c +$((first + 1)) a.jsonl.zst >&8
	exec 8>&-
}

complete() {
	esimport --from a.jsonl.zst --to sqlite://t.db
	has t.db 1,2,3
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "a producer that ends at any byte is noticed, and the second run finishes the job" {
	archive a.db a.cbor.zst
	for codec in jsonl cbor; do
		python3 "$REPO/tests/damage.py" --import $((step * 13)) pipe-all a.$codec.zst
	done
}

@test "a producer killed at any of its writes is noticed, and the second run finishes the job" {
	traced
	for ((n = 1; n < 40; n++)); do
		rm -f t.db
		came=$( { at write $n KILL esexport --from sqlite://a.db --chunk-size 1KiB || echo $? >&2; } 2>exported |
			esimport --to sqlite://t.db 2>said; echo $?)
		grep -q 137 exported || break
		# Only what it says to its user was missing.
		[ $came != 0 ] || has t.db 1,2,3
		[ $came = 0 ] || [ $came = 4 ]
		if [ $came = 0 ]; then
			grep -q 'written 3' said
		elif [ -e t.db ]; then
			grep -q "everything up to position $(positions t.db | sed 's/.*,//') " said
		else
			grep -q 'nothing was written' said
		fi
		esexport --from sqlite://a.db | esimport --to sqlite://t.db
		esverify --positions sqlite://a.db sqlite://t.db
	done
	((n > 7))
}

@test "killed at any write, the import goes on and every event is there once" {
	traced
	kills=0
	for call in pwrite64 fdatasync unlink; do
		for ((n = 1; n < 200; n += call == pwrite64 ? 2 * step : step)); do
			rm -f t.db*
			rc=0
			at $call $n KILL esimport --from a.jsonl.zst --to sqlite://t.db --batch-size 1 || rc=$?
			[ $rc != 0 ] || break
			[ $rc = 137 ]
			kills=$((kills + 1))
			# Once with a look at it before, which rolls back, once without.
			((n % 2)) || case $(positions t.db || true) in
			'' | 1 | 1,2 | 1,2,3) ;;
			*) false ;;
			esac
			complete
		done
	done
	echo "# $kills kills"
	((kills > 20 / step))
}

@test "killed at any sync, an import that appends goes on and every event is there once" {
	traced
	for ((n = 1; n < 100; n += step)); do
		rm -f t.db*
		lines 1 1 other | sed 's/s-1/other/; s/e-1/other/' | esimport --plain --to sqlite://t.db
		rc=0
		at fdatasync $n KILL esimport --append --from a.jsonl.zst --to sqlite://t.db --batch-size 1 ||
			rc=$?
		[ $rc != 0 ] || break
		[ $rc = 137 ]
		esimport --append --from a.jsonl.zst --to sqlite://t.db
		has t.db 1,2,3,4
		[ "$(sqlite3 t.db 'SELECT group_concat(id) FROM (SELECT id FROM events ORDER BY position)')" = \
			other,e-1,e-2,e-3 ]
	done
	((n > 5))
}

@test "SIGTERM and SIGINT: exit 8, it says where it stands, and the next run goes on" {
	for signal in TERM INT; do
		start_import
		kill -$signal $pid
		ends_with 8
		exec 8>&-
		cat said
		grep -q 'everything up to position 1 (1 event written by this run)' said
		has t.db 1
		complete
	done
}

@test "a signal in the middle of the work: exit 8, and the next run goes on" {
	traced
	store big.db 1 100
	archive big.db big.jsonl.zst
	for signal in TERM INT; do
		rm -f t.db
		run -8 at fdatasync 9 $signal esimport --from big.jsonl.zst --to sqlite://t.db --batch-size 1
		last=$(sqlite3 t.db 'SELECT max(position) FROM events')
		[[ $output == *"everything up to position $last ($last events written by this run)"* ]]
		[ $last -lt 100 ]
		esimport --from big.jsonl.zst --to sqlite://t.db
		esverify --positions sqlite://big.db sqlite://t.db
	done
}

@test "a signal is noticed while a pipe is silent" {
	mkfifo pipe
	exec 8<>pipe
	for program in 'esimport --to sqlite://t.db' 'esverify -' 'esexport --from - --out new.jsonl.zst'; do
		$program <pipe 2>said 3>&- 8>&- &
		pid=$!
		until_true handles_term $pid
		kill -TERM $pid
		ends_with 8
		grep -q 'stopped by a signal' said
	done
	[ ! -e t.db ]
	[ ! -e new.jsonl.zst ]
	# Where nobody reads, the pipe is full at some time.
	for ((i = 1; i <= 300; i++)); do
		echo '{"stream":"s-'$i'","version":0,"type":"T","data":"'$(head -c 900 /dev/urandom | base64 -w 0)'"}'
	done | esimport --plain --to sqlite://big.db
	esexport --from sqlite://big.db >pipe 2>said 3>&- 8>&- &
	pid=$!
	until_true handles_term $pid
	kill -TERM $pid
	ends_with 8
}

@test "the same archive again writes nothing" {
	esimport --from a.jsonl.zst --to sqlite://t.db
	sum=$(sha256sum t.db)
	run -0 --separate-stderr esimport --from a.jsonl.zst --to sqlite://t.db
	[[ $stderr == *"read 3 = written 0 + already there 3 + filtered 0 events"* ]]
	esimport --to sqlite://t.db < <(cat a.jsonl.zst)
	archive a.db a.cbor.zst
	esimport --from a.cbor.zst --to sqlite://t.db
	[ "$sum" = "$(sha256sum t.db)" ]
}

@test "an export that is killed leaves no file, or all of it, under its name" {
	traced
	kills=0
	for call in write fsync renameat2; do
		for ((n = 1; n < 100; n++)); do
			rm -f new.jsonl.zst*
			rc=0
			at $call $n KILL esexport --from sqlite://a.db --out new.jsonl.zst --chunk-size 1KiB || rc=$?
			[ $rc != 0 ] || break
			[ $rc = 137 ]
			kills=$((kills + 1))
			if [ -e new.jsonl.zst ]; then
				esverify new.jsonl.zst
			else
				archive a.db new.jsonl.zst
			fi
			esverify sqlite://a.db new.jsonl.zst
		done
	done
	((kills > 10))
	# What is to be replaced is the old one until the new one is complete.
	store b.db 1 2 two
	archive b.db b.jsonl.zst
	for ((n = 1; n < 9; n++)); do
		cp b.jsonl.zst new.jsonl.zst
		at write $n KILL esexport --force --from sqlite://a.db --out new.jsonl.zst --chunk-size 1KiB ||
			[ $? = 137 ]
		cmp b.jsonl.zst new.jsonl.zst
	done
	rm new.jsonl.zst
	store big.db 1 100
	run -8 at write 3 TERM esexport --from sqlite://big.db --out new.jsonl.zst --chunk-size 1KiB
	[ ! -e new.jsonl.zst ]
}

@test "another history under the same origin is refused" {
	esimport --from a.jsonl.zst --to sqlite://t.db
	sum=$(sha256sum t.db)
	refused() {
		rm -f new.jsonl.zst
		archive s.db new.jsonl.zst "$@"
		run -5 esimport --from new.jsonl.zst --to sqlite://t.db
		[[ $output == *"$want"* ]]
		run -5 esimport --to sqlite://t.db < <(cat new.jsonl.zst)
		[[ $output == *"$want"* ]]
		[ "$sum" = "$(sha256sum t.db)" ]
	}
	# The last event that was imported is another one now; with and without some behind it.
	want='event 3 is not the one that was imported under this position'
	cp a.db s.db
	sqlite3 s.db 'UPDATE events SET type = "Other" WHERE position = 3'
	refused
	lines 4 5 | esimport --append --plain --to sqlite://s.db
	refused
	refused --after 2
	# It is not there any more.
	want='event 3, the last that was imported before, is not in the input'
	sqlite3 s.db 'DELETE FROM events WHERE position = 3'
	refused
	# Another first event: another store.
	want='the target holds events, and no import of this source wrote them'
	rm s.db
	store s.db 1 3 two
	refused
}

@test "two imports at once: one of them is refused, and nothing is there twice" {
	# The other one begins and ends while the first waits for its input.
	start_import
	run -0 --separate-stderr esimport --from a.jsonl.zst --to sqlite://t.db
	[[ $stderr == *"written 2 + already there 1"* ]]
	finish_import
	ends_with 5
	grep -q 't.db: another program wrote to it during the import' said
	complete
}

@test "two imports at once into a store that is not there, or empty: one is refused" {
	for make in 'rm -f t.db' ': >t.db' 'sqlite3 t.db VACUUM'; do
		rm -f pipe t.db
		mkfifo pipe
		eval "$make"
		esimport --to sqlite://t.db <pipe 2>said 3>&- &
		pid=$!
		exec 8>pipe
		# It has looked at the target before it reads.
		head -c $((first - 1)) a.jsonl.zst >&8
		until_true is_empty pipe
		esimport --from a.jsonl.zst --to sqlite://t.db
		tail -c +$first a.jsonl.zst >&8
		exec 8>&-
		ends_with 5
		grep -q 't.db: another program wrote to it during the import' said
		# What the other one wrote is still there, before anything is imported again.
		[ "$(sqlite3 t.db 'SELECT count(*) FROM events')" = 3 ]
		complete
	done
}

@test "a target that another program writes to in the middle of an import is refused" {
	start_import
	sqlite3 t.db 'CREATE TABLE notes (text)'
	finish_import
	ends_with 5
	cat said
	grep -q 't.db: another program wrote to it during the import; stop what writes there' said
	grep -q 'everything up to position 1 ' said
	has t.db 1
	complete

	# An event of its own, where one of ours should go: never overwritten.
	start_import
	sqlite3 t.db "INSERT INTO events (position, stream, version, type) VALUES (2, 'mine', 0, 'T')"
	finish_import
	ends_with 5
	run -5 esimport --from a.jsonl.zst --to sqlite://t.db
	[[ $output == *"the target holds another event of this position; their "*" differs"* ]]
	[ "$(sqlite3 t.db 'SELECT stream FROM events WHERE position = 2')" = mine ]
	has t.db 1,2
}
