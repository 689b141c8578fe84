#!/usr/bin/env bats
# What goes wrong on this machine: each call that fails, memory, limits, disks.  spec/FAULTS.md lists it.
load helpers
load stores
load ../faults

# padded N: so many events, each of them large enough for a chunk of 1 KiB.
padded() { events "$1" | sed 's/"data":{/&"pad":"'"$(printf %0900d 0)"'",/'; }

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	padded 6 | esimport --to sqlite://a.db
	SOURCE_DATE_EPOCH=1700000000 esexport --from sqlite://a.db --out a.jsonl.zst --chunk-size 1KiB
	esexport --from a.jsonl.zst --out a.cbor.zst --chunk-size 1KiB
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a* .
	fault_setup
}

# An export again, where nothing is in its way.
export_again() {
	local resume=${way-}

	# Each other time what was written is gone on with, where nothing else is asked for.
	[ -n "${way+set}" ] || ((n % 2)) || resume=--resume
	[ -e new.jsonl.zst ] || "${export[@]}" $resume 2>again
	cmp new.jsonl.zst "${want:-a.jsonl.zst}"
}
export=(esexport --from sqlite://a.db --out new.jsonl.zst --chunk-size 1KiB)

import_again() {
	"${import[@]}" 2>again
	esverify --positions sqlite://a.db sqlite://t.db >verdict
}
import=(esimport --from a.cbor.zst --to sqlite://t.db --batch-size 2)

# What failed and could not be ignored has its code, a message with a path, and no file under its name.
failed_at() {
	[ "$rc" = 7 ] || [ "$rc" = 6 ]
	# What SQLite cannot open for writing it opens for reading.
	[ "$rc" != 6 ] || grep -q 'cannot be opened\|the database is read-only' said
	grep -qE "$1" said
}

@test "an export whose nth write, sync, rename or close fails names no file, and the next one is equal" {
	before() { rm -f new.jsonl.zst*; }
	after() {
		[ "$rc" = 7 ]
		grep -q 'new\.jsonl\.zst\.part' said
		[ ! -e new.jsonl.zst ]
		export_again
	}
	for error in EIO ENOSPC+ EDQUOT+ EFBIG; do
		each_fault write $error "${export[@]}"
		grep -q "read 6 = written 6" said
	done
	each_fault rename EIO "${export[@]}"
	each_fault truncate EIO "${export[@]}"
	# The last sync is that of the folder, and files that were only read are closed behind the first.
	after() {
		[ "$rc" = 0 ] || [ "$rc" = 7 ]
		[ "$rc" = 0 ] || grep -q 'new\.jsonl\.zst' said
		if ((n == 1)); then
			[ "$rc" = 7 ]
			[ ! -e new.jsonl.zst ]
			[ -e new.jsonl.zst.part ] && [ ! -s new.jsonl.zst.part ]
			grep -q 'what the disk may lack of it was cut off: run it again' said
			lacks "$(cat said)" 'goes on from there'
		elif [ "$rc" = 7 ]; then
			grep -q 'the file is whole, but a power cut may take its name away' said
		fi
		export_again
	}
	for way in '' --resume; do
		each_fault sync EIO "${export[@]}"
		each_fault close EIO "${export[@]}"
	done
}

@test "a full disk is said with path and byte" {
	with_fault write:3:ENOSPC "${export[@]}"
	size=$(stat -c %s new.jsonl.zst.part)
	same "$(tail -n 1 said)" "esexport: write new.jsonl.zst.part at byte $size: No space left on device; make room, and run it again"
	with_fault write:3+:ENOSPC "${import[@]}" --workers 1
	has "$(cat said)" "t.db: the disk is full"
	has "$(cat said)" "nothing was written to the target"
	lacks "$(cat said)" "trying again"
	with_fault sync:1:EIO "${import[@]}" --workers 1
	has "$(cat said)" "t.db: reading or writing the file failed (disk I/O error"
	lacks "$(cat said)" "trying again"
}

@test "what a sync that failed may have lost, and cannot be cut off, is said" {
	with_fault sync:1:gone "${export[@]}"
	[ "$rc" = 7 ]
	same "$(tail -n 1 said)" "esexport: sync new.jsonl.zst.part: Input/output error; the disk may lack what is in it behind byte 0, which cannot be cut off: do so before you run it again"
	lacks "$(cat said)" 'goes on from there'
}

@test "an export whose nth read or open fails says what it could not read" {
	before() { rm -f new.jsonl.zst*; }
	after() {
		[ "$rc" = 0 ] || failed_at 'a\.db|a\.cbor\.zst|new\.jsonl\.zst'
		[ ! -e new.jsonl.zst ] || [ "$rc" = 0 ] || grep -q 'the file is whole' said
		export_again
	}
	each_fault read EIO "${export[@]}"
	each_fault open EIO "${export[@]}"
	each_fault open EMFILE "${export[@]}"
	export=(esexport --from a.cbor.zst --out new.jsonl.zst --chunk-size 1KiB)
	want=want.jsonl.zst
	"${export[@]}" --out $want
	each_fault read EIO "${export[@]}"
}

@test "an export that goes on with what was written is met by the same faults" {
	with_fault write:8:EIO "${export[@]}"
	[ "$rc" = 7 ]
	mv new.jsonl.zst.part begun
	before() {
		rm -f new.jsonl.zst
		cp begun new.jsonl.zst.part
	}
	after() {
		[ "$rc" = 0 ] || failed_at 'a\.db|new\.jsonl\.zst'
		[ ! -e new.jsonl.zst ] || [ "$rc" = 0 ] || grep -q 'the file is whole' said
		nothing_unsynced new.jsonl.zst.part
		export_again
	}
	way=--resume
	for kind in write read sync truncate rename close seek open; do
		each_fault $kind EIO "${export[@]}" --resume
	done
}

@test "an import whose nth write, sync or unlink fails goes on, and every event is there once" {
	before() { rm -f t.db*; }
	after() {
		# What SQLite can do without is no failure: a sync of the folder.
		[ "$rc" = 0 ] || failed_at 't\.db'
		[ "$rc" = 0 ] || grep -qE 'nothing was written|everything up to position' said
		import_again
	}
	for error in EIO ENOSPC+ EDQUOT+; do
		step=${STEP:-3} each_fault write $error "${import[@]}"
	done
	each_fault sync EIO "${import[@]}"
	each_fault unlink EIO "${import[@]}"
	least=0 each_fault truncate EIO "${import[@]}"
}

@test "an import whose nth read, open or close fails goes on, and every event is there once" {
	before() { rm -f t.db*; }
	after() {
		[ "$rc" = 0 ] || failed_at 't\.db|a\.cbor\.zst'
		import_again
	}
	for kind in read open close; do
		each_fault $kind EIO "${import[@]}"
	done
}

@test "an import that goes on is met by the same faults" {
	esimport --from a.cbor.zst --to sqlite://begun.db --upto 3
	before() {
		rm -f t.db*
		cp begun.db t.db
	}
	after() {
		[ "$rc" = 0 ] || failed_at 't\.db|a\.cbor\.zst'
		import_again
	}
	for kind in write sync read; do
		step=${STEP:-2} each_fault $kind EIO "${import[@]}"
	done
}

@test "short reads and writes, and calls that a signal interrupts, change nothing" {
	for error in short short+ EINTR EINTR+; do
		before() { rm -f new.jsonl.zst*; }
		after() {
			[ "$rc" = 0 ]
			cmp new.jsonl.zst a.jsonl.zst
		}
		for kind in write read; do
			each_fault $kind $error "${export[@]}"
		done
		after() {
			[ "$rc" = 0 ]
			cmp out a.plain
		}
		esexport --from a.cbor.zst --plain >a.plain
		each_fault read $error esexport --from a.cbor.zst --plain
		each_fault write $error esexport --from a.cbor.zst --plain
		before() { rm -f t.db*; }
		after() {
			[ "$rc" = 0 ]
			esverify --positions sqlite://a.db sqlite://t.db
		}
		step=${STEP:-25}
		for kind in write read; do
			each_fault $kind $error "${import[@]}"
		done
		step=1
	done
}

@test "syncs, cuts, renames and closes that a signal interrupts change nothing" {
	before() { rm -f new.jsonl.zst*; }
	after() {
		[ "$rc" = 0 ]
		cmp new.jsonl.zst a.jsonl.zst
	}
	for error in EINTR EINTR+; do
		for kind in sync truncate rename close; do
			each_fault $kind $error "${export[@]}"
		done
	done
	before
	with_fault write:8:EIO "${export[@]}"
	mv new.jsonl.zst.part begun
	before() {
		rm -f new.jsonl.zst
		cp begun new.jsonl.zst.part
	}
	each_fault truncate EINTR "${export[@]}" --resume
}

@test "an allocation that fails ends the program with code 9, and the next run is as good as the first" {
	[ -n "$memory" ] || skip "a sanitizer has the memory"
	step=211 # long/faults.bats takes every one
	before() { rm -f new.jsonl.zst* t.db*; }
	no_memory() {
		[ "$rc" = 9 ] || [ "$rc" = 0 ] || grep -q 'cannot start a thread' said
		[ "$rc" != 9 ] || grep -q 'out of memory; lower --chunk-size' said
	}
	after() {
		no_memory
		[ "$rc" != 0 ] || [ -e new.jsonl.zst ]
		# What says how it went needs memory, too, behind the name.
		export_again
	}
	each_fault malloc ENOMEM "${export[@]}" --workers 1
	after() {
		no_memory
		import_again
	}
	each_fault malloc ENOMEM "${import[@]}" --workers 1
	each_fault malloc ENOMEM+ "${import[@]}" --workers 1
	after() { no_memory; }
	each_fault malloc ENOMEM esverify sqlite://a.db a.cbor.zst
	each_fault malloc ENOMEM esverify --info a.jsonl.zst
}

@test "out of memory is a line of JSON where those are asked for" {
	[ -n "$memory" ] || skip "a sanitizer has the memory"
	with_fault malloc:900:ENOMEM "${import[@]}" --log-format json
	[ "$rc" = 9 ]
	same "$(jq -c '[.program, .level, .kind]' said)" '["esimport","error","memory"]'
	jq -e '.time | test("^20[0-9-]+T[0-9:.]+Z$")' said
}

@test "a thread that cannot start is said with what to do" {
	before() { rm -f new.jsonl.zst*; }
	after() {
		[ "$rc" = 0 ] || {
			[ "$rc" = 7 ]
			grep -q 'cannot start a thread: Resource temporarily unavailable; lower --workers' said
		}
		export_again
	}
	each_fault thread EAGAIN "${export[@]}" --stats s.csv
	each_fault thread EAGAIN esverify sqlite://a.db a.cbor.zst
}

limited() {
	(
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		ulimit "$1" "$2"
		exec "${@:3}"
	)
}

# few_addresses COMMAND...: with more of them each time, until they are enough.
few_addresses() {
	local kib ends=0

	# What the programs and their libraries need by themselves is not for us to say.
	for ((kib = 20000; kib < 200000; kib += 4000)); do
		before
		rc=0
		limited -v $kib "$@" >out 2>said || rc=$?
		case $rc in
		0) break ;;
		9) grep -q 'out of memory' said ;;
		7) grep -q 'cannot start a thread: .*; lower --workers, or raise ulimit -u or ulimit -v' said ;;
		127) continue ;;
		*) false ;;
		esac
		ends=$((ends + 1))
		[ ! -e new.jsonl.zst ]
	done
	[ $rc = 0 ]
	((ends > 0))
}

