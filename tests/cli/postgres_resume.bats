#!/usr/bin/env bats
# Runs into PostgreSQL that end early, or two at a time, and are started again: every event is there
# once.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2094,SC2154 # variables of bats and of what is loaded
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

# What is there is completed by the same command, and then it is all of it.
complete() {
	import -0 --from a.jsonl.zst
	holds shop 1,2,3
	same "$(relations shop)" "$finished"
	esverify --positions a.jsonl.zst "$db"
}

@test "killed at random, again and again, an import ends with every event once" {
	local append kills try rc ms there

	for ((i = 1; i <= 3000; i++)); do
		echo '{"stream":"s-'$((i % 50))'","version":'$(((i - 1) / 50))',"type":"T","id":"e-'$i'","data":'$i'}'
	done >big.jsonl
	esexport --from big.jsonl --out big.cbor.zst --chunk-size 1KiB
	for append in '' --append; do
		kills=0 between=0 ms=400
		db=$(pg_db shop)
		[ -z "$append" ] || lines 1 1 | sed 's/"s-/"x-/; s/"e-/"x-/' | esimport --plain --to "$db"
		for ((try = 0; try < 300 && kills < 10; try++)); do
			rc=0
			timeout -s KILL "$(printf 0.%03d $((RANDOM % ms + 1)))" \
				esimport $append --from big.cbor.zst --to "$db" --batch-size 10 || rc=$?
			[ $rc = 137 ] || [ $rc = 0 ]
			kills=$((kills + (rc == 137)))
			[ $rc = 0 ] || [ "$(pg shop "SELECT to_regclass('esimport_checkpoint') IS NULL")" = t ] || {
				# The server may still be at the last commit: both at one moment.
				there=$(pg shop "SELECT (SELECT count(*) FROM events WHERE stream LIKE 's-%'),
					coalesce(sum(events), 0) FROM esimport_checkpoint WHERE appended = ('$append' <> '')")
				same "${there%|*}" "${there#*|}"
				((${there%|*} == 0 || ${there%|*} == 3000)) || between=$((between + 1))
			}
			# It is killed before it has done anything: a slow machine.
			[ $rc = 0 ] || ((between || ms > 499)) || ms=$((ms + 100))
			# It was quick: begin again.
			[ $rc != 0 ] || pg shop "DELETE FROM events WHERE stream LIKE 's-%'" \
				"DELETE FROM esimport_checkpoint WHERE appended = ('$append' <> '')"
		done
		same $kills 10
		((between > 0))
		echo "# $between of 10 kills between two batches"
		import -0 $append --from big.cbor.zst
		same "$(pg shop "SELECT count(*), count(DISTINCT id) FROM events WHERE stream LIKE 's-%'")" '3000|3000'
		same "$(pg shop "SELECT to_regclass('esimport_pending'), count(*) FROM pg_index WHERE indrelid = 'events'::regclass")" '|3'
		esverify ${append:+--stream 's-*'} big.cbor.zst "$db"
	done
}

@test "a producer that ends at any chunk is noticed, and the second run finishes the job" {
	local n

	for n in 0 1 2; do
		db=$(pg_db shop)
		import -4 < <(head -c $(($(chunk a.jsonl.zst "$n") + 20)) a.jsonl.zst)
		if [ "$n" = 0 ]; then
			has "$stderr" 'nothing was written to the target'
		else
			has "$stderr" "everything up to position $n ($n event$([ $n = 1 ] || echo s) written by this run); the same command goes on"
			holds shop "$(seq -s, 1 "$n")"
		fi
		complete
		account "$stderr" $((3 - n)) "$n" 0
	done
}

@test "SIGTERM and SIGINT: exit 8, it says where it stands, and the next run goes on" {
	for signal in TERM INT; do
		db=$(pg_db shop)
		start_import shop
		kill -$signal $pid
		ends_with 8
		exec 8>&-
		has "$(cat said)" 'everything up to position 1 (1 event written by this run)'
		holds shop 1
		complete
	done
}

@test "the same archive again writes nothing" {
	import -0 --from a.jsonl.zst
	dump shop >before
	import -0 --from a.jsonl.zst
	account "$stderr" 0 3 0
	import -0 < <(cat a.jsonl.zst)
	import -0 --append --from a.jsonl.zst
	account "$stderr" 0 3 0
	esexport --from a.jsonl.zst --out a.cbor.zst
	import -0 --from a.cbor.zst
	account "$stderr" 0 3 0
	dump shop | diff before -
	# The same with filters: another import, as the spec says.
	import -5 --from a.jsonl.zst --type T1
}

@test "filters are part of the account, and of what the target remembers" {
	import -0 --from a.jsonl.zst --upto 2 --type T1
	account "$stderr" 1 0 1
	import -0 --from a.jsonl.zst --type T1
	account "$stderr" 0 1 2
	same "$(pg shop 'SELECT position, upto, events FROM esimport_checkpoint')" '1|3|1'
	db=$(pg_db shop)
	import -0 --from a.jsonl.zst --upto 2 --stream none
	account "$stderr" 0 0 2
	import -5 --from a.jsonl.zst --after 3 --stream none
	has "$stderr" 'the target has everything up to 2'
	import -0 --from a.jsonl.zst --after 2 --stream none
	import -0 --from a.jsonl.zst --stream none
	account "$stderr" 0 0 3
}

@test "another history under the same origin is refused" {
	import -0 --from a.jsonl.zst
	dump shop >before
	refused() {
		esexport --from lines --out new.jsonl.zst --force "${@:2}"
		import -5 --from new.jsonl.zst
		has "$stderr" "$1"
		import -5 < <(cat new.jsonl.zst)
		has "$stderr" "$1"
		dump shop | diff before -
	}
	lines 1 3 | sed 's/T0/Other/' >lines
	refused 'event 3 is not the one that was imported under this position'
	lines 4 5 >>lines
	refused 'event 3 is not the one that was imported under this position'
	refused 'event 3 is not the one that was imported under this position' --after 2
	sed -i 3d lines
	refused 'event 3, the last that was imported before, is not in the input'
	lines 1 3 two >lines
	refused 'the target holds events, and no import of this source wrote them'
}

@test "increments join, and a gap is refused" {
	archive all.jsonl.zst 1 9
	part() {
		esexport --from all.jsonl.zst --force --out part.jsonl.zst "$@"
	}
	import -0 --from a.jsonl.zst
	part --after 4
	dump shop >before
	import -5 --from part.jsonl.zst
	has "$stderr" 'the input begins behind position 4, and the target has everything up to 3'
	has "$stderr" 'nothing was written to the target'
	import -5 --from all.jsonl.zst --after 5
	has "$stderr" 'import what lies between first'
	dump shop | diff before -
	part --after 3 --upto 6
	import -0 --from part.jsonl.zst
	account "$stderr" 3 0 0
	# It may reach back.
	part --after 1
	import -0 --from part.jsonl.zst
	account "$stderr" 3 5 0
	import -0 --from all.jsonl.zst
	account "$stderr" 0 9 0
	esverify --positions all.jsonl.zst "$db"
	# What lies before the first import is not there.
	db=$(pg_db shop)
	part --after 3
	import -0 --from part.jsonl.zst
	import -5 --from all.jsonl.zst
	has "$stderr" 'event 1: the import that the target holds began behind position 3'
	holds shop 4,5,6,7,8,9
	# Two at once.
	db=$(pg_db shop)
	esexport --from all.jsonl.zst --force --out part.jsonl.zst --after 3
	import -0 < <(cat a.jsonl.zst part.jsonl.zst)
	account "$stderr" 9 0 0
}

@test "a checkpoint over events that are gone is a conflict" {
	import -0 --from a.jsonl.zst
	pg shop 'DELETE FROM events WHERE position = 3'
	import -5 --from a.jsonl.zst
	has "$stderr" 'event 3, the last that was imported, is not in the table any more'
	pg shop "UPDATE esimport_checkpoint SET event = 'xyz'"
	lines 3 3 | esimport --append --plain --to "$db"
	import -6 --from a.jsonl.zst
	has "$stderr" 'esimport_checkpoint is damaged'
	pg shop 'UPDATE esimport_checkpoint SET upto = -5'
	import -6 --from a.jsonl.zst
	has "$stderr" 'esimport_checkpoint is damaged'
	run --separate-stderr -6 esexport --from a.jsonl.zst --after-target "$db" --out b.jsonl.zst
	has "$stderr" 'esimport_checkpoint is damaged'
}

@test "a layout of a schema keeps the checkpoint beside its table" {
	cat >j.json <<-'JSON'
		{"layout": 1, "name": "j", "store": "postgresql", "events": {"table": "Odd one.j", "columns": {
		  "seq": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
		  "t": {"field": "type"}, "i": {"field": "id"}, "d": {"field": "data", "as": "json"}}},
		 "schema": ["CREATE SCHEMA \"Odd one\"", 
		   "CREATE TABLE \"Odd one\".j (seq bigserial PRIMARY KEY, s text NOT NULL, v bigint NOT NULL, t text, i text, d json)"],
		 "indexes": ["CREATE UNIQUE INDEX j_version ON \"Odd one\".j (s, v)"]}
	JSON
	tables() {
		same "$(pg shop "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename)
			FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")" "$1"
	}
	import -4 --batch-size 1 --layout ./j.json < <(head -c $(($(chunk a.jsonl.zst 1) + 20)) a.jsonl.zst)
	tables 'Odd one.esimport_checkpoint Odd one.esimport_pending Odd one.j'
	import -0 --layout ./j.json --from a.jsonl.zst
	account "$stderr" 2 1 0
	tables 'Odd one.esimport_checkpoint Odd one.j'
	same "$(pg shop "SELECT indexname FROM pg_indexes WHERE tablename = 'j' ORDER BY 1")" $'j_pkey\nj_version'
	same "$(pg shop "INSERT INTO \"Odd one\".j (s, v, t) VALUES ('app', 0, 'T') RETURNING seq")" 4
	# The table of that name in another schema is another store.
	import -0 --layout native --from a.jsonl.zst
	account "$stderr" 3 0 0
	same "$(pg shop 'SELECT events FROM esimport_checkpoint')" 3
	import -0 --layout ./j.json --from a.jsonl.zst
	account "$stderr" 0 3 0
}

