# Connections that are lost and servers that go away while the programs work, at moments that are
# known; tests/long/postgres_kill.bats has those that nobody chose.
load helpers
load stores
load postgres
load ../disturb
load ../sessions

setup_file() {
	postgres_start fsync=on
}
teardown_file() {
	postgres_stop
}
teardown() {
	postgres_show_log
	pg_is_up || postgres_up
}

# The archive of $1 events, as a.cbor.zst, and their lines, as a.jsonl.
archive() {
	events "$1" >a.jsonl
	esimport --plain --to sqlite://a.db <a.jsonl 2>/dev/null
	esexport --from sqlite://a.db --out a.cbor.zst 2>/dev/null
}

# Whether what address $1 holds is the archive, each event once.
has_all() {
	esverify --positions a.cbor.zst "$1"
}

end_sessions() {
	[ "$(pg_ours 'pg_terminate_backend(pid)')" != 0 ] && eventually no_session_of "$1"
}
no_session_of() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE pid = $1")" = 0 ]
}

# Many rows, so that not all of them are on their way at once.
big_source() {
	esimport --plain --to "$1" </dev/null
	pg "$1" "INSERT INTO events (position, stream, version, type, data)
		SELECT i, 's', i - 1, 'Placed', json_build_object('n', repeat('x', 1000))
		FROM generate_series(1, 20000) AS i"
}

# hold_commit DB POSITION: commits that have an event from POSITION on wait, with all but the commit
# itself done, while the session `holder` is there.
hold_commit() {
	esimport --plain --to "$(pg_address "$1")" </dev/null
	pg "$1" "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
			PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END \$\$" \
		"CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (NEW.position >= $2) EXECUTE FUNCTION hold()"
	session holder "$1"
	tell holder 'SELECT pg_advisory_lock(4711)'
}
commits() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND query = 'COMMIT' AND wait_event = 'advisory'")" = 1 ]
}

# The process of the server that our only session has.
backend() {
	pg postgres "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^es'"
}

@test "an import goes on where sessions end and the server crashes" {
	address=$(pg_db target)
	archive 20000
	background esimport --from a.cbor.zst --to "$address" --batch-size 10
	disturb $job 4
	ends 0
	echo "# $ended ended, $crashed crashed"
	((ended >= 2 && crashed >= 2))
	has "$(cat said)" 'warning: '
	has "$(cat said)" 'the connection is lost ('
	has "$(cat said)" 'connected again (try '
	has_all "$address"
	same "$(pg target 'SELECT count(*), count(DISTINCT id), max(position) FROM events')" '20000|20000|20000'
	run -0 esimport --log-format json --from a.cbor.zst --to "$address"
	has "$output" '"written":0'
	has "$output" '"already_there":20000'
}

@test "an export goes on where sessions end and the server crashes" {
	address=$(pg_db source)
	big_source "$address"
	esexport --from "$address" --plain --out quiet
	mkfifo out
	# It cannot come to its end before this reads on.
	esexport --from "$address" --plain --chunk-size 64KiB >out 2>said 3>&- &
	job=$!
	exec 8<out
	head -c 1000 <&8 >got
	for how in end crash end crash; do
		if [ $how = end ]; then
			eventually has_backend
			end_sessions "$(backend)"
		else
			postgres_restart immediate
		fi
		head -c 3000000 <&8 >>got
	done
	cat <&8 >>got
	exec 8<&-
	ends 0
	cmp quiet got
	(($(grep -c 'connected again' said) >= 2))
}

@test "a pipe from one database into another goes on" {
	from=$(pg_db piped_from) to=$(pg_db piped_to)
	archive 20000
	esimport --from a.cbor.zst --to "$from"
	pipe() {
		set -o pipefail
		esexport --from "$from" --chunk-size 4KiB | esimport --to "$to" --batch-size 10
	}
	background pipe
	disturb $job 4
	ends 0
	((ended >= 2 && crashed >= 2))
	has_all "$to"
	same "$(pg piped_to 'SELECT count(*), count(DISTINCT id) FROM events')" '20000|20000'
}

idles() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND state = 'idle'")" = 1 ]
}

# What is said behind the loss is in the socket already when the program writes again.
lost_while_idle() {
	address=$(pg_db idle)
	archive 30
	mkfifo in
	background esimport --to "$address" --batch-size 10 --from in
	exec 9>in
	head -c 300 a.cbor.zst >&9
	eventually idles
	"$@"
	tail -c +301 a.cbor.zst >&9
	exec 9>&-
	ends 0
	has "$(cat said)" 'connected again'
	has_all "$address"
}
end_backend() {
	end_sessions "$(backend)"
}

@test "an import that waits for its input survives the end of its session" {
	lost_while_idle end_backend
}

