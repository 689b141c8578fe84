#!/usr/bin/env bats
# What esimport makes in PostgreSQL: tables, indexes, rows, sequences; and what it meets there.
# shellcheck disable=SC2034,SC2154,SC2238 # variables of bats and of what is loaded
load helpers
load postgres
load pgimport

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	archive a.jsonl.zst 1 3
	db=$(pg_db shop)
}

import() {
	run --separate-stderr "$1" esimport --to "$db" "${@:2}"
}

@test "an empty database gets the tables, the events, and the indexes at the end" {
	import -0 --from a.jsonl.zst
	account "$stderr" 3 0 0
	has "$stderr" 'making the indexes of table events'
	same "$(relations shop)" "$finished"
	same "$(pg shop "SELECT count(*) FROM pg_index WHERE indrelid = 'events'::regclass AND indisunique")" 3
	same "$(pg shop "SELECT events, position, upto, after IS NULL, appended FROM esimport_checkpoint")" '3|3|3|t|f'
	esverify --positions a.jsonl.zst "$db"
	# An archive without events makes the store, too.
	db=$(pg_db shop)
	import -0 --plain --from /dev/null
	account "$stderr" 0 0 0
	same "$(relations shop)" "${finished#* * }"
	import -0 --from a.jsonl.zst
	account "$stderr" 3 0 0
}

@test "a run that fails in its first batch leaves nothing" {
	head -c "$(chunk a.jsonl.zst 0)" a.jsonl.zst >cut
	import -4 --from cut
	has "$stderr" 'nothing was written to the target'
	same "$(relations shop)" ''
	# The second event is one that no bigint can hold.
	{
		lines 1 1
		lines 2 2 | sed 's/"position":2/"position":9223372036854775808/'
	} >big.jsonl
	import -3 --from big.jsonl
	has "$stderr" 'is larger than a bigint can be'
	has "$stderr" 'nothing was written to the target'
	same "$(relations shop)" ''
}

@test "beside other tables the store is made where the layout is named" {
	pg shop 'CREATE TABLE orders (n int)' 'INSERT INTO orders VALUES (7)'
	import -2 --from a.jsonl.zst
	has "$stderr" 'has no table of events'
	import -2 --from a.jsonl.zst --layout auto
	same "$(relations shop)" orders
	import -0 --from a.jsonl.zst --layout native
	account "$stderr" 3 0 0
	same "$(relations shop)" "$finished orders"
	same "$(pg shop 'TABLE orders')" 7
	import -0 --from a.jsonl.zst
	account "$stderr" 0 3 0
}

@test "indexes wait for the end, whatever ends the runs before" {
	local pending='SELECT count(*) FROM esimport_pending'

	start_import shop
	same "$(pg shop "$pending")" 2
	same "$(pg shop "SELECT count(*) FROM pg_indexes WHERE tablename = 'events'")" 1
	kill_import
	# A cut input is no end.
	head -c "$(chunk a.jsonl.zst 2)" a.jsonl.zst >cut
	import -4 --from cut
	has "$stderr" 'everything up to position 2 (1 event written by this run)'
	holds shop 1,2
	same "$(pg shop "$pending")" 2
	import -0 --from a.jsonl.zst
	account "$stderr" 1 2 0
	same "$(relations shop)" "$finished"
	# Killed when all events were in, and not the end of the input.
	db=$(pg_db shop)
	start_import shop
	feed_to 2
	tail -c +$((fed + 1)) a.jsonl.zst | head -c -40 >&8
	until_true holds shop 1,2,3
	kill_import
	same "$(pg shop "$pending")" 2
	import -0 --from a.jsonl.zst
	account "$stderr" 0 3 0
	has "$stderr" 'making the indexes'
	same "$(relations shop)" "$finished"
	import -0 --from a.jsonl.zst
	account "$stderr" 0 3 0
	[[ $stderr != *'making the indexes'* ]]
}

@test "an increment into a finished store finds what its indexes refuse" {
	import -0 --from a.jsonl.zst
	archive all.jsonl.zst 1 6
	esexport --from all.jsonl.zst --after 3 --out more.jsonl.zst
	import -0 --from more.jsonl.zst
	account "$stderr" 3 0 0
	holds shop 1,2,3,4,5,6
	same "$(relations shop)" "$finished"
	lines 7 7 | sed 's/e-7/e-2/' >seven
	{
		lines 1 6
		cat seven
	} >twice.jsonl
	esexport --from twice.jsonl --after 6 --out more.jsonl.zst --force
	import -5 --from more.jsonl.zst
	has "$stderr" 'the target holds another event of this id; their position differs'
	has "$stderr" 'event 7'
	holds shop 1,2,3,4,5,6
}