@test "two imports at once: one of them is refused, and nothing is there twice" {
	start_import shop
	import -5 --from a.jsonl.zst
	has "$stderr" 'another import into table events is running'
	import -5 --append --from a.jsonl.zst
	has "$stderr" 'wait for it to end, then start again'
	# Looking is no import.
	import -0 --dry-run --from a.jsonl.zst
	has "$output" '2 events would be written'
	finish_import
	ends_with 0
	account "$(cat said)" 3 0 0
	holds shop 1,2,3
	complete
	account "$stderr" 0 3 0
}

@test "two imports at once into an empty database: one is refused, the lock ends with the other" {
	local end

	for end in finish kill; do
		db=$(pg_db shop)
		rm -f pipe
		mkfifo pipe
		esimport --to "$db" <pipe 2>said 3>&- &
		pid=$!
		exec 8>pipe
		# It has the lock before it reads.
		until_true locked
		import -5 --from a.jsonl.zst
		has "$stderr" 'another import into table events is running'
		same "$(relations shop)" ''
		fed=0
		case $end in
		finish)
			finish_import
			ends_with 0
			account "$(cat said)" 3 0 0
			;;
		kill) kill_import ;;
		esac
		complete
	done
}

locked() {
	[ "$(pg shop "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 1 ]
}

