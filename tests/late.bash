# Writers of PostgreSQL that commit late, and whether a reader that comes again and again missed
# any of their events.  Needs cli/postgres.bash.

# The empty table of layout `native`, as an import without events makes it.
late_table() {
	local rc=0

	esimport --plain --to "$(pg_address "$1")" </dev/null 2>late.said || rc=$?
	[ $rc = 0 ] || cat late.said
	return $rc
}

# late_write DB EVENTS [CLIENTS]: clients [32] write until the table has that many events.  Not with
# -M prepared: preparing is where pgbench waits for a lock with all clients of a thread, also for
# the commits that would give the lock away.
late_write() {
	local db=$1 events=$2 clients=${3:-32} there each

	while there=$(pg "$db" 'SELECT count(*) FROM events') && ((there < events)); do
		# A transaction that is not rolled back has 10.5 events.
		each=$(((events - there) / (clients * 10) + 1))
		# Who waits for ever is ended some time, and the test with him.
		timeout 600 "$ES_PG_BIN/pgbench" -n -c "$clients" -j 2 -t $each \
			-f "$REPO/tests/late.pgbench" "$(pg_address "$db")" >late.said 2>&1 || {
			cat late.said
			return 1
		}
	done
}

# late_follow DB EVENTS COMMAND...: again and again while the writers write, and once more behind
# them, runs COMMAND LAST FILE, which writes to FILE what comes behind position LAST.  Sets
# $increments to the files that got any events.
late_follow() {
	local db=$1 events=$2 last=0 n=0 writers more=1 new

	shift 2
	increments=()
	late_write "$db" "$events" 3>&- &
	writers=$!
	while ((more)); do
		# Looked at before reading: the last reading begins behind the last commit.
		kill -0 $writers 2>/dev/null || more=0
		n=$((n + 1))
		if ! "$@" $last inc.$n.jsonl; then
			kill $writers 2>/dev/null
			wait $writers
			return 1
		fi
		new=$(jq -r .position inc.$n.jsonl | sort -n | tail -n 1)
		if [ -n "$new" ]; then
			increments+=("inc.$n.jsonl")
			last=$((new > last ? new : last))
		else
			rm inc.$n.jsonl
		fi
	done
	wait $writers
	echo "# $n readings, ${#increments[@]} of them with events"
}

# late_check DB FILE...: whether each event of the table is in the increments once, in rising order,
# and no other is.  Prints how many are not.
late_check() {
	local db=$1

	shift
	pg "$db" 'COPY (SELECT position FROM events) TO STDOUT' >late.table
	jq -r .position "$@" >late.read
	awk '
		FILENAME == "late.table" { table[$1]; n++; next }
		{ read++ }
		$1 + 0 <= last { falling++ }
		{ last = $1 + 0 }
		!($1 in table) { foreign++ }
		seen[$1]++ { doubled++ }
		END {
			for (position in table)
				missing += !(position in seen)
			printf "%d events, %d read: %d missing, %d doubled, %d foreign, %d falling\n",
				n, read, missing, doubled, foreign, falling
			exit n == 0 || missing + doubled + foreign + falling > 0
		}' late.table late.read
}
