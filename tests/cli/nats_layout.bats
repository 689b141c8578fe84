# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # subjects and hints have $, each test has its own $to
# Messages that applications publish: what the built-in layouts and layouts of one's own make of
# them, and back into new streams as nats.py sees them.
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

# Each test begins without streams.
setup() {
	local name

	for name in $(nats req '$JS.API.STREAM.NAMES' | jq -r '.streams[]?'); do
		nats rm "$name"
	done
}

# stream NAME SUBJECTS [SETTINGS]: makes one; subjects with commas between them.
stream() {
	nats make "$1" "$(jq -nc --arg s "$2" --argjson more "{${3:-}}" '{subjects: ($s / ",")} + $more')"
}

pub() {
	nats pub "$@" >ack
}

lines() {
	lines_of "$(nats_address "$1")"
}

# put STREAM [OPTION...]: the events of the archive or the lines of standard input.
put() {
	esimport --to "$(nats_address "$1")" "${@:2}"
}

# messages STREAM: what nats.py sees, but for what the server and the import add; headers in the
# order of their names.
messages() {
	nats dump "$1" | jq -c '[.subject, ([.headers[] |
		select(.[0] | IN("Es-Import", "Es-Version", "Nats-Expected-Last-Sequence", "Nats-Expected-Last-Msg-Id") | not)] | sort),
		.data // .data_base64]'
}

# refused STREAM LAYOUT MEMBERS WHAT: an event with these members is refused by name, and no stream
# is made.
refused() {
	printf '{"position":7,"stream":"a.b","version":0,"type":"T","time":"2026-01-01T00:00:00Z"}\n' |
		jq -c ". + {$3}" >refused.jsonl
	run -3 --separate-stderr put "$1" --layout "$2" --from refused.jsonl
	has "$stderr" "event 7 (stream \"$(jq -r .stream refused.jsonl)\", version 0): $4"
	run -1 nats info "${1%%\?*}"
	has "$output" 'stream not found'
}

# by_rita: a store of rita's, messages as that publishes them.
by_rita() {
	stream ES_shop '$ES.shop.>'
	pub '$ES.shop.order.1.Placed' -H 'Nats-Msg-Id: i1' -H 'Rita-Entity: order.1' -H 'Rita-Type: Placed' \
		-H 'Rita-Time: 2026-01-01T00:00:01.5Z' -H 'Rita-Codec: json' -H 'Rita-Meta-user: anna' \
		-H 'Rita-Meta-Geo: 50.1, 8.7' '{"n": 1.10}'
	pub '$ES.shop.order.2.Placed' -H 'Nats-Msg-Id: i2' -H 'Rita-Entity: order.2' -H 'Rita-Type: Placed' \
		-H 'Rita-Time: 2026-01-01T00:00:02Z' -H 'Rita-Codec: protobuf' --hex 00ff0d0a
	pub '$ES.shop.cart.ü.Emptied' -H 'Nats-Msg-Id: i3' -H 'Rita-Entity: cart.ü' -H 'Rita-Type: Emptied' \
		-H 'Rita-Time: 2026-01-01T00:00:03.123456789Z' -H 'Rita-Codec: msgpack' -H 'X-Trace: a' \
		-H 'X-Trace: b' --hex 80
	pub '$ES.shop.order.1.Paid' -H 'Nats-Msg-Id: i4' -H 'Rita-Entity: order.1' -H 'Rita-Type: Paid' \
		-H 'Rita-Time: 2026-01-01T00:00:04Z' -H 'Rita-Codec: binary' plain
}

@test "rita: messages are recognised, and have their fields" {
	by_rita
	run -0 esexport -n --from "$(nats_address ES_shop)"
	has "$output" 'layout rita'
	lines ES_shop >is
	cat >wanted <<-'END'
		{"position":1,"stream":"order.1","version":0,"id":"i1","type":"Placed","time":"2026-01-01T00:00:01.5Z","metadata":{"user":"anna","Geo":"50.1, 8.7"},"data":{"n": 1.10}}
		{"position":2,"stream":"order.2","version":0,"id":"i2","type":"Placed","time":"2026-01-01T00:00:02Z","content_type":"application/protobuf","data_base64":"AP8NCg=="}
		{"position":3,"stream":"cart.ü","version":0,"id":"i3","type":"Emptied","time":"2026-01-01T00:00:03.123456789Z","content_type":"application/msgpack","attributes":{"X-Trace":["a","b"],"$headers":["X-Trace"]},"data_base64":"gA=="}
		{"position":4,"stream":"order.1","version":1,"id":"i4","type":"Paid","time":"2026-01-01T00:00:04Z","content_type":"application/octet-stream","data_base64":"cGxhaW4="}
	END
	jq -cS . wanted >a
	jq -cS . is | diff a -
	# The data is as it was published.
	grep -q '"data":{"n": 1.10}' is
}

