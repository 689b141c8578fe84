#!/usr/bin/env bats
# esimport --verify: what was read against what the target holds then.
# shellcheck disable=SC2030,SC2031,SC2154 # variables of bats
load helpers
load stores

setup() {
	events 3000 >a.jsonl
	esexport --from a.jsonl --out a.jsonl.zst --chunk-size 16KiB
	esexport --from a.jsonl --out a.cbor.zst --chunk-size 16KiB
}

# verified CODE [OPTIONS]: what of the input is in t.db
verified() {
	run --separate-stderr "-$1" esimport --verify --to sqlite://t.db "${@:2}"
}

# all N: nothing was found, and N events were looked at.
all() {
	same "$output" ""
	has "$stderr" "note: verified: $1 events of the input are in the target as they were read"
	has "$stderr" "esimport: read "
}

# Findings without what they say, with commas.
found() {
	grep -o '^[a-z-]*: event [0-9]*' <<<"$output" | paste -sd, -
}

# A program that touches the events of t.db between their commit and the comparison.
meanwhile() {
	sqlite3 t.db "CREATE TRIGGER meanwhile AFTER INSERT ON esimport_checkpoint BEGIN $1; END"
}

# The first third is there, and what follows is to be touched.
begun() {
	rm -f t.db
	esimport --from a.jsonl.zst --upto 1000 --to sqlite://t.db 2>/dev/null
}

@test "archives of both codecs and lines, as a file and in a pipe" {
	for file in a.jsonl.zst a.cbor.zst a.jsonl; do
		rm -f t.db
		verified 0 --from $file
		all 3,000
		rm t.db
		run --separate-stderr -0 esimport --verify --to sqlite://t.db < <(cat $file)
		all 3,000
		same "$(lines_of sqlite://t.db | sha256sum)" "$(lines_of a.jsonl | sha256sum)"
		rm t.db
		mkfifo pipe
		cat $file >pipe &
		verified 0 --from pipe
		all 3,000
		rm pipe
	done
	has "$stderr" "compared: JSON byte by byte; times to the nanosecond; versions; positions too"
}

@test "a difference that comes with the last commit is found, and what was imported stays" {
	begun
	meanwhile "UPDATE events SET data = '{\"n\":0}' WHERE position = 2000"
	verified 1 --from a.jsonl.zst
	has "$output" 'different: event 2000 (stream "order-4", version 399, id "id-2000"): differs in data'
	has "$output" '  data in the second: {"n":0}'
	same "$(wc -l <<<"$output")" 3
	has "$stderr" "warning: not verified: the input (the first) and the target (the second) differ: 1 different; 2,999 events are equal"
	has "$stderr" "read 3,000 = written 2,000 + already there 1,000 + filtered 0 events"
	same "$(count_in t.db)" 3000
}

@test "missing, extra and moved events, in a file and in a pipe" {
	while IFS=: read -r change wanted; do
		begun
		meanwhile "$change"
		verified 1 --from a.jsonl.zst
		same "$(found)" "$wanted"
		# The pipe finds all there.
		run --separate-stderr -1 esimport --verify --to sqlite://t.db < <(cat a.jsonl.zst)
		same "$(found)" "$wanted"
	done <<-'LINES'
		DELETE FROM events WHERE position IN (1, 1500, 2999):missing: event 1,missing: event 1500,missing: event 2999
		UPDATE events SET position = 5000 WHERE position = 2000:missing: event 2000
		UPDATE events SET position = 9999 WHERE position = 10; UPDATE events SET position = 10 WHERE position = 20; UPDATE events SET position = 20 WHERE position = 9999:out-of-order: event 10,out-of-order: event 20
	LINES
	jq -c 'select(.position != 2000)' a.jsonl >b.jsonl
	esexport --from b.jsonl --out a.jsonl.zst --chunk-size 16KiB --force
	begun
	meanwhile "INSERT INTO events (position, stream, version, type) VALUES (2000, 'new', 0, 'T'), (3001, 'new', 1, 'T')"
	verified 1 --from a.jsonl.zst
	same "$(found)" "extra: event 2000"
	# The order is the same, and a position is not.
	begun
	meanwhile "UPDATE events SET position = 2000 WHERE position = 2001"
	verified 1 --from a.jsonl.zst
	same "$(found)" "different: event 2001"
	has "$output" "position in the second: 2000"
}

