# What a copy in PostgreSQL lacks, and how it gets that back.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154 # variables of bats and of what is loaded
load helpers
load postgres
load pgimport

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

# copy N: an archive a.jsonl.zst of N events, a chunk each, and the database b that was made of it.
copy() {
	archive a.jsonl.zst 1 "$1"
	db=$(pg_db b)
	esimport --from a.jsonl.zst --to "$db" 2>/dev/null
}

# missing N: the database lacks N events; those are in m.cbor.zst now, a chunk each in a.jsonl.zst.
missing() {
	run --separate-stderr -1 esverify --json a.jsonl.zst "$db" --missing-to m.cbor.zst --force
	same "$(tail -n 1 <<<"$output" | jq -c '[.missing, .extra, .different]')" "[$1,0,0]"
}

# repaired WRITTEN THERE [OPTIONS]
repaired() {
	run --separate-stderr -0 esimport --from m.cbor.zst --to "$db" "${@:3}"
	account "${stderr//,/}" "$1" "$2" 0
	esverify --positions a.jsonl.zst "$db"
}

rows() {
	pg b 'SELECT * FROM events ORDER BY position' 'SELECT * FROM esimport_checkpoint'
}

has_rows() {
	[ "$(pg b 'SELECT count(*) FROM events')" = "$1" ]
}

# Where the next event would go.
next() {
	pg b "SELECT nextval(pg_get_serial_sequence('events', 'position'))"
}

@test "events that are missing at the start, between others and at the end come back" {
	copy 100
	rows >before
	pg b 'DELETE FROM events WHERE position IN (1, 2, 7, 50, 51, 99, 100)'
	missing 7
	run --separate-stderr -0 esimport -n --from m.cbor.zst --to "$db"
	has "$output" '7 events would be written'
	repaired 7 0 --batch-size 2
	rows | cmp - before
	repaired 0 7 --batch-size 3
	rows | cmp - before
	# The sequence is not lowered, nor are columns that number their rows themselves in the way.
	same "$(next)" 101
	pg b 'DELETE FROM events WHERE position IN (3, 100)' \
		'ALTER TABLE events ALTER COLUMN position SET GENERATED ALWAYS'
	missing 2
	repaired 2 0
	rows | cmp - before
	same "$(next)" 102
	archive more.jsonl.zst 1 120
	run --separate-stderr -0 esimport --from more.jsonl.zst --to "$db"
	account "$stderr" 20 100 0
}

@test "1,000 events of 20,000 that were deleted at random are found and come back" {
	db=$(pg_db b)
	"$BIN/bench/gen" --events 20000 >a.jsonl
	esexport --from a.jsonl --out a.jsonl.zst
	esimport --from a.jsonl.zst --to "$db"
	pg b 'DELETE FROM events WHERE position IN (SELECT position FROM events ORDER BY random() LIMIT 1000)'
	missing 1000
	repaired 1000 0
}

@test "killed in the middle, the same command ends the repair" {
	copy 40
	pg b 'DELETE FROM events WHERE position % 2 = 0'
	missing 20
	esexport --from m.cbor.zst --out a.part.zst --chunk-size 1KiB
	rm -f pipe
	mkfifo pipe
	esimport --to "$db" --batch-size 1 <pipe 2>said 3>&- &
	pid=$!
	exec 8>pipe
	head -c "$(chunk a.part.zst 7)" a.part.zst >&8
	until_true has_rows 27
	# Meanwhile nobody else may.
	run --separate-stderr -5 esimport --from m.cbor.zst --to "$db"
	has "$stderr" 'another import into table events is running'
	kill_import
	same "$(pg b 'SELECT count(*) FROM events')" 27
	repaired 13 7
}
@test "a commit of which nobody knows is sent again" {
	copy 20
	pg b 'DELETE FROM events WHERE position IN (5, 15)' \
		"CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
			PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END \$\$" \
		'CREATE SEQUENCE tries' \
		"CREATE CONSTRAINT TRIGGER once AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (new.position = 15) EXECUTE FUNCTION gone()"
	missing 2
	esimport --from m.cbor.zst --to "$db" --batch-size 1 2>said 3>&- &
	pid=$!
	until_true grep -q 'lost' said
	pg b 'DROP TRIGGER once ON events'
	ends_with 0
	account "$(tail -n 1 said)" 2 0 0
	esverify --positions a.jsonl.zst "$db"
}

