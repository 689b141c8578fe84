#!/usr/bin/env bats
# Comparisons with streams that do not say the version of an event, and have no ids.

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
	cat >counted.json <<-'END'
		{"layout": 1, "name": "counted", "store": "nats", "stream": {"subjects": ["counted.>"]},
		"events": {"subject": "counted.{stream:1}", "headers": {"Event-Type": {"field": "type"},
		"Event-Time": {"field": "time"}}, "drop": []}}
	END
	nats make COUNTED '{"subjects":["counted.>"]}' >/dev/null
	for n in {1..12}; do
		jq -nc --arg n "$n" '{subject: "counted.\(($n | tonumber) % 2)", data: "{\"n\":\($n)}",
			headers: [["Event-Type", "T"], ["Event-Time", "2026-01-01T00:00:\($n | if length < 2 then "0" + . else . end)Z"]]}'
	done | nats pubs >/dev/null
	to=$(nats_address COUNTED)
	esexport --layout ./counted.json --from "$to" --out all.jsonl.zst
}

teardown() {
	nats_show_log
	nats rm COUNTED
}

found() {
	grep '"finding"' <<<"$output" |
		jq -r '"\(.finding) \(.position_a // "-") \(.position_b // "-")"' | paste -sd, -
}

@test "a message that is gone is missing, and what follows in its stream is not" {
	for n in 1 3 12; do
		nats del COUNTED "$n" >/dev/null
		wanted+="${wanted:+,}missing $n -"
		run --separate-stderr -1 esverify --json --layout-b ./counted.json all.jsonl.zst "$to" --missing-to "m$n.jsonl.zst"
		same "$(found)" "$wanted"
		has "$output" '"versions":false'
	done
	same "$(zstd -dcq m12.jsonl.zst | jq -c .data.n | paste -sd, -)" 1,3,12
	run --separate-stderr -1 esverify --json --layout ./counted.json "$to" all.jsonl.zst
	same "$(found)" "extra - 1,extra - 3,extra - 12"
}

@test "a message whose data differs is different" {
	zstd -dcq all.jsonl.zst | sed 's/"n":5/"n":55/' >other.jsonl
	run --separate-stderr -1 esverify --json --layout-b ./counted.json other.jsonl "$to"
	same "$(found)" "different 5 5"
	same "$(head -n 1 <<<"$output" | jq -c .fields)" '{"data":{"a":"{\"n\":55}","b":"{\"n\":5}"}}'
}