@test "what an earlier run wrote is looked at, too, and chunks that were passed over" {
	esimport --from a.jsonl.zst --to sqlite://t.db
	verified 0 --from a.jsonl.zst
	all 3,000
	has "$stderr" "written 0 + already there 3,000"
	sqlite3 t.db 'DELETE FROM events WHERE position = 7'
	esimport --from a.jsonl.zst --to sqlite://t.db
	verified 1 --from a.jsonl.zst
	has "$output" "missing: event 7 "
	has "$stderr" "differ: 1 missing"
}

@test "increments: each looks at what it brings" {
	esexport --from a.jsonl.zst --upto 1000 --out full.zst
	esexport --from a.jsonl.zst --after 1000 --upto 2000 --out more.zst
	verified 0 --from full.zst
	all 1,000
	verified 0 --from more.zst
	all 1,000
	run --separate-stderr -0 esimport --verify --to sqlite://t.db < <(cat full.zst more.zst)
	all 2,000
	sqlite3 t.db "DELETE FROM events WHERE position = 7"
	verified 0 --from more.zst
	all 1,000
}

@test "ranges and filters count on both sides" {
	verified 0 --from a.jsonl.zst --after 100 --upto 200
	all 100
	rm t.db
	verified 0 --from a.jsonl.zst --stream 'order-[12]' --type Paid --since 2026-01-01T00:01:00Z
	all 392
	# An event of the selection that was not read, and one that no filter takes.
	rm t.db
	verified 0 --from a.jsonl.zst --stream 'order-[12]'
	all 1,200
	sqlite3 t.db "INSERT INTO events (position, stream, version, type) VALUES (4, 'order-7', 0, 'T')"
	verified 0 --from a.jsonl.zst --stream 'order-[12]'
	sqlite3 t.db "INSERT INTO events (position, stream, version, type) VALUES (5, 'order-1', 5000, 'T')"
	verified 1 --from a.jsonl.zst --stream 'order-[12]'
	same "$(found)" "extra: event 5"
	rm t.db
	verified 0 --from a.jsonl.zst --type Nothing
	all 0
}

@test "a filter on time that falls between two times of a coarser target" {
	cat >coarse.json <<-'END'
		{"layout": 1, "name": "coarse", "store": "sqlite", "events": {"table": "log", "columns": {
			"n": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
			"t": {"field": "type"}, "at": {"field": "time", "as": "unix-s"}, "d": {"field": "data", "as": "json"}}}}
	END
	sqlite3 t.db 'CREATE TABLE log (n INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, at INTEGER, d TEXT)'
	jq -c 'del(.id)' a.jsonl >b.jsonl
	verified 0 --from b.jsonl --layout ./coarse.json --since 2026-01-01T00:10:00Z --until 2026-01-01T00:20:00.5Z
	all 601
}

@test "payloads that were converted" {
	for codec in cbor json; do
		rm -f t.db
		verified 0 --from a.cbor.zst --payload-codec $codec
		all 3,000
	done
	begun
	rm t.db
	esimport --from a.jsonl.zst --upto 1000 --payload-codec cbor --to sqlite://t.db
	meanwhile "UPDATE events SET data = x'a1616e01' WHERE position = 2000"
	verified 1 --from a.jsonl.zst --payload-codec cbor
	same "$(head -n 1 <<<"$output" | sed 's/.*: //')" "differs in content_type, data"
}