@test "an import that waits for its input survives a crash of the server" {
	lost_while_idle postgres_restart immediate
}

@test "an import that waits for its input survives a restart of the server" {
	lost_while_idle postgres_restart fast
}

@test "a server that stays away ends an import with 6 and says how far it is; again, it goes on" {
	address=$(pg_db away)
	archive 60
	hold_commit away 21
	background esimport --from a.cbor.zst --to "$address&es_retry=1" --batch-size 10
	eventually commits
	postgres_down
	ends 6
	has "$(cat said)" 'esimport: warning: postgres://'
	has "$(cat said)" 'the connection is lost ('
	has "$(cat said)" 'trying again for 1 s'
	has "$(tail -n 1 said)" 'esimport: COMMIT: '
	has "$(tail -n 1 said)" '; now: postgres://'
	has "$(tail -n 1 said)" 'it was tried again for 1 s (es_retry)'
	has "$(tail -n 2 said | head -n 1)" '20'
	postgres_up
	same "$(pg away 'SELECT count(*) FROM events')" 20
	run -0 --separate-stderr esimport --from a.cbor.zst --to "$address" --log-format json
	has "$stderr" '"written":40,"already_there":20'
	has_all "$address"
}

has_backend() {
	[ -n "$(backend)" ]
}

@test "a server that stays away ends an export with 6, and leaves no file that passes for one" {
	address=$(pg_db away_source)
	big_source "$address"
	mkfifo out
	esexport --from "$address&es_retry=1" >out 2>said 3>&- --level 1 --chunk-size 1KiB &
	job=$!
	exec 8<out
	head -c 10 <&8 >got
	postgres_down
	cat <&8 >>got
	exec 8<&-
	ends 6
	has "$(tail -n 1 said)" '(es_retry)'
	run -4 esverify - <got
	# At once, where nothing is to be tried again.
	run -6 esexport --from "$address&es_retry=0" --out f.cbor.zst
	lacks "$output" 'trying again'
	[ ! -e f.cbor.zst ]
	postgres_up
	run -0 esexport --from "$address" --out f.cbor.zst
}

@test "a server that shuts down, and starts again, is waited for at the beginning, too" {
	archive 3
	esimport --from a.cbor.zst --to "$(pg_db shop)"
	session last shop
	tell last 'SELECT 1'
	pg_ctl stop -m smart -W
	background esexport --plain --from "$(pg_address shop)"
	eventually grep -q 'the database system is shutting down.*trying again' said
	quit last
	until_down
	postgres_up
	ends 0
	cmp printed a.jsonl
	grep -q "note: .*shop: connected" said
	# Not for ever, and not where that is not wanted.
	session other shop
	tell other 'SELECT 1'
	pg_ctl stop -m smart -W
	for tries in '&es_retry=1' '&es_retry=0'; do
		run -6 --separate-stderr esexport --plain --from "$(pg_address shop)${tries}"
		has "$stderr" 'the database system is shutting down'
	done
	lacks "$stderr" 'trying again'
	quit other
	until_down
}
# What runs in the background has the pipe to the session open, too: its end would not do.
quit() {
	printf '\\q\n' >&"${session_fds[$1]}"
	leave "$1"
}
until_down() {
	eventually eval '! pg_is_up'
}

@test "a stop ends the waiting for a server with 8" {
	address=$(pg_db stop)
	archive 30
	hold_commit stop 21
	background esimport --from a.cbor.zst --to "$address" --batch-size 10
	eventually commits
	postgres_down
	eventually grep -q 'trying again for 300 s' said
	kill -INT $job
	ends 8
	postgres_up
	same "$(pg stop 'SELECT count(*) FROM events')" 20
	big_source "$(pg_db stop_source)"
	mkfifo out
	esexport --from "$(pg_address stop_source)" --plain --chunk-size 64KiB >out 2>said 3>&- &
	job=$!
	exec 8<out
	head -c 10 <&8 >got
	postgres_down
	cat <&8 >>got &
	eventually grep -q 'trying again for 300 s' said
	kill -INT $job
	ends 8
	exec 8<&-
}

