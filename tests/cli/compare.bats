#!/usr/bin/env bats
# What esverify A B finds, and that it finds its way again.

load helpers
load stores

setup() {
	events 2000 >a.jsonl
}

# The lines of a.jsonl through jq on each event, with new positions.
renumbered() {
	jq -c "$1" a.jsonl | jq -nc 'foreach inputs as $e (0; . + 1; . as $n | $e | .position = $n)'
}

# Findings without their text: kind, position in A, position in B.
found() {
	grep '"finding"' <<<"$output" |
		jq -r '"\(.finding) \(.position_a // "-") \(.position_b // "-")"' | paste -sd, -
}

# compare WANTED FILE: findings of a.jsonl against it
compare() {
	local rc=1

	[ -n "$1" ] || rc=0
	run --separate-stderr "-$rc" esverify --json --max-findings 50000 "${@:3}" a.jsonl "$2"
	same "$(found)" "$1"
}

@test "events that are missing, at each place" {
	jq -c 'select(.position | IN(1, 2, 1000, 1999, 2000) | not)' a.jsonl >b.jsonl
	compare "missing 1 -,missing 2 -,missing 1000 -,missing 1999 -,missing 2000 -" b.jsonl
	run --separate-stderr -1 esverify a.jsonl b.jsonl
	has "$output" 'missing: event 1000 (stream "order-4", version 199, id "id-1000"): is only in the first'
	has "$output" 'missing in the second                      5'
	has "$output" 'equal                                  1,995'
}

@test "events that are missing from a copy with other positions" {
	renumbered 'select(.position | IN(1, 2, 1000, 1999, 2000) | not)' >b.jsonl
	compare "missing 1 -,missing 2 -,missing 1000 -,missing 1999 -,missing 2000 -" b.jsonl
}

@test "one more event, at each place" {
	for n in 0 1000 2000; do
		{
			head -n $n a.jsonl
			echo '{"position":0,"stream":"new","version":0,"id":"new","type":"T"}'
			tail -n +$((n + 1)) a.jsonl
		} | jq -nc 'foreach inputs as $e (0; . + 1; . as $n | $e | .position = $n)' >b.jsonl
		compare "extra - $((n + 1))" b.jsonl
	done
	run --separate-stderr -1 esverify a.jsonl b.jsonl
	has "$output" 'extra: event 2001 (stream "new", version 0, id "new"): is only in the second'
}

@test "an event that is there twice" {
	renumbered 'if .position == 700 then ., . else . end' >b.jsonl
	compare "extra - 701" b.jsonl
}

@test "two that changed places, beside each other and far from each other" {
	renumbered . | jq -c 'if .position == 10 then .position = 11 elif .position == 11 then .position = 10 else . end' |
		jq -sc 'sort_by(.position)[]' >b.jsonl
	compare "out-of-order 10 11" b.jsonl
	run --separate-stderr -1 esverify a.jsonl b.jsonl
	has "$output" 'out-of-order: event 10 (stream "order-4", version 1, id "id-10"): stands at another place in the second, as event 11'
	renumbered . | jq -c 'if .position == 10 then .position = 1500 elif .position == 1500 then .position = 10 else . end' |
		jq -sc 'sort_by(.position)[]' >b.jsonl
	compare "out-of-order 10 1500,out-of-order 1500 10" b.jsonl
}

@test "an event that moved, and changed" {
	renumbered . | jq -c 'if .position == 10 then .position = 11 | .type = "X" elif .position == 11 then .position = 10 else . end' |
		jq -sc 'sort_by(.position)[]' >b.jsonl
	compare "out-of-order 10 11" b.jsonl
	same "$(grep out-of <<<"$output" | jq -c .fields | head -n 1)" '{"type":{"a":"Placed","b":"X"}}'
}

# A batch of 4,096 events is always there.
@test "one that moved farther than the look ahead is missing here and extra there" {
	events 20000 >a.jsonl
	renumbered . | jq -c 'if .position == 10 then .position = 15000.5 else . end' |
		jq -sc 'sort_by(.position)[]' | jq -nc 'foreach inputs as $e (0; . + 1; . as $n | $e | .position = $n)' >b.jsonl
	compare "out-of-order 10 15000" b.jsonl
	compare "missing 10 -,extra - 15000" b.jsonl --ahead 50KiB
}