@test "another event in the place of one that comes is a conflict, and nothing is changed" {
	copy 30
	pg b 'DELETE FROM events WHERE position IN (5, 20)'
	missing 2
	for change in "(20, 'new', 0, NULL)|position" "(500, 's-0', 9, NULL)|stream and version" \
		"(500, 'new', 0, 'e-20')|id"; do
		pg b 'DELETE FROM events WHERE position IN (20, 500)' \
			"INSERT INTO events (position, stream, version, id, type) SELECT *, 'T' FROM
				(VALUES ${change%|*}) v"
		rows >before
		for try in -n ''; do
			run --separate-stderr -5 esimport $try --from m.cbor.zst --to "$db"
			has "$stderr" "event 20 (stream \"s-0\", version 9): the target holds another event of this ${change#*|};"
			rows | cmp - before
		done
	done
}

@test "a store of renumbered events takes what lies behind its end, and nothing between" {
	archive 25.jsonl.zst 1 25
	archive a.jsonl.zst 1 30
	db=$(pg_db b)
	lines 1 1 | sed 's/"s-/"x-/; s/"e-/"x-/' | esimport --plain --to "$db"
	esimport --from 25.jsonl.zst --to "$db" --append
	run -1 esverify --stream 's-*' a.jsonl.zst "$db" --missing-to m.cbor.zst
	esexport --from m.cbor.zst --out end.cbor.zst
	for written in 5 0; do
		run --separate-stderr -0 esimport --from end.cbor.zst --to "$db"
		account "$stderr" $written $((5 - written)) 0
		esverify --stream 's-*' a.jsonl.zst "$db"
	done
	other=$(pg_db c)
	esimport --from a.jsonl.zst --to "$other"
	pg c 'DELETE FROM events WHERE position IN (4, 20, 28)'
	run -1 esverify a.jsonl.zst "$other" --missing-to between.cbor.zst
	pg b "DELETE FROM events WHERE id IN ('e-20', 'e-28')"
	rows >before
	for try in -n ''; do
		run --separate-stderr -5 esimport $try --from between.cbor.zst --to "$db"
		has "$stderr" 'event 20 (stream "s-0", version 9): lies between events that an import with --append'
		rows | cmp - before
	done
}

@test "an event is not put on the wrong side of its stream where positions are others" {
	copy 30
	pg b 'DELETE FROM events WHERE position IN (5, 20)'
	missing 2
	pg b 'UPDATE events SET position = position + 1000'
	refused() {
		rows >before
		for try in -n ''; do
			run --separate-stderr -5 esimport $try --from m.cbor.zst --to "$db"
			has "$stderr" "$1: would stand before an event that its stream has earlier, or behind a later one"
			rows | cmp - before
		done
	}
	refused 'event 5 (stream "s-1", version 2)'
	pg b 'DELETE FROM events WHERE position < 1020' 'UPDATE events SET position = position - 1015'
	refused 'event 20 (stream "s-0", version 9)'
}

@test "a database without the tables is not there to be repaired" {
	copy 3
	pg b 'DELETE FROM events WHERE position = 2'
	missing 1
	db=$(pg_db c)
	run --separate-stderr -6 esimport --from m.cbor.zst --to "$db"
	has "$stderr" 'is not there, and cannot be repaired'
	same "$(relations c)" ''
}

@test "the table of streams is as an import of all would have made it" {
	db=$(pg_db b)
	pg b 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, version int NOT NULL, type text NOT NULL,
			UNIQUE (stream, version))' \
		"CREATE TABLE streams (name text PRIMARY KEY, last int NOT NULL, first int NOT NULL, sort text)"
	cat >layout.json <<-'END'
		{"layout": 1, "name": "own", "store": "postgresql",
		 "events": {"table": "t", "columns": {"pos": {"field": "position"}, "stream": {"field": "stream"},
		   "version": {"field": "version", "base": 1}, "type": {"field": "type"}}},
		 "streams": {"table": "streams", "columns": {"name": {"from": "stream", "key": true},
		   "last": {"from": "version", "base": 10}, "first": {"from": "version", "base": 0},
		   "sort": {"from": "category", "separator": "-", "else": "none"}}}}
	END
	for ((i = 1; i <= 60; i++)); do
		echo '{"position":'$i',"stream":"it'"'"'s-'$((i % 3))'","version":'$(((i - 1) / 3))',"type":"T"}'
	done >in.jsonl
	esexport --from in.jsonl --out a.jsonl.zst
	esimport --from a.jsonl.zst --to "$db" --layout ./layout.json
	pg b 'SELECT * FROM streams ORDER BY 1' >before
	pg b 'DELETE FROM t WHERE pos IN (4, 5, 60)' "DELETE FROM streams WHERE name LIKE '%-1'" \
		"UPDATE streams SET last = 3, first = 2 WHERE name LIKE '%-2'"
	run -1 esverify a.jsonl.zst "$db" --layout-b ./layout.json --missing-to m.cbor.zst
	esimport --from m.cbor.zst --to "$db" --layout ./layout.json --batch-size 2
	pg b 'SELECT * FROM streams ORDER BY 1' | diff - before
	pg b 'DELETE FROM t WHERE pos IN (4, 5)' 'UPDATE streams SET last = 900, first = 900'
	run -1 esverify a.jsonl.zst "$db" --layout-b ./layout.json --missing-to n.cbor.zst
	esimport --from n.cbor.zst --to "$db" --layout ./layout.json
	same "$(pg b 'SELECT DISTINCT last, first FROM streams')" '900|900'
}

