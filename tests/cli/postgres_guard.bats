#!/usr/bin/env bats
# What stands in the way of an import into PostgreSQL, or an export: each is an error that names it,
# and nothing is half done.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2238 # variables of bats and of what is loaded
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

# An empty store with its tables, and a trigger on events that does what is said.
trigger() {
	db=$(pg_db shop)
	esimport --plain --from /dev/null --to "$db" 2>/dev/null
	pg shop "CREATE TABLE seen (n bigint)" \
		"CREATE FUNCTION does() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN $2 END \$\$" \
		"CREATE TRIGGER does $1 ON events FOR EACH ROW EXECUTE FUNCTION does()"
}

@test "a trigger that changes or drops rows is an error, and nothing is half done" {
	local append

	for append in '' --append; do
		trigger 'BEFORE INSERT' "IF NEW.id = 'e-2' THEN NEW.type = 'Other'; END IF; RETURN NEW;"
		import -3 $append --from a.jsonl.zst
		has "$stderr" 'event 2 (stream "s-0", version 0): field type: a trigger of the table makes another value of it'
		same "$(positions shop)" ''
		trigger 'BEFORE INSERT' "IF NEW.id = 'e-2' THEN NEW.position = 77; END IF; RETURN NEW;"
		[ -n "$append" ] || {
			import -6 --from a.jsonl.zst
			has "$stderr" '1 of 3 events are not in the table as they were sent: a trigger may be in the way'
			same "$(positions shop)" ''
		}
		trigger 'BEFORE INSERT' "IF NEW.id = 'e-2' THEN RETURN NULL; END IF; RETURN NEW;"
		import -6 $append --from a.jsonl.zst
		has "$stderr" 'the table took 2 of 3 events: a trigger may be in the way'
		same "$(positions shop)" ''
		# What was written before stays, and the next run goes on when the trigger is gone.
		import -6 $append --from a.jsonl.zst --batch-size 1
		has "$stderr" 'everything up to position 1 (1 event written by this run)'
		holds shop 1
		pg shop 'DROP TRIGGER does ON events'
		import -0 --from a.jsonl.zst
		account "$stderr" 2 1 0
		# One that refuses.
		trigger 'BEFORE INSERT' "RAISE EXCEPTION 'not on Sundays'; RETURN NEW;"
		import -3 $append --from a.jsonl.zst
		has "$stderr" 'not on Sundays'
		same "$(positions shop)" ''
	done
}

@test "a trigger that keeps rows as they are is no harm" {
	local body='INSERT INTO seen VALUES (NEW.position); RETURN NEW;'

	for when in 'BEFORE INSERT' 'AFTER INSERT'; do
		trigger "$when" "$body"
		import -0 --from a.jsonl.zst
		account "$stderr" 3 0 0
		same "$(pg shop "SELECT string_agg(n::text, ',' ORDER BY n) FROM seen")" 1,2,3
		esverify --positions a.jsonl.zst "$db"
	done
}

# A layout for the partitioned table j, each event a partition.
partitions() {
	cat >j.json <<-'JSON'
		{"layout": 1, "name": "j", "store": "postgresql", "events": {"table": "j", "columns": {
		  "seq": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
		  "t": {"field": "type"}, "i": {"field": "id"}, "d": {"field": "data", "as": "json"}}}}
	JSON
	db=$(pg_db shop)
	pg shop 'CREATE TABLE j (seq bigserial PRIMARY KEY, s text NOT NULL, v bigint NOT NULL,
		t text NOT NULL, i text, d json) PARTITION BY RANGE (seq)' \
		'CREATE TABLE j1 PARTITION OF j FOR VALUES FROM (0) TO (2)' \
		'CREATE TABLE j2 PARTITION OF j FOR VALUES FROM (2) TO (3) PARTITION BY RANGE (seq)' \
		'CREATE TABLE j21 PARTITION OF j2 FOR VALUES FROM (2) TO (3)' \
		'CREATE TABLE j3 PARTITION OF j FOR VALUES FROM (3) TO (4)'
}

