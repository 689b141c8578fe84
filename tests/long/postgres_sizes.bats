#!/usr/bin/env bats
# A million events into PostgreSQL and back.  Needs 4 GB of disk and some minutes.

load ../cli/helpers
load ../cli/postgres
load ../sizes

setup_file() {
	postgres_start max_wal_size=1GB shared_buffers=128MB
}
teardown_file() {
	postgres_stop
}

teardown() {
	postgres_show_log
	rm -rf "${BATS_TEST_TMPDIR:?}"/*
}

@test "a million events from SQLite to PostgreSQL and back" {
	store a.db --events 1000000
	to=$(pg_db million)
	esexport --from sqlite://a.db | esimport --to "$to"
	[ "$(pg million 'SELECT count(*), count(DISTINCT id), min(position), max(position) FROM events')" = \
		"$(sqlite3 a.db 'SELECT count(*), count(DISTINCT id), min(position), max(position) FROM events')" ]
	esexport --from "$to" --codec cbor | esimport --to sqlite://b.db --batch-size 1000000
	same a.db b.db
	esverify sqlite://a.db "$to"
}

@test "memory is the same for 50,000 and for 500,000 events" {
	skip_under_sanitizers
	for n in 50000 500000; do
		store $n.db --events $n
		esexport --from sqlite://$n.db --out $n.jsonl.zst
		peak esimport --workers 2 --from $n.jsonl.zst --to "$(pg_db "n$n")"
		# shellcheck disable=SC2154 # peak sets it
		eval "import_$n=$peak"
		peak esexport --workers 2 --from "$(pg_address "n$n")" --out back.jsonl.zst
		eval "export_$n=$peak"
		rm $n.* back.*
	done
	# shellcheck disable=SC2154 # eval sets them
	level "$import_50000" "$import_500000"
	# shellcheck disable=SC2154
	level "$export_50000" "$export_500000"
}
