#!/usr/bin/env bats
# Trouble with the file of --dead-letter: no event is lost, and none is in it and in the target.
load helpers
load stores
load ../faults

# refusing WHEN: made.db, an empty store that refuses the events of which WHEN is true.
refusing() {
	esimport --plain --to sqlite://made.db </dev/null
	sqlite3 made.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN $1
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
}

# complete ARCHIVE LETTERS: what is in t.db and in the file are the events of the archive, each once.
complete() {
	local there

	there=$(sqlite3 t.db 'SELECT count(*) FROM events')
	sqlite3 t.db 'DROP TRIGGER no'
	esimport --log-format json --from "$2" --to sqlite://t.db 2>taken
	same "$(tail -n 1 taken | jq -c '[.written + '"$there"', .already_there]')" \
		"[$(esverify --info --json "$1" | jq .events),0]"
	esverify --positions "$1" sqlite://t.db >verdict
}

setup() {
	fault_setup
	mkdir letters
	export FAULT_WITHIN=letters
	import=(esimport --from a.cbor.zst --to sqlite://t.db --batch-size 2 --workers 1
		--dead-letter letters/d.cbor.zst)
	good=3
}

# a.cbor.zst has twelve events, of which made.db refuses every third.
twelve() {
	events 12 | esexport --from - --out a.cbor.zst --chunk-size 1KiB
	refusing 'NEW.position % 3 = 0'
}

before() {
	rm -rf t.db* letters/d*
	cp made.db t.db
	[ ! -e begun ] || cp begun letters/d.cbor.zst.part
	[ ! -e begun.db ] || cp begun.db t.db
}

# The code, what is said, and that the same command comes to the same end, where it is not there.
after() {
	[ "$rc" = 3 ] || {
		[ "$rc" = 7 ]
		grep -q 'letters' said
		grep -qE 'nothing was written|everything up to position' said
	}
	if [ -e letters/d.cbor.zst ]; then
		[ "$rc" = 3 ] || grep -q 'the file is whole, but a power cut may take its name away' said
	else
		nothing_unsynced letters/d.cbor.zst.part
		rc=0
		"${import[@]}" 2>again || rc=$?
		[ "$rc" = 3 ]
	fi
	complete a.cbor.zst letters/d.cbor.zst
}

@test "each call for the file fails: no name, and the same command goes on" {
	twelve
	for error in EIO ENOSPC+; do
		each_fault write $error "${import[@]}"
	done
	for kind in sync rename close truncate open; do
		each_fault $kind EIO "${import[@]}"
	done
}

@test "no checkpoint passes dead letters whose file a power cut may take away" {
	twelve
	before
	with_fault sync:2:EIO "${import[@]}"
	[ "$rc" = 7 ]
	has "$(cat said)" 'sync the directory of letters/d.cbor.zst.part: Input/output error; what the disk'
	same "$(sqlite3 t.db 'SELECT max(position) FROM events')" 2
	after
}

@test "no checkpoint passes dead letters that an earlier run may not have synced" {
	twelve
	before
	with_fault write:8:EIO "${import[@]}"
	cp letters/d.cbor.zst.part begun
	before
	with_fault sync:1:EIO "${import[@]}"
	[ "$rc" = 7 ]
	cmp letters/d.cbor.zst.part begun
	same "$(sqlite3 t.db 'SELECT count(*) FROM events')" 0
	after
}

@test "each call for a file that an earlier run left fails: what is in it stays" {
	twelve
	before
	with_fault write:8:EIO "${import[@]}"
	[ "$rc" = 7 ]
	cp letters/d.cbor.zst.part begun
	cp t.db begun.db
	[ "$(sqlite3 begun.db 'SELECT count(*) FROM events')" -gt 2 ]
	for kind in open read seek truncate write sync rename close; do
		each_fault $kind EIO "${import[@]}"
	done
}

@test "calls for the file that a signal interrupts change nothing" {
	twelve
	after() {
		[ "$rc" = 3 ]
		complete a.cbor.zst letters/d.cbor.zst
	}
	for kind in sync truncate rename close; do
		each_fault $kind EINTR "${import[@]}"
	done
}

fill_letters() {
	for ((round = 1; round <= 10; round++)); do
		disk $((round * 12))
		cp made.db t.db
		rc=0
		esimport --from random.cbor.zst --to sqlite://t.db --batch-size 10 --dead-letter small/d.cbor.zst \
			2>said || rc=$?
		tail -n 1 said
		[ $rc = 7 ]
		bytes=$(stat -c %s small/d.cbor.zst.part)
		same "$(tail -n 1 said)" "esimport: write small/d.cbor.zst.part at byte $bytes: No space left on device; make room, and run it again"
		[ ! -e small/d.cbor.zst ]
		accounted
		room
		rc=0
		esimport --log-format json --from random.cbor.zst --to sqlite://t.db --batch-size 10 \
			--dead-letter small/d.cbor.zst 2>said || rc=$?
		[ $rc = 3 ]
		same "$(grep summary said | jq -c '[.read - .written - .already_there - .dead_lettered, .already_there, .dead_lettered]')" \
			"[0,$written,$refused]"
		complete random.cbor.zst small/d.cbor.zst
	done
}

# Up to the position that was said every event is in the target, or in a chunk that is whole.
accounted() {
	upto=0 written=0 letters=0
	if grep -q 'everything up to position' said; then
		read -r upto written < <(sed -n \
			's/.*everything up to position \([0-9]*\) (\([0-9]*\) event.*/\1 \2/p' said)
		rm -f left.zst
		esverify --salvage left.zst small/d.cbor.zst.part >found || [ $? = 1 ]
		letters=$(esexport --from left.zst --plain --upto "$upto" | wc -l)
	fi
	same "$(sqlite3 t.db 'SELECT count(*) FROM events')" "$written"
	same "$((written + letters))" "$upto"
}

@test "a disk that is full, ten times: dead letters" {
	random_store
	refusing 'NEW.position % 4 <> 0'
	refused=$(jq -s 'to_entries | map(select(.key % 4 != 3)) | length' random.jsonl)
	export refused
	small_disk fill_letters complete accounted
}
