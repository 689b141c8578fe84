#!/usr/bin/env bats
# One changed event in two million, between two servers and against a file.  Needs 8 GB of disk and
# some minutes.

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

# in_read FILTER: whether the jq filter holds of what --bisect --json said was read.
in_read() {
	jq -se "map(select(has(\"narrowed\"))) | .[0] | $1" said >/dev/null || {
		cat said
		return 1
	}
}

@test "one changed event in 2,000,000" {
	one=$(pg_db one)
	store a.db --events 2000000
	esexport --from sqlite://a.db --codec cbor | esimport --to "$one"
	pg postgres 'CREATE DATABASE two TEMPLATE one'
	two=$(pg_address two)
	payload=$(pg one "SELECT sum(octet_length(data::text) + octet_length(metadata::text)) FROM events")
	pg two "UPDATE events SET data = regexp_replace(data::text, '[a-z]', '_')::json
		WHERE position = 1234567"

	SECONDS=0
	run -1 --separate-stderr esverify --bisect --json "$one" "$two"
	echo "# between servers: $SECONDS s, $payload bytes of payload in all"
	echo "$output" >said
	cat said
	[ "$(jq -c 'select(.finding) | [.finding, .position]' said)" = '["different",1234567]' ]
	in_read '.narrowed and .queries_a + .queries_b <= 300'
	in_read "(.payload_bytes_read_a + .payload_bytes_read_b) * 100 < $payload"
	in_read '.events_read_a < 2000 and .events_read_b < 2000'

	SECONDS=0
	run -1 --separate-stderr esverify --bisect --json sqlite://a.db "$two"
	echo "# a file and a server: $SECONDS s"
	echo "$output" >said
	cat said
	[ "$(jq -c 'select(.finding) | [.finding, .position]' said)" = '["different",1234567]' ]
	in_read ".narrowed and .queries_b <= 300 and .payload_bytes_read_b * 100 < $payload"
	in_read '.events_read_a < 2100000 and .events_read_b < 2000'
}

@test "memory is the same for 50,000 and for 500,000 events" {
	skip_under_sanitizers
	for n in 50000 500000; do
		store $n.db --events $n
		esexport --from sqlite://$n.db | esimport --to "$(pg_db "n$n")"
		peak esverify --bisect sqlite://$n.db "$(pg_address "n$n")"
		# shellcheck disable=SC2154 # peak sets it
		eval "peak_$n=$peak"
		rm $n.*
	done
	# shellcheck disable=SC2154 # eval sets them
	level "$peak_50000" "$peak_500000"
}
