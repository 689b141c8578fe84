# From the store of one library into that of another: --stream-template, --type-map, --drop-attributes.
load helpers
load stores

# Events with an attribute each, in the two streams order-0 and order-1; a.jsonl.zst has several chunks.
setup() {
	events 40 | jq -c '.stream = "order-\(.position % 2)" | .version = (.position - 1) / 2 | .version |= floor |
		.attributes = {tenant: "x", shard: .position}' >a.jsonl
	esexport --from a.jsonl --out a.jsonl.zst --chunk-size 1KiB 2>/dev/null
	echo '{"Placed": "order_placed", "Paid": "order_paid"}' >types.json
	map=(--stream-template '{category}-{id}={category}:{id}' --type-map types.json --drop-attributes 'ten*')
}

# import CODE [OPTION]...
import() {
	run --separate-stderr "-$1" esimport --from a.jsonl.zst --to sqlite://b.db "${@:2}"
}

summary() {
	tail -n 1 <<<"$stderr"
}

# Two streams, three types and an attribute, as the map makes them.
is_mapped() {
	same "$(sqlite3 "$1" "SELECT group_concat(DISTINCT stream), group_concat(DISTINCT type),
		group_concat(DISTINCT json(attributes -> '$.tenant')), count(attributes -> '$.shard') FROM events")" \
		"${2-order:1,order:0}|order_placed,order_paid,Shipped||40"
}

@test "streams and types get their names, attributes are left out, and the same command goes on" {
	import 0 "${map[@]}" --upto 13 --batch-size 4
	has "$(summary)" 'read 13 = written 13 + already there 0 + filtered 0 events; something left out of 13 events; '
	import 0 "${map[@]}" --verify --log-format json
	same "$(summary | jq -c '[.read, .written, .already_there, .dropped, .verified]')" '[40,27,13,27,true]'
	has "$stderr" 'the first as it is mapped'
	is_mapped b.db
	import 0 "${map[@]}"
	has "$(summary)" 'written 0 + already there 40'
	run -0 esverify --positions a.jsonl.zst sqlite://b.db "${map[@]}"
	has "$output" 'the same: 40 events'
	run -1 esverify a.jsonl.zst sqlite://b.db --json
	# Lines have no header; a store has no file.
	esimport --from a.jsonl --to sqlite://lines.db "${map[@]}" --verify
	esimport --to sqlite://pipe.db "${map[@]}" --verify < <(cat a.jsonl.zst)
	esverify --positions a.jsonl sqlite://lines.db "${map[@]}"
	esverify --positions sqlite://lines.db sqlite://pipe.db
}

@test "another map into the same target is a conflict" {
	import 0 "${map[@]}" --upto 13
	sqlite3 b.db .dump >before
	import 5
	import 5 "${map[@]:0:4}"
	import 5 "${map[@]}" --drop-attributes shard
	import 5 --stream-template '{category}-{id}={id}:{category}' "${map[@]:2}"
	has "$stderr" 'no import of this source, mapped so, wrote them'
	echo '{"Placed": "order_placed", "Paid": "paid"}' >types.json
	import 5 "${map[@]}"
	sqlite3 b.db .dump | cmp - before
	echo '{"Paid":"order_paid",   "Placed":"order_placed"}' >types.json
	import 0 "${map[@]}" --drop-attributes 'ten*'
	is_mapped b.db
}

@test "an event that is gone on behind is known again by what the map made of it" {
	import 0 "${map[@]}" --upto 13
	esexport --from a.jsonl.zst --plain 2>/dev/null | jq -c 'if .position == 13 then .data = 0 else . end' >other.jsonl
	run -5 esimport --from other.jsonl --to sqlite://b.db "${map[@]}"
	run --separate-stderr -0 esimport --from a.jsonl --to sqlite://b.db "${map[@]}"
	has "$stderr" 'written 27 + already there 13'
}