@test "limits of open files, of memory and of the size of files are said" {
	[ -n "$memory" ] || skip "a sanitizer has other needs"
	before() { rm -f new.jsonl.zst* t.db*; }
	run --separate-stderr -7 limited -n 4 "${export[@]}"
	has "$stderr" "new.jsonl.zst.part: Too many open files; ulimit -n allows no more open files"
	run --separate-stderr -6 limited -n 4 "${import[@]}"
	has "$stderr" "sqlite t.db: cannot be opened: Too many open files; ulimit -n allows no more open files"
	# One more file each time, until they are enough.
	verified=(esimport --to sqlite://t.db --verify)
	for run in export import verified; do
		run+=[@]
		rc=1
		for ((n = 4; rc; n++)); do
			before
			rc=0
			limited -n $n "${!run}" 2>said <a.cbor.zst || rc=$?
			[ $rc = 0 ] || grep -q 'Too many open files\|unable to open database file' said
			[ $rc = 0 ] || [ ! -e new.jsonl.zst ]
		done
		grep -q 'read 6 = written 6' said
	done
	few_addresses "${export[@]}" --workers 1
	cmp new.jsonl.zst a.jsonl.zst
	few_addresses "${import[@]}" --workers 1
	esverify --positions sqlite://a.db sqlite://t.db
	few_addresses esverify a.cbor.zst
	before
	padded 300 | esimport --to sqlite://b.db
	esexport --from sqlite://b.db --out b.cbor.zst
	run --separate-stderr -7 limited -f 2 esexport --from sqlite://b.db --out new.jsonl.zst --level 1 --chunk-size 1KiB
	has "$stderr" "esexport: write new.jsonl.zst.part at byte 2048: File too large; the file system or ulimit -f"
	[ ! -e new.jsonl.zst ]
	run --separate-stderr -7 limited -f 40 esimport --from b.cbor.zst --to sqlite://t.db --batch-size 20
	has "$stderr" "t.db: reading or writing the file failed (disk I/O error: File too large); the file system"
	esimport --from b.cbor.zst --to sqlite://t.db
	esverify --positions sqlite://b.db sqlite://t.db
}

closed() {
	case $1 in
	0) "${@:2}" <&- ;;
	1) "${@:2}" >&- ;;
	esac
}

