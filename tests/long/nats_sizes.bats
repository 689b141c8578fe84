#!/usr/bin/env bats
# Millions of events into NATS and back, and what that takes.  Needs 8 GB of disk and some minutes.

load ../cli/helpers
load ../cli/nats
load ../sizes

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

teardown() {
	nats_show_log
	rm -rf "${BATS_TEST_TMPDIR:?}"/*
}

# to_nats_and_back STREAM N OPTIONS OF gen
to_nats_and_back() {
	store a.db --events "$2" "${@:3}"
	esexport --from sqlite://a.db | esimport --to "$(nats_address "$1")"
	[ "$(nats info "$1" | jq .state.messages)" = "$2" ]
	esverify --positions sqlite://a.db "$(nats_address "$1")"
	esexport --from "$(nats_address "$1")" --codec cbor | esimport --to sqlite://b.db --batch-size 1000000
	same a.db b.db
}

@test "a million events of one stream, to NATS and back" {
	to_nats_and_back one 1000000 --streams 1
	[ "$(nats info one | jq .state.num_subjects)" = 1 ]
	nats rm one
}

@test "a million events of 100,000 streams, to NATS and back" {
	to_nats_and_back many 1000000 --streams 100000
	[ "$(nats info many | jq .state.num_subjects)" -gt 50000 ]
	nats rm many
}

@test "100,000 streams of one event" {
	gen --events 100000 --streams 1 | jq -c '.stream = "s-\(.position)" | .version = 0' >a.jsonl
	esimport --plain --from a.jsonl --to "$(nats_address singles)"
	[ "$(nats info singles | jq .state.num_subjects)" = 100000 ]
	esverify --positions a.jsonl "$(nats_address singles)"
	nats rm singles
}

@test "memory is the same for 100,000 and for 2,000,000 events of NATS" {
	skip_under_sanitizers
	for n in 100000 2000000; do
		gen --events $n --streams 5000 | esimport --plain --to sqlite://a.db --batch-size 1000000
		esexport --from sqlite://a.db --out a.jsonl.zst
		rm a.db
		# Who is ahead of whom differs from run to run: of two the lower one counts.
		peak esimport --workers 2 --from a.jsonl.zst --to "$(nats_address other)"
		# shellcheck disable=SC2154 # peak sets it
		least=$peak
		nats rm other
		peak esimport --workers 2 --from a.jsonl.zst --to "$(nats_address source)"
		eval "import_$n=$((peak < least ? peak : least))"
		# One that compresses slowly has as much on its way to it as may be.
		peak esexport --workers 2 --level 6 --from "$(nats_address source)" --out $n.zst
		least=$peak
		peak esexport --workers 2 --level 6 --from "$(nats_address source)" --force --out $n.zst
		eval "export_$n=$((peak < least ? peak : least))"
		[ "$(nats info source | jq .state.messages)" = $n ]
		nats rm source
		rm a.jsonl.zst $n.zst
	done
	# shellcheck disable=SC2154 # eval sets them
	level "$import_100000" "$import_2000000"
	# shellcheck disable=SC2154
	level "$export_100000" "$export_2000000"
}