@test "a stop ends the waiting for a server that hangs" {
	address=$(pg_db hangs)
	big_source "$address"
	mkfifo out
	esexport --from "$address" --plain --chunk-size 64KiB >out 2>said 3>&- &
	job=$!
	exec 8<out
	head -c 10 <&8 >got
	eventually has_backend
	pid=$(backend)
	kill -STOP "$pid"
	cat <&8 >>got &
	reader=$!
	# It has written all that it could get.
	eventually sleeps_in_poll
	kill -INT $job
	ends 8
	kill -CONT "$pid"
	wait $reader
	exec 8<&-
}
sleeps_in_poll() {
	local task

	for task in /proc/$job/task/*; do
		grep -q poll "$task/wchan" || grep -q '^7 ' "$task/syscall" && return 0
	done
	return 1
}

@test "a session that ends during the commit, before it counts: all are there once" {
	address=$(pg_db before)
	archive 30
	hold_commit before 1
	background esimport --from a.cbor.zst --to "$address" --batch-size 10
	for _ in 1 2 3; do
		eventually commits
		pid=$(backend)
		end_sessions "$pid"
	done
	eventually commits
	same "$(pg before 'SELECT count(*) FROM events')" 0
	tell holder 'SELECT pg_advisory_unlock(4711)'
	ends 0
	has_all "$address"
	same "$(grep -c 'connected again' said)" 3
}

# Whether the process of the session waits for the standby, which is behind the commit.
committed() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND wait_event = 'SyncRep'")" = 1 ]
}

@test "a session that ends during the commit, when it counts already: none is there twice" {
	address=$(pg_db behind)
	archive 30
	esimport --plain --to "$address" </dev/null
	# The commit is on disk, and waits for a standby that never comes before anybody is told.
	pg postgres "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" \
		'SELECT pg_reload_conf()' >/dev/null
	background esimport --from a.cbor.zst --to "$address" --batch-size 10
	for _ in 1 2 3; do
		eventually committed
		pid=$(backend)
		end_sessions "$pid"
	done
	pg postgres 'ALTER SYSTEM RESET synchronous_standby_names' 'SELECT pg_reload_conf()' >/dev/null
	ends 0
	same "$(pg behind 'SELECT count(*), count(DISTINCT id), max(position) FROM events')" '30|30|30'
	has_all "$address"
	(($(grep -c 'connected again' said) >= 3))
}

@test "the making of tables that is lost is made again" {
	address=$(pg_db tables)
	archive 10
	# Nobody can make a table while this one holds the catalog.
	session holder tables
	tell holder 'BEGIN; LOCK TABLE pg_class IN SHARE MODE'
	background esimport --from a.cbor.zst --to "$address"
	eventually commits_or_waits
	pid=$(backend)
	end_sessions "$pid"
	eventually commits_or_waits
	tell holder COMMIT
	ends 0
	has_all "$address"
}
commits_or_waits() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND wait_event_type = 'Lock'")" = 1 ]
}

@test "tries in a row are limited by --retry-max, and counted" {
	address=$(pg_db tries)
	archive 60
	hold_commit tries 21
	background esimport --from a.cbor.zst --to "$address" --batch-size 10 --retry-max 2
	eventually commits
	postgres_down
	ends 6
	has "$(cat said)" 'trying again for 300 s, 2 times at most'
	has "$(tail -n 1 said)" 'it was tried again 2 times (--retry-max)'
	postgres_up
	run -6 esimport --from a.cbor.zst --to "${address/\/tries/\/nowhere}" --retry-max 5
	lacks "$output" 'trying again'
	background esimport --from a.cbor.zst --to "$address" --retry-max 5 --log-format json
	ends 0
	same "$(tail -n 1 said | jq .retries)" 0
}

@test "of a program that is told not to try again, the first loss is the end" {
	address=$(pg_db never)
	archive 60
	hold_commit never 21
	background esimport --from a.cbor.zst --to "$address" --batch-size 10 --retry-max 0
	eventually commits
	end_sessions "$(backend)"
	ends 6
	lacks "$(cat said)" 'trying again'
	lacks "$(cat said)" '--retry-max'
}

waits_for_row() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'esimport'
		AND wait_event = 'transactionid'")" = 1 ]
}

@test "a transaction that the server gives up for a deadlock is run again" {
	address=$(pg_db deadlock)
	archive 30
	esimport --plain --to "$address" </dev/null
	pg deadlock 'CREATE TABLE counter (n bigint)' 'INSERT INTO counter VALUES (0)' \
		"CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
			UPDATE counter SET n = n + 1; RETURN NULL; END \$\$" \
		"CREATE TRIGGER bump AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION bump()"
	session other deadlock
	# It is the other one that the server finds.
	tell other "SET deadlock_timeout = '1h'"
	tell other 'BEGIN; UPDATE counter SET n = n + 100'
	background esimport --from a.cbor.zst --to "$address" --batch-size 10 --log-format json
	eventually waits_for_row
	tell other 'LOCK TABLE events IN EXCLUSIVE MODE; COMMIT'
	ends 0
	has "$(cat said)" 'deadlock detected'
	has "$(cat said)" 'trying again'
	(($(tail -n 1 said | jq .retries) > 0))
	has_all "$address"
	same "$(pg deadlock 'SELECT n FROM counter')" 130
}