@test "rita: by SQLite into a new stream, subjects and headers are those of before" {
	by_rita
	esexport --from "$(nats_address ES_shop)" --out a.zst
	esimport --to sqlite://a.db --from a.zst
	esexport --from sqlite://a.db --out b.zst
	put ES_other --layout rita --from b.zst
	same "$(nats info ES_other | jq -c .config.subjects)" '["$ES.other.>"]'
	messages ES_shop | sed 's/\$ES\.shop\./$ES.other./' >one
	messages ES_other >two
	diff one two
	esverify a.zst "$(nats_address ES_other)"
	# The version is what rita does not say.
	same "$(nats dump ES_other | jq -c '.headers[] | select(.[0] == "Es-Version")[1]' | tr '\n' ' ')" \
		'"0" "0" "0" "1" '
}

@test "rita: what it cannot hold is refused by name" {
	local id='"id":"x"'

	refused ES_bad rita "$id,\"stream\":\"a\"" 'field stream: has another number of parts between dots'
	refused ES_bad rita "$id,\"stream\":\"a.b.c\"" 'field stream: has another number of parts between dots'
	refused ES_bad rita "$id,\"stream\":\"a.\"" 'field stream: has an empty part'
	refused ES_bad rita "$id,\"stream\":\"a.*\"" 'field stream: has a part * or >'
	refused ES_bad rita "$id,\"stream\":\"a.b c\"" 'field stream: has bytes that cannot stand in a subject'
	refused ES_bad rita "$id,\"type\":\"a b\"" 'field type: has bytes that cannot stand in a subject'
	refused ES_bad rita "$id,\"correlation_id\":\"c\"" 'field correlation_id: the layout has no place for it'
	refused ES_bad rita "$id,\"causation_id\":\"c\"" 'field causation_id: the layout has no place for it'
	refused ES_bad rita "$id,\"tags\":[\"t\"]" 'field tags: the layout has no place for it'
	refused ES_bad rita "$id,\"metadata\":{\"a\":1}" 'field metadata: has a member that is no text'
	refused ES_bad rita "$id,\"metadata\":[\"a\"]" 'field metadata: is no object of texts'
	refused ES_bad rita "$id,\"metadata\":{}" 'field metadata: would come back from this layout as something else'
	refused ES_bad rita "$id,\"metadata\":{\"a b\":\"c\"}" 'field metadata: has a member whose name cannot be'
	refused ES_bad rita "$id,\"metadata\":{\"a\":\"b\\nc\"}" 'field metadata: has bytes that cannot stand in a header'
	refused ES_bad rita "$id,\"attributes\":{\"a\":1}" 'attribute a: the layout has no place for it'
	refused ES_bad rita "$id,\"attributes\":{\"a\":[\"x\"]}" 'attribute a: the layout has no place for it'
	refused ES_bad rita "$id,\"attributes\":{\"Nats-Rollup\":\"all\"}" 'attribute Nats-Rollup: the layout has no place'
	refused ES_bad rita "$id,\"content_type\":\"text/plain\"" 'field content_type: is something that the layout has no word for'
	echo '{"position":7,"stream":"a.b","version":0,"id":"x","type":"T"}' >timeless.jsonl
	run -3 --separate-stderr put ES_bad --layout rita --from timeless.jsonl
	has "$stderr" 'event 7 (stream "a.b", version 0): field time: '
	# An attribute that is a text is a header.
	echo '{"position":1,"stream":"a.b","version":0,"id":"x","type":"T","time":"2026-01-01T00:00:00Z","attributes":{"Note":"n"}}' |
		put ES_good --layout rita
	nats dump ES_good | jq -e '.headers | index([["Note", "n"]])'
	run -2 put good --layout rita --from refused.jsonl
	has "$output" 'stream good: layout rita is for streams named ES_{store}'
}

