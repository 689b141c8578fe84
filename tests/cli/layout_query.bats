#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets stderr
# Layouts whose events are more than the rows of one table: a query reads them, statements write them.
load helpers
load stores
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

# Events in one table, the names of their streams in another, tags in a third.
tables_sqlite='CREATE TABLE names (k INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL);
	CREATE TABLE log (seq INTEGER PRIMARY KEY, k INTEGER NOT NULL REFERENCES names, v INTEGER NOT NULL, t TEXT NOT NULL,
		body TEXT, UNIQUE (k, v));
	CREATE TABLE marks (seq INTEGER NOT NULL REFERENCES log, n INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (seq, n));
	CREATE TABLE progress (name TEXT PRIMARY KEY, seq INTEGER)'
layout_sqlite() {
	jq "${1:-.}" >own.json <<'END'
{"layout": 1, "name": "own", "store": "sqlite",
 "events": {
  "table": "log",
  "query": "SELECT seq, name, v, t, body, (SELECT json_group_array(mark) FROM (SELECT mark FROM marks WHERE marks.seq = log.seq ORDER BY n) HAVING count(*) > 0) AS marks FROM log JOIN names USING (k)",
  "columns": {
   "seq": {"field": "position"}, "name": {"field": "stream"}, "v": {"field": "version", "base": 1},
   "t": {"field": "type"}, "body": {"field": "data"}, "marks": {"field": "tags"}},
  "write": [
   "INSERT INTO names (name, last) VALUES (NEW.name, NEW.v) ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)",
   "INSERT INTO log SELECT NEW.seq, k, NEW.v, NEW.t, NEW.body FROM names WHERE name = NEW.name",
   "INSERT INTO marks SELECT NEW.seq, key, value FROM json_each(NEW.marks)"]},
 "tables": {"log": ["seq", "k", "v", "t", "body"], "names": ["k", "name", "last"], "marks": ["seq", "n", "mark"]},
 "after": ["INSERT OR REPLACE INTO progress SELECT 'all', max(seq) FROM log"]}
END
}

tables_postgres='CREATE SCHEMA app; CREATE TABLE app.names (k int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, last bigint NOT NULL);
	CREATE TABLE app.log (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k int NOT NULL REFERENCES app.names, v bigint NOT NULL, t text NOT NULL,
		body jsonb, UNIQUE (k, v));
	CREATE TABLE app.marks (seq bigint NOT NULL REFERENCES app.log, n int NOT NULL, mark text NOT NULL, PRIMARY KEY (seq, n));
	CREATE TABLE app.progress (name text PRIMARY KEY, seq bigint)'
layout_postgres() {
	jq "${1:-.}" >own.json <<'END'
{"layout": 1, "name": "own", "store": "postgresql",
 "parameters": {"schema": "app"},
 "events": {
  "table": "{schema}.log",
  "query": "SELECT seq, name, v, t, body, (SELECT array_agg(mark ORDER BY n) FROM \"{schema}\".marks WHERE marks.seq = log.seq) AS marks FROM \"{schema}\".log JOIN \"{schema}\".names USING (k)",
  "columns": {
   "seq": {"field": "position"}, "name": {"field": "stream"}, "v": {"field": "version", "base": 1},
   "t": {"field": "type"}, "body": {"field": "data"}, "marks": {"field": "tags"}},
  "write": [
   "INSERT INTO \"{schema}\".names AS n (name, last) SELECT name, max(v) FROM pg_temp.esimport_stage GROUP BY name ORDER BY min(seq) ON CONFLICT (name) DO UPDATE SET last = greatest(n.last, excluded.last)",
   "INSERT INTO \"{schema}\".log OVERRIDING SYSTEM VALUE SELECT seq, k, v, t, body FROM pg_temp.esimport_stage JOIN \"{schema}\".names USING (name)",
   "INSERT INTO \"{schema}\".marks SELECT seq, n, mark FROM pg_temp.esimport_stage, unnest(marks) WITH ORDINALITY AS m (mark, n)"]},
 "tables": {"{schema}.log": ["seq", "k", "v", "t", "body"], "{schema}.names": ["k", "name", "last"], "{schema}.marks": ["seq", "n", "mark"]},
 "after": ["INSERT INTO \"{schema}\".progress AS p SELECT 'all', max(seq) FROM \"{schema}\".log ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"]}
END
}

