# What a copy lacks: found by esverify, written as a repair archive, put where it belongs by esimport.
load helpers
load stores

# copy N: a store a.db with N events and b.db, which was imported from it.
copy() {
	store a.db "$1"
	esexport --from sqlite://a.db --out a.jsonl.zst --chunk-size 1KiB 2>/dev/null
	esimport --from a.jsonl.zst --to sqlite://b.db 2>/dev/null
}

# lose WHERE: b.db loses events.
lose() {
	sqlite3 b.db "DELETE FROM events WHERE $1"
}

# missing N [FILE]: b.db lacks N events of a.db, which are in FILE now.
missing() {
	run --separate-stderr -1 esverify --json sqlite://a.db sqlite://b.db --missing-to "${2:-m.jsonl.zst}"
	same "$(tail -n 1 <<<"$output" | jq -c '[.missing, .extra, .different]')" "[$1,0,0]"
	has "$stderr" " that sqlite://b.db lacks $([ "$1" = 1 ] && echo is || echo are) in ${2:-m.jsonl.zst}: import it with esimport --to sqlite://b.db"
	python3 "$REPO/tests/check_archive.py" "${2:-m.jsonl.zst}" >blocks
	esverify "${2:-m.jsonl.zst}"
}

# repaired WRITTEN THERE [FILE]: the account of the import; then both are the same.
repaired() {
	run --separate-stderr -0 esimport --log-format json --from "${3:-m.jsonl.zst}" --to sqlite://b.db
	same "$(tail -n 1 <<<"$stderr" | jq -c '[.read, .written, .already_there, .filtered]')" \
		"[$(($1 + $2)),$1,$2,0]"
	esverify --positions sqlite://a.db sqlite://b.db
}

rows() {
	sqlite3 "$1" 'SELECT * FROM events ORDER BY position'
}

checkpoints() {
	sqlite3 "$1" 'SELECT * FROM esimport_checkpoint'
}

@test "events that are missing at the start, between others and at the end come back" {
	copy 1000
	checkpoints b.db >before
	for codec in jsonl cbor; do
		lose 'position IN (1, 2, 7, 500, 501, 999, 1000)'
		missing 7 m.$codec.zst
		repaired 7 0 m.$codec.zst
		rows a.db | cmp - <(rows b.db)
		# Once more: nothing changes.
		repaired 0 7 m.$codec.zst
		checkpoints b.db | cmp - before
	done
	grep -q 'fill=True' blocks
}

@test "1,000 events of 20,000 that were deleted at random are found and come back" {
	copy 20000
	lose 'position IN (SELECT position FROM events ORDER BY random() LIMIT 1000)'
	same "$(count_in b.db)" 19000
	missing 1000
	repaired 1000 0
	rows a.db | cmp - <(rows b.db)
	repaired 0 1000
}

@test "a store that has lost all of its events gets them back" {
	copy 30
	lose true
	missing 30
	repaired 30 0
}

@test "an import goes on behind what was repaired" {
	copy 100
	# The checkpoint stands on the last one.
	lose 'position IN (40, 100)'
	run --separate-stderr -5 esimport --from a.jsonl.zst --to sqlite://b.db
	missing 2
	repaired 2 0
	store c.db 150
	esexport --from sqlite://c.db --after 100 --out more.jsonl.zst
	run --separate-stderr -0 esimport --from more.jsonl.zst --to sqlite://b.db
	has "$stderr" 'read 50 = written 50 + already there 0'
	esverify --positions sqlite://c.db sqlite://b.db
}

@test "what a repair brought from behind the last import is there already for the next one" {
	store a.db 150
	esexport --from sqlite://a.db --upto 90 | esimport --to sqlite://b.db
	missing 60
	repaired 60 0
	esexport --from sqlite://a.db --out a.jsonl.zst
	run --separate-stderr -0 esimport --from a.jsonl.zst --to sqlite://b.db
	has "$stderr" 'read 150 = written 0 + already there 150'
	esverify --positions sqlite://a.db sqlite://b.db
}