@test "CloudEvents: values are percent-encoded, and extensions are attributes" {
	stream CE 'ce.>'
	pub ce.order.1 -H 'ce-specversion: 1.0' -H 'ce-id: 1' -H 'ce-type: com.ex%22ample' -H 'ce-source: /x' \
		-H 'ce-time: 2026-01-01T00:00:01Z' -H 'ce-datacontenttype: application/json' \
		-H 'ce-subject: z%C3%BC%20%20a' -H 'ce-dataschema: http://a/b' -H 'ce-traceparent: 00-1' '{"a": 1}'
	pub ce.order.1 -H 'ce-specversion: 1.0' -H 'ce-id: 2' -H 'ce-type: T' -H 'ce-source: %E2%82%AC' \
		-H 'ce-time: 2026-01-01T00:00:02Z' -H 'ce-datacontenttype: text/plain' '{"a": 1}'
	pub ce.order.2 -H 'ce-specversion: 1.0' -H 'ce-id: 3' -H 'ce-type: T' -H 'ce-source: /x' \
		-H 'ce-time: 2026-01-01T00:00:03Z' -H 'ce-datacontenttype: application/vnd.x+json;charset=utf-8' \
		-H 'ce-correlationid: c' -H 'ce-causationid: 1' '{"a": 1}'
	pub ce.order.2 -H 'ce-specversion: 1.0' -H 'ce-id: 4' -H 'ce-type: T' -H 'ce-source: /x' \
		-H 'ce-time: 2026-01-01T00:00:04Z'
	run -0 esexport -n --from "$(nats_address CE)"
	has "$output" 'layout cloudevents'
	cat >wanted <<-'END'
		{"position":1,"stream":"ce.order.1","version":0,"id":"1","type":"com.ex\"ample","time":"2026-01-01T00:00:01Z","content_type":"application/json","attributes":{"ce-source":"/x","ce-dataschema":"http://a/b","ce-subject":"zü  a","ce-traceparent":"00-1"},"data":{"a":1}}
		{"position":2,"stream":"ce.order.1","version":1,"id":"2","type":"T","time":"2026-01-01T00:00:02Z","content_type":"text/plain","attributes":{"ce-source":"€"},"data_base64":"eyJhIjogMX0="}
		{"position":3,"stream":"ce.order.2","version":0,"id":"3","type":"T","time":"2026-01-01T00:00:03Z","correlation_id":"c","causation_id":"1","content_type":"application/vnd.x+json;charset=utf-8","attributes":{"ce-source":"/x"},"data":{"a":1}}
		{"position":4,"stream":"ce.order.2","version":1,"id":"4","type":"T","time":"2026-01-01T00:00:04Z","attributes":{"ce-source":"/x"}}
	END
	jq -cS . wanted >a
	lines CE | jq -cS 'del(.attributes."$headers")' | diff a -
	# By SQLite into a new stream, whose subjects must be said.
	esexport --from "$(nats_address CE)" --out a.zst
	esimport --to sqlite://a.db --from a.zst
	esexport --from sqlite://a.db --out b.zst
	messages CE >one
	nats rm CE
	run -2 put AGAIN --layout cloudevents --from b.zst
	has "$output" 'layout cloudevents does not say which subjects it would take; name them in the address, as in ?subjects='
	run -1 nats info AGAIN
	put 'AGAIN?subjects=ce.order.*,more.>' --layout cloudevents --from b.zst
	same "$(nats info AGAIN | jq -c .config.subjects)" '["ce.order.*","more.>"]'
	# One that is for the server: ids that it looks at.
	messages AGAIN | jq -c '[.[0], (.[1] | map(select(.[0] != "Nats-Msg-Id"))), .[2]]' | diff one -
	same "$(nats dump AGAIN | jq -r '.headers[] | select(.[0] == "Nats-Msg-Id")[1]' | tr '\n' ' ')" '1 2 3 4 '
	esverify a.zst "$(nats_address AGAIN)"
}