input='{"position":3,"stream":"b","version":0,"type":"T","tags":["x","y"],"data":{"n": 1}}
{"position":4,"stream":"a","version":0,"type":"T","data":{"n": 2}}
{"position":7,"stream":"b","version":1,"type":"U","tags":["z"]}'

made=0
# empty STORE: sets $to to an empty store of the kind, with the tables.
empty() {
	made=$((made + 1))
	case $1 in
	sqlite)
		to=sqlite://$PWD/t$made.db
		sqlite3 t$made.db "$tables_sqlite"
		;;
	postgres)
		to=$(pg_db "query$BATS_TEST_NUMBER$made")
		pg "query$BATS_TEST_NUMBER$made" "$tables_postgres"
		;;
	esac
	"layout_$1"
}
# ask SQL: of the store $to; names of tables are app.X in PostgreSQL.
ask() {
	case $to in
	sqlite*) sqlite3 "${to#sqlite://}" "$(sed 's/app\.//g' <<<"$1")" ;;
	*) "$ES_PG_BIN/psql" -XAtq -d "$to" -c "$1" ;;
	esac
}
put() { esimport --layout ./own.json --to "$to" "$@"; }
get() { esexport --layout ./own.json --from "$to" --plain 2>/dev/null; }
compact() { jq -c .; }

@test "events of several tables go there and back, and what is beside them is kept up" {
	for kind in sqlite postgres; do
		empty $kind
		put --plain <<<"$input"
		diff <(get | compact) <(compact <<<"$input")
		same "$(ask 'SELECT name, last FROM app.names ORDER BY k' | tr '\n' ' ')" 'b|2 a|1 '
		same "$(ask 'SELECT name, seq FROM app.progress')" 'all|7'
		same "$(ask 'SELECT seq, mark FROM app.marks ORDER BY seq, n' | tr '\n' ' ')" '3|x 3|y 7|z '
		esexport --layout ./own.json --from "$to" --out $kind.cbor.zst
		from=$to
		empty $kind
		put --from $kind.cbor.zst --verify
		esverify --layout ./own.json --positions "$from" "$to"
	done
	esverify --positions sqlite.cbor.zst postgres.cbor.zst
}

@test "batches, runs that are started again and additions are as of one table" {
	for kind in sqlite postgres; do
		empty $kind
		events 40 | jq -c 'del(.id, .time)' >in.jsonl
		head -25 in.jsonl | put --plain --batch-size 7
		run --separate-stderr put --plain --batch-size 7 <in.jsonl
		has "$stderr" 'read 40 = written 15 + already there 25 '
		diff in.jsonl <(get | compact)
		run --separate-stderr put --plain --append <in.jsonl
		has "$stderr" 'written 0 + already there 40 '
		sed 's/order-/other-/' in.jsonl >other.jsonl
		put --plain --append --batch-size 7 <other.jsonl
		same "$(get | wc -l)" 80
		same "$(get | tail -n 1 | jq -r '.position, .stream, .version' | tr '\n' ' ')" '80 other-4 7 '
		same "$(ask 'SELECT max(seq) FROM app.progress')" 80
		# The store is as the program that it belongs to left it: the next one gets the next number.
		case $kind in
		postgres) same "$(ask "INSERT INTO app.log (k, v, t) VALUES (1, 9, 'T') RETURNING seq" | head -n 1)" 81 ;;
		esac
	done
}

@test "another event in the place of one is a conflict, and nothing of the batch is stored" {
	for kind in sqlite postgres; do
		empty $kind
		put --plain <<<"$input"
		run -5 --separate-stderr put --plain <<<"$(sed 's/"U"/"V"/; s/"version":1/"version":2/' <<<"$input")"$'\n{"position":8,"stream":"c","version":0,"type":"T"}'
		has "$stderr" 'event 7 '
		same "$(ask 'SELECT count(*) FROM app.log')" 3
		same "$(ask 'SELECT count(*) FROM app.names')" 2
	done
}

