# What a server refuses for the moment only, each by what really makes it do so; connections that are
# lost are in postgres_retry.bats.
load helpers
load stores
load postgres
load ../sessions

setup_file() {
	postgres_start wal_level=replica max_wal_senders=4
}
teardown_file() {
	postgres_stop
}
teardown() {
	postgres_show_log
	pg_as touch "$ES_PG_DIR/go"
	eventually is_ready
}
is_ready() {
	pg postgres 'SELECT 1' >/dev/null 2>&1
}

says() { grep -q "$1" said; }
retries() { tail -n 1 said | jq .retries; }

# starting: the server is starting up until `started`, as after a crash with much to do.
starting() {
	rm -f "$ES_PG_DIR/go"
	postgres_down
	cp "$ES_PG_DIR/data/es.conf" conf
	echo "restore_command = 'while ! [ -e $ES_PG_DIR/go ]; do sleep 0.05; done; false'" >>"$ES_PG_DIR/data/es.conf"
	pg_as touch "$ES_PG_DIR/data/recovery.signal"
	pg_detached pg_as "$ES_PG_BIN/pg_ctl" -D "$ES_PG_DIR/data" -l "$ES_PG_DIR/log" -W start
	eventually refuses 'starting up'
}
refuses() {
	! pg postgres 'SELECT 1' >/dev/null 2>answer && grep -q "$1" answer
}
started() {
	pg_as touch "$ES_PG_DIR/go"
	eventually is_ready
	cat conf >"$ES_PG_DIR/data/es.conf"
}

@test "a server that is starting is waited for, and that is counted and limited" {
	address=$(pg_db starts)
	events 10 | esimport --plain --to "$address"
	starting
	run -6 esexport --from "$address" --out a.cbor.zst --retry-max 2
	has "$output" 'the database system is starting up; trying again for 300 s, 2 times at most'
	has "${lines[-1]}" 'the database system is starting up; it was tried again 2 times (--retry-max)'
	run -6 esexport --from "$address" --out a.cbor.zst --retry-max 0
	lacks "$output" 'trying again'
	lacks "$output" 'was tried'
	run -6 esexport --from "$address&es_retry=1" --out a.cbor.zst
	has "${lines[-1]}" 'it was tried again for 1 s (es_retry)'
	background esexport --from "$address" --out a.cbor.zst --log-format json
	eventually says 'trying again'
	started
	ends 0
	(($(retries) > 0))
	has "$(cat said)" ': connected"'
	esverify a.cbor.zst "$address"
}

@test "too many connections: one that ends makes room" {
	address=$(pg_db crowded)
	pg_role app secret crowded 'ALL ON SCHEMA public'
	pg crowded 'ALTER DATABASE crowded CONNECTION LIMIT 1'
	session holder crowded
	tell holder 'SELECT 1'
	events 10 >a.jsonl
	background esimport --plain --from a.jsonl --to "$(pg_tcp crowded app secret)" --log-format json
	eventually says 'too many connections for database \\"crowded\\"; end other connections.*trying again for 300 s'
	printf '\\q\n' >&"${session_fds[holder]}"
	ends 0
	(($(retries) > 0))
	esverify a.jsonl "$address"
}

# A standby of the server, by the next port: it has a socket only.
standby_start() {
	pg_as "$ES_PG_BIN/pg_basebackup" -h "$ES_PG_DIR" -p "$ES_PG_PORT" -U admin -c fast -R -D "$ES_PG_DIR/standby"
	pg_as tee -a "$ES_PG_DIR/standby/es.conf" >/dev/null <<-END
		listen_addresses = ''
		port = $((ES_PG_PORT + 1))
		max_standby_streaming_delay = 0
	END
	pg_detached pg_as "$ES_PG_BIN/pg_ctl" -D "$ES_PG_DIR/standby" -l "$ES_PG_DIR/standby.log" -w start
}
standby_stop() {
	pg_detached pg_as "$ES_PG_BIN/pg_ctl" -D "$ES_PG_DIR/standby" -w stop -m immediate
	rm -rf "$ES_PG_DIR/standby"
}

@test "a standby that cancels what stands in the way of its recovery is asked again" {
	address=$(pg_db primary)
	esimport --plain --to "$address" </dev/null
	# Many rows, so that not all of them are on their way at once.
	pg primary "INSERT INTO events (position, stream, version, type, data)
		SELECT i, 's', i - 1, 'Placed', json_build_object('n', repeat('x', 1000))
		FROM generate_series(1, 20000) AS i" \
		'CREATE TABLE other (n int)'
	esexport --from "$address" --plain --out quiet
	standby_start
	mkfifo out
	standby=$(ES_PG_PORT=$((ES_PG_PORT + 1)) pg_address primary)
	esexport --from "$standby" --plain --chunk-size 64KiB >out 2>said 3>&- &
	job=$!
	exec 8<out
	head -c 1000 <&8 >got
	eventually stands_still
	cat <&8 >>got
	exec 8<&-
	ends 0
	grep -q 'canceling statement due to conflict with recovery.*trying again for 300 s' said
	cmp quiet got
	standby_stop
}

# Rows of which the query might have seen something are taken away, until the standby has cancelled it
# or stands still: a server that cannot write to its client hears of that when it can.
stands_still() {
	local still

	pg primary 'INSERT INTO other VALUES (1)' 'DELETE FROM other' 'VACUUM other'
	! grep -q 'canceling statement due to conflict' "$ES_PG_DIR/standby.log" || return 0
	still=$(pg "$standby" "SELECT pg_last_wal_replay_lsn() < '${had:-0/0}'")
	had=$(pg "$standby" 'SELECT pg_last_wal_receive_lsn()')
	[ "$still" = t ]
}

@test "a lock on the table that another session holds is waited for" {
	address=$(pg_db locked)
	events 10 >a.jsonl
	esimport --plain --to "$address" </dev/null
	session holder locked
	tell holder 'BEGIN; LOCK TABLE events IN SHARE MODE'
	background esimport --plain --from a.jsonl --to "$address" --log-format json
	eventually says 'another session holds a lock.*trying again for 300 s'
	tell holder COMMIT
	ends 0
	(($(retries) > 0))
	esverify a.jsonl "$address"
}

# What somebody decided is not tried against his will.
@test "a statement that was cancelled on the server is not tried again" {
	address=$(pg_db cancelled)
	events 10 >a.jsonl
	esimport --plain --to "$address" </dev/null
	pg cancelled "CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
			PERFORM pg_sleep(120); RETURN NULL; END \$\$" \
		'CREATE TRIGGER nap AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION nap()'
	background esimport --plain --from a.jsonl --to "$address"
	eventually naps
	pg postgres "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'esimport'" >/dev/null
	ends 6
	lacks "$(cat said)" 'trying again'
	has "$(tail -n 1 said)" 'somebody has cancelled it on the server'
}
naps() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND wait_event = 'PgSleep'")" = 1 ]
}