@test "added to a store with events: those are no findings, and what was missing is" {
	events 500 | jq -c '.stream = "old-" + .stream | .id = "old-" + .id' >old.jsonl
	esimport --from old.jsonl --to sqlite://t.db
	verified 0 --append --from a.jsonl.zst
	all 3,000
	has "$stderr" "positions by their order"
	sqlite3 t.db "INSERT INTO events (position, stream, version, type) VALUES (9999, 'other', 0, 'T')"
	verified 0 --append --from a.jsonl.zst
	all 3,000
	# Positions in the source are those of the first; in the target they are 500 more.
	sqlite3 t.db "DELETE FROM events WHERE position IN (501, 1500);
		UPDATE events SET type = 'X' WHERE position = 1600;
		UPDATE events SET position = 10000 WHERE position = 1700"
	verified 1 --append --from a.jsonl.zst
	same "$(found)" \
		"missing: event 1,missing: event 1000,different: event 1100,out-of-order: event 1200"
	# The first import has its positions, and an other one beside it now.
	verified 0 --from old.jsonl
	all 500
	sqlite3 t.db "DELETE FROM events WHERE position = 300"
	verified 1 --from old.jsonl
	has "$output" "missing: event 300 "
}

@test "added to a store that has some of it: those stay where they are" {
	esimport --from a.jsonl.zst --after 1000 --upto 2000 --to sqlite://t.db
	verified 0 --append --from a.jsonl.zst --type Paid
	all 1,000
	has "$stderr" "; 334 of them at the places where it had them before; compared"
	sqlite3 t.db "DELETE FROM events WHERE id IN ('id-5', 'id-1001', 'id-2999')"
	verified 1 --append --from a.jsonl.zst --type Paid
	same "$(found)" "missing: event 5,missing: event 1001,missing: event 2999"
	sqlite3 t.db "DELETE FROM events WHERE id = 'id-1004'"
	verified 1 --append --from a.jsonl.zst --type Paid
	same "$(found)" "missing: event 5,missing: event 1001,missing: event 1004,missing: event 2999"
}

@test "two imports, and an increment of the first behind the second" {
	lines_of a.jsonl | jq -c 'if .position > 1000 then .position += 9000 else . end' >b.jsonl
	esexport --from b.jsonl --out b.jsonl.zst
	esimport --from b.jsonl.zst --upto 1000 --to sqlite://t.db
	events 500 | jq -c '.stream = "other-" + .stream | .id = "other-" + .id' | esimport --append --to sqlite://t.db
	verified 0 --from b.jsonl.zst
	all 3,000
	sqlite3 t.db "DELETE FROM events WHERE position IN (1000, 10001)"
	verified 1 --from b.jsonl.zst
	same "$(found)" "missing: event 1000,missing: event 10001"
}

# Without a place for $position, too: there only the look ahead ends the search for a lost event.
@test "far behind others, and more than is looked ahead" {
	jq '.name = "bare" | del(.events.columns.attributes) | .schema[0] |= sub("attributes TEXT, "; "")' \
		"$REPO/spec/layouts/native-sqlite.json" >bare.json
	"$BIN/bench/gen" --events 90000 --seed 2 | sed 's/"stream":"/&b-/' >b.jsonl
	for layout in native ./bare.json; do
		rm -f t.db
		"$BIN/bench/gen" --events 90000 --seed 1 | esimport --layout $layout --to sqlite://t.db
		verified 0 --layout $layout --append --from b.jsonl
		all 90,000
		sqlite3 t.db "DELETE FROM events WHERE position IN (90001, 100000, 180000)"
		verified 1 --layout $layout --append --from b.jsonl
		same "$(found)" "missing: event 1,missing: event 10000,missing: event 90000"
	done
}

@test "an import that came to nothing" {
	: >empty
	verified 0 --plain --from empty
	all 0
	esexport --from empty --plain --out - >/dev/null || true
	run --separate-stderr -4 esimport --verify --from empty --to sqlite://u.db
	lacks "$stderr" verified
	same "$output" ""
}