@test "killed in the middle, the same command ends the repair" {
	strace -qq -o trace true || skip "no strace here"
	export ASAN_OPTIONS=detect_leaks=0
	copy 400
	lose 'position % 2 = 0'
	missing 200
	esexport --from m.jsonl.zst --chunk-size 1KiB --out small.jsonl.zst
	python3 "$REPO/tests/check_archive.py" small.jsonl.zst >blocks
	grep -q 'fill=True' blocks
	cp b.db whole.db
	partial=0
	for n in 5 20 60 120 240; do
		cp whole.db b.db
		strace -f -qq -o trace -e trace=fdatasync,fsync -e inject=fdatasync,fsync:signal=KILL:when=$n \
			esimport --from small.jsonl.zst --to sqlite://b.db --batch-size 3 || true
		# Who opens it for writing takes back what was not committed.
		there=$(($(sqlite3 b.db 'SELECT count(*) FROM events') - 200))
		((there == 0 || there == 200)) || partial=$((partial + 1))
		repaired $((200 - there)) $there small.jsonl.zst
	done
	((partial > 0))
}

@test "another event in the place of one that comes is a conflict, and nothing is changed" {
	copy 100
	lose 'position IN (10, 50)'
	missing 2
	cp b.db whole.db
	for change in \
		"INSERT INTO events (position, stream, version, type) VALUES (50, 'new', 0, 'T')|position" \
		"INSERT INTO events (position, stream, version, type) VALUES (500, 'order-4', 9, 'T')|stream and version" \
		"INSERT INTO events (position, stream, version, id, type) VALUES (500, 'new', 0, 'id-50', 'T')|id"; do
		cp whole.db b.db
		sqlite3 b.db "${change%|*}"
		rows b.db >before
		for try in -n ''; do
			run --separate-stderr -5 esimport $try --from m.jsonl.zst --to sqlite://b.db
			has "$stderr" "event 50 (stream \"order-4\", version 9): the target holds another event of this ${change#*|};"
			rows b.db | cmp - before
		done
	done
}

@test "a dry run of a repair writes nothing" {
	copy 100
	lose 'position IN (10, 50)'
	missing 2
	mkdir store
	mv b.db store
	before=$(snapshot store)
	run --separate-stderr -0 esimport -n --from m.jsonl.zst --to sqlite://store/b.db
	has "$output" '2 events in the range of a repair archive'
	has "$output" '2 events would be written'
	same "$(snapshot store)" "$before"
}

@test "a store of renumbered events takes what lies behind its end, and nothing between" {
	store a.db 100
	esexport --from sqlite://a.db --upto 90 2>/dev/null >90.jsonl.zst
	echo '{"position":1,"stream":"first","version":0,"type":"T"}' | esimport --plain --to sqlite://b.db
	esimport --from 90.jsonl.zst --to sqlite://b.db --append
	esverify --stream 'order-*' 90.jsonl.zst sqlite://b.db
	run --separate-stderr -1 esverify --stream 'order-*' sqlite://a.db sqlite://b.db --missing-to end.jsonl.zst
	has "$stderr" 'warning: sqlite://b.db has other positions: it can take only what lies behind its end'
	for written in 10 0; do
		run --separate-stderr -0 esimport --from end.jsonl.zst --to sqlite://b.db
		has "$stderr" "read 10 = written $written "
		esverify --stream 'order-*' sqlite://a.db sqlite://b.db
	done
	same "$(sqlite3 b.db 'SELECT max(position) FROM events')" 101
	cp b.db whole.db
	# As a repair archive of another copy has it.
	cp a.db c.db
	sqlite3 c.db 'DELETE FROM events WHERE position IN (50, 95)'
	run -1 esverify sqlite://a.db sqlite://c.db --missing-to between.jsonl.zst
	sqlite3 b.db "DELETE FROM events WHERE id IN ('id-50', 'id-95')"
	count_in b.db >before
	for try in -n ''; do
		run --separate-stderr -5 esimport $try --from between.jsonl.zst --to sqlite://b.db
		has "$stderr" 'event 50 (stream "order-4", version 9): lies between events that an import with --append gave new positions'
		count_in b.db | cmp - before
	done
}

