#!/usr/bin/env bats
# esimport --verify with NATS JetStream as the target.
# shellcheck disable=SC2030,SC2031,SC2154 # variables of bats
load helpers
load stores
load nats

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

setup() {
	events 3000 >a.jsonl
	esexport --from a.jsonl --out a.jsonl.zst --chunk-size 16KiB
	esexport --from a.jsonl --out a.cbor.zst --chunk-size 16KiB
}

# verified CODE STREAM [OPTIONS]: what of the input is in the stream
verified() {
	run --separate-stderr "-$1" esimport --verify --to "$(nats_address "$2")" "${@:3}"
}

# all N: nothing was found, and N events were looked at.
all() {
	same "$output" ""
	has "$stderr" "note: verified: $1 events of the input are in the target as they were read"
}

# Findings without what they say, with commas.
found() {
	grep -o '^[a-z-]*: event [0-9]*' <<<"$1" | paste -sd, -
}

@test "archives of both codecs and lines, as a file and in a pipe" {
	n=0
	for file in a.jsonl.zst a.cbor.zst a.jsonl; do
		verified 0 $((++n)) --from $file
		all 3,000
		run --separate-stderr -0 esimport --verify --to "$(nats_address $n)" < <(cat $file)
		all 3,000
		run --separate-stderr -0 esimport --verify --to "$(nats_address $((++n)))" < <(cat $file)
		all 3,000
	done
	has "$stderr" "compared: JSON byte by byte; times to the nanosecond; versions; positions too"
}

# Half of the archive is in the stream, and the import waits for the rest.
half() {
	local end=$((SECONDS + 60))

	mkfifo pipe
	exec 8<>pipe
	esimport --verify --to "$(nats_address "$1")" --batch-size 500 <pipe >out 2>said 3>&- 8>&- &
	job=$!
	fed=$(($(stat -c %s a.jsonl.zst) / 2))
	head -c $fed a.jsonl.zst >&8
	until [ "$(nats info "$1" 2>/dev/null | jq .state.messages)" -ge 1000 ]; do
		((SECONDS < end)) || return 1
	done 2>/dev/null
}

# rest CODE: the import gets the rest, and ends so.
rest() {
	local rc=0

	tail -c +$((fed + 1)) a.jsonl.zst >&8
	exec 8>&-
	wait $job || rc=$?
	cat said
	same $rc "$1"
}

@test "messages that were deleted while the import went on are found" {
	half lost
	nats del lost 7 >/dev/null
	nats del lost 900 >/dev/null
	rest 1
	same "$(found "$(cat out)")" "missing: event 7,missing: event 900"
	has "$(cat said)" "differ: 2 missing; 2,998 events are equal"
	has "$(cat said)" "read 3,000 = written 3,000"
	# Nobody writes them again.
	verified 1 lost --from a.jsonl.zst
	same "$(found "$output")" "missing: event 7,missing: event 900"
}

@test "an import that nobody touched is verified in the same way" {
	half whole
	rest 0
	same "$(cat out)" ""
	has "$(cat said)" "verified: 3,000 events"
}

@test "filters, increments, payloads that were converted" {
	verified 0 filtered --from a.jsonl.zst --stream 'order-[12]' --upto 2000
	all 800
	verified 0 filtered --from a.jsonl.zst --stream 'order-[12]'
	all 1,200
	verified 0 cbor --from a.jsonl.zst --payload-codec cbor
	all 3,000
	nats del filtered 2 >/dev/null
	verified 1 filtered --from a.jsonl.zst --stream 'order-[12]'
	same "$(found "$output")" "missing: event 3"
}

@test "what is added to a stream with events" {
	events 500 | jq -c '.stream = "old-" + .stream | .id = "old-" + .id' | esimport --to "$(nats_address added)"
	verified 0 added --append --from a.jsonl.zst
	all 3,000
	has "$stderr" "positions by their order"
	nats del added 600 >/dev/null
	verified 1 added --append --from a.jsonl.zst
	same "$(found "$output")" "missing: event 100"
}