@test "a trigger of a partition is one of the table" {
	partitions
	import -0 --layout ./j.json --from a.jsonl.zst
	holds_j() { same "$(pg shop "SELECT string_agg(seq::text, ',' ORDER BY seq) FROM j")" "$1"; }
	holds_j 1,2,3
	same "$(pg shop "SELECT nextval('j_seq_seq')")" 4
	partitions
	pg shop "CREATE FUNCTION does() RETURNS trigger LANGUAGE plpgsql AS
		\$\$ BEGIN NEW.t = 'Other'; RETURN NEW; END \$\$" \
		'CREATE TRIGGER does BEFORE INSERT ON j21 FOR EACH ROW EXECUTE FUNCTION does()'
	import -3 --layout ./j.json --from a.jsonl.zst
	has "$stderr" 'event 2 (stream "s-0", version 0): field type: a trigger of the table'
	holds_j ''
	# No partition takes what comes behind the last one.
	partitions
	archive more.jsonl.zst 1 4
	import -3 --layout ./j.json --from more.jsonl.zst
	has "$stderr" 'event 4'
	has "$stderr" 'no partition of relation "j" found for row'
	holds_j ''
}

@test "nothing goes into a view" {
	import -0 --from a.jsonl.zst
	pg shop 'ALTER TABLE events RENAME TO really' 'CREATE VIEW events AS SELECT * FROM really'
	import -2 --from a.jsonl.zst --append
	has "$stderr" 'events: is not a table, and nothing goes into it'
}

@test "what the table does not allow is an error that names the event" {
	trigger 'AFTER INSERT' 'RETURN NEW;'
	pg shop "ALTER TABLE events ADD CONSTRAINT short CHECK (length(type) < 3 AND position <> 2)"
	import -3 --from a.jsonl.zst
	has "$stderr" 'event 2 (stream "s-0", version 0)'
	has "$stderr" 'violates check constraint "short"'
	[[ $stderr != *'trying again'* ]]
	same "$(positions shop)" ''
	# One that is looked at when the transaction ends.
	trigger 'AFTER INSERT' 'RETURN NEW;'
	pg shop 'CREATE TABLE known (s text PRIMARY KEY)' \
		'ALTER TABLE events ADD FOREIGN KEY (stream) REFERENCES known DEFERRABLE INITIALLY DEFERRED'
	import -3 --from a.jsonl.zst
	has "$stderr" 'violates foreign key constraint'
	has "$stderr" 'nothing was written'
	same "$(positions shop)" ''
	pg shop "INSERT INTO known VALUES ('s-0'), ('s-1')"
	import -0 --from a.jsonl.zst
	holds shop 1,2,3
}

@test "a policy that hides rows is an error for source and target" {
	pg_role app secret
	import -0 --from a.jsonl.zst
	pg shop 'GRANT ALL ON ALL TABLES IN SCHEMA public TO app' \
		'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app' 'GRANT CREATE ON SCHEMA public TO app' \
		'ALTER TABLE events ENABLE ROW LEVEL SECURITY' \
		'CREATE POLICY few ON events USING (position < 3) WITH CHECK (true)'
	same "$(pg "$(pg_address shop app)" 'SELECT count(*) FROM events')" 2
	run --separate-stderr -6 esexport --from "$(pg_address shop app)" --plain
	has "$stderr" 'row-level security policy for table "events"'
	same "$output" ''
	db=$(pg_address shop app)
	dump shop >before
	import -6 --append --from a.jsonl.zst
	has "$stderr" 'row-level security policy for table "events"'
	import -6 --append --dry-run --from a.jsonl.zst
	dump shop | diff before -
	# Who may see all of it is not held up.
	run --separate-stderr -0 esexport --from "$(pg_address shop)" --plain
	same "${#lines[@]}" 3
}

# The rights of role app in an empty native store; and what lacks.
app() {
	db=$(pg_db shop)
	esimport --plain --from /dev/null --to "$db" 2>/dev/null
	pg_role app secret shop "$@"
	db=$(pg_address shop app)
}

@test "a right that a role lacks is an error that names it" {
	local select='SELECT ON events' insert='INSERT ON events' create='CREATE ON SCHEMA public'
	local sequence='SELECT, UPDATE ON SEQUENCE events_position_seq'

	pg_role app secret
	db=$(pg_address shop app)
	import -6 --from a.jsonl.zst
	has "$stderr" 'permission denied for schema public'
	has "$stderr" 'grant the role what it lacks, or connect as another one'
	same "$(relations shop)" ''

	refused() {
		import -6 --from a.jsonl.zst
		has "$stderr" "$1"
		has "$stderr" 'grant the role what it lacks, or connect as another one'
		same "$(positions shop)" ''
	}
	app "$insert" "$create" "$sequence"
	refused 'permission denied for table events'
	app "$select" "$create" "$sequence"
	refused 'permission denied for table events'
	app "$select" "$insert" "$create"
	refused 'permission denied for sequence events_position_seq'
	app "$select" "$insert" "$sequence"
	refused 'permission denied for schema public'
	has "$stderr" esimport_checkpoint
	app "$select" "$insert" "$create" "$sequence"
	pg shop 'REVOKE TEMPORARY ON DATABASE shop FROM public'
	import -0 --from a.jsonl.zst
	account "$stderr" 3 0 0
	# What may be there already is compared in a table beside it.
	pg shop 'DELETE FROM esimport_checkpoint'
	import -6 --append --from a.jsonl.zst
	has "$stderr" 'permission denied to create temporary tables in database "shop"'
	# A checkpoint of somebody else.
	pg shop 'ALTER TABLE esimport_checkpoint OWNER TO admin'
	import -6 --from a.jsonl.zst
	has "$stderr" 'permission denied for table esimport_checkpoint'
	holds shop 1,2,3
}

