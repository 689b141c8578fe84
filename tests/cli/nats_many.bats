#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # subjects have $, bats sets $stderr
# Many streams of JetStream as one source, as chronicle has one for each aggregate.
load helpers
load stores
load nats
set -o pipefail

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

setup() {
	nats req '$JS.API.STREAM.NAMES' | jq -r '.streams[]?' | xargs -r "$nats_py" --server "nats://127.0.0.1:$ES_NATS_PORT" rm
}

# chronicle NAME...: streams as that library makes them.
chronicle() {
	printf '%s\n' "$@" | jq -Rc '{name: ("chronicle_events_" + .), subjects: ["chronicle.events." + .]}' | nats makes
}

# appends: its single appends, a line of NAME VERSION TYPE DATA each.
appends() {
	jq -Rc 'split(" ") | {subject: ("chronicle.events." + .[0]), headers: [["Chronicle-Event-Name", .[2]],
		["Chronicle-Aggregate-Version", .[1]],
		["Nats-Expected-Last-Subject-Sequence", (.[1] | tonumber - 1 | tostring)]], data: (.[3] // "")}' |
		nats pubs --each >acked
}

# accounts: a store of three aggregates, whose events take turns; $from.
accounts() {
	chronicle account-1 account-2 Order_3-é
	appends <<-'END'
		account-2 1 account/opened {"id":"account-2"}
		account-1 1 account/opened {"id":"account-1","holder":"Zoë"}
		account-1 2 account/money_deposited {"amount":1.10}
		Order_3-é 1 made no-JSON
		account-2 2 account/closed
		account-1 3 account/money_deposited {"amount":12345678901234567890}
	END
	from=$(nats_address 'chronicle_events_*')
}

@test "chronicle: all aggregates are read, in the order of time" {
	accounts
	run -0 --separate-stderr esexport -n --from "$from"
	has "$output" "read   $from (nats, layout chronicle)"
	has "$stderr" "$from: 3 streams with messages, as they are now"
	cat >wanted <<-'END'
		{"position":1,"stream":"account-2","version":0,"type":"account/opened","data":{"id":"account-2"}}
		{"position":2,"stream":"account-1","version":0,"type":"account/opened","data":{"id":"account-1","holder":"Zoë"}}
		{"position":3,"stream":"account-1","version":1,"type":"account/money_deposited","data":{"amount":1.10}}
		{"position":4,"stream":"Order_3-é","version":0,"type":"made","data_base64":"bm8tSlNPTg=="}
		{"position":5,"stream":"account-2","version":1,"type":"account/closed"}
		{"position":6,"stream":"account-1","version":2,"type":"account/money_deposited","data":{"amount":12345678901234567890}}
	END
	lines_of "$from" >is
	jq -cS 'del(.time)' is >a
	jq -cS . wanted | diff - a
	# Times are the server's.
	nats dump chronicle_events_account-1 | jq -r .time >stored
	jq -r 'select(.stream == "account-1").time' is | diff stored -
	# A part of it, and one aggregate by itself, under its own positions.
	esexport --from "$from" --after 2 --upto 5 --plain | diff <(sed -n 3,5p is) -
	same "$(lines_of "$(nats_address chronicle_events_account-2)" | jq -c '[.position, .stream, .version]' | tr '\n' ' ')" \
		'[1,"account-2",0] [2,"account-2",1] '
}

@test "other prefixes of chronicle are parameters" {
	nats make bank_a '{"subjects":["bank.log.a"]}'
	nats pub bank.log.a -H 'Chronicle-Event-Name: opened' -H 'Chronicle-Aggregate-Version: 1' '{}'
	run -0 esexport --plain --from "$(nats_address 'bank_*')" --layout chronicle:streams=bank,subjects=bank.log
	has "$output" '"stream":"a","version":0,"type":"opened"'
	run -2 esexport --plain --from "$(nats_address 'bank_*')" --layout chronicle
	has "$output" 'stream bank_a: layout chronicle is for streams named chronicle_events_{store}'
	run -6 esexport --plain --from "$(nats_address 'none_*')"
	has "$output" 'there is no such stream with a message'
}

@test "into another store, and the same again where nothing has changed; else it is another source" {
	accounts
	esexport --from "$from" --out a.jsonl.zst
	esimport --from a.jsonl.zst --to sqlite://a.db
	esverify a.jsonl.zst "$from"
	esverify "$from" sqlite://a.db
	# Nothing was appended: it is the same source, and nothing is left of it.
	esexport --from "$from" | esimport --to sqlite://a.db 2>said
	has "$(cat said)" 'written 0 + already there 6'
	esexport --from "$from" --after-target sqlite://a.db | esimport --to sqlite://a.db 2>said
	has "$(cat said)" 'read 0 = '
	head -c 300 a.jsonl.zst >b.jsonl.zst.part
	SOURCE_DATE_EPOCH=0 esexport --from "$from" --out b.jsonl.zst --resume
	lines_of a.jsonl.zst >a
	lines_of b.jsonl.zst | diff a -
	# One more: whether it is behind all others no number tells.
	appends <<<'account-2 3 account/opened {}'
	run -5 esimport --to sqlite://a.db < <(esexport --from "$from")
	has "$output" 'the target holds events, and no import of this source wrote them'
	run -5 esimport --to sqlite://a.db < <(esexport --from "$from" --after-target sqlite://a.db)
	has "$output" 'the target holds events, and no import of this source wrote them'
	head -c 300 a.jsonl.zst >c.jsonl.zst.part
	run -5 esexport --from "$from" --out c.jsonl.zst --resume
	has "$output" 'was begun with another'
	same "$(count_in a.db)" 6
}