# displaced WHAT: m.cbor.zst does not go into the database, because of WHAT, and nothing is written.
displaced() {
	local try size

	rows >before
	for try in -n ''; do
		for size in 1 1000; do
			run --separate-stderr -5 esimport $try --from m.cbor.zst --to "$db" --batch-size $size
			has "$stderr" "$1"
			rows | cmp - before
		done
	done
}

# lacking A B: positions of events that are alone in their streams, in a.jsonl.zst and in the
# database b; and what that lacks.
lacking() {
	for list in "$1" "$2"; do
		n=0
		for at in $list; do
			n=$((n + 1))
			[ "$at" = - ] || echo '{"position":'"$at"',"stream":"s'$n'","version":0,"id":"e'$n'","type":"T"}'
		done >"$([ "$list" = "$1" ] && echo a || echo b).jsonl"
	done
	esexport --from a.jsonl --out a.jsonl.zst --force
	db=$(pg_db b)
	esimport --from b.jsonl --to "$db"
	run --separate-stderr -1 esverify a.jsonl.zst "$db" --missing-to m.cbor.zst --force "${@:3}"
}

@test "an event goes nowhere but behind the one before it in the source" {
	lacking '1 2 3 4 5 6 7 8 9 10' '11 12 13 14 15 - 16 17 18 19'
	displaced 'event 6 (stream "s6", version 0): follows event 5 (stream "s5", version 0) in the source, and not so in the target: its positions are not those of the source'
	lacking '1 2 5 10 20' '1 2 - 3 4'
	displaced 'event 5 (stream "s3", version 0): follows event 2 (stream "s2", version 0)'
	lacking '11 12 13 14' '- 1 2 3'
	displaced 'event 11 (stream "s1", version 0): is the first of the source, and the target holds events before it'
	lacking '1 2 3' '- 11 12'
	esimport --from m.cbor.zst --to "$db"
	esverify a.jsonl.zst "$db"
	lacking '1 2 3 4 5 6' '1 2 - - 3 4'
	displaced 'event 3'
	# Two in a row, one in a batch each.
	lacking '1 2 3 4 5 6' '1 2 - - 5 6'
	run --separate-stderr -0 esimport -n --from m.cbor.zst --to "$db" --batch-size 1
	run --separate-stderr -5 esimport --from m.cbor.zst --to "$db" --after 3
	has "$stderr" 'event 4 (stream "s4", version 0): follows event 3'
	esimport --from m.cbor.zst --to "$db" --batch-size 1
	esverify --positions a.jsonl.zst "$db"
	# Many: the server finds each.
	lacking "$(echo {1..3000})" "$(seq 3000 | sed 's/.*5.*/-/' | tr '\n' ' ')"
	esimport --from m.cbor.zst --to "$db"
	esverify --positions a.jsonl.zst "$db"
}

@test "a copy that lacks more than the one that was compared takes nothing out of its order" {
	copy 20
	pg b 'DELETE FROM events WHERE position = 8'
	missing 1
	pg b 'DELETE FROM events WHERE position IN (6, 7)'
	displaced 'event 8 (stream "s-0", version 3): follows event 7 (stream "s-1", version 3) in the source, and not so in the target'
	db=$(pg_db b)
	lines 1 1 | sed 's/"s-/"x-/; s/"e-/"x-/' | esimport --plain --to "$db"
	esexport --from a.jsonl.zst --upto 5 | esimport --to "$db" --append
	displaced 'event 8 (stream "s-0", version 3): follows event 7 (stream "s-1", version 3)'
	run --separate-stderr -0 esimport --from a.jsonl.zst --to "$db"
	account "$stderr" 15 5 0
}
