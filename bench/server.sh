# shellcheck shell=bash
# The server of the rows of PostgreSQL, for run.sh: a store to read, and databases to write to.
# Settings are those of a server for production, small: what is committed is on the disk.

# server_start LAYOUT: with the store, and copy_rows.sql, table.sql and indexes.sql beside it.
server_start() {
	local layout=$1

	postgres_start fsync=on shared_buffers=256MB max_wal_size=4GB
	# The psql of /usr/bin is a wrapper in Perl, whose time would count.
	export PATH="$ES_PG_BIN:$PATH" store target
	target=$(pg_address target)
	store=$(pg_db store)
	esimport --from events.jsonl.zst --to "$store" 2>/dev/null
	pg store 'VACUUM (FREEZE, ANALYZE) events'
	psql -Xqd "$store" \
		-c 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)' >events.pgcopy
	jq -r '.schema[] + ";"' "$layout" >table.sql
	jq -r '.indexes[] + ";"' "$layout" >indexes.sql
	echo "\\copy events FROM 'events.pgcopy' (FORMAT binary)" >copy_rows.sql
}

# What is dirty from before must not be written while a row runs.
checkpoint() {
	pg store CHECKPOINT
}

# An empty database.
fresh() {
	pg_db target >/dev/null
	checkpoint
}

# One with the table of the native layout, and all its indexes.
fresh_indexed() {
	pg_db target >/dev/null
	psql -Xqd "$target" -1 -f table.sql -f indexes.sql
	checkpoint
}

# CPU time of the server until now: of its processes, and of those that have ended.
server_ticks() {
	local postmaster

	read -r postmaster <"$ES_PG_DIR/data/postmaster.pid"
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v postmaster="$postmaster" '
		$1 == postmaster { sum += $14 + $15 + $16 + $17 }
		$4 == postmaster { sum += $14 + $15 }
		END { print sum + 0 }' || true
}