@test "two events with one key in the input are a conflict that names it" {
	local what change key

	for what in id version; do
		case $what in
		id) change='s/e-3/e-1/' key='Key (id)=(e-1)' ;;
		version) change='s/"stream":"s-1","version":1/"stream":"s-1","version":0/' key='Key (stream, version)=(s-1, 0)' ;;
		esac
		lines 1 3 | sed "3$change" >twice.jsonl
		esexport --from twice.jsonl --out twice.jsonl.zst --force
		db=$(pg_db shop)
		import -5 --from twice.jsonl.zst
		has "$stderr" "$key"
		has "$stderr" 'nothing was written'
		same "$(relations shop)" ''
		# In batches the indexes find it: what was written before stays, and the next run says it again.
		import -5 --from twice.jsonl.zst --batch-size 1
		has "$stderr" "$key"
		has "$stderr" 'everything up to position 3 (3 events written by this run)'
		import -5 --from twice.jsonl.zst
		has "$stderr" "$key"
		holds shop 1,2,3
		# A store that has its indexes takes only what comes before.
		db=$(pg_db shop)
		import -0 --plain --from /dev/null
		import -5 --from twice.jsonl.zst --batch-size 2
		has "$stderr" 'event 3'
		has "$stderr" 'everything up to position 2 (2 events written by this run)'
		holds shop 1,2
	done
}

# row POSITION COLUMNS...: event POSITION as the application would write it, with columns changed.
row() {
	pg_db copy >/dev/null
	lines "$1" "$1" | esimport --plain --to "$(pg_address copy)" 2>/dev/null
	pg copy "UPDATE events SET ${2:-type = type}"
	pg copy 'COPY events TO STDOUT' | pg shop 'COPY events FROM STDIN'
}

@test "an event that is there already is skipped where it is equal, else a conflict" {
	local batch

	for batch in 1 2 50000; do
		db=$(pg_db shop)
		import -0 --from a.jsonl.zst --upto 1
		row 2
		import -0 --from a.jsonl.zst --batch-size $batch
		account "$stderr" 1 2 0
		holds shop 1,2,3
		same "$(pg shop 'SELECT events FROM esimport_checkpoint')" 2
		esverify --positions a.jsonl.zst "$db"

		clash() {
			db=$(pg_db shop)
			import -0 --from a.jsonl.zst --upto 1
			row 3 "$1"
			dump shop >before
			import -5 --from a.jsonl.zst --batch-size 3
			has "$stderr" "event 3"
			has "$stderr" "the target holds another event of this $2; their $3 differs"
			has "$stderr" 'everything up to position 1 (0 events written by this run)'
			dump shop | diff before -
		}
	done
	clash "type = 'Other'" position type
	clash "stream = 's-9'" position stream
	clash "data = '{}'" position data
	clash "position = 9" 'stream and version' position
	clash "position = 9, stream = 's-9'" id position
	clash "position = 9, id = 'e-9'" 'stream and version' position
}

@test "--append gives new positions in order, and adds nothing a second time" {
	local from

	lines 10 11 mine | sed 's/"s-/"x-/; s/"e-/"x-/' >mine.jsonl
	import -0 --from mine.jsonl
	import -5 --from a.jsonl.zst
	has "$stderr" 'the target holds events, and no import of this source wrote them'
	lines 1 3 | sed 's/"position":3/"position":30/; s/"position":2/"position":20/' >far.jsonl
	esexport --from far.jsonl --out far.jsonl.zst
	import -0 --append --from far.jsonl.zst
	account "$stderr" 3 0 0
	holds shop 10,11,12,13,14
	same "$(pg shop "SELECT string_agg(id || '@' || (attributes->>'\$position'), ' ' ORDER BY position)
		FROM events WHERE position > 11")" 'e-1@1 e-2@20 e-3@30'
	same "$(pg shop "INSERT INTO events (stream, version, type) VALUES ('app', 0, 'T') RETURNING position")" 15
	# With and without the option it is the same import; and without its checkpoint the events are there.
	for from in '' --append; do
		import -0 $from --from far.jsonl.zst
		account "$stderr" 0 3 0
	done
	pg shop 'DELETE FROM esimport_checkpoint'
	import -5 --from far.jsonl.zst
	import -0 --append --from far.jsonl.zst --batch-size 2
	account "$stderr" 0 3 0
	holds shop 10,11,12,13,14,15
	# One of them has another content.
	pg shop 'DELETE FROM esimport_checkpoint' "UPDATE events SET type = 'Other' WHERE id = 'e-2'"
	import -5 --append --from far.jsonl.zst
	has "$stderr" 'event 20'
	has "$stderr" 'the target holds another event of this stream and version; their type differs'
	holds shop 10,11,12,13,14,15
	# An increment goes on with new positions.
	pg shop "UPDATE events SET type = 'T2' WHERE id = 'e-2'"
	import -0 --append --from far.jsonl.zst
	lines 4 4 | sed 's/"position":4/"position":40/' >>far.jsonl
	esexport --from far.jsonl --after 30 --out more.jsonl.zst
	import -0 --from more.jsonl.zst
	account "$stderr" 1 0 0
	same "$(pg shop "SELECT position FROM events WHERE id = 'e-4'")" 16
}

