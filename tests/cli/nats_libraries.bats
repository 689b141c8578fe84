#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # subjects have $, bats sets $stderr
# Stores of event-sourcing libraries in JetStream: read, copied, and as good as before for the library.
# A folder of tests/stores that ends in -nats has
#
#     stream.json  the stream, as the library makes it
#     rows.jsonl   the messages that the library publishes, as `nats.py dump` prints them
#     appends.jsonl  messages of its next appends, of which some come too late, and with each what the
#                  server says
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

# made FOLDER: an empty store, as the library makes it; prints its name.
made() {
	local settings

	settings=$(cat "$REPO/tests/stores/$1/stream.json")
	name=$(jq -r .name <<<"$settings")
	nats make "$name" "$settings"
	echo "$name"
}

# written FOLDER: what the library has published is in its store.
written() {
	nats pubs <"$REPO/tests/stores/$1/rows.jsonl"
}

# messages STREAM: what the library sees; the order of headers is none, and those that were for the
# server are nothing to it.
messages() {
	nats dump "$1" | jq -c '[.seq, .subject, ([.headers[] |
		select(.[0] | IN("Es-Import", "Es-Version") or startswith("Nats-Expected-") | not)] | sort),
		.data // .data_base64]'
}

# appended FOLDER: the appends of the library come out as they should.
appended() {
	local row headers

	while IFS= read -r row; do
		mapfile -t headers < <(jq -r '.headers[] | "-H", "\(.[0]): \(.[1])"' <<<"$row")
		run nats pub "$(jq -r .subject <<<"$row")" "${headers[@]}" "$(jq -r .data <<<"$row")"
		jq -e --arg is "$output" '.says as $says | if $says | type == "string" then $is | endswith($says)
			else $is | fromjson == $says end' <<<"$row" || { echo "$row: $output"; return 1; }
	done <"$REPO/tests/stores/$1/appends.jsonl"
}

@test "rita of 2023: messages are recognised, and have their fields" {
	local from

	made rita-2023-nats
	written rita-2023-nats
	from=$(nats_address orders)
	run -0 esexport -n --from "$from"
	has "$output" 'layout rita-2023'
	cat >wanted <<-'END'
		{"position":1,"stream":"orders.1","version":0,"id":"Ck5Yv0mhGfA3WXqJHnTz4P","type":"com.example.order-placed","time":"2023-03-01T09:30:00.123456789Z","metadata":{"geo":"eu","User":"Zoë"},"data":{"ID":"1","Total":1.10}}
		{"position":2,"stream":"orders.1","version":1,"id":"Ck5Yv0mhGfA3WXqJHnTz6S","type":"com.example.order-noted","time":"2023-03-01T09:30:00.2Z","data":null}
		{"position":3,"stream":"orders.2","version":0,"id":"Ck5Yv0mhGfA3WXqJHnTz8V","type":"foo","time":"2023-03-01T09:30:01Z","content_type":"application/octet-stream","attributes":{"$time":"2023-03-01T10:30:01+01:00"},"data_base64":"aGVsbG8="}
		{"position":4,"stream":"orders.berlin.3.lines","version":0,"id":"Ck5Yv0mhGfA3WXqJHnTzAY","type":"lines added","time":"2023-03-01T09:30:02Z","content_type":"application/msgpack","data_base64":"gaJJRKEz"}
		{"position":5,"stream":"orders.2","version":1,"id":"Ck5Yv0mhGfA3WXqJHnTzDb","type":"paid","time":"2023-03-01T09:30:03Z","content_type":"application/protobuf","data_base64":"CgEy"}
		{"position":6,"stream":"orders.2","version":2,"id":"orders-2-closed","type":"closed","time":"2023-03-01T09:30:04Z","content_type":"application/octet-stream"}
	END
	jq -cS . wanted >a
	lines_of "$from" | jq -cS . | diff a -
	lines_of "$from" | grep -q '"Total":1.10'
}