@test "two events of one batch that cannot both be there are named" {
	for kind in sqlite postgres; do
		empty $kind
		run -5 --separate-stderr put --plain <<<"$input"$'\n{"position":9,"stream":"b","version":1,"type":"T"}'
		has "$stderr" 'event 9 '
		same "$(ask 'SELECT count(*) FROM app.log')" 0
	done
}

@test "a dry run stores nothing, also not beside the events" {
	for kind in sqlite postgres; do
		empty $kind
		put --plain --dry-run <<<"$input"
		same "$(ask 'SELECT count(*) FROM app.log')$(ask 'SELECT count(*) FROM app.names')$(ask 'SELECT count(*) FROM app.progress')" 000
	done
}

@test "what the statements store must be the event" {
	for kind in sqlite postgres; do
		empty $kind
		layout_$kind '.events.write |= map(sub("NEW.t,"; "lower(NEW.t),") | sub("seq, k, v, t, body FROM"; "seq, k, v, lower(t), body FROM"))'
		run -3 --separate-stderr put --plain <<<"$input"
		has "$stderr" 'event 3 (stream "b", version 0)'
		has "$stderr" "field type: the layout's statements make another value of it"
		same "$(ask 'SELECT count(*) FROM app.log')" 0
		layout_$kind '.events.write |= map(select(contains(".log") or contains("INTO log") | not))'
		run -6 --separate-stderr put --plain <<<'{"position":3,"stream":"b","version":0,"type":"T"}'
		same "$(ask 'SELECT count(*) FROM app.names')" 0
	done
}

@test "a query or a statement that is wrong is said before anything is written" {
	for kind in sqlite postgres; do
		empty $kind
		layout_$kind '.events.query |= sub("seq"; "sek")'
		run -2 --separate-stderr get_loud
		has "$stderr" 'layout own: events.query: '
		layout_$kind '.events.query |= "no " + .'
		run -2 --separate-stderr get_loud
		has "$stderr" 'layout own: events.query: '
		layout_$kind '.events.query |= sub(", v,"; ", v AS w,")'
		run -2 --separate-stderr get_loud
		layout_$kind '.events.query |= sub(", v,"; ", v, 1 AS \"more\",")'
		run -2 --separate-stderr get_loud
		has "$stderr" 'layout own: events.query: gives a column that is not in events.columns: more'
		layout_$kind 'del(.events.write)'
		run -2 --separate-stderr put --plain <<<"$input"
		has "$stderr" 'layout own: is for exports: it does not say how events are written'
		layout_$kind
		ask 'ALTER TABLE app.names ADD COLUMN more text'
		run -2 --separate-stderr put --plain <<<"$input"
		has "$stderr" 'names: a column is not in the layout: more'
		ask 'DROP TABLE app.marks'
		run -2 --separate-stderr put --plain <<<"$input"
		has "$stderr" 'marks: is not there'
	done
}

@test "a statement of a layout that is wrong is named by its number" {
	for kind in sqlite postgres; do
		empty $kind
		while read -r change says; do
			layout_$kind "$change"
			for dry in '' --dry-run; do
				# A dry run does not write, and a server knows of no fault before it does.
				[ "$dry$kind" != --dry-runpostgres ] || continue
				[[ $dry$says != --dry-run'after, '* ]] || continue
				run -2 --separate-stderr put --plain $dry <<<"$input"
				has "$stderr" "layout own: $says"
			done
			same "$(ask 'SELECT count(*) FROM app.names')" 0
		done <<-'END'
			.events.write[0]|=sub("last\\)";"lost)") events.write, statement 1: 
			.events.write[1]|=sub("log";"lag") events.write, statement 2: 
			.events.write[1]|=sub("INSERT";"INSRET") events.write, statement 2: 
			.events.write[2]|=sub("SELECT";"SELECT_1,") events.write, statement 3: 
			.after+=["UPDATE_x_ST_y=1"] after, statement 2: UPDATE_x_ST_y=1: 
		END
	done
	empty postgres
	layout_postgres '.after = ["SELECT 1/0"]'
	run -3 --separate-stderr put --plain <<<"$input"
	has "$stderr" 'layout own: after, statement 1: SELECT 1/0: division by zero'
	layout_postgres 'del(.events.write[1, 2])'
	run -6 --separate-stderr put --plain <<<"$input"
	has "$stderr" "3 of 3 events are not in the table as they were sent: the layout's statements did not store them"
}
get_loud() { esexport --layout ./own.json --from "$to" --plain; }

