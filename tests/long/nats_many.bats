#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # subjects have $, nats.bash sets nats_py
# Many streams of JetStream whose next messages together are more than are kept in memory.
load ../cli/helpers
load ../cli/stores
load ../cli/nats
set -o pipefail

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

@test "next messages that are more than are kept are asked for again" {
	local n=80 m=120

	seq "$n" | jq -c '{name: "S\(.)", subjects: ["s.\(.)"], storage: "memory"}' | nats makes
	jq -nc --argjson n "$n" --argjson m "$m" 'range($m) | {subject: "s.\(1 + . % $n)",
		headers: [["ce-type", "T"], ["ce-id", "\(.)"]], data: "\(.) \("x" * 900000)"}' | nats pubs --each
	esexport --from "$(nats_address 'S*')" --plain | jq -r '"\(.position - 1) \(.id) \(.data_base64[0:8] | @base64d)"' >is
	same "$(wc -l <is)" "$m"
	awk '$1 != $2 || $2 != $3 { exit 1 }' is
}

# Streams that come before those that are read in the order of names, so that pages of the list shift.
come_and_go() {
	while [ ! -e enough ]; do
		seq 200 | jq -c '{name: "A\(.)", storage: "memory"}' | nats makes
		seq -f 'A%g' 200 | xargs "$nats_py" --server "nats://127.0.0.1:$ES_NATS_PORT" rm
	done
}

@test "streams that come and go while they are listed hide none of the others" {
	local i

	seq 600 | jq -c '{name: "T\(.)", subjects: ["t.\(.)"], storage: "memory"}' | nats makes
	jq -nc 'range(600) | {subject: "t.\(1 + .)", headers: [["ce-type", "T"]], data: "x"}' | nats pubs
	come_and_go >gone 3>&- &
	for ((i = 0; i < 8; i++)); do
		[ "$(esexport --from "$(nats_address 'T*')" --plain 2>said | wc -l)" = 600 ]
	done
	touch enough
	wait "$!"
}