@test "each field that differs is named, with both values" {
	while read -r change fields; do
		jq -c "if .position == 500 then $change else . end" a.jsonl >b.jsonl
		compare "different 500 500" b.jsonl
		same "$(head -n 1 <<<"$output" | jq -c .fields)" "$fields"
	done <<-'LINES'
		.id="new" {"id":{"a":"id-500","b":"new"}}
		del(.id) {"id":{"a":"id-500","b":"(absent)"}}
		.version=5000 {"version":{"a":"99","b":"5000"}}
		.stream="new" {"stream":{"a":"order-4","b":"new"}}
		.type="new" {"type":{"a":"Paid","b":"new"}}
		.time="2026-01-01T00:08:20.000000001Z" {"time":{"a":"2026-01-01T00:08:20Z","b":"2026-01-01T00:08:20.000000001Z"}}
		.correlation_id="c" {"correlation_id":{"a":"(absent)","b":"c"}}
		.causation_id="" {"causation_id":{"a":"(absent)","b":""}}
		.content_type="a/b" {"content_type":{"a":"(absent)","b":"a/b"}}
		.tags=["t"] {"tags":{"a":"(absent)","b":"[\"t\"]"}}
		.attributes={"x":1} {"attributes":{"a":"{}","b":"{\"x\":1}"}}
		.metadata=null {"metadata":{"a":"(absent)","b":"null"}}
		.data.n=501 {"data":{"a":"{\"n\":500}","b":"{\"n\":501}"}}
		del(.data) {"data":{"a":"{\"n\":500}","b":"(absent)"}}
		.type="new"|.data=[] {"type":{"a":"Paid","b":"new"},"data":{"a":"{\"n\":500}","b":"[]"}}
	LINES
	jq -c 'if .position == 500 then .data.n = 501 else . end' a.jsonl >b.jsonl
	run --separate-stderr -1 esverify a.jsonl b.jsonl
	has "$output" $'different: event 500 (stream "order-4", version 99, id "id-500"): differs in data
  data in the first:  {"n":500}
  data in the second: {"n":501}'
}

@test "a gap of a copy with other positions may be larger than the look ahead" {
	events 20000 >a.jsonl
	renumbered 'select(.position <= 500 or .position > 15500)' | esimport --to sqlite://b.db
	esimport --from a.jsonl --to sqlite://a.db
	for ahead in 1 20KiB 32MiB; do
		run --separate-stderr -1 esverify --json --max-findings 50000 --ahead $ahead sqlite://a.db sqlite://b.db
		same "$(found)" "$(seq -f 'missing %.0f -' 501 15500 | paste -sd, -)"
		run --separate-stderr -1 esverify --json --max-findings 50000 --ahead $ahead sqlite://b.db sqlite://a.db
		same "$(found)" "$(seq -f 'extra - %.0f' 501 15500 | paste -sd, -)"
	done
	# The same with the positions of the first: they tell by themselves.
	jq -c 'select(.position <= 500 or .position > 15500)' a.jsonl >b.jsonl
	compare "$(seq -f 'missing %.0f -' 501 15500 | paste -sd, -)" b.jsonl --ahead 1
}

@test "events without ids are known by stream and version" {
	jq -c 'del(.id)' a.jsonl >x && mv x a.jsonl
	renumbered 'select(.position | IN(1, 1000) | not)' >b.jsonl
	compare "missing 1 -,missing 1000 -" b.jsonl
	renumbered 'if .position == 9 then .version = 7777 else . end' >b.jsonl
	compare "different 9 9" b.jsonl
}

@test "nothing is the same as something" {
	: >b.jsonl
	compare "$(seq -f 'missing %.0f -' 2000 | paste -sd, -)" b.jsonl --plain
	mv b.jsonl x
	mv a.jsonl b.jsonl
	mv x a.jsonl
	compare "$(seq -f 'extra - %.0f' 2000 | paste -sd, -)" b.jsonl --plain
	compare "" a.jsonl --plain
}