@test "an event is not put on the wrong side of its stream where positions are others" {
	copy 100
	lose 'position IN (10, 50)'
	missing 2
	sqlite3 b.db 'UPDATE events SET position = position + 1000'
	rows b.db >before
	for try in -n ''; do
		run --separate-stderr -5 esimport $try --from m.jsonl.zst --to sqlite://b.db
		has "$stderr" 'event 10 (stream "order-4", version 1): would stand before an event that its stream has earlier'
		rows b.db | cmp - before
	done
	sqlite3 b.db 'UPDATE events SET position = position - 1005'
	rows b.db >before
	run --separate-stderr -5 esimport --from m.jsonl.zst --to sqlite://b.db
	rows b.db | cmp - before
}

@test "a part of a repair archive may be imported" {
	copy 100
	lose 'position IN (10, 50, 90)'
	missing 3
	run --separate-stderr -0 esimport --log-format json --from m.jsonl.zst --to sqlite://b.db --upto 70
	same "$(tail -n 1 <<<"$stderr" | jq -c '[.read, .written, .last_position]')" '[2,2,50]'
	repaired 1 2
}

@test "a repair archive needs a store, and does not append" {
	copy 10
	lose 'position = 5'
	missing 1
	run --separate-stderr -6 esimport --from m.jsonl.zst --to sqlite://none.db
	has "$stderr" 'sqlite://none.db: is not there, and cannot be repaired'
	[ ! -e none.db ]
	run --separate-stderr -2 esimport --from m.jsonl.zst --to sqlite://b.db --append
	has "$stderr" '--append: the input is a repair archive'
	same "$(count_in b.db)" 9
}

@test "a repair archive stands alone, and stays one" {
	copy 10
	lose 'position = 5'
	missing 1
	esexport --from sqlite://a.db --upto 3 --out first.jsonl.zst
	cat first.jsonl.zst m.jsonl.zst >both.jsonl.zst
	run --separate-stderr -4 esimport --from both.jsonl.zst --to sqlite://b.db
	has "$stderr" 'stands alone'
	esexport --from m.jsonl.zst --out m.cbor.zst
	same "$(esverify --info --json m.cbor.zst | jq -c '[.fill, .events]')" '[true,1]'
	same "$(esverify --info --json first.jsonl.zst | jq .fill)" null
	repaired 1 0 m.cbor.zst
}

@test "the table of streams is as an import of all would have made it" {
	for db in a.db b.db; do cp "$REPO/tests/stores/emmett-sqlite/store.db" $db; done
	streams() { sqlite3 "$1" 'SELECT * FROM emt_streams ORDER BY 1, 3, 6'; }
	sqlite3 b.db 'CREATE TEMP TABLE gone AS SELECT rowid AS n, stream_id, stream_position FROM emt_messages
			WHERE rowid IN (SELECT rowid FROM emt_messages ORDER BY random() LIMIT 40)' \
		'DELETE FROM emt_messages WHERE rowid IN (SELECT n FROM gone)' \
		'UPDATE emt_streams SET stream_position = 0
			WHERE stream_id IN (SELECT stream_id FROM gone WHERE stream_position % 2 = 1)' \
		'DELETE FROM emt_streams WHERE stream_id IN (SELECT stream_id FROM gone WHERE stream_position % 2 = 0)'
	! streams a.db | cmp -s - <(streams b.db)
	run -1 esverify --layout emmett sqlite://a.db sqlite://b.db --missing-to m.cbor.zst
	esimport --from m.cbor.zst --to sqlite://b.db --layout emmett --batch-size 7
	esverify --positions --layout emmett sqlite://a.db sqlite://b.db
	streams a.db | cmp - <(streams b.db)
	# It is not lowered.
	sqlite3 b.db 'DELETE FROM emt_messages WHERE rowid = (SELECT min(rowid) FROM emt_messages)' \
		'UPDATE emt_streams SET stream_position = stream_position + 100'
	streams b.db >before
	run -1 esverify --layout emmett sqlite://a.db sqlite://b.db --missing-to n.cbor.zst
	esimport --from n.cbor.zst --to sqlite://b.db --layout emmett
	streams b.db | cmp - before
}