@test "no file takes the place of a standard stream that is closed" {
	mkfifo pipe
	esexport --from pipe --out new.jsonl.zst <&- >&- 2>&- 3>&- &
	pid=$!
	exec 8>pipe
	half
	until_true [ -e new.jsonl.zst.part ]
	for fd in 0 1 2; do
		same "$(readlink /proc/$pid/fd/$fd)" /dev/null
	done
	rest
	wait $pid
	esverify new.jsonl.zst a.jsonl.zst
	run --separate-stderr -7 closed 1 esexport --from a.cbor.zst
	has "$stderr" "write standard output: Bad file descriptor"
	run --separate-stderr -7 closed 0 esimport --to sqlite://t.db
	has "$stderr" "read standard input: Bad file descriptor"
	[ ! -e t.db ]
}

@test "temporary files: each call that fails is said with their folder" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	lines_of a.cbor.zst >a.jsonl
	before() { rm -f t.db*; }
	after() {
		[ "$rc" = 0 ] || failed_at "a temporary file in $TMPDIR: .*; TMPDIR names another place|t\.db|standard input"
		import_again
	}
	piped=a.jsonl
	for kind in open write read; do
		step=${STEP:-2} each_fault $kind EIO esimport --to sqlite://t.db --verify
	done
	piped=
	# Enough to sort and to note that memory is too small for it.
	"$BIN/bench/gen" --events 300000 --payload-bytes 1 | esexport --from - --out many.cbor.zst
	before() { :; }
	after() {
		[ "$rc" = 7 ]
		grep -qE "a temporary file in $TMPDIR: |many\.cbor\.zst" said
	}
	for kind in write open; do
		step=${STEP:-5} each_fault $kind ENOSPC+ esverify many.cbor.zst
		grep -q whole out
	done
	[ -z "$(ls tmp)" ]
}