@test "CloudEvents: what no subject can be is refused, and what the stream does not take" {
	refused 'CE?subjects=ce.>' cloudevents '"id":"x","stream":"ce. a"' 'field stream: has bytes that cannot stand in a subject'
	refused 'CE?subjects=ce.>' cloudevents '"id":"x"' 'stream CE does not take its subject a.b'
	refused 'CE?subjects=ce.>' cloudevents '"id":"x","stream":"ce.a","tags":["t"]' 'field tags: the layout has no place for it'
	# The same where the stream is there.
	stream CE 'ce.>'
	jq -c '.id = "x"' refused.jsonl >one.jsonl
	sed -i 's/"tags":\["t"\],\?//; s/,}/}/; s/ce\.a/b.c/' one.jsonl
	run -3 --separate-stderr put CE --layout cloudevents --from one.jsonl
	has "$stderr" 'stream CE does not take its subject b.c'
	lacks "$stderr" 'trying again'
	same "$(nats info CE | jq .state.messages)" 0
}

@test "native: versions by rank and times of the server where no header says them" {
	stream N 'N.*'
	for i in 1 2 3; do
		pub N.a -H 'Es-Type: T' '{"n":1}'
		pub N.b -H 'Es-Type: T' -H "Es-Time: 2026-01-01T00:00:0${i}Z"
	done
	pub N.c -H 'Es-Type: T' -H 'Es-Version: 7' -H 'Es-Time: -'
	run -0 esexport -n --from "$(nats_address N)"
	has "$output" 'layout native'
	lines N >is
	same "$(jq -c '[.stream, .version]' is | tr '\n' ' ')" \
		'["a",0] ["b",0] ["a",1] ["b",1] ["a",2] ["b",2] ["c",7] '
	nats dump N | jq -r 'select(.subject == "N.a").time' >server
	jq -r 'select(.stream == "a").time' is | diff server -
	same "$(jq -r 'select(.stream == "b").time' is | tr '\n' ' ')" \
		'2026-01-01T00:00:01Z 2026-01-01T00:00:02Z 2026-01-01T00:00:03Z '
	same "$(jq -r 'select(.stream == "c").time' is)" null
}

@test "native: headers that no layout knows are attributes, and headers again" {
	stream N 'N.*'
	pub N.a -H 'Es-Type: T' -H 'X-One: 1' -H 'X-Two: a' -H 'X-Two: b' -H 'x-two: c' -H 'X-Url: http://a/b?c=d%20e' \
		-H 'Nats-Expected-Stream: N' -H 'Nats-Expected-Last-Sequence: 0' -H 'Nats-Msg-Size: 3' '{"n":1}'
	pub N.b -H 'Es-Type: T' -H 'grüße: zoë 東京' -H 'X-100%: 100%'
	many=()
	for ((i = 10; i < 50; i++)); do
		many+=(-H "X-$i: $i")
	done
	pub N.c -H 'Es-Type: T' "${many[@]}"
	cat >wanted <<-'END'
		{"X-One":"1","X-Two":["a","b"],"X-Url":"http://a/b?c=d%20e","x-two":"c"}
		{"X-100%":"100%","grüße":"zoë 東京"}
	END
	jq -nc '[range(10; 50) | {"X-\(.)": "\(.)"}] | add' >>wanted
	lines N | jq -cS '.attributes | del(."$headers")' | diff wanted -
	esexport --from "$(nats_address N)" --out a.zst
	esimport --to sqlite://a.db --from a.zst
	esexport --from sqlite://a.db --out b.zst
	put M --from b.zst
	nats dump M | jq -c '.headers[] | select(.[0] | test("^(X-|x-|Nats-)"))' >headers
	for header in '["X-One","1"]' '["X-Two","a"]' '["X-Two","b"]' '["x-two","c"]'; do
		grep -qxF "$header" headers
	done
	# What was for the server then is not for it now; ours is another one.
	lacks "$(cat headers)" Nats-Expected-Stream
	lacks "$(cat headers)" Nats-Msg-Size
	same "$(grep -c Nats-Expected-Last-Sequence headers)" 3
	esverify a.zst "$(nats_address M)"
}