@test "no import goes into many streams, nor into one of chronicle" {
	accounts
	esexport --from "$from" --out a.jsonl.zst
	run -2 esimport --from a.jsonl.zst --to "$from"
	has "$output" "$from: stands for many streams, and can only be read; an import goes into one: name it"
	run -2 esexport --from "$from" --after-target "$from"
	has "$output" "$from: stands for many streams, and an import goes into one"
	for to in chronicle_events_account-1 'chronicle_events_new --layout chronicle'; do
		# shellcheck disable=SC2046 # words
		run -2 esimport --from a.jsonl.zst --to $(nats_address "$to")
		has "$output" 'layout chronicle: is for exports: no import can write what its library needs'
	done
	run -1 nats info chronicle_events_new
	same "$(lines_of "$from" | wc -l)" 6
}

# hundreds FROM UPTO: events of 300 streams in turns, which are their ids, for pubs.
hundreds() {
	jq -nc --argjson from "$1" --argjson upto "$2" 'range($from; $upto) | {subject: "s.\(1 + . * 7919 % 300)",
		headers: [["ce-type", "T"], ["ce-id", "\(.)"]], data: "x"}'
}

@test "hundreds of streams, more than are listed at a time, also while others write" {
	local i

	seq 300 | jq -c '{name: "S\(.)", subjects: ["s.\(.)"], storage: "memory"}' | nats makes
	nats make other '{"storage":"memory"}'
	hundreds 0 900 | nats pubs
	esexport --from "$(nats_address 'S*')" --plain >events.jsonl
	same "$(wc -l <events.jsonl)" 900
	# In the order of time, of one instant by the names of the streams; each of them in its own.
	jq -c '[.position, (.time | rtrimstr("Z") | if length == 19 then . + "." else . end | (. + "0" * 9)[:29]), .stream,
		.version, (.id | tonumber)]' events.jsonl >is
	jq -sce '(map(.[0]) == [range(1; 901)]) and (. == sort_by(.[1], "S" + (.[2] | ltrimstr("s.")))) and
		(map(.[4]) | sort == [range(900)]) and
		all(.[]; (.[2] == "s.\(1 + .[4] * 7919 % 300)") and .[3] == (.[4] / 300 | floor))' is
	# While one event is appended after the other: what is read is all up to one of them.
	hundreds 900 3000 | nats pubs --each >acked 3>&- &
	for i in 1 2 3; do
		esexport --from "$(nats_address 'S*')" --plain 2>said | jq -r .id | sort -n >ids
		seq 0 $(($(wc -l <ids) - 1)) | diff - ids
	done
	wait "$!"
}

# slow: $from is a store of which a part only is read while nobody takes what is read.
slow() {
	accounts
	jq -nc 'range(40) | {subject: "chronicle.events.account-2", headers: [["Chronicle-Event-Name", "large"],
		["Chronicle-Aggregate-Version", "\(. + 3)"]], data: ("x" * 200000)}' | nats pubs >acked
}

# read_while COMMAND...: which runs when the first event has come; the rest is in `rest`.
read_while() {
	esexport --from "$slow" --plain --chunk-size 64KiB --workers 1 2>said | {
		IFS= read -r line
		"$@"
		cat >rest
	}
}

@test "a stream that is deleted, made again or emptied while it is read is an error" {
	slow
	slow=$from
	again() {
		nats rm chronicle_events_account-1
		chronicle account-1
	}
	run -6 read_while again
	has "$(cat said)" 'stream chronicle_events_account-1 was deleted while it was read'
	setup
	slow
	run -6 read_while nats del chronicle_events_account-2 40
	has "$(cat said)" 'stream chronicle_events_account-2 lost messages while it was read'
	run -6 read_while nats rm chronicle_events_account-2
	has "$(cat said)" 'stream not found'
}

@test "a connection that is lost is made again, and nothing is missing" {
	slow
	lines_of "$from" >whole
	nats_proxy_start
	slow="nats://127.0.0.1:$ES_NATS_PROXY_PORT/chronicle_events_*"
	read_while nats_cut
	sed 1d whole | diff rest -
	has "$(cat said)" 'connected again'
	nats_proxy_stop
}