# The first half of an archive into a pipe, the rest of it behind what the caller does to the target.
half() { head -c "$(($(stat -c %s a.cbor.zst) / 2))" a.cbor.zst >&8; }
rest() {
	tail -c "+$(($(stat -c %s a.cbor.zst) / 2 + 1))" a.cbor.zst >&8
	exec 8>&-
}
ends_with() {
	local rc=0
	wait "$pid" || rc=$?
	cat said
	[ $rc = "$1" ]
}

@test "a target whose folder, file or name vanishes is an error, and the next run has all of it" {
	for gone in 'rm -r d' 'mv d e' 'rm d/t.db' 'mv d/t.db d/u.db'; do
		rm -rf pipe d e
		mkdir d
		mkfifo pipe
		esimport --from pipe --to sqlite://d/t.db --batch-size 1 --workers 1 2>said 3>&- &
		pid=$!
		exec 8>pipe
		half
		until_true eval '((0$(count_in d/t.db) > 0))'
		$gone
		rest
		rc=0
		wait $pid || rc=$?
		cat said
		[ $rc = 7 ] || [ $rc = 6 ]
		grep -qE ': the database was moved or deleted during the import; run it again|d/t\.db: cannot be opened' said
		mkdir -p d
		esimport --from a.cbor.zst --to sqlite://d/t.db
		esverify --positions sqlite://a.db sqlite://d/t.db
	done
}

