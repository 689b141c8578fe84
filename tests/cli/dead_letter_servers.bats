# Events that PostgreSQL and NATS refuse; what holds for every target is in dead_letter.bats.
load helpers
load stores
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}
teardown() {
	postgres_show_log
}

# refusing DB N CHECK: a.cbor.zst with N events, and a table that takes those of which CHECK is true.
refusing() {
	address=$(pg_db "$1")
	events "$2" >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst --force --chunk-size 1KiB 2>/dev/null
	esimport --plain --to "$address" </dev/null
	pg "$1" "ALTER TABLE events ADD CONSTRAINT fits CHECK ($3)"
}

# put_aside WRITTEN THERE REFUSED [OPTION]...
put_aside() {
	run -3 --separate-stderr esimport --log-format json --from a.cbor.zst --to "$address" \
		--dead-letter d.jsonl.zst "${@:4}"
	same "$(grep '"summary"' <<<"$stderr" | jq -c '[.read, .written, .already_there, .dead_lettered]')" \
		"[$(($1 + $2 + $3)),$1,$2,$3]"
}

letters() {
	zstd -dc d.jsonl.zst | jq .position | tr '\n' ' '
}

@test "rows that the server refuses are found in the batch, and imported when it takes them" {
	refusing found 300 'position NOT IN (1, 2, 3, 150, 299, 300)'
	put_aside 294 0 6 --batch-size 100
	same "$(letters)" '1 2 3 150 299 300 '
	has "$(zstd -dc d.jsonl.zst | jq -r '.attributes["$refused"]' | head -n 1)" '"fits"'
	same "$(pg found 'SELECT count(*) FROM events')" 294
	pg found 'ALTER TABLE events DROP CONSTRAINT fits'
	esimport --from d.jsonl.zst --to "$address"
	esverify --positions a.cbor.zst "$address"
	same "$(pg found "SELECT count(*) FROM events WHERE attributes::text LIKE '%refused%'")" 0
}

@test "all are refused, by a trigger that waits for the commit" {
	refusing all 20 true
	pg all "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
			RAISE 'not this one'; END \$\$" \
		"CREATE CONSTRAINT TRIGGER no AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION no()"
	put_aside 0 0 20 --batch-size 7
	pg all 'DROP TRIGGER no ON events'
	zstd -dc d.jsonl.zst | jq -c '.data.mended = true' |
		esimport --mended d.jsonl.zst --to "$address"
	same "$(pg all "SELECT count(*), min(position), max(position) FROM events WHERE data ->> 'mended' = 'true'")" '20|1|20'
}

@test "what does not even become a row is put aside without the server" {
	refusing row 10 true
	pg row 'ALTER TABLE events ALTER id TYPE uuid USING id::uuid'
	jq -c 'if .position % 4 == 0 then . else .id = "00000000-0000-4000-8000-00000000000\(.position % 10)" end' \
		a.jsonl >b.jsonl
	esexport --from b.jsonl --out a.cbor.zst --force
	put_aside 8 0 2
	same "$(letters)" '4 8 '
}

@test "an import that is killed goes on with what it had put aside" {
	refusing killed 3000 'position % 100 <> 0'
	rc=137
	for ((i = 0; rc == 137 && i < 40; i++)); do
		rc=0
		timeout -s KILL "0.$((i % 8 + 2))" "$BIN/esimport" --from a.cbor.zst --to "$address" \
			--dead-letter d.jsonl.zst --batch-size 29 2>said || rc=$?
		# The lock of a session that was killed may be there for a moment.
		[ $rc != 5 ] || rc=137
		# Where the file has its name the run had come to its end.
		[ ! -e d.jsonl.zst ] || rc=3
	done
	if [ $rc = 137 ]; then
		rc=0
		esimport --from a.cbor.zst --to "$address" --dead-letter d.jsonl.zst || rc=$?
	fi
	same $rc 3
	same "$(letters | wc -w)" 30
	same "$(pg killed 'SELECT count(*), count(DISTINCT id) FROM events')" '2970|2970'
	pg killed 'ALTER TABLE events DROP CONSTRAINT fits'
	esimport --from d.jsonl.zst --to "$address"
	esverify --positions a.cbor.zst "$address"
}

@test "a session that ends while a batch is sorted out makes no difference" {
	refusing lost 3000 'position % 100 NOT IN (30, 31)'
	touch ending
	while [ -e ending ]; do
		pg postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'esimport' AND datname = 'lost'" >/dev/null
	done 3>&- &
	put_aside 2940 0 60 --batch-size 40
	rm ending
	wait
	has "$stderr" 'connected again'
	same "$(letters | wc -w)" 60
	same "$(pg lost 'SELECT count(*), count(DISTINCT id) FROM events')" '2940|2940'
}

@test "an index that cannot be made puts no event aside" {
	refusing index 30 true
	pg index 'DROP TABLE events'
	events 30 | jq -c 'if .position == 20 then .id = "id-3" else . end' >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst --force
	run -5 esimport --from a.cbor.zst --to "$address" --dead-letter d.jsonl.zst
	[ ! -e d.jsonl.zst ]
}