@test "where nothing is missing no file is made, and what is there is not replaced" {
	copy 10
	run --separate-stderr -0 esverify sqlite://a.db sqlite://b.db --missing-to m.jsonl.zst
	has "$stderr" 'sqlite://b.db lacks nothing: m.jsonl.zst was not written'
	[ ! -e m.jsonl.zst ]
	[ ! -e m.jsonl.zst.part ]
	lose 'position = 5'
	missing 1
	sum=$(sha256sum m.jsonl.zst)
	run --separate-stderr -7 esverify sqlite://a.db sqlite://b.db --missing-to m.jsonl.zst
	same "$(sha256sum m.jsonl.zst)" "$sum"
	lose 'position = 6'
	run -1 esverify sqlite://a.db sqlite://b.db --missing-to m.jsonl.zst --force
	same "$(lines_of m.jsonl.zst | jq -c .position | tr '\n' ' ')" '5 6 '
}

@test "names that mislead, and places that are compared, are refused" {
	copy 10
	for name in '' - m.jsonl sqlite://b.db postgres:dbname=x; do
		run --separate-stderr -2 esverify sqlite://a.db sqlite://b.db --missing-to "$name"
	done
	run --separate-stderr -2 esverify sqlite://a.db sqlite://b.db --missing-to b.db --force
	has "$stderr" 'is one of the places that are read'
	run --separate-stderr -2 esverify a.jsonl.zst sqlite://b.db --missing-to a.jsonl.zst --force
	run --separate-stderr -2 esverify a.jsonl.zst --missing-to m.jsonl.zst
	has "$stderr" '--missing-to: is for two places to compare'
	run --separate-stderr -2 esverify a.jsonl.zst sqlite://b.db --force
}

@test "an archive that lacks events is told what, and not how to import it" {
	copy 100
	cp a.db c.db
	sqlite3 c.db 'DELETE FROM events WHERE position = 30'
	esexport --from sqlite://c.db --out c.jsonl.zst
	run --separate-stderr -1 esverify sqlite://a.db c.jsonl.zst --missing-to m.jsonl.zst
	has "$stderr" '1 event that c.jsonl.zst lacks is in m.jsonl.zst'
	lacks "$stderr" 'esimport'
}

@test "more than a chunk holds is more chunks" {
	store b.db 1
	for ((i = 1; i <= 9; i++)); do
		printf '{"position":%d,"stream":"s","version":%d,"type":"T","data":"%01000000d"}\n' $i $((i - 1)) $i
	done | esimport --to sqlite://a.db
	run -1 esverify sqlite://a.db sqlite://b.db --missing-to m.cbor.zst
	same "$(esverify --info --json m.cbor.zst | jq -c '[.events, .chunks]')" '[9,3]'
	python3 "$REPO/tests/check_archive.py" m.cbor.zst
}

