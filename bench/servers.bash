# shellcheck shell=bash
# The servers of the rows, for run.sh: stores to read are made by corpus.mk, and what comes before a
# row that writes is here.  Settings of PostgreSQL are those of a server for production, small: what
# is committed is on the disk.

start_postgres() {
	postgres_start fsync=on shared_buffers=256MB max_wal_size=4GB
	# The psql of /usr/bin is a wrapper in Perl, whose time would count.
	# shellcheck disable=SC2153 # postgres_start sets it
	export PATH="$ES_PG_BIN:$PATH" PGHOST=$ES_PG_DIR PGPORT=$ES_PG_PORT PGUSER=admin
}

start_nats() {
	nats_start
	export nats=nats://127.0.0.1:$ES_NATS_PORT
}

# An empty database.
pg_empty() {
	pg_db target >/dev/null
}

# One with the table of the native layout, without the indexes that esimport makes at the end.
pg_table() {
	pg_empty
	psql -Xqd target -f sql/postgres-table.sql
}

# With all its indexes.
pg_indexed() {
	pg_table
	psql -Xqd target -f sql/postgres-indexes.sql
}

# A stream of the target's name without messages.
nats_empty() {
	nats rm target >/dev/null 2>&1 || true
	nats make target >/dev/null
}

# What is dirty from before must not be written while a row runs.
rest() {
	[ -z "${ES_PG_DIR:-}" ] || pg postgres CHECKPOINT
	sync
}

# CPU time of PostgreSQL until now: of its processes, and of those that have ended.
pg_ticks() {
	local postmaster

	read -r postmaster <"$ES_PG_DIR/data/postmaster.pid"
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v postmaster="$postmaster" '
		$1 == postmaster { sum += $14 + $15 + $16 + $17 }
		$4 == postmaster { sum += $14 + $15 }
		END { print sum + 0 }' || true
}

nats_ticks() {
	awk '{ print $14 + $15 }' "/proc/$(nats_processes server)/stat"
}

# CPU time of all servers.
server_ticks() {
	local ticks=0

	[ -z "${ES_PG_DIR:-}" ] || ticks=$((ticks + $(pg_ticks)))
	[ -z "${ES_NATS_DIR:-}" ] || ticks=$((ticks + $(nats_ticks)))
	echo "$ticks"
}