@test "filters look at the names that events have in the source, on both sides" {
	import 0 "${map[@]}" --stream order-1 --type 'P*' --verify
	has "$(summary)" 'read 40 = written 13 + already there 0 + filtered 27'
	esverify a.jsonl.zst sqlite://b.db "${map[@]}" --stream order-1 --type 'P*'
	run --separate-stderr -1 esverify a.jsonl.zst sqlite://b.db "${map[@]}" --stream order-1 --json
	same "$(tail -n 1 <<<"$output" | jq -c '[.equal, .missing, .extra]')" '[13,7,0]'
	run --separate-stderr -0 esverify a.jsonl.zst sqlite://b.db "${map[@]}" --stream order:1 --json
	same "$(tail -n 1 <<<"$output" | jq -c '[.events_a, .events_b]')" '[0,0]'
}

@test "with --append what is added is mapped" {
	events 3 | esimport --to sqlite://b.db 2>/dev/null
	jq -c '.id = "n\(.position)" | .stream |= sub("order"; "cart")' a.jsonl >c.jsonl
	esimport --from c.jsonl --to sqlite://b.db "${map[@]}" --append --verify
	esimport --from c.jsonl --to sqlite://b.db "${map[@]}" --append
	same "$(count_in b.db)" 43
	same "$(sqlite3 b.db "SELECT count(*) FROM events WHERE stream LIKE 'cart:%'")" 40
}

@test "names that cannot be mapped are listed before anything is written" {
	jq -c 'if .position == 30 then .stream = "plain" elif .position % 10 == 5 then .type = "order_paid" else . end' a.jsonl |
		esexport --from - --out a.jsonl.zst --force 2>/dev/null
	for dry in '' -n; do
		import 3 "${map[@]}" ${dry:+"$dry"}
		has "$stderr" 'warning: event 30 (stream "plain", version 14): stream plain: fits no --stream-template; 1 event in all'
		has "$stderr" 'warning: event 5 (stream "order-1", version 2): type order_paid: has the name that --type-map gives to another type; 4 events in all'
		has "$(summary)" 'layout native: cannot hold 5 events of the input as they are, see above'
		[ ! -e b.db ]
	done
	# Of a pipe only the batch is refused.
	run --separate-stderr -3 esimport --to sqlite://b.db --batch-size 4 --stream-template '{c}-{i}={c}/{i}' < <(cat a.jsonl.zst)
	has "$(summary)" 'event 30 (stream "plain", version 14): field stream: fits no --stream-template'
	same "$(count_in b.db)" 28
	# Another template takes what the first one does not.
	import 5 --stream-template '{c}-{i}={c}/{i}' --stream-template '{name}={name}'
	rm b.db
	import 0 --stream-template '{c}-{i}={c}/{i}' --stream-template '{name}={name}' --verify
	same "$(sqlite3 b.db "SELECT stream FROM events WHERE position = 30")" plain
}

@test "of very many names a hundred are listed, and the others counted" {
	jq -c '.stream = "s\(.position)"' a.jsonl >one.jsonl
	{
		cat one.jsonl
		jq -c '.stream += "-b" | .position += 40' one.jsonl
		jq -c '.stream += "-c" | .position += 80' one.jsonl
	} >c.jsonl
	run --separate-stderr -3 esimport --from c.jsonl --to sqlite://b.db --stream-template '{a}.{b}={b}.{a}'
	same "$(grep -c ': fits no --stream-template; 1 event in all' <<<"$stderr")" 100
	has "$stderr" 'warning: and 20 events more with names that are not listed'
	has "$(summary)" 'cannot hold 120 events'
}

@test "two streams never become one" {
	jq -c 'if .position % 2 == 1 then .stream = "order:0-1" else .stream = "order-0:1" end' a.jsonl >c.jsonl
	run --separate-stderr -3 esimport --from c.jsonl --to sqlite://b.db --stream-template '{c}-{i}={c}:{i}'
	has "$stderr" ': stream order:0-1: --stream-template makes a name of it that would not lead back to it; 20 events in all'
	lacks "$stderr" ': stream order-0:1:'
	esimport --from c.jsonl --to sqlite://b.db
	run --separate-stderr -3 esverify c.jsonl sqlite://b.db --stream-template '{c}-{i}={c}:{i}'
}

