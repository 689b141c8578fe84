#!/usr/bin/env bats
# What jsonb of PostgreSQL makes of a JSON text is the same to esverify as the text, and nothing else
# is.  The server makes it, of the text that other places hold as it was.

load helpers
load stores
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	cat >jsonb.json <<-'END'
		{"layout": 1, "name": "jsonb", "store": "postgresql", "events": {"table": "rewritten", "columns": {
		"position": {"field": "position"}, "stream": {"field": "stream"}, "version": {"field": "version"},
		"id": {"field": "id"}, "type": {"field": "type"}, "data": {"field": "data"}}}}
	END
}

# lines FILE: events with the texts of standard input as data; a line without text: none.
lines() {
	awk '{
		printf "{\"position\":%d,\"stream\":\"s\",\"version\":%d,\"id\":\"id-%d\",\"type\":\"T\"%s}\n",
		    NR, NR - 1, NR, $0 == "" ? "" : ",\"data\":" $0
	}' >"$1"
}

# rewritten FILE: sets $jsonb, a database where the data of these lines are jsonb.
rewritten() {
	jsonb=$(pg_db rewritten)
	{
		echo 'CREATE TABLE lines (line text);'
		printf '%s\n' "COPY lines FROM STDIN (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01');"
		cat "$1"
		echo '\.'
		echo "CREATE TABLE rewritten (position bigint PRIMARY KEY, stream text, version bigint, id text, type text,
				data jsonb);
			INSERT INTO rewritten SELECT (line::json->>'position')::bigint, line::json->>'stream',
				(line::json->>'version')::bigint, line::json->>'id', line::json->>'type',
				(line::json->'data')::text::jsonb FROM lines;"
	} | pg rewritten
}