@test "archives and filters: a repair archive says what was compared" {
	copy 100
	lose 'position IN (10, 50, 51)'
	run -1 esverify a.jsonl.zst sqlite://b.db --stream order-4 --after 20 --missing-to m.cbor.zst
	same "$(esverify --info --json m.cbor.zst | jq -c '[.after, .events, .filters, .origin]')" \
		"[20,1,{\"streams\":[\"order-4\"]},$(esverify --info --json a.jsonl.zst | jq .origin)]"
	esimport --from m.cbor.zst --to sqlite://b.db
	esverify --stream order-4 --after 20 a.jsonl.zst sqlite://b.db
	run -1 esverify a.jsonl.zst sqlite://b.db
}

# numbered POSITION...: a line each, of events e1, e2, ... that are alone in their streams.
numbered() {
	local n=0 at

	for at; do
		n=$((n + 1))
		[ "$at" = - ] || echo '{"position":'"$at"',"stream":"s'$n'","version":0,"id":"e'$n'","type":"T"}'
	done
}

# displaced WHAT [OPTIONS]: m.jsonl.zst does not go into b.db, because of WHAT, and nothing is written.
displaced() {
	local try what=$1

	rows b.db >before
	for try in -n ''; do
		run --separate-stderr -5 esimport $try --from m.jsonl.zst --to sqlite://b.db "${@:2}"
		has "$stderr" "$what"
		rows b.db | cmp - before
	done
}

# lacking A B: the stores a.db and b.db with those positions, and what b.db lacks.
lacking() {
	rm -f a.db b.db m.jsonl.zst
	# shellcheck disable=SC2086 # a list of positions
	numbered $1 | esimport --to sqlite://a.db
	# shellcheck disable=SC2086
	numbered $2 | esimport --to sqlite://b.db
	run --separate-stderr -1 esverify sqlite://a.db sqlite://b.db --missing-to m.jsonl.zst "${@:3}"
	python3 "$REPO/tests/check_archive.py" m.jsonl.zst >/dev/null
}

@test "each event names the one before it in the source, and no store gets to know" {
	copy 100
	lose 'position IN (1, 2, 50)'
	missing 3
	for file in m.jsonl.zst m2.cbor.zst; do
		[ -e $file ] || esexport --from m.jsonl.zst --out $file
		same "$(lines_of $file | jq -c '[.position, .attributes."$follows"]' | tr '\n' ' ')" \
			'[1,null] [2,{"position":1,"stream":"order-0","version":0}] [50,{"position":49,"stream":"order-3","version":9}] '
	done
	repaired 3 0 m2.cbor.zst
	rows a.db | cmp - <(rows b.db)
	# The name is ours there: what a store has under it is a hint, too.
	sqlite3 a.db "UPDATE events SET attributes = '{\"\$follows\":1,\"x\":2}' WHERE position = 30"
	lose 'position = 30'
	missing 1 m3.jsonl.zst
	same "$(lines_of m3.jsonl.zst | jq -c .attributes)" '{"x":2,"$follows":{"position":29,"stream":"order-3","version":5}}'
	esimport --from m3.jsonl.zst --to sqlite://b.db
	same "$(sqlite3 b.db 'SELECT attributes FROM events WHERE position = 30')" '{"x":2}'
}

@test "an event goes nowhere but behind the one before it in the source" {
	lacking '1 2 3 4 5 6 7 8 9 10' '11 12 13 14 15 - 16 17 18 19'
	has "$stderr" 'has other positions'
	displaced 'event 6 (stream "s6", version 0): follows event 5 (stream "s5", version 0) in the source, and not so in the target: its positions are not those of the source'
	# At the end, while those before it have their positions.
	lacking '1 2 5 10 20' '1 2 - 3 4'
	displaced 'event 5 (stream "s3", version 0): follows event 2 (stream "s2", version 0)'
	# The first one of all, behind all others, and before them.
	lacking '11 12 13 14' '- 1 2 3'
	displaced 'event 11 (stream "s1", version 0): is the first of the source, and the target holds events before it'
	lacking '1 2 3' '- 11 12'
	esimport --from m.jsonl.zst --to sqlite://b.db
	esverify sqlite://a.db sqlite://b.db
	# Two where one is known by another that the archive brings.
	lacking '1 2 3 4 5 6' '1 2 - - 3 4'
	displaced 'event 3'
	# A range of the source: what lies before it is looked for.
	lacking '1 2 3 4 5 6 7' '11 12 13 14 15 - 17' --after 5
	displaced 'event 6 (stream "s6", version 0): follows event 5 (stream "s5", version 0)'
}