@test "a target that vanishes behind the begin of the last transaction is an error, too" {
	for gone in 'rm d/t.db' 'rm -r d' 'mv d e'; do
		rm -rf pipe d e
		mkdir d
		mkfifo pipe
		esimport --from pipe --to sqlite://d/t.db --workers 1 2>said 3>&- &
		pid=$!
		exec 8>pipe
		half
		until_true [ -e d/t.db-journal ]
		$gone
		rest
		ends_with 7
		grep -q 'd/t.db: the database was moved or deleted during the import; run it again' said
		rm -rf d
		mkdir d
		esimport --from a.cbor.zst --to sqlite://d/t.db
		esverify --positions sqlite://a.db sqlite://d/t.db
	done
}

@test "an archive whose folder or file vanishes while it is written gets no name" {
	for gone in 'rm -r d' 'mv d e' 'rm d/new.jsonl.zst.part' 'cp --remove-destination a.db d/new.jsonl.zst.part'; do
		rm -rf pipe d e
		mkdir d
		mkfifo pipe
		esexport --from pipe --out d/new.jsonl.zst 2>said 3>&- &
		pid=$!
		exec 8>pipe
		half
		until_true [ -e d/new.jsonl.zst.part ]
		$gone
		rest
		ends_with 7
		grep -q 'd/new.jsonl.zst.part: was moved or deleted while it was written' said
		[ ! -e d/new.jsonl.zst ]
	done
}

fill_archive() {
	for ((round = 1; round <= 10; round++)); do
		disk $((round * 12))
		rc=0
		esexport --from sqlite://random.db --out small/new.cbor.zst --chunk-size 4KiB 2>said || rc=$?
		tail -n 1 said
		[ $rc = 7 ]
		grep -qE 'write small/new.cbor.zst.part at byte [0-9]+: No space left on device; make room' said
		[ ! -e small/new.cbor.zst ]
		room
		esexport --from sqlite://random.db --out small/new.cbor.zst --chunk-size 4KiB
		cmp small/new.cbor.zst random.cbor.zst
	done
}

@test "a disk that is full, ten times: an archive" {
	random_store
	small_disk fill_archive
}

fill_target() {
	kept=0
	for ((round = 1; round <= 10; round++)); do
		disk $((round * 24 + 16))
		rc=0
		esimport --from random.cbor.zst --to sqlite://small/t.db --batch-size 10 2>said || rc=$?
		tail -n 1 said
		[ $rc = 7 ]
		grep -q 'small/t.db: the disk is full' said
		if grep -q 'everything up to position' said; then
			kept=$((kept + 1))
			# The checkpoint and the events are of the same transaction.
			has "$(cat said)" "everything up to position $(sqlite3 -readonly small/t.db 'SELECT max(position) FROM events') "
		fi
		room
		esimport --from random.cbor.zst --to sqlite://small/t.db --batch-size 10
		esverify --positions random.cbor.zst sqlite://small/t.db
	done
	((kept > 3))
}