# kept FILE: sets $kept, places where the data of these lines are as they were.
kept() {
	rm -f kept.db
	esimport --plain --from "$1" --to sqlite://kept.db
	esimport --plain --from "$1" --to "$(pg_db kept)"
	esexport --from "$1" --out kept.jsonl.zst --force
	esexport --from "$1" --out kept.cbor.zst --force
	kept=("$1" sqlite://kept.db kept.jsonl.zst kept.cbor.zst "$(pg_address kept)")
}

# against_all WANTED: findings of each place of $kept against $jsonb, and of $jsonb against it.
against_all() {
	local place rc=1

	[ -n "$1" ] || rc=0
	for place in "${kept[@]}"; do
		run --separate-stderr "-$rc" esverify --json --max-findings 50000 --layout-b ./jsonb.json "$place" "$jsonb"
		same "$(found)" "$1" || { echo "$place" && false; }
		run --separate-stderr "-$rc" esverify --json --max-findings 50000 --layout ./jsonb.json \
			--layout-b auto "$jsonb" "$place"
		same "$(found)" "$1" || { echo "$place behind jsonb" && false; }
	done
}

found() {
	jq -r 'select(.finding) | "\(.finding) \(.id) \(.fields | keys | join(" "))"' <<<"$output" | paste -sd, -
}

# all_differ N
all_differ() {
	seq -f 'different id-%.0f data' "$1" | paste -sd, -
}

rewrites() {
	cat <<-'END'
		{"b":1,"a":2}
		{"aa":1,"b":2}
		{"a":1,"a":2}
		{"a":{"x":1},"b":0,"a":{"y":[]}}
		{"a":1,"\u0061":2}
		{"a":1,"b":2,"a":1}
		1e21
		1E+2
		1e-2
		-0
		-0.00
		-0e0
		0e5
		0.10e1
		1.10e0
		110e-2
		12.5e3
		1e-20
		100e-2
		9007199254740993e0
		"\u0041"
		"\/"
		"\u00e9"
		"\u00E9\u20AC"
		"\ud83d\ude00"
		"\uD83D\uDE00a"
		"\u0022\u005c\u000a\u0009\u001f"
		"\u007f\u2028"
		{"\u00e9":1,"e":2}
		[1,2,3]
		{ "a" : [ 1e2 , { "d" : "\u0041" , "c" : [ -0.0 , { "z" : 1 , "y" : 2 , "z" : 3 } ] } ] }
		[[[{"b":[{"d":1E1,"c":"\/"}],"a":{}}]]]
	END
}

@test "what jsonb rewrites is equal" {
	rewrites | lines in.jsonl
	rewritten in.jsonl
	# It did rewrite every one of them.
	same "$(pg rewritten "SELECT count(*) FROM rewritten JOIN lines
		ON (line::json->'data')::text <> data::text AND position = (line::json->>'position')::bigint")" \
		"$(rewrites | wc -l)"
	kept in.jsonl
	against_all ''
	run --separate-stderr -0 esverify --layout-b ./jsonb.json in.jsonl "$jsonb"
	has "$output" 'compared: JSON by its value in data;'
}

@test "what jsonb keeps is equal" {
	printf '%s\n' '{"a": 1}' 1.10 1.1 100 100.0 0.00 '"A"' '{"a": null}' '{}' '[]' null true '""' 1.100000000000000000001 \
		9007199254740993 "$(printf '9%.0s' {1..300})" "0.$(printf '0%.0s' {1..300})1" '"é€😀"' '' | lines in.jsonl
	rewritten in.jsonl
	same "$(pg rewritten "SELECT count(*) FROM rewritten JOIN lines
		ON (line::json->'data')::text <> data::text AND position = (line::json->>'position')::bigint")" 0
	kept in.jsonl
	against_all ''
}

differing() {
	tr -s '\t' <<-'END'
		1.10	1.1
		1.1	1.100000000000000000001
		1e2	100.0
		0	0.0
		-0	0.0
		-0.00	-0.0
		1	-1
		"1"	1
		null	"null"
		null	0
		true	"true"
		null	false
		{"a":null}	{}
		{"a":{"b":null}}	{"a":{}}
		"a"	"A"
		"a"	"a "
		"\u0061"	"\u0041"
		"é"	"e\u0301"
		"\ud83d\ude00"	"\ud83d\ude01"
		"\\u0041"	"A"
		[1,2]	[2,1]
		[1]	[1,1]
		[]	{}
		[]	null
		[[]]	[]
		[1]	1
		{"a":1}	{"a":1,"b":1}
		{"a":1}	{"A":1}
		{"a":1,"a":2}	{"a":2,"a":1}
		{"a":1,"b":2}	{"a":2,"b":1}
		{"":1}	{}
		9007199254740993	9007199254740992
		18446744073709551616	18446744073709551617
		0.1	0.1000000000000000055511151231257827
		1e21	1e22
		1e21	1.0e20
		{"a":[1,{"b":[1.10]}]}	{"a":[1,{"b":[1.1]}]}
	END
}

@test "what jsonb must not touch differs, whichever of the two it holds" {
	differing | cut -f 1 | lines one.jsonl
	differing | cut -f 2 | lines two.jsonl
	rewritten one.jsonl
	kept one.jsonl
	against_all ''
	kept two.jsonl
	against_all "$(all_differ "$(differing | wc -l)")"
	rewritten two.jsonl
	against_all ''
	kept one.jsonl
	against_all "$(all_differ "$(differing | wc -l)")"
}

@test "null is not the absence of data" {
	printf 'null\n1\n' | lines one.jsonl
	printf '\n\n' | lines two.jsonl
	rewritten two.jsonl
	kept one.jsonl
	against_all "$(all_differ 2)"
	rewritten one.jsonl
	kept two.jsonl
	against_all "$(all_differ 2)"
}

@test "between places that keep the text, the text counts" {
	printf '%s\n' '{"b":1,"a":2}' 1e2 '"\u0041"' -0 '{"a": 1}' | lines one.jsonl
	printf '%s\n' '{"a":2,"b":1}' 100 '"A"' 0 '{"a":1}' | lines two.jsonl
	kept two.jsonl
	for place in "${kept[@]}"; do
		run --separate-stderr -1 esverify --json one.jsonl "$place"
		same "$(found)" "$(all_differ 5)"
		run --separate-stderr -0 esverify --json --by-value one.jsonl "$place"
	done
}

@test "JSON by seed: what jsonb makes of it is equal, and a change in one place is found" {
	for seed in 1 2; do
		"$REPO/tests/spellings.py" $seed 400 .
		rewritten two.jsonl
		kept one.jsonl
		against_all '' || { echo "seed $seed" && false; }
		run --separate-stderr -0 esverify --by-value one.jsonl two.jsonl
		kept changed.jsonl
		against_all "$(all_differ 400)" || { echo "seed $seed" && false; }
	done
}
