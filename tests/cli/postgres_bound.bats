# Up to which event a store of PostgreSQL that others write to is read: late commits are never
# skipped, in each way of finding that out.
load helpers
load stores
load postgres
load ../late
load ../sessions

setup_file() {
	# Who looks whether anything is waited for must not meet a vacuum that nobody asked for.
	postgres_start max_prepared_transactions=5 autovacuum=off
}
teardown_file() {
	postgres_stop
}

setup() {
	increments=() # late_follow sets it
	address=$(pg_db shop)
	late_table shop
}

insert() {
	echo "INSERT INTO ${3:-events} (position, stream, version, type, data)
		VALUES ($1, 'order-$1', 0, 'Placed', '{\"n\": $1}')${2:-}"
}

# Position 1 is taken, and not committed; position 2 is.
late_commit() {
	session writer shop
	tell writer "BEGIN; $(insert 1 '' "${1:-}")"
	pg shop "$(insert 2 '' "${1:-}")"
}

# Whether one of our sessions waits: in the server for a lock, or coming again to look for one.
waits() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esexport'
		AND $1")" != 0 ]
}
waits_for_lock="wait_event_type = 'Lock'"
looks_for_lock="query LIKE '%virtualtransaction%'"
looks_for_snapshot="query LIKE '%pg_snapshot_xmin%'"

positions() {
	jq -c .position "$1" | tr '\n' ' '
}

# waits_for_commit PARAMETERS METHOD SIGN: an export does not end before the late commit, has its
# event, and says how it knew.
waits_for_commit() {
	background esexport --from "$address&$1" --plain
	eventually waits "$3"
	still_runs
	tell writer COMMIT
	ends 0
	same "$(positions printed)" '1 2 '
	has "$(cat said)" "note: reading events up to position 2 ($2: "
}

@test "a lock waits for a late commit" {
	late_commit
	waits_for_commit es_bound=lock lock "$waits_for_lock"
}

@test "wait waits for a late commit" {
	late_commit
	waits_for_commit es_bound=wait wait "$looks_for_lock"
}

@test "xmin waits for a late commit" {
	late_commit
	waits_for_commit es_bound=xmin xmin "$looks_for_lock"
}

@test "none does not wait, and says what that costs" {
	late_commit
	run -0 --separate-stderr esexport --from "$address&es_bound=none" --plain
	same "$(jq -c .position <<<"$output")" 2
	has "$stderr" 'up to position 2 (none: late commits of others may be missed)'
}

@test "what commits behind the bound comes with the next export" {
	late_commit
	background esexport --from "$address&es_bound=wait" --plain
	eventually waits "$looks_for_lock"
	pg shop "$(insert 3)"
	tell writer COMMIT
	ends 0
	same "$(positions printed)" '1 2 '
	run -0 --separate-stderr esexport --from "$address" --after 2 --plain
	same "$(jq -c .position <<<"$output")" 3
}

@test "a wait ends at its timeout, with what to do" {
	late_commit
	for method in lock wait xmin; do
		# As long as all tries for a lost connection would take it is not.
		run -6 timeout 60 esexport --from "$address&es_bound=$method&es_bound_timeout=1" --plain
		has "$output" 'did not end in 1 s'
		has "$output" 'wait longer with es_bound_timeout=SECONDS'
		has "$output" 'pg_stat_activity'
		lacks "$output" 'trying again'
		lacks "$output" 'es_retry'
	done
	# The writer is none the worse for it.
	tell writer COMMIT
	run -0 --separate-stderr esexport --from "$address&es_bound_timeout=0" --plain
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" '1 2 '
}

# stopped_while METHOD QUERY: an export that waits with this query is stopped.
stopped_while() {
	background esexport --from "$address&es_bound=$1&es_bound_timeout=31536000" --plain --out stopped
	eventually waits "$2"
	kill -INT $job
	ends 8
	[ ! -e stopped ]
	# Nobody of ours is left in the way of writers.
	eventually eval '! waits true'
}

@test "a stop ends each wait with 8, while the writer is still there" {
	late_commit
	for method in "lock:$waits_for_lock" "wait:$looks_for_lock" "xmin:$looks_for_lock"; do
		stopped_while "${method%%:*}" "${method#*:}"
	done
	tell writer COMMIT
	# One that has a number and writes to no table.
	session other shop
	tell other 'BEGIN; SELECT pg_current_xact_id()'
	# A snapshot knows of a number when a later one has ended.
	pg shop 'SELECT pg_current_xact_id()' >/dev/null
	stopped_while xmin "$looks_for_snapshot"
}

@test "a rollback leaves a gap, which nothing waits for" {
	late_commit
	background esexport --from "$address&es_bound=wait" --plain
	eventually waits "$looks_for_lock"
	tell writer ROLLBACK
	ends 0
	same "$(positions printed)" '2 '
	for method in lock wait xmin none; do
		run -0 --separate-stderr esexport --from "$address&es_bound=$method&es_bound_timeout=0" --plain
		same "$(jq -c .position <<<"$output")" 2
	done
}

@test "a long transaction elsewhere delays xmin alone" {
	pg shop "$(insert 1)" "$(insert 2)" 'CREATE TABLE other (n int)'
	session other shop
	# It reads the events, too: that is not in the way.
	tell other 'BEGIN; SELECT count(*) FROM events; INSERT INTO other VALUES (1)'
	# Without any time to wait, who ends well has not waited.
	for method in lock wait auto; do
		run -0 --separate-stderr esexport --from "$address&es_bound=$method&es_bound_timeout=0" --plain
		same "$(jq -c .position <<<"$output" | tr '\n' ' ')" '1 2 '
	done
	pg shop "$(insert 3)"
	run -6 esexport --from "$address&es_bound=xmin&es_bound_timeout=0" --plain
	has "$output" 'transactions that were running did not end in 0 s'
	tell other COMMIT
	run -0 esexport --from "$address&es_bound=xmin&es_bound_timeout=0" --plain --out all
}