@test "a header without a value is read exactly, wherever it stands" {
	stream N 'N.*'
	# Without data, too: then the library is asked for a status, which changes what it says later.
	for data in '{"n":1}' ''; do
		pub N.a -H 'Es-Type: T' -H 'Empty:' -H 'Next: v' "$data"
		pub N.a -H 'Es-Type: T' -H 'Empty: ' -H 'Next: v' -H 'Other: w' "$data"
		pub N.a -H 'Empty:' -H 'Es-Type: T' "$data"
		pub N.a -H 'Es-Type: T' -H 'Empty:' "$data"
		pub N.a -H 'Es-Type: T' -H 'Empty: ' "$data"
		pub N.a -H 'Es-Type: T' -H 'Empty:' -H 'Empty:' -H 'Empty: x' -H 'Empty: ' "$data"
		pub N.a -H 'Es-Type: T' -H 'Lead:   x' -H 'Trail: y  ' -H $'Tab:\tz\t' -H 'Tight:v' "$data"
		pub N.a -H 'Es-Type:T' -H 'Like: Other: value' -H 'Time: 12:30:00' "$data"
	done
	# They are there as they were given: "Empty:" and "Empty: " at the end of a line, and of all.
	nats dump N --raw | jq -r .raw_header >raw
	for end in 456d7074793a0d0a 456d7074793a200d0a 456d7074793a0d0a0d0a; do
		grep -q "$end" raw
	done
	cat >wanted <<-'END'
		{"Empty":"","Next":"v"}
		{"Empty":"","Next":"v","Other":"w"}
		{"Empty":""}
		{"Empty":""}
		{"Empty":""}
		{"Empty":["","","x",""]}
		{"Lead":"x","Tab":"z","Tight":"v","Trail":"y"}
		{"Like":"Other: value","Time":"12:30:00"}
	END
	cat wanted wanted >all
	lines N >is
	jq -cS '.attributes | del(."$headers")' is | diff all -
	# Into streams of each kind, by way of an archive, and from there the same again.
	esexport --from "$(nats_address N)" --out a.zst
	put M --from a.zst
	lines M | jq -cS '.attributes | del(."$headers")' | diff all -
	esverify a.zst "$(nats_address M)"
	esverify "$(nats_address N)" "$(nats_address M)"
}

@test "a header of the layout that comes twice is an error that names the message" {
	stream N 'N.*'
	pub N.a -H 'Es-Type: T'
	pub N.a -H 'Es-Type: T' -H 'es-type: U'
	run -3 --separate-stderr esexport --plain --from "$(nats_address N)"
	has "$stderr" 'stream N, message 2: Es-Type: is there more than once'
	nats purge N
	pub N.a -H 'Es-Type: T' -H 'Es-Tags: ["a"]' -H 'Es-Tags: ["b"]'
	run -3 --separate-stderr esexport --plain --from "$(nats_address N)"
	has "$stderr" 'stream N, message 3: Es-Tags: is there more than once'
	nats purge N
	pub N.a -H 'Es-Type: T' -H 'Es-Metadata-Base64: !'
	run -3 --separate-stderr esexport --plain --from "$(nats_address N)"
	has "$stderr" 'stream N, message 4: Es-Metadata-Base64: is not base64'
	nats purge N
	pub N.a -H 'Es-Type: T' -H 'Es-Version: x'
	run -3 --separate-stderr esexport --plain --from "$(nats_address N)"
	has "$stderr" 'message 5'
}

@test "the layout is found by the first message, and that of an empty stream by its subjects" {
	by_rita
	nats purge ES_shop
	stream NATIVE 'NATIVE.*'
	stream OTHER 'other.>'
	for pair in ES_shop=rita NATIVE=native; do
		run -0 esexport -n --from "$(nats_address "${pair%=*}")"
		has "$output" "layout ${pair#*=}"
		events 1 | jq -c '.stream = "a.b"' >in.jsonl
		run -0 put "${pair%=*}" -n --from in.jsonl
		has "$output" "layout ${pair#*=}"
	done
	for program in 'esexport --plain --from' 'esimport --from in.jsonl --to'; do
		# shellcheck disable=SC2086 # words
		run -2 $program "$(nats_address OTHER)"
		has "$output" 'has no messages that a built-in layout knows; name a layout with --layout'
	done
	# Messages count more than subjects.
	pub NATIVE.a -H 'ce-type: T' -H 'ce-id: 1' -H 'ce-source: s' -H 'ce-specversion: 1.0'
	run -0 esexport -n --from "$(nats_address NATIVE)"
	has "$output" 'layout cloudevents'
	pub other.a -H 'Type: T' x
	run -2 esexport --plain --from "$(nats_address OTHER)"
	has "$output" 'has no messages that a built-in layout knows; name a layout with --layout'
	# Two that fit.
	stream BOTH 'BOTH.*'
	pub BOTH.a -H 'ce-type: T' -H 'Es-Type: T' x
	run -2 esexport --plain --from "$(nats_address BOTH)"
	has "$output" 'several layouts fit: cloudevents, native; name one with --layout'
	run -0 esexport --plain --from "$(nats_address BOTH)" --layout native
	# One that is named and does not fit.
	run -2 esexport --plain --from "$(nats_address OTHER)" --layout rita
	has "$output" 'layout rita is for streams named ES_{store}'
	run -2 esexport --plain --from "$(nats_address OTHER)" --layout emmett
	run -2 esexport --plain --from "$(nats_address OTHER)" --layout none
}