@test "what a range begins with is known by the event before it, however far that is" {
	lacking '1 2 900000 900001 900002' '1 2 900000 - 900002' --after 900000
	same "$(lines_of m.jsonl.zst | jq -c '.attributes."$follows"')" '{"position":900000,"stream":"s3","version":0}'
	lacking '1 2 900000 900001' '1 2 - 900001' --after 800000
	same "$(lines_of m.jsonl.zst | jq -c '.attributes."$follows"')" '{"position":2,"stream":"s2","version":0}'
	esimport --from m.jsonl.zst --to sqlite://b.db
	esverify --positions sqlite://a.db sqlite://b.db
	# Where A can be read once only, and where it does not have it.
	esexport --from sqlite://a.db --after 800000 --out tail.jsonl.zst
	lines_of sqlite://a.db >a.jsonl
	for a in tail.jsonl.zst -; do
		sqlite3 b.db 'DELETE FROM events WHERE position = 900000'
		run -1 esverify $a sqlite://b.db --after 800000 --missing-to m.jsonl.zst --force <a.jsonl
		same "$(lines_of m.jsonl.zst | jq -c '.attributes."$follows"')" '{"position":800000}'
		esimport --from m.jsonl.zst --to sqlite://b.db
		esverify --positions sqlite://a.db sqlite://b.db
	done
}

@test "a copy that lacks more than the one that was compared takes nothing out of its order" {
	copy 20
	cp b.db whole.db
	lose 'position = 8'
	missing 1
	lose 'position IN (6, 7)'
	displaced 'event 8 (stream "order-2", version 1): follows event 7 (stream "order-1", version 1) in the source, and not so in the target'
	# The same of events under new positions.
	rm b.db
	echo '{"position":1,"stream":"first","version":0,"type":"T"}' | esimport --plain --to sqlite://b.db
	esexport --from sqlite://a.db --upto 5 | esimport --to sqlite://b.db --append
	displaced 'event 8 (stream "order-2", version 1): follows event 7 (stream "order-1", version 1)'
	run --separate-stderr -0 esimport --from a.jsonl.zst --to sqlite://b.db
	has "$stderr" 'read 20 = written 15 + already there 5'
}

@test "of a part that leaves out what an event follows nothing is guessed" {
	copy 20
	lose 'position IN (7, 8, 9)'
	missing 3
	displaced 'event 8 (stream "order-2", version 1): follows event 7' --after 7
	displaced 'event 9 (stream "order-3", version 1): follows event 8' --stream order-3
	run --separate-stderr -0 esimport --from m.jsonl.zst --to sqlite://b.db --upto 7
	run --separate-stderr -0 esimport --from m.jsonl.zst --to sqlite://b.db --after 7
	esverify --positions sqlite://a.db sqlite://b.db
	# The same with an archive of a part.
	lose 'position IN (7, 8, 9)'
	esexport --from m.jsonl.zst --after 7 --out m.part.zst
	run --separate-stderr -5 esimport --from m.part.zst --to sqlite://b.db
	has "$stderr" 'event 8 (stream "order-2", version 1): follows event 7'
}

@test "between what filters chose others may stand" {
	copy 100
	lose "stream = 'order-4' AND position IN (50, 55)"
	run -1 esverify sqlite://a.db sqlite://b.db --stream order-4 --missing-to m.jsonl.zst
	same "$(lines_of m.jsonl.zst | jq -c '.attributes."$follows".position' | tr '\n' ' ')" '45 50 '
	repaired 2 0
}