@test "statements for SQLite may call sha1" {
	empty sqlite
	layout_sqlite '.after = ["INSERT INTO progress SELECT sha1(name), NULL FROM names", "INSERT INTO progress SELECT sha1(NULL) IS NULL, 1"]'
	put --plain <<<"$input"
	same "$(ask 'SELECT name FROM progress ORDER BY name' | tr '\n' ' ')" "1 $(printf %s a | sha1sum | cut -c 1-40) $(printf %s b | sha1sum | cut -c 1-40) "
}

@test "parameters take the place of their defaults, and only those that a layout has" {
	empty postgres
	ask 'ALTER SCHEMA app RENAME TO "My App"'
	run -2 --separate-stderr put --plain <<<"$input"
	esimport --layout './own.json:schema=My App' --plain --to "$to" <<<"$input"
	same "$(esexport --layout './own.json:schema=My App' --from "$to" --plain 2>/dev/null | wc -l)" 3
	for bad in 'schema=' "schema=a'b" 'schema=a"b' 'schema=a\b' 'schemas=a' 'schema=a,tenant=b' 'tenant=b'; do
		run -2 --separate-stderr esimport --layout "./own.json:$bad" --plain --to "$to" <<<"$input"
		has "$stderr" ': parameters: '
	done
	layout_postgres 'del(.parameters)'
	run -2 --separate-stderr esimport --layout "./own.json:schema=x" --plain --to "$to" <<<"$input"
	has "$stderr" 'parameters: it has none, and schema=x was given'
	mkdir a:schema=x
	layout_postgres
	mv own.json a:schema=x/own.json
	esimport --layout './a:schema=x/own.json:schema=My App' --plain --dry-run --to "$to" <<<"$input"
}

@test "an optional column is used where it is" {
	sqlite3 t.db 'CREATE TABLE log (p INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, c TEXT, UNIQUE (s, v))'
	jq -n '{layout: 1, name: "own", store: "sqlite", events: {table: "log", columns: {p: {field: "position"},
		s: {field: "stream"}, v: {field: "version"}, t: {field: "type"},
		c: {field: "correlation_id", optional: true}, d: {field: "causation_id", optional: true}}}}' >own.json
	to=sqlite://$PWD/t.db
	line='{"position":1,"stream":"s","version":0,"type":"T","correlation_id":"x"}'
	put --plain <<<"$line"
	same "$(get)" "$line"
	run -3 --separate-stderr put --plain <<<"$line"$'\n{"position":2,"stream":"s","version":1,"type":"T","causation_id":"x"}'
	has "$stderr" 'causation_id'
	sqlite3 t.db 'ALTER TABLE log ADD COLUMN d TEXT'
	put --plain <<<"$line"$'\n{"position":2,"stream":"s","version":1,"type":"T","causation_id":"x"}'
	sqlite3 t.db 'ALTER TABLE log DROP COLUMN c'
	get >out.jsonl
	has "$(cat out.jsonl)" causation_id
}

@test "what a query leaves out counts for the next position" {
	for kind in sqlite postgres; do
		empty $kind
		put --plain <<<"$input"
		ask "INSERT INTO app.log (seq, k, v, t) $([ $kind = sqlite ] || echo OVERRIDING SYSTEM VALUE) VALUES (50, 1, 7, 'hidden')"
		layout_$kind '.events.query += " WHERE t <> \u0027hidden\u0027"'
		same "$(get | wc -l)" 3
		put --plain --append <<<'{"position":1,"stream":"c","version":0,"type":"T"}'
		same "$(ask "SELECT max(seq) FROM app.log")" 51
	done
}