@test "with --append an event that comes twice is written once" {
	local batch

	for batch in 1 50000; do
		db=$(pg_db shop)
		lines 9 9 mine | sed 's/"s-/"x-/; s/"e-/"x-/' >mine.jsonl
		import -0 --from mine.jsonl
		{
			lines 1 2
			lines 1 1 | sed 's/"position":1/"position":3/'
			lines 3 3 | sed 's/"position":3/"position":4/'
		} >twice.jsonl
		import -0 --append --from twice.jsonl --batch-size $batch
		account "$stderr" 3 1 0
		holds shop 9,10,11,12
		same "$(pg shop "SELECT string_agg(id, ' ' ORDER BY position) FROM events")" 'x-9 e-1 e-2 e-3'
		# Not where it is another one.
		lines 4 4 >other.jsonl
		lines 4 4 two | sed 's/"position":4/"position":5/' >>other.jsonl
		import -5 --append --from other.jsonl --batch-size $batch
		has "$stderr" 'of this stream and version; their data differs'
	done
}

# A layout for table j, and the table in database shop, whose column seq is as said.
table() {
	cat >j.json <<-'JSON'
		{"layout": 1, "name": "j", "store": "postgresql", "events": {"table": "j", "columns": {
		  "seq": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
		  "t": {"field": "type"}, "i": {"field": "id"}, "d": {"field": "data", "as": "json"}}}}
	JSON
	db=$(pg_db shop)
	pg shop 'CREATE SEQUENCE "Its Own"' 'CREATE SCHEMA odd'
	pg shop "CREATE TABLE j (seq $1, s text NOT NULL, v bigint NOT NULL, t text NOT NULL,
		i text UNIQUE, d json, UNIQUE (s, v))"
}

# app_gets N: the position of what the application inserts now.
app_gets() {
	same "$(pg shop "INSERT INTO j (s, v, t) VALUES ('app', $1, 'T') RETURNING seq")" "$1"
}

@test "sequences go on behind the last position, and never back" {
	local column seq

	for column in 'bigserial PRIMARY KEY' 'bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY' \
		'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY' \
		"bigint DEFAULT nextval('\"Its Own\"') PRIMARY KEY" \
		"bigint DEFAULT nextval('\"Its Own\"') + 0 PRIMARY KEY"; do
		table "$column"
		import -0 --layout ./j.json --from a.jsonl.zst
		app_gets 4
		# Many positions were left out.
		table "$column"
		lines 1000 1002 >high.jsonl
		import -0 --layout ./j.json --from high.jsonl
		app_gets 1003
		seq=$(pg shop "SELECT coalesce(pg_get_serial_sequence('j', 'seq'), '\"Its Own\"')")
		# It is further already; or stands at the last position and has not given it.
		table "$column"
		pg shop "SELECT setval('$seq', 5000)" >/dev/null
		import -0 --layout ./j.json --from a.jsonl.zst
		app_gets 5001
		table "$column"
		pg shop "SELECT setval('$seq', 3, false)" >/dev/null
		import -0 --layout ./j.json --from a.jsonl.zst
		app_gets 4
		table "$column"
		pg shop "SELECT setval('$seq', 4, false)" >/dev/null
		import -0 --layout ./j.json --from a.jsonl.zst
		app_gets 4
		# With new positions.
		lines 7 8 | sed 's/"s-/"x-/; s/"e-/"x-/' >more.jsonl
		import -0 --layout ./j.json --append --from more.jsonl
		app_gets 7
	done
}

@test "what an application writes between two batches is kept, or the conflict is named" {
	# Where it is in nobody's way.
	start_import shop
	pg shop "INSERT INTO events (position, stream, version, id, type) VALUES (99, 'app', 0, 'app', 'T')"
	finish_import
	ends_with 0
	account "$(cat said)" 3 0 0
	holds shop 1,2,3,99
	same "$(pg shop "SELECT type FROM events WHERE position = 99")" T
	same "$(relations shop)" "$finished"
	# The next position is what its sequence gives it.
	db=$(pg_db shop)
	start_import shop
	same "$(pg shop "INSERT INTO events (stream, version, id, type) VALUES ('app', 0, 'app', 'T') RETURNING position")" 2
	finish_import
	ends_with 5
	has "$(cat said)" 'event 2'
	has "$(cat said)" 'the target holds another event of this position; their stream differs'
	has "$(cat said)" 'everything up to position 1 (1 event written by this run)'
	holds shop 1,2
	same "$(pg shop "SELECT id FROM events WHERE position = 2")" app
	# The same event, which somebody else has brought.
	db=$(pg_db shop)
	start_import shop
	row 2
	finish_import
	ends_with 0
	account "$(cat said)" 2 1 0
	esverify --positions a.jsonl.zst "$db"
	# With new positions it goes behind.
	db=$(pg_db shop)
	start_import shop --append
	pg shop "INSERT INTO events (stream, version, id, type) VALUES ('app', 0, 'app', 'T')"
	finish_import
	ends_with 0
	account "$(cat said)" 3 0 0
	same "$(pg shop "SELECT string_agg(id, ' ' ORDER BY position) FROM events")" 'e-1 app e-2 e-3'
}