@test "--list-layouts has those of messages" {
	run -0 esexport --list-layouts
	for name in native rita cloudevents; do
		grep -q "^$name *nats " <<<"$output"
	done
}

own_layout() {
	cat >own.json <<-'END'
		{
		  "layout": 1,
		  "name": "own",
		  "store": "nats",
		  "stream": {"subjects": ["app.>"], "settings": {"deny_purge": true, "allow_direct": false}},
		  "events": {
		    "subject": "app.{type}.{stream:*}",
		    "headers": {
		      "Message-Id": {"field": "id"},
		      "Kind": {"field": "type"},
		      "Seq": {"field": "version", "base": 1},
		      "At": {"field": "time", "as": "unix-ms"},
		      "Cause": {"field": "causation_id"},
		      "User": {"attribute": "user"},
		      "Mime": {"field": "content_type"}
		    },
		    "drop": ["Nats-*", "Secret"]
		  }
		}
	END
}

@test "a layout of one's own reads and writes" {
	own_layout
	stream APP 'app.>'
	pub app.Placed.shop.1.x -H 'Message-Id: 1' -H 'Kind: Placed' -H 'Seq: 1' -H 'At: 1767225600123' -H 'User: anna' '{"n":1}'
	pub app.Paid.shop.1.x -H 'Kind: Paid' -H 'Seq: 2' -H 'At: 1767225601000' -H 'Mime: text/plain' -H 'Cause: 1' \
		-H 'X-More: m' hello
	pub app.Paid.%41 -H 'Kind: Paid' -H 'Seq: 1' -H 'At: 0' -H 'User: 1%2' '[]'
	cat >wanted <<-'END'
		{"position":1,"stream":"shop.1.x","version":0,"id":"1","type":"Placed","time":"2026-01-01T00:00:00.123Z","attributes":{"user":"anna"},"data":{"n":1}}
		{"position":2,"stream":"shop.1.x","version":1,"type":"Paid","time":"2026-01-01T00:00:01Z","causation_id":"1","content_type":"text/plain","attributes":{"X-More":"m"},"data_base64":"aGVsbG8="}
		{"position":3,"stream":"%41","version":0,"type":"Paid","time":"1970-01-01T00:00:00Z","attributes":{"user":"1%2"},"data":[]}
	END
	jq -cS . wanted >a
	esexport --from "$(nats_address APP)" --layout ./own.json --plain | jq -cS 'del(.attributes."$headers")' | diff a -
	esexport --from "$(nats_address APP)" --layout ./own.json --out a.zst
	messages APP >one
	nats rm APP
	put NEW --layout ./own.json --from a.zst
	same "$(nats info NEW | jq -c '.config | [.subjects, .deny_purge, .deny_delete, .allow_direct]')" '[["app.>"],true,false,false]'
	messages NEW | diff one -
	nats dump NEW | jq -e '[.headers[][0]] | index("Secret") == null'
	esverify --layout ./own.json a.zst "$(nats_address NEW)"
	# What it has no place for.
	refused APP ./own.json '"correlation_id":"c"' 'field correlation_id: the layout has no place for it'
	refused APP ./own.json '"time":"2026-01-01T00:00:00.0001Z"' 'field time: '
	refused APP ./own.json '"type":"a.b"' 'field type: '
	refused APP ./own.json '"attributes":{"Secret":"s"}' 'attribute Secret: the layout has no place for it'
	refused APP ./own.json '"attributes":{"user":7}' 'attribute user: is no text, and headers hold texts'
	jq '.events.subject = "app.{type}"' own.json >bad.json
	run -2 put APP --layout ./bad.json --from a.zst
	has "$output" 'must have the stream once'
	jq '.events.headers.Data = {field: "data"}' own.json >bad.json
	run -2 put APP --layout ./bad.json --from a.zst
	has "$output" 'data is the body of the message'
}