@test "a table of a query may lack a column" {
	pg_sql='CREATE SCHEMA app; CREATE TABLE app.log (seq bigint PRIMARY KEY, s text, v bigint, t text, UNIQUE (s, v))'
	to=$(pg_db optional)
	ask "$pg_sql"
	jq -n '{layout: 1, name: "own", store: "postgresql", events: {table: "app.log",
		query: "SELECT e.* FROM (VALUES (NULL::text)) AS d (note) CROSS JOIN LATERAL (SELECT seq, s, v, t, note FROM app.log) AS e",
		write: ["INSERT INTO app.log SELECT r.* FROM pg_temp.esimport_stage AS i, jsonb_populate_record(NULL::app.log, to_jsonb(i)) AS r"],
		columns: {seq: {field: "position"}, s: {field: "stream"}, v: {field: "version"}, t: {field: "type"},
			note: {attribute: "note"}}},
		tables: {"app.log": ["seq", "note?", "s", "v", "t"]}}' >own.json
	plain='{"position":1,"stream":"s","version":0,"type":"T"}'
	noted='{"position":2,"stream":"s","version":1,"type":"T","attributes":{"note":"x"}}'
	put --plain <<<"$plain"
	same "$(get)" "$plain"
	run -3 --separate-stderr put --plain <<<"$plain"$'\n'"$noted"
	has "$stderr" 'note'
	ask 'ALTER TABLE app.log ADD COLUMN note text'
	put --plain <<<"$plain"$'\n'"$noted"
	same "$(get)" "$plain"$'\n'"$noted"
	ask 'ALTER TABLE app.log DROP COLUMN t'
	run -2 --separate-stderr get_loud
	has "$stderr" 'table app.log: lacks the column t'
	ask 'ALTER TABLE app.log ADD COLUMN t text, ADD COLUMN "note?" text'
	run -2 --separate-stderr get_loud
	has "$stderr" 'a column is not in the layout: note?'
}

# wrong JQ MESSAGE: the layout, changed so, is refused with the message.
wrong() {
	"layout_${3:-sqlite}" "$1"
	run -2 --separate-stderr esexport --layout ./own.json --from "${3:+$pg_to}${3:-sqlite://$PWD/t1.db}" --plain
	[[ $stderr =~ ^'esexport: layout ./own.json:'[0-9]+': '(.*) ]]
	same "${BASH_REMATCH[1]}" "$2"
}

@test "what is wrong in a layout with a query is said with its place" {
	empty sqlite
	wrong '.events.query = ""' 'events: "query" must be a string that is not empty'
	wrong 'del(.events.query)' 'tables: are for a layout with a query'
	wrong 'del(.events.query, .tables)' 'events.write: is for a layout with a query'
	wrong '.events.write = "x"' 'events.write: must be an array of SQL statements'
	wrong '.after = [1]' 'after: must be an array of SQL statements'
	wrong 'del(.tables)' 'tables: is missing; expected an object: the columns of each table'
	wrong 'del(.tables.log)' 'tables: lacks that of the events, "log"'
	wrong '.tables.log = []' 'tables.log: must name its columns'
	wrong '.tables.log = [1]' 'tables.log: must be an array of names of columns'
	wrong '.schema = ["x"]' 'schema: is for a layout without a query'
	wrong '.streams = {}' 'streams: is for a layout without a query'
	wrong '.indexes = []' 'indexes: is for a layout without a query'
	wrong '.events.columns.t.optional = true' 'events.columns.t: every event has the field "type"'
	wrong '.parameters = []' 'parameters: must be an object'
	wrong '.parameters = {"A": "b"}' 'parameters: "A" is no name: small letters and _'
	wrong '.parameters = {"a": "b\"c"}' 'parameters: "a" must be a string without quotes, backslashes and braces, and not empty'
	wrong '.parameters = {"a": "log"} | .tables["{a}"] = ["seq"]' 'parameters: two keys become "log"'
}