@test "a disk that is full, ten times: a store and its checkpoint" {
	random_store
	small_disk fill_target
}

fill_temporary() {
	for ((round = 1; round <= 10; round++)); do
		disk $((round * 12))
		rc=0
		rm -f t.db
		TMPDIR=$PWD/small esimport --to sqlite://t.db --verify 2>said < <(cat random.jsonl) || rc=$?
		tail -n 1 said
		[ $rc = 7 ]
		grep -q "write a temporary file in $PWD/small: No space left on device; make room" said
		room
		TMPDIR=$PWD/small esimport --to sqlite://t.db --verify < <(cat random.jsonl)
		esverify random.cbor.zst sqlite://t.db
	done
}

@test "a disk that is full, ten times: a temporary file" {
	random_store
	small_disk fill_temporary
}

too_small() {
	disk 64
	for run in 'esimport --from random.cbor.zst --to sqlite://small/t.db' \
		'esexport --from random.cbor.zst --out small/t.jsonl.zst'; do
		rc=0
		$run 2>said || rc=$?
		same $rc 7
		has "$(head -n 1 said)" "warning: small/t."
		has "$(head -n 1 said)" ": there is room for 65536 bytes, and the input has $(stat -c %s random.cbor.zst): it may not be enough"
		rm -f small/*
	done
	room
	for run in 'esimport --from random.cbor.zst --to sqlite://small/t.db' \
		'esexport --from random.cbor.zst --out small/t.jsonl.zst'; do
		$run 2>said
		lacks "$(cat said)" 'there is room'
	done
}

@test "room that is not enough is said before the run" {
	random_store
	small_disk too_small
}

read_only() {
	disk 1024
	esimport --from a.cbor.zst --to sqlite://small/t.db --upto 2
	mount -o remount,ro small
	rc=0
	esexport --from sqlite://a.db --out small/new.cbor.zst 2>said || rc=$?
	[ $rc = 7 ]
	has "$(cat said)" "create small/new.cbor.zst.part: Read-only file system"
	for name in t u; do
		rc=0
		esimport --from a.cbor.zst --to sqlite://small/$name.db 2>said || rc=$?
		[ $rc = 6 ]
		grep -q "small/$name.db: .*read-only\|small/$name.db: cannot be opened" said
	done
	mount -o remount,rw small
	esimport --from a.cbor.zst --to sqlite://small/t.db
	esverify --positions sqlite://a.db sqlite://small/t.db
}

@test "a file system that became read-only is said, and the next run goes on" {
	small_disk read_only
}

read_only_source() {
	disk 1024
	mkdir 'small/?a'
	cp a.db 'small/?a/q #%41.db'
	cd 'small/?a'
	sqlite3 'q #%41.db' 'PRAGMA journal_mode=WAL' >/dev/null
	[ "$(ls)" = 'q #%41.db' ]
	mount -o remount,ro ..
	cd ../..
	esexport --from "sqlite:///$PWD/small/%3Fa/q%20%23%2541.db" --plain >out
	esexport --from sqlite://a.db --plain | cmp - out
	# What its log holds cannot be had without writing.
	mount -o remount,rw small
	sqlite3 'small/?a/q #%41.db' '.filectrl persist_wal 1' 'UPDATE events SET version = version' >/dev/null
	[ -s 'small/?a/q #%41.db-wal' ]
	rm 'small/?a/q #%41.db-shm'
	mount -o remount,ro small
	rc=0
	esexport --from "sqlite://$PWD/small/%3Fa/q%20%23%2541.db" --plain >out 2>said || rc=$?
	[ $rc = 6 ]
	[ ! -s out ]
	has "$(cat said)" "in WAL mode its locks need a place"
}

@test "a source in WAL mode is read from a file system that is only read" {
	small_disk read_only_source
}