@test "a message needs no header where its subject tells all" {
	jq -n '{layout: 1, name: "bare", store: "nats", events: {subject: "app.{type}.{stream:*}", headers: {}}}' >bare.json
	stream APP 'app.>'
	pub app.Placed.shop.1 '{"n":1}'
	pub app.Paid.shop.1 ''
	same "$(esexport --from "$(nats_address APP)" --layout ./bare.json --plain | jq -c '[.stream, .version, .type, .data]')" \
		$'["shop.1",0,"Placed",{"n":1}]\n["shop.1",1,"Paid",null]'
}

@test "a message whose subject does not fit the layout is named" {
	own_layout
	stream APP 'app.>,else'
	pub app.T.s -H 'Seq: 1' -H 'At: 0' -H 'Kind: T'
	pub else -H 'Seq: 1' -H 'At: 0' -H 'Kind: T'
	run -3 esexport --plain --from "$(nats_address APP)" --layout ./own.json
	has "$output" 'stream APP, message 2: its subject: does not fit the layout, and no header says what it tells'
}

@test "streams that would lose events are refused, and taken where that is allowed" {
	events 3 >in.jsonl
	while IFS=: read -r settings why; do
		stream LOSES 'LOSES.*' "${settings//=/:}"
		run -6 --separate-stderr put LOSES --from in.jsonl
		has "$stderr" "$why"
		has "$stderr" 'put allow_loss=yes into the address'
		same "$(nats info LOSES | jq .state.messages)" 0
		run -0 --separate-stderr put 'LOSES?allow_loss=yes' --from in.jsonl
		has "$stderr" "warning: $(nats_address LOSES): $why"
		nats rm LOSES
	done <<-'END'
		"max_age"=3600000000000:its messages expire (max_age)
		"max_msgs"=100,"discard"="old":it drops its oldest messages where it is full (discard old)
		"max_bytes"=1000000,"discard"="old":it drops its oldest messages where it is full (discard old)
		"max_msgs_per_subject"=100:it keeps only so many messages of a subject (max_msgs_per_subject)
		"retention"="workqueue":its messages go when they have been read (retention)
		"retention"="interest":its messages go when they have been read (retention)
	END
	# Full, and nothing is lost: the import ends with an error.
	stream FULL 'FULL.*' '"max_msgs":2'
	run -6 --separate-stderr put FULL --from in.jsonl
	has "$stderr" 'event 3: '
	has "$stderr" 'maximum messages exceeded'
	lacks "$stderr" 'trying again'
}

@test "streams that take no events are refused in any case" {
	events 3 >in.jsonl
	stream SEALED 'SEALED.*'
	pub SEALED.a -H 'Es-Type: T'
	nats info SEALED | jq -c '.config + {sealed: true}' >config
	nats req '$JS.API.STREAM.UPDATE.SEALED' "$(cat config)" | jq -e .config.sealed
	nats make MIRROR '{"subjects":null,"mirror":{"name":"SEALED"}}'
	stream NOACK 'NOACK.*' '"no_ack":true'
	while IFS=: read -r name why; do
		run -6 --separate-stderr put "$name?allow_loss=yes" --from in.jsonl --layout native
		has "$stderr" "$(nats_address "$name"): $why"
		lacks "$stderr" allow_loss
	done <<-'END'
		SEALED:it is sealed
		MIRROR:it is a mirror, which takes no messages
		NOACK:it does not acknowledge messages (no_ack)
	END
	# Sources they are.
	same "$(lines SEALED | wc -l)" 1
	lines SEALED >one
	until [ "$(nats info MIRROR | jq .state.messages)" = 1 ]; do
		:
	done
	# Subjects of the native layout begin with the name of the stream.
	run -3 esexport --plain --from "$(nats_address MIRROR)"
	has "$output" 'stream MIRROR, message 1: its subject: does not fit the layout'
	jq '.events.subject = "SEALED.{stream}" | .name = "mine"' "$REPO/spec/layouts/native-nats.json" >mine.json
	esexport --from "$(nats_address MIRROR)" --layout ./mine.json --plain | diff one -
	# That of a work queue would be taken away by reading.
	stream QUEUE 'QUEUE.*' '"retention":"workqueue"'
	pub QUEUE.a -H 'Es-Type: T'
	run -6 esexport --plain --from "$(nats_address QUEUE)"
	has "$output" 'what is read from a work queue is gone from it: it is no event store'
	same "$(nats info QUEUE | jq .state.messages)" 1
}