# An Emmett store, into that of Rails Event Store: names of its streams and types by the habits there.
@test "what has no place in the other library's store is listed, and left out where told to" {
	cp "$REPO/tests/stores/emmett-sqlite/store.db" a.db
	sqlite3 b.db <"$REPO/tests/stores/rails-event-store-sqlite/schema.sql"
	cp b.db empty.db
	echo '{"OrderPlaced": "Sales::OrderPlaced", "OrderLineAdded": "Sales::LineAdded"}' >types.json
	map=(--stream-template '{category}-{id}={category}${id}' --stream-template '{name}={name}' --type-map types.json)
	esexport --from sqlite://a.db --out a.jsonl.zst --force 2>/dev/null
	for dry in '' -n; do
		import 3 "${map[@]}" ${dry:+"$dry"}
		has "$stderr" ': attribute message_schema_version: the layout has no place for it; 161 events in all'
		has "$(summary)" 'layout rails-event-store: cannot hold 161 events of the input as they are, see above; leave out what has no place with --drop-attributes NAME'
		cmp b.db empty.db
	done
	map+=(--drop-attributes 'message_*')
	import 0 "${map[@]}" -n
	has "$output" 'of 161 events something would be left out'
	cmp b.db empty.db
	import 0 "${map[@]}" --batch-size 50 --verify
	has "$(summary)" 'written 187 + already there 0 + filtered 0 events; something left out of 161 events'
	run -0 esverify --positions sqlite://a.db sqlite://b.db "${map[@]}"
	has "$output" 'the same: 187 events'
	same "$(sqlite3 b.db "SELECT count(*) FROM event_store_events_in_streams WHERE stream LIKE 'order\$7c9e6679-%'")" 99
	same "$(sqlite3 b.db "SELECT count(*) FROM event_store_events WHERE event_type = 'Sales::LineAdded'")" \
		"$(sqlite3 a.db "SELECT count(*) FROM emt_messages WHERE message_type = 'OrderLineAdded'")"
}

@test "fields that an event can do without are left out by their names" {
	sqlite3 b.db <"$REPO/tests/stores/rails-event-store-sqlite/schema.sql"
	jq -c 'del(.attributes) | .tags = ["a"] | .correlation_id = "c" | if .position == 7 then .content_type = "x/y" else . end' a.jsonl |
		esexport --from - --out a.jsonl.zst --force 2>/dev/null
	import 3
	has "$stderr" 'warning: event 1 (stream "order-1", version 0): field correlation_id: the layout has no place for it; 40 events in all'
	has "$stderr" 'warning: event 7 (stream "order-1", version 3): field content_type: the layout has no place for it; 1 event in all'
	has "$stderr" ': field tags: '
	import 3 --drop-attributes tags --drop-attributes '*'
	lacks "$stderr" 'field tags'
	import 0 --drop-attributes tags --drop-attributes correlation_id --drop-attributes content_type --verify
	esverify a.jsonl.zst sqlite://b.db --drop-attributes tags --drop-attributes correlation_id --drop-attributes content_type
}

@test "CBOR without its content type is bytes, and the copy is the same" {
	echo '{"position":1,"stream":"order-1","version":0,"type":"T","content_type":"application/cbor","data_base64":"oWFhAQ=="}' |
		esexport --from - --out a.jsonl.zst --force 2>/dev/null
	import 0 --drop-attributes content_type --verify
	esverify a.jsonl.zst sqlite://b.db --drop-attributes content_type
	same "$(sqlite3 b.db 'SELECT content_type IS NULL, hex(data) FROM events')" '1|A1616101'
}

@test "rows of a Rails Event Store keep their order where streams get other names" {
	local rows='SELECT id, position, event_id FROM event_store_events_in_streams ORDER BY id'

	sqlite3 a.db <"$REPO/tests/stores/rails-event-store-sqlite/schema.sql"
	sqlite3 a.db <"$REPO/tests/stores/rails-event-store-sqlite/rows.sql"
	sqlite3 b.db <"$REPO/tests/stores/rails-event-store-sqlite/schema.sql"
	esexport --from sqlite://a.db --out a.jsonl.zst --force 2>/dev/null
	import 0 --stream-template 'mails=post' --stream-template '{name}={name}'
	same "$(sqlite3 b.db "SELECT count(*) > 0 FROM event_store_events_in_streams WHERE stream = 'post'")" 1
	same "$(sqlite3 b.db "$rows")" "$(sqlite3 a.db "$rows")"
}