@test "all findings are counted, and as many are printed as was asked for" {
	renumbered 'select(.position > 300)' >b.jsonl
	run --separate-stderr -1 esverify --max-findings 3 a.jsonl b.jsonl
	same "$(grep -c ^missing: <<<"$output")" 3
	has "$output" "... and 297 findings more; --max-findings shows them"
	has "$output" "missing in the second                    300"
	run --separate-stderr -1 esverify --max-findings 0 --json a.jsonl b.jsonl
	same "${#lines[@]}" 1
	same "$(jq -c '[.result, .equal, .events_a, .events_b, .missing, .extra, .different, .out_of_order]' <<<"$output")" \
		'["different",1700,2000,1700,300,0,0,0]'
}

@test "positions count where asked for" {
	renumbered 'select(.position > 1)' >b.jsonl
	tail -n +2 a.jsonl >x && mv x a.jsonl
	compare "" b.jsonl
	run --separate-stderr -1 esverify --positions --json a.jsonl b.jsonl
	same "$(jq -c .fields <<<"${lines[0]}")" '{"position":{"a":"2","b":"1"}}'
	same "$(jq -c '[.different, .positions]' <<<"${lines[-1]}")" '[1999,true]'
}

@test "JSON by its value, where that is asked for" {
	cat >a.jsonl <<-'LINES'
		{"position":1,"stream":"s","version":0,"type":"T","data":{"a":1e2,"b":"\u0041","c":-0,"d":1,"d":2}}
		{"position":2,"stream":"s","version":1,"type":"T","data":1.10,"attributes":{"x":[1,1e1]}}
	LINES
	cat >b.jsonl <<-'LINES'
		{"position":1,"stream":"s","version":0,"type":"T","data":{"d":2,"c":0,"b":"A","a":100}}
		{"position":2,"stream":"s","version":1,"type":"T","data":1.10,"attributes":{"x":[1,10]}}
	LINES
	compare "different 1 1,different 2 2" b.jsonl
	compare "" b.jsonl --by-value
	run --separate-stderr -0 esverify --by-value a.jsonl b.jsonl
	has "$output" "compared: JSON by its value in attributes, metadata, data; times to the nanosecond; versions; positions by their order"
	sed -i 's/1\.10/1.1/' b.jsonl
	compare "different 2 2" b.jsonl --by-value
}

@test "CBOR that an import made of JSON is the same" {
	esimport --from a.jsonl --to sqlite://c.db --payload-codec cbor
	compare "" sqlite://c.db
	sqlite3 c.db "UPDATE events SET data = x'a1616e01' WHERE position = 7"
	compare "different 7 7" sqlite://c.db
	has "$output" '"by_value":["data"]'
	same "$(head -n 1 <<<"$output" | jq -c .fields.data)" '{"a":"{\"n\":7}","b":"CBOR, bytes a1616e01"}'
}

@test "a value that is long is cut about what differs, and stays on its line" {
	jq -c '.data.text = "\n" * 1000 + "A" + ("x" * 1000)' a.jsonl | head -n 1 >x && mv x a.jsonl
	sed 's/A/B/' a.jsonl >b.jsonl
	run --separate-stderr -1 esverify a.jsonl b.jsonl
	has "$output" '  data in the first:  ...\n\n\n'
	has "$output" '\nAxxx'
	has "$output" '\nBxxx'
	[ "$(awk 'length > 150' <<<"$output" | wc -l)" = 0 ]
}

@test "a place that cannot be read ends the comparison, whatever was found" {
	esexport --from a.jsonl --out b.jsonl.zst --chunk-size 10KiB
	head -c -1000 b.jsonl.zst >cut.jsonl.zst
	run --separate-stderr -4 esverify a.jsonl cut.jsonl.zst
	run --separate-stderr -4 esverify cut.jsonl.zst a.jsonl
	lacks "$output" "the same"
}