@test "rita of 2023: a copy has the same messages, and takes the appends of the library" {
	local to

	made rita-2023-nats
	written rita-2023-nats
	to=$(nats_address orders)
	messages orders >one
	nats info orders | jq -cS .config >config
	esexport --from "$to" --out a.cbor.zst
	esimport --to sqlite://a.db --from a.cbor.zst
	esexport --from sqlite://a.db --out b.jsonl.zst
	appended rita-2023-nats
	# Into a stream that the import makes, and one that the library has made.
	nats rm orders
	esimport --to "$to" --layout rita-2023 --from b.jsonl.zst --batch-size 2
	nats info orders | jq -cS .config >made
	for key in subjects deny_delete deny_purge retention storage max_age; do
		same "$(jq -c ".$key" made)" "$(jq -c ".$key" config)"
	done
	messages orders | diff one -
	esverify a.cbor.zst "$to"
	appended rita-2023-nats
	same "$(lines_of "$to" | jq -c '[.position, .stream, .version]' | tail -n 3 | tr '\n' ' ')" \
		'[7,"orders.1",2] [8,"orders.2",3] [9,"orders.4",0] '
	nats rm orders
	made rita-2023-nats
	esimport --to "$to" --layout rita-2023 --from b.jsonl.zst
	messages orders | diff one -
	appended rita-2023-nats
	# The same import has nothing to do.
	run -0 esimport --to "$to" --from b.jsonl.zst
	has "$output" 'written 0 + already there 6'
}

@test "rita of 2023 and of 2026 are told apart by how they spell the header" {
	nats make ES_shop '{"subjects":["$ES.shop.>"]}'
	nats make ES_old
	nats pub '$ES.shop.order.1.Placed' -H 'Rita-Entity: order.1' -H 'Rita-Type: Placed' -H 'Rita-Time: 2026-01-01T00:00:00Z' '{}'
	nats pub ES_old.1 -H 'rita-type: placed' -H 'rita-time: 2023-01-01T00:00:00Z' '{}'
	run -0 esexport -n --from "$(nats_address ES_shop)"
	has "$output" 'layout rita)'
	run -0 esexport -n --from "$(nats_address ES_old)"
	has "$output" 'layout rita-2023)'
	# What a client has changed the case of is the only one that comes near.
	nats make native
	nats pub native.1 -H 'es-type: T' '{}'
	run -0 esexport -n --from "$(nats_address native)"
	has "$output" 'layout native)'
}

@test "rita of 2023: what it cannot hold is refused by name" {
	while IFS='|' read -r members says; do
		echo '{"position":7,"stream":"orders.1","version":0,"id":"x","type":"T","time":"2023-01-01T00:00:00Z"}' |
			jq -c ". + {$members}" >in.jsonl
		run -3 --separate-stderr esimport --to "$(nats_address orders)" --layout rita-2023 --from in.jsonl
		has "$stderr" "event 7 (stream \"$(jq -r .stream in.jsonl)\", version 0): $says"
		run -1 nats info orders
	done <<-'END'
		"stream":"order-1"|stream orders does not take its subject order-1
		"stream":"orders.a b"|field stream: has bytes that cannot stand in a subject
		"correlation_id":"c"|field correlation_id: the layout has no place for it
		"tags":["t"]|field tags: the layout has no place for it
		"metadata":{"a":1}|field metadata: has a member that is no text
		"content_type":"text/plain"|field content_type: is something that the layout has no word for
	END
	# Subjects of one's own are in the address.
	run -0 esimport --to "$(nats_address 'orders?subjects=orders.>,carts.*')" --layout rita-2023 <<-'END'
		{"position":7,"stream":"carts.1","version":0,"id":"x","type":"T","time":"2023-01-01T00:00:00Z"}
	END
	same "$(messages orders | jq -c '.[1]')" '"carts.1"'
}