@test "damage behind what can be written is met as ever, and what has no place is told before it" {
	head -c $(($(stat -c %s a.jsonl.zst) * 3 / 4)) a.jsonl.zst >cut.jsonl.zst
	run --separate-stderr -4 esimport --from cut.jsonl.zst --to sqlite://b.db "${map[@]}"
	[ "$(count_in b.db)" -gt 10 ]
	run --separate-stderr -3 esimport --from cut.jsonl.zst --to sqlite://c.db --stream-template '{a}/{b}={a}-{b}'
	has "$stderr" ': stream order-1: fits no --stream-template; '
	[ ! -e c.db ]
}

@test "dead letters are events of the source, and are imported by the same map" {
	jq -c 'if .position == 20 then .stream = "plain" else . end' a.jsonl | esexport --from - --out a.jsonl.zst --force 2>/dev/null
	esimport --plain --to sqlite://b.db </dev/null
	sqlite3 b.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN NEW.stream = 'order:1' AND NEW.position > 35
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
	import 3 "${map[@]}" --dead-letter d.jsonl.zst --verify
	has "$stderr" 'read 40 = written 37 + already there 0 + filtered 0 + dead-lettered 3 events; something left out of 37 events'
	same "$(grep -c '^missing: ' <<<"$output")" 3
	same "$(zstd -dc d.jsonl.zst | jq -c '[.position, .stream, .type, .attributes.tenant]' | head -n 2 | tr '\n' ' ')" \
		'[20,"plain","Paid","x"] [37,"order-1","Placed","x"] '
	sqlite3 b.db 'DROP TRIGGER no'
	zstd -dc d.jsonl.zst | sed 's/plain/order-0/' | esimport --mended d.jsonl.zst --to sqlite://b.db "${map[@]}"
	esverify --positions a.jsonl sqlite://b.db "${map[@]}"
	is_mapped b.db
}

@test "what a mapped copy lacks is brought by the same map" {
	import 0 "${map[@]}"
	sqlite3 b.db 'DELETE FROM events WHERE position IN (1, 12, 13, 40)'
	run --separate-stderr -1 esverify a.jsonl.zst sqlite://b.db "${map[@]}" --missing-to m.jsonl.zst
	has "$stderr" 'import it with esimport --to sqlite://b.db, and mapped as here'
	same "$(zstd -dc m.jsonl.zst | jq -c '[.stream, .type, .attributes["$follows"].stream]' | tail -n 1)" '["order-0","Placed","order-1"]'
	run -5 esimport --from m.jsonl.zst --to sqlite://b.db
	run --separate-stderr -0 esimport --from m.jsonl.zst --to sqlite://b.db "${map[@]}"
	has "$stderr" 'written 4'
	esverify --positions a.jsonl.zst sqlite://b.db "${map[@]}"
}

@test "what is no map is refused before anything is opened" {
	local text

	for text in 'x' '{a}={b}' '{a}{b}={b}-{a}' '={a}'; do
		run --separate-stderr -2 esimport --from nowhere --to sqlite://b.db --stream-template "$text"
		has "$stderr" "template $text: "
		run --separate-stderr -2 esverify nowhere sqlite://b.db --stream-template "$text"
	done
	printf '{"A": "C",\n"B": "C"}' >types.json
	run --separate-stderr -2 esimport --from nowhere --to sqlite://b.db --type-map types.json
	has "$stderr" 'type map types.json: keys "A" and "B": both become "C"'
	printf '{"A": "C",\n"A": "D"}' >types.json
	run --separate-stderr -2 esimport --from nowhere --to sqlite://b.db --type-map types.json
	has "$stderr" 'type map types.json: line 2, column 3: '
	run --separate-stderr -2 esimport --from nowhere --to sqlite://b.db --type-map none.json
	run --separate-stderr -2 esverify a.jsonl.zst --drop-attributes x
	has "$stderr" '--drop-attributes: is for two places to compare'
	for text in --fast --bisect '--sample=3'; do
		run --separate-stderr -2 esverify a.jsonl.zst sqlite://b.db "${map[@]}" "$text"
		has "$stderr" "--stream-template: does not go with ${text%=*}"
	done
	[ ! -e b.db ]
}