@test "a role that may only read, and a server that is only read" {
	import -0 --from a.jsonl.zst
	pg_role reader secret shop 'SELECT ON events'
	run --separate-stderr -0 esexport --from "$(pg_tcp shop reader secret)" --out b.jsonl.zst
	esverify --positions a.jsonl.zst b.jsonl.zst
	esverify --positions a.jsonl.zst "$(pg_tcp shop reader secret)"
	archive more.jsonl.zst 1 4
	pg shop "ALTER ROLE reader SET default_transaction_read_only = on"
	esverify --positions a.jsonl.zst "$(pg_tcp shop reader secret)"
	pg shop "ALTER DATABASE shop SET default_transaction_read_only = on"
	run --separate-stderr -0 esexport --from "$db" --out c.jsonl.zst
	cmp <(esexport --from b.jsonl.zst --plain) <(esexport --from c.jsonl.zst --plain)
	import -6 --from more.jsonl.zst
	has "$stderr" 'read-only transaction'
	has "$stderr" 'this server may only be read'
	has "$stderr" 'everything up to position 3 (0 events written by this run)'
	holds shop 1,2,3
	db=$(pg_db empty)
	pg empty "ALTER DATABASE empty SET default_transaction_read_only = on"
	import -6 --from more.jsonl.zst
	has "$stderr" 'this server may only be read'
	same "$(relations empty)" ''
}

# would TEXT WRITTEN THERE FILTERED: what a dry run says.
would() {
	has "$1" "$2 event$([ "$2" = 1 ] || echo s) would be written"
	has "$1" "$3 $([ "$3" = 1 ] && echo is || echo are) there already"
	has "$1" "$4 $([ "$4" = 1 ] && echo is || echo are) filtered"
	has "$1" 'nothing was written'
}

@test "a dry run says what would become of the events, and changes nothing" {
	import -0 --dry-run --from a.jsonl.zst --type 'T[12]' --batch-size 1
	would "$output" 2 0 1
	has "$output" 'layout native, which would be made'
	same "$(relations shop)" ''
	# As it is without what may not be made.
	trigger 'AFTER INSERT' "PERFORM nextval('asked'); RETURN NEW;"
	pg shop 'CREATE SEQUENCE asked'
	dump shop >before
	import -0 --dry-run --from a.jsonl.zst
	would "$output" 3 0 0
	import -0 --dry-run --from a.jsonl.zst --append --batch-size 2
	would "$output" 3 0 0
	dump shop | diff before -
	same "$(pg shop 'SELECT is_called FROM events_position_seq')" f
	# Behind a checkpoint, and beside events of others.
	import -0 --from a.jsonl.zst --upto 2
	dump shop >before
	import -0 --dry-run --from a.jsonl.zst
	would "$output" 1 2 0
	archive more.jsonl.zst 2 4
	import -5 --dry-run --from more.jsonl.zst
	has "$stderr" 'no import of this source wrote them'
	import -0 --dry-run --append --from more.jsonl.zst
	would "$output" 2 1 0
	lines 2 4 two | esimport --plain --to "$(pg_db other)"
	esexport --from "$(pg_address other)" --out more.jsonl.zst --force
	import -5 --dry-run --append --from more.jsonl.zst
	has "$stderr" 'the target holds another event of this stream and version; their data differs'
	head -c "$(chunk a.jsonl.zst 2)" a.jsonl.zst >cut
	import -4 --dry-run --from cut
	dump shop | diff before -
	# Before the indexes are made.
	db=$(pg_db shop)
	start_import shop
	kill_import
	dump shop >before
	import -0 --dry-run --from a.jsonl.zst
	would "$output" 2 1 0
	dump shop | diff before -
}