# hold DB: the lock of imports into table events of the database, by a psql on fd 9.
hold() {
	mkfifo sql
	pg "$1" <sql 3>&- &
	holder=$!
	exec 9>sql
	echo "SELECT pg_advisory_lock(hashtextextended('esimport public.events', 0));" >&9
	until_true locked
}

@test "a store that another import makes while this one waits for it is taken" {
	local try

	for try in 1 2 3 4 5 6 7 8 9; do
		db=$(pg_db shop)
		esimport --plain --from /dev/null --to "$(pg_db copy)"
		"$ES_PG_BIN/pg_dump" -d "$(pg_address copy)" >native.sql
		rm -f sql
		hold shop
		esimport --to "$db" --from a.jsonl.zst 2>said 3>&- 9>&- &
		pid=$!
		until_true waits
		pg shop <native.sql >/dev/null
		exec 9>&-
		wait $holder
		# It waits for three seconds, and no longer.
		rc=0
		wait $pid || rc=$?
		[ $rc = 5 ] && grep -q 'another import' said || break
	done
	cat said
	same $rc 0
	account "$(cat said)" 3 0 0
	complete
}

waits() {
	[ "$(pg shop "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND query LIKE 'SELECT pg_try_advisory_lock%'")" = 1 ]
}

@test "a conflict behind a connection that was lost is still one" {
	local append

	for append in '' --append; do
		db=$(pg_db shop)
		start_import shop $append
		pg shop "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'esimport'" \
			"INSERT INTO events (position, stream, version, id, type) VALUES (3, 'app', 0, 'e-3', 'T')" >/dev/null
		finish_import
		ends_with 5
		has "$(cat said)" 'connected again'
		has "$(cat said)" "the target holds another event of this ${append:+id; their}"
		has "$(cat said)" 'everything up to position 2 (2 events written by this run)'
		same "$(grep -c 'connected again' said)" 1
		same "$(pg shop "SELECT count(*) FROM events WHERE id = 'e-3'")" 1
	done
}

@test "what another import did while the connection was lost is not taken back" {
	local append

	for append in '' --append; do
		db=$(pg_db shop)
		start_import shop $append
		# Where it is held, it does not see the end of its session.
		kill -STOP $pid
		pg shop "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'esimport'" >/dev/null
		import -0 $append --from a.jsonl.zst
		account "$stderr" 2 1 0
		kill -CONT $pid
		finish_import
		ends_with 5
		has "$(cat said)" 'another import wrote to table events while the connection was lost; start again'
		has "$(cat said)" 'everything up to position 1 (1 event written by this run)'
		same "$(pg shop 'SELECT events, position FROM esimport_checkpoint')" '3|3'
		complete
		account "$stderr" 0 3 0
	done
}

@test "statements that no layout has are not run for whoever left them" {
	import -0 --from a.jsonl.zst
	pg shop 'CREATE TABLE esimport_pending (number bigint PRIMARY KEY, statement text NOT NULL)' \
		"INSERT INTO esimport_pending VALUES (1, 'CREATE ROLE mallory SUPERUSER')"
	import -6 --from a.jsonl.zst
	has "$stderr" 'esimport_pending'
	same "$(pg shop "SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'")" 0
}