@test "a transaction that is prepared is waited for" {
	late_commit
	tell writer "PREPARE TRANSACTION 'late'"
	for method in lock wait xmin; do
		run -6 esexport --from "$address&es_bound=$method&es_bound_timeout=0" --plain
		has "$output" 'did not end in 0 s'
	done
	pg shop "COMMIT PREPARED 'late'"
	run -0 --separate-stderr esexport --from "$address&es_bound=wait&es_bound_timeout=0" --plain
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" '1 2 '
}

# How often our session has come again to look.
looks() {
	pg postgres "SELECT query_start FROM pg_stat_activity WHERE application_name = 'esexport'"
}
looked_again() {
	[ "$(looks)" != "$last_look" ]
}

@test "a transaction that is prepared while it is waited for is waited for all the same" {
	late_commit
	background esexport --from "$address&es_bound=wait" --plain
	eventually waits "$looks_for_lock"
	tell writer "PREPARE TRANSACTION 'late'"
	for _ in 1 2 3 4; do
		last_look=$(looks)
		eventually looked_again
		still_runs
	done
	pg shop "COMMIT PREPARED 'late'"
	ends 0
	same "$(positions printed)" '1 2 '
}

@test "writers of a partition are waited for" {
	pg shop 'DROP TABLE events' \
		'CREATE TABLE events (position bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
			stream text NOT NULL, version bigint NOT NULL, id text, type text NOT NULL,
			time timestamptz, nanoseconds smallint, correlation_id text, causation_id text,
			content_type text, tags json, attributes json, metadata json, metadata_bytes bytea,
			data json, data_bytes bytea) PARTITION BY RANGE (position)' \
		'CREATE TABLE low PARTITION OF events FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (position)' \
		'CREATE TABLE lowest PARTITION OF low FOR VALUES FROM (0) TO (50)' \
		'CREATE TABLE high PARTITION OF events FOR VALUES FROM (100) TO (MAXVALUE)'
	late_commit lowest
	waits_for_commit es_bound=wait wait "$looks_for_lock"
	leave writer
	rm writer.in
	pg shop 'TRUNCATE events'
	late_commit lowest
	waits_for_commit es_bound=lock lock "$waits_for_lock"
}

@test "auto is a lock where the role may, else a wait, and xmin for a view" {
	pg shop "$(insert 1)"
	pg_role locker secret shop 'SELECT, UPDATE ON events'
	pg_role reader secret shop 'SELECT ON events'
	run -0 esexport --from "$(pg_tcp shop locker secret)" --plain --out locker
	has "$output" 'up to position 1 (lock: writers were kept out for a moment)'
	run -0 esexport --from "$(pg_tcp shop reader secret)" --plain --out reader
	has "$output" 'up to position 1 (wait: the transactions that were writing have ended)'
	# It may not lock, and says so where it is told to.
	run -6 esexport --from "$(pg_tcp shop reader secret)?es_bound=lock" --plain
	has "$output" 'permission denied for table events'
	has "$output" 'grant the role what it lacks'
	pg shop 'ALTER TABLE events RENAME TO base' 'CREATE VIEW events AS SELECT * FROM base'
	run -0 esexport --from "$address" --layout native --plain --out view
	has "$output" 'up to position 1 (xmin: all transactions that were running have ended)'
}

@test "positions that sessions keep in store for later are warned of" {
	pg shop "$(insert 1)"
	run -0 esexport --from "$address" --plain --out one
	lacks "$output" warning
	pg shop 'ALTER TABLE events ALTER position SET CACHE 10'
	run -0 esexport --from "$address" --plain --out cached
	has "$output" 'warning: '
	has "$output" 'public.events_position_seq'
	has "$output" 'CACHE 1'
	# Where nothing is promised, and nobody writes, nothing is warned of.
	run -0 esexport --from "$address&es_bound=none" --plain --out none
	lacks "$output" warning
	# A default asks a sequence as well.
	pg shop 'ALTER TABLE events ALTER position DROP IDENTITY' 'CREATE SEQUENCE later CACHE 2' \
		"ALTER TABLE events ALTER position SET DEFAULT nextval('later')"
	run -0 esexport --from "$address" --plain --out default
	has "$output" 'public.later'
}

export_more() {
	esexport --from "$1" --after "$2" --plain --out "$3" 2>said || {
		cat said
		return 1
	}
}

follow() {
	late_follow shop 4000 export_more "$1"
	late_check shop "${increments[@]}"
}

@test "with late writers, a role that may lock misses nothing" {
	follow "$address"
	has "$(cat said)" '(lock: '
}

@test "with late writers, a role that may only read misses nothing" {
	pg_role reader secret shop 'SELECT ON events'
	follow "$(pg_tcp shop reader secret)"
	has "$(cat said)" '(wait: '
}

@test "with es_bound=none a late writer is missed: the tests above can fail" {
	late_commit
	export_more "$address&es_bound=none" 0 one.jsonl
	tell writer COMMIT
	export_more "$address&es_bound=none" 2 two.jsonl
	run -1 late_check shop one.jsonl two.jsonl
	has "$output" '2 events, 1 read: 1 missing, 0 doubled, 0 foreign, 0 falling'
}
