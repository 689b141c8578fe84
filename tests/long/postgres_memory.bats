#!/usr/bin/env bats
# What export and import take beside a PostgreSQL server, and what its backends take for them.
# Needs 8 GB of disk and some minutes.

load ../cli/helpers
load ../cli/postgres
load ../sizes

# What a backend may take to make an index is a setting, which 100,000 events are to reach, too.
setup_file() {
	postgres_start maintenance_work_mem=4MB max_wal_size=1GB
}
teardown_file() {
	postgres_stop
}

# watch: prints the most that one backend, and that all of them together, had for themselves, in
# KiB.  Pages of a file that are not the shared buffers' count as the backend's, too; those that it
# shares with others are the program, and the same at all times.
watch() {
	local most=0 most_all=0 all postmaster pid kib

	read -r postmaster <"$ES_PG_DIR/data/postmaster.pid"
	while [ -e watching ]; do
		all=0
		for pid in $(pgrep -P "$postmaster" -f 'postgres: (admin|parallel)'); do
			kib=$(awk '/^RssAnon|^RssFile/ { sum += $2 } END { print sum + 0 }' \
				"/proc/$pid/status" 2>/dev/null) || continue
			all=$((all + kib))
			[ "$kib" -le "$most" ] || most=$kib
		done
		[ "$all" -le "$most_all" ] || most_all=$all
		sleep 0.05
	done
	echo "$most $most_all"
}

# peaks COMMAND...: as peak, and sets $backend and $backends.
peaks() {
	local watcher

	touch watching
	watch >watched &
	watcher=$!
	peak "$@"
	rm watching
	wait $watcher
	read -r backend backends <watched
	echo "# $backend KiB in one backend, $backends KiB in all at once"
}

# bounded A B: B is no more than 25 % and 4 MiB above A.
bounded() {
	[ $((100 * $2)) -le $((125 * $1 + 409600)) ]
}

@test "memory is the same for 100,000 and for 2,000,000 events of PostgreSQL" {
	skip_under_sanitizers
	for n in 100000 2000000; do
		gen --events $n | esimport --plain --to "$(pg_db source)" --batch-size 1000000
		pg source 'VACUUM ANALYZE events' CHECKPOINT
		peaks esexport --workers 2 --from "$(pg_address source)" --out $n.zst
		eval "export_$n=$peak export_backend_$n=$backend export_backends_$n=$backends"
		pg postgres 'DROP DATABASE source'
		# Once with indexes that are made at the end, and once with those that are there.
		peaks esimport --workers 2 --from $n.zst --to "$(pg_db target)"
		eval "import_$n=$peak import_backend_$n=$backend import_backends_$n=$backends"
		[ "$(pg target 'SELECT count(*) FROM events')" = $n ]
		pg target 'TRUNCATE events; DROP TABLE esimport_checkpoint'
		peaks esimport --workers 2 --from $n.zst --to "$(pg_address target)"
		eval "indexed_$n=$peak indexed_backend_$n=$backend indexed_backends_$n=$backends"
		[ "$(pg target 'SELECT count(*) FROM events')" = $n ]
		pg postgres 'DROP DATABASE target'
		rm $n.zst
	done
	for what in export import indexed; do
		few=${what}_100000 many=${what}_2000000
		level "${!few}" "${!many}"
		few=${what}_backend_100000 many=${what}_backend_2000000
		bounded "${!few}" "${!many}"
		few=${what}_backends_100000 many=${what}_backends_2000000
		bounded "${!few}" "${!many}"
	done
}