@test "random edits are found, each and nothing else" {
	for seed in {1..60}; do
		for numbers in keep renumber; do
			python3 "$REPO/tests/edits.py" "$seed" x.jsonl y.jsonl $numbers | sort >wanted
			rc=1
			[ -s wanted ] || rc=0
			run --separate-stderr "-$rc" esverify --plain --json --max-findings 1000 x.jsonl y.jsonl
			grep '"finding"' <<<"$output" | jq -r 'if .finding == "extra" then "extra new \(.version)"
				else "\(.finding) \(.position_a)" end' | sort >is || true
			diff wanted is || {
				echo "seed $seed $numbers"
				return 1
			}
		done
	done
}

@test "another event at the position of one that is missing is not that one, changed" {
	jq -c 'if .position == 500 then .stream = "zz" | .id = "other" | .version = 0 | .type = "Q" else . end' a.jsonl >b.jsonl
	compare "extra - 500,missing 500 -" b.jsonl
	# As where another one follows, so that the totals differ.
	echo '{"position":3000,"stream":"n","version":0,"id":"n","type":"T"}' >>b.jsonl
	compare "extra - 500,missing 500 -,extra - 3000" b.jsonl
	esimport --from b.jsonl --to sqlite://b.db
	run --separate-stderr -1 esverify a.jsonl sqlite://b.db --missing-to m.jsonl.zst
	same "$(zstd -dcq m.jsonl.zst | jq -r .id)" id-500
}

@test "CBOR whose type says that it is not what the JSON was made of is no JSON" {
	for types in '"application/x+cbor" "application/x+yaml"' '"application/cbor" "application/cbor"'; do
		echo '{"position":1,"stream":"s","version":0,"type":"T","content_type":'"${types% *}"',"data_base64":"oWFhAQ=="}' >a.jsonl
		echo '{"position":1,"stream":"s","version":0,"type":"T","content_type":'"${types#* }"',"data":{"a":1}}' >b.jsonl
		compare "different 1 1" b.jsonl
	done
}

@test "what is missing is not written over a place that is read" {
	head -n 10 a.jsonl | esexport --from - --out backup.jsonl.zst
	head -n 5 a.jsonl | esimport --to sqlite://b.db
	before=$(sha256sum backup.jsonl.zst)
	run --separate-stderr -2 esverify - sqlite://b.db --missing-to backup.jsonl.zst --force <backup.jsonl.zst
	has "$stderr" "is one of the places that are read"
	run --separate-stderr -2 esverify backup.jsonl.zst sqlite://b.db --missing-to backup.jsonl.zst --force
	same "$(sha256sum backup.jsonl.zst)" "$before"
}

@test "--fast checks what --missing-to would write to before it says anything" {
	esexport --from a.jsonl --out a.jsonl.zst
	: >there.jsonl.zst
	run --separate-stderr -7 esverify --fast a.jsonl.zst a.jsonl --missing-to there.jsonl.zst
	same "$output" ""
	run --separate-stderr -0 esverify --fast a.jsonl.zst a.jsonl --missing-to new.jsonl.zst
	has "$stderr" "lacks nothing"
	[ ! -e new.jsonl.zst ]
}

@test "where one side fails, nobody waits for the other one" {
	events 60000 >a.jsonl
	esexport --from a.jsonl --out b.jsonl.zst
	printf x | dd of=b.jsonl.zst bs=1 seek=$(($(stat -c %s b.jsonl.zst) * 9 / 10)) conv=notrunc status=none
	for places in "pipe b.jsonl.zst" "b.jsonl.zst pipe"; do
		rm -f pipe # what the first one left in it is not for the second
		mkfifo pipe
		exec 9<>pipe
		timeout 60 cat a.jsonl >&9 3>&- &
		# shellcheck disable=SC2086 # two words
		run --separate-stderr -4 timeout 20 esverify $places
		has "$stderr" "esverify: chunk"
		exec 9>&-
		kill $! 2>/dev/null || true
	done
}

@test "the result names the places" {
	cp a.jsonl b.jsonl
	run --separate-stderr -0 esverify a.jsonl b.jsonl
	has "$output" $'first:  a.jsonl\nsecond: b.jsonl'
}
