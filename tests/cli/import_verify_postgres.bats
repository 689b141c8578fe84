#!/usr/bin/env bats
# esimport --verify with PostgreSQL as the target.
# shellcheck disable=SC2030,SC2031,SC2154 # variables of bats
load helpers
load postgres
load stores

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	events 3000 >a.jsonl
	esexport --from a.jsonl --out a.jsonl.zst --chunk-size 16KiB
	esexport --from a.jsonl --out a.cbor.zst --chunk-size 16KiB
	db=$(pg_db shop)
}

# verified CODE [OPTIONS]: what of the input is in the database
verified() {
	run --separate-stderr "-$1" esimport --verify --to "$db" "${@:2}"
}

# all N: nothing was found, and N events were looked at.
all() {
	same "$output" ""
	has "$stderr" "note: verified: $1 events of the input are in the target as they were read"
}

# Findings without what they say, with commas.
found() {
	grep -o '^[a-z-]*: event [0-9]*' <<<"$output" | paste -sd, -
}

# The first third is there, and what is said happens to the rest in the transaction that brings it.
begun() {
	db=$(pg_db shop)
	esimport --from a.jsonl.zst --upto 1000 --to "$db" "${@:2}" 2>/dev/null
	pg shop "CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS \$\$ BEGIN $1; RETURN NULL; END \$\$" \
		"CREATE TRIGGER meanwhile AFTER INSERT OR UPDATE ON esimport_checkpoint FOR EACH ROW EXECUTE FUNCTION meanwhile()"
}

# A table of one's own, whose data are jsonb, and its layout.
jsonb() {
	pg shop "CREATE TABLE log (n bigint PRIMARY KEY, s text NOT NULL, v int NOT NULL, t text NOT NULL,
		at timestamptz, d jsonb, UNIQUE (s, v))"
	cat >jsonb.json <<-'END'
		{"layout": 1, "name": "log", "store": "postgresql", "events": {"table": "log", "columns": {
			"n": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
			"t": {"field": "type"}, "at": {"field": "time", "as": "timestamp"},
			"d": {"field": "data", "as": "json"}}}}
	END
}

@test "archives of both codecs and lines, as a file and in a pipe" {
	for file in a.jsonl.zst a.cbor.zst a.jsonl; do
		db=$(pg_db shop)
		verified 0 --from $file
		all 3,000
		run --separate-stderr -0 esimport --verify --to "$db" < <(cat $file)
		all 3,000
		db=$(pg_db shop)
		run --separate-stderr -0 esimport --verify --to "$db" < <(cat $file)
		all 3,000
	done
	has "$stderr" "compared: JSON byte by byte; times to the nanosecond; versions; positions too"
}

@test "a difference that comes with the last commit is found, and what was imported stays" {
	while IFS='|' read -r change wanted; do
		begun "$change"
		verified 1 --from a.jsonl.zst
		same "$(found)" "$wanted"
		run --separate-stderr -1 esimport --verify --to "$db" < <(cat a.jsonl.zst)
		same "$(found)" "$wanted"
		has "$stderr" "read 3,000 = written 0 + already there 3,000"
	done <<-'LINES'
		UPDATE events SET data = '{"n":0}' WHERE position = 2000|different: event 2000
		DELETE FROM events WHERE position IN (1, 1500, 2999)|missing: event 1,missing: event 1500,missing: event 2999
		UPDATE events SET position = 5000 WHERE position = 2000|missing: event 2000
	LINES
	jq -c 'select(.position != 2000)' a.jsonl >b.jsonl
	esexport --from b.jsonl --out a.jsonl.zst --chunk-size 16KiB --force
	begun "INSERT INTO events (position, stream, version, type) VALUES (2000, 'new', 0, 'T'), (3001, 'new', 1, 'T')"
	verified 1 --from a.jsonl.zst
	same "$(found)" "extra: event 2000"
}

@test "jsonb is compared by its value" {
	jsonb
	jq -c 'del(.id) | .data.x = "\u00e9"' a.jsonl | sed 's/"data":{/"data":{"b":1.10, /' >b.jsonl
	verified 0 --from b.jsonl --layout ./jsonb.json
	all 3,000
	has "$stderr" "compared: JSON by its value in data; times to the microsecond"
	pg shop "UPDATE log SET d = jsonb_set(d, '{b}', '1.1') WHERE n = 7"
	verified 1 --from b.jsonl --layout ./jsonb.json
	same "$(found)" "different: event 7"
}

@test "filters, payloads that were converted, and what is added to a store with events" {
	verified 0 --from a.jsonl.zst --stream 'order-[12]' --after 100 --upto 2000
	all 760
	pg shop "INSERT INTO events (position, stream, version, type) VALUES (105, 'order-7', 0, 'T'), (104, 'order-2', 5000, 'T')"
	verified 1 --from a.jsonl.zst --stream 'order-[12]' --after 100 --upto 2000
	same "$(found)" "extra: event 104"
	db=$(pg_db shop)
	verified 0 --from a.jsonl.zst --payload-codec cbor
	all 3,000
	verified 0 --append --from a.jsonl.zst --type Paid --payload-codec cbor
	all 1,000
	db=$(pg_db shop)
	events 500 | jq -c '.stream = "old-" + .stream | .id = "old-" + .id' | esimport --to "$db"
	verified 0 --append --from a.jsonl.zst
	all 3,000
	pg shop "DELETE FROM events WHERE id = 'id-1000'" "UPDATE events SET type = 'X' WHERE id = 'id-2000'"
	verified 1 --append --from a.jsonl.zst
	same "$(found)" "missing: event 1000,different: event 2000"
}

# es_bound=wait waits for those who are writing: the import has nothing to do with them.
@test "nobody who writes to the target meanwhile is waited for" {
	esimport --from a.jsonl.zst --to "$db"
	exec 7> >("$ES_PG_BIN/psql" -XAtq -d "$db" >held)
	echo "BEGIN; INSERT INTO events (position, stream, version, type) VALUES (1000000, 'app', 0, 'T'); SELECT 'ready';" >&7
	until [ -s held ]; do :; done
	verified 0 --from a.jsonl.zst --to "$db&es_bound=wait&es_bound_timeout=1"
	all 3,000
	exec 7>&-
}

@test "a connection that cannot be made again: its code, and what was imported stays" {
	pg_role app secret
	pg shop 'GRANT ALL ON SCHEMA public TO app'
	begun "UPDATE esimport_checkpoint SET position = position WHERE false"
	pg shop 'GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO app' \
		'GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO app' \
		'CREATE OR REPLACE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
			ALTER ROLE app CONNECTION LIMIT 0; RETURN NULL; END $$'
	run --separate-stderr -6 esimport --verify --from a.jsonl.zst --to "$(pg_tcp shop app secret)?es_retry=0"
	has "$stderr" "the target has everything up to position 3000 (2,000 events written by this run)"
	has "$stderr" "esimport: all is imported, and the target could not be verified: "
	same "$(pg shop 'SELECT count(*) FROM events')" 3000
}