@test "as JSON lines" {
	verified 0 --from a.jsonl.zst --log-format json
	same "$output" ""
	same "$(tail -n 1 <<<"$stderr" | jq -c '[.level, .verified, .equal, .missing, .extra, .different, .out_of_order, .written]')" \
		'["summary",true,3000,0,0,0,0,3000]'
	sqlite3 t.db 'DELETE FROM events WHERE position = 7'
	verified 1 --from a.jsonl.zst --log-format json
	same "$(jq -c '[.finding, .position]' <<<"$output")" '["missing",7]'
	same "$(tail -n 1 <<<"$stderr" | jq -c '[.verified, .equal, .missing]')" '[false,2999,1]'
	run --separate-stderr -0 esimport --from a.jsonl.zst --to sqlite://t.db --log-format json
	same "$(tail -n 1 <<<"$stderr" | jq -c .verified)" null
}

@test "all findings are counted, and a hundred are printed" {
	esimport --from a.jsonl.zst --to sqlite://t.db
	sqlite3 t.db 'DELETE FROM events WHERE position <= 300'
	verified 1 --from a.jsonl.zst
	same "$(wc -l <<<"$output")" 100
	has "$stderr" "differ: 300 missing"
}

@test "the input is what was read, whatever has its name by then" {
	mkfifo pipe
	# The name goes to another file while the import waits for its target: a lock.
	esimport --from a.jsonl.zst --upto 1 --to sqlite://t.db
	exec 7> >(sqlite3 t.db >locked)
	echo "BEGIN IMMEDIATE; SELECT 'ready';" >&7
	until [ -s locked ]; do :; done
	esimport --verify --from a.jsonl.zst --to sqlite://t.db >out 2>said 3>&- 7>&- &
	job=$!
	until [ -e /proc/$job/fd ] && find /proc/$job/fd -lname '*/a.jsonl.zst' 2>/dev/null | grep -q .; do
		kill -0 $job
	done
	events 10 >other
	mv other a.jsonl.zst
	echo "ROLLBACK;" >&7
	exec 7>&-
	wait $job
	has "$(cat said)" "verified: 3,000 events of the input"
}

@test "a place that cannot be read again: the code of that, and what was imported stays" {
	esimport --from a.jsonl.zst --upto 1000 --to sqlite://t.db
	meanwhile "UPDATE events SET version = -1 WHERE position = 2000"
	verified 3 --from a.jsonl.zst
	has "$stderr" "the target has everything up to position 3000 (2,000 events written by this run)"
	has "$stderr" "esimport: all is imported, and the target could not be verified: "
	same "$(count_in t.db)" 3000
}

@test "no room for a copy of what comes through a pipe" {
	TMPDIR=$PWD/nowhere run --separate-stderr -7 esimport --verify --to sqlite://t.db < <(cat a.jsonl.zst)
	has "$stderr" "nowhere"
	[ ! -e t.db ]
	# A file needs none.
	TMPDIR=$PWD/nowhere verified 0 --from a.jsonl.zst
	all 3,000
}

@test "a dry run has nothing to verify" {
	verified 2 -n --from a.jsonl.zst
	has "$stderr" "--verify: a dry run writes nothing to look at"
	[ ! -e t.db ]
}

@test "a repair archive: what it brings, between what is there" {
	store a.db 3000
	cp a.db t.db
	sqlite3 t.db 'DELETE FROM events WHERE position IN (1, 1000, 2000, 3000)'
	run -1 esverify sqlite://a.db sqlite://t.db --missing-to lost.zst
	verified 0 --from lost.zst
	all 4
	# Behind the end of a store with other positions.
	rm t.db
	echo '{"position":1,"stream":"first","version":0,"type":"T"}' | esimport --plain --to sqlite://t.db
	esexport --from sqlite://a.db --upto 2990 | esimport --to sqlite://t.db --append
	run -1 esverify --stream 'order-*' sqlite://a.db sqlite://t.db --missing-to end.zst
	verified 0 --from end.zst
	all 10
	verified 0 --from end.zst
	all 10
}