@test "what the address says of a stream that is made is in its settings" {
	events 3 >in.jsonl
	put 'MADE?storage=memory&subjects=MADE.*,made.>&duplicate_window=30&max_bytes=64MiB&max_msgs=1000&max_age=0&max_msg_size=1MiB&replicas=1' \
		--from in.jsonl 2>said
	has "$(cat said)" "warning: $(nats_address MADE): it is in memory, and gone when its servers stop"
	same "$(nats info MADE | jq -c '.config | [.storage, .subjects, .duplicate_window, .max_bytes, .max_msgs, .max_age,
		.max_msg_size, .num_replicas, .discard, .retention, .allow_direct]')" \
		'["memory",["MADE.*","made.>"],30000000000,67108864,1000,0,1048576,1,"new","limits",true]'
	# Again, and it says so again.
	run -0 put MADE --from in.jsonl
	has "$output" 'it is in memory'
	# Without any.
	put PLAIN --from in.jsonl
	same "$(nats info PLAIN | jq -c '.config | [.storage, .subjects, .duplicate_window, .max_bytes, .max_msgs, .max_age,
		.max_msg_size, .num_replicas, .discard, .retention]')" \
		'["file",["PLAIN.*"],120000000000,-1,-1,0,-1,1,"new","limits"]'
	# Those that lose events only where that is allowed: else the next run would be refused.
	for bad in max_age=60 'max_msgs=10&discard=old' 'max_bytes=1MiB&discard=old'; do
		run -6 put "LOSES?$bad" --from in.jsonl
		has "$output" 'put allow_loss=yes into the address'
		run -1 nats info LOSES
		run -0 put "LOSES?$bad&allow_loss=yes" --from in.jsonl
		has "$output" warning
		run -0 put "LOSES?$bad&allow_loss=yes" --from in.jsonl
		nats info LOSES | jq -c '.config | [.max_age, .max_msgs, .max_bytes, .discard]' >>settings
		nats rm LOSES
	done
	diff - settings <<-'END'
		[60000000000,-1,-1,"new"]
		[0,10,-1,"old"]
		[0,-1,1048576,"old"]
	END
	run -6 put 'MORE?replicas=3' --from in.jsonl
	has "$output" 'replicas > 1 not supported in non-clustered mode; replicas need a cluster'
	run -1 nats info MORE
	# Subjects that another stream has, and such as the layout does not need.
	run -5 put 'MORE?subjects=MORE.*,PLAIN.x' --from in.jsonl
	has "$output" 'subjects overlap with an existing stream; another stream takes these subjects'
	run -2 put 'MORE?subjects=else.>' --from in.jsonl
	has "$output" 'does not take the subjects MORE.* of the layout native'
	run -1 nats info MORE
}

@test "a dry run makes no stream, and says what would be made" {
	events 3 >in.jsonl
	run -0 put DRY -n --from in.jsonl
	has "$output" "write  $(nats_address DRY) (nats, layout native, which would be made)"
	has "$output" '3 events would be written'
	run -1 nats info DRY
	# It sees what a run would.
	run -2 put DRY -n --layout cloudevents --from in.jsonl
	has "$output" 'name them in the address'
	run -6 put 'DRY?max_age=1' -n --from in.jsonl
	run -3 put 'DRY?subjects=x.*' -n --layout cloudevents --from in.jsonl
	has "$output" 'stream DRY does not take its subject order-0'
	same "$(nats req '$JS.API.STREAM.NAMES' | jq .total)" 0
	# Of a stream that is there it changes nothing.
	put DRY --from in.jsonl
	nats dump DRY >one
	events 5 >more.jsonl
	run -0 put DRY -n --from more.jsonl
	has "$output" '2 events would be written'
	nats dump DRY | cmp - one
}
