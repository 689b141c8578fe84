#!/usr/bin/env bats
# esimport --payload-codec: data becomes CBOR or JSON, exactly, or the import says at which event not.

load helpers
load stores

# A line for each JSON text on standard input.
json_lines() {
	awk '{ printf "{\"position\":%d,\"stream\":\"s\",\"version\":%d,\"type\":\"T\",\"data\":%s}\n", NR, NR - 1, $0 }'
}

# A line for each CBOR item, in hexadecimal, on standard input.
cbor_lines() {
	local hex n=0
	while read -r hex; do
		n=$((n + 1))
		printf '{"position":%d,"stream":"s","version":%d,"type":"T","content_type":"application/cbor","data_base64":"%s"}\n' \
			$n $((n - 1)) "$(xxd_r "$hex" | base64 -w0)"
	done
}

xxd_r() {
	# shellcheck disable=SC2001,SC2059 # two digits each, and the format is the text
	printf "$(sed 's/../\\x&/g' <<<"$1")"
}

hex_of() {
	sqlite3 "$1" 'SELECT lower(hex(data)) FROM events ORDER BY position'
}

@test "numbers and strings are the same after CBOR and back" {
	cat >values <<'END'
0
-1
23
24
255
4294967296
9007199254740993
18446744073709551615
18446744073709551616
-18446744073709551616
-18446744073709551617
123456789012345678901234567890123456789012345678901234567890
1.5
1.1
1.10
1.100
0.1
-0.0
100.0
123456789.123456789012345678901234567890
true
false
null
""
"a"
"Zoë, 東京, 🙂"
"\u0000\u001f\"\\\n\t"
[]
{}
[1,[2,[3,[]]]]
{"b":1,"a":{"c":[1.10,"x",null]},"":0}
END
	json_lines <values >in.jsonl
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://cbor.db --payload-codec cbor
	same "$(sqlite3 cbor.db 'SELECT DISTINCT typeof(data), content_type FROM events')" "blob|application/cbor"
	esexport --from sqlite://cbor.db --out cbor.cbor.zst
	run --separate-stderr -0 esimport --from cbor.cbor.zst --to sqlite://json.db --payload-codec json
	same "$(sqlite3 json.db 'SELECT data FROM events ORDER BY position')" "$(cat values)"
	run --separate-stderr -0 esverify --positions in.jsonl sqlite://json.db
}

@test "what JSON becomes is the CBOR that the standard has for it" {
	json_lines >in.jsonl <<'END'
{"a":1,"b":[true,null]}
18446744073709551616
-18446744073709551617
1.5
-0.0
1.10
"é"
10
END
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec cbor
	same "$(hex_of b.db)" "a2616101616282f5f6
c249010000000000000000
c349010000000000000000
f93e00
f98000
c48221186e
62c3a9
0a"
}

@test "what CBOR becomes is compact JSON" {
	cbor_lines >in.jsonl <<'END'
a2616101616282f5f6
bf61610161629f0203ffff
c249010000000000000000
c48221186e
fb3ff199999999999a
fa47c35000
7f61616162ff
1bffffffffffffffff
3bffffffffffffffff
END
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec json
	same "$(sqlite3 b.db 'SELECT data FROM events ORDER BY position')" '{"a":1,"b":[true,null]}
{"a":1,"b":[2,3]}
18446744073709551616
1.10
1.1
100000.0
"ab"
18446744073709551615
-18446744073709551616'
}

# JSON $1 is refused because of $2; nothing of the import is written.
refuses_json() {
	printf '{"ok":1}\n%s\n' "$1" | json_lines >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://no.db --payload-codec cbor
	same "$output" ""
	has "$stderr" "event 2 (stream \"s\", version 1): field data: cannot be converted exactly: $2"
	has "$stderr" "nothing was written to the target"
	[ ! -e no.db ]
	# As it is, it goes in.
	rm -f yes.db
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://yes.db
}

@test "a duplicate key has no CBOR, and is refused" {
	refuses_json '{"a":1,"a":2}' 'duplicate key "a" at byte 7'
	refuses_json '{"x":{"b":1,"\u0062":2}}' 'duplicate key'
}

@test "a lone surrogate has no CBOR, and is refused" {
	refuses_json '"\ud800"' 'lone surrogate in the string at byte 0'
	refuses_json '{"\udfff":1}' 'lone surrogate in the string at byte 1'
}

@test "a negative zero that is no float has no CBOR, and is refused" {
	refuses_json '-0' 'negative zero other than -0.0 at byte 0'
	refuses_json '[1,-0.00]' 'negative zero other than -0.0 at byte 3'
}

@test "a number of too many digits is refused" {
	refuses_json "1$(printf '%010000d' 0)" 'number of more than 10000 digits at byte 0'
}

# CBOR $1 is refused because of $2; nothing of the import is written.
refuses_cbor() {
	printf '01\n%s\n' "$1" | cbor_lines >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://no.db --payload-codec json
	same "$output" ""
	has "$stderr" "event 2 (stream \"s\", version 1): field data: cannot be converted exactly: $2"
	[ ! -e no.db ]
	rm -f yes.db
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://yes.db
	same "$(hex_of yes.db | tail -n 1)" "$1"
}

@test "NaN and infinity have no JSON, and are refused" {
	refuses_cbor f97e00 "NaN at byte 0"
	refuses_cbor fb7ff8000000000000 "NaN at byte 0"
	refuses_cbor 81f97c00 "infinity at byte 1"
}

@test "byte strings have no JSON, and are refused" {
	refuses_cbor 43010203 "byte string at byte 0"
	refuses_cbor a16161420102 "byte string at byte 3"
	refuses_cbor 5f4101ff "byte string at byte 0"
}

@test "tags other than those of numbers have no JSON, and are refused" {
	refuses_cbor c11a514b67b0 "tag 1 at byte 0"
	refuses_cbor 82d82550000102030405060708090a0b0c0d0e0f01 "tag 37 at byte 1"
	refuses_cbor d9d9f701 "tag 55799 at byte 0"
}

@test "keys that are no text have no JSON, and are refused" {
	refuses_cbor a10102 "map key that is not text at byte 1"
	refuses_cbor a1f602 "map key that is not text at byte 1"
}

@test "undefined and simple values have no JSON, and are refused" {
	refuses_cbor f7 "undefined at byte 0"
	refuses_cbor 81e0 "simple value 0 at byte 1"
}

@test "a duplicate key of CBOR is refused" {
	refuses_cbor a2616101616102 'duplicate key "a"'
}

@test "what is said to be CBOR and is not stays as it is" {
	cbor_lines >in.jsonl <<'END'
ff
0101
END
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec json
	same "$(hex_of b.db)" "ff
0101"
	same "$(sqlite3 b.db 'SELECT DISTINCT content_type FROM events')" application/cbor
}

@test "the content type is set to CBOR, and cleared for JSON" {
	cat >in.jsonl <<'END'
{"position":1,"stream":"s","version":0,"type":"T","data":1}
{"position":2,"stream":"s","version":1,"type":"T","content_type":"application/json","data":2}
{"position":3,"stream":"s","version":2,"type":"T","content_type":"application/vnd.x+json","data":3}
{"position":4,"stream":"s","version":3,"type":"T","content_type":"text/plain","data":"4"}
{"position":5,"stream":"s","version":4,"type":"T","content_type":"image/png","data_base64":"BQ=="}
{"position":6,"stream":"s","version":5,"type":"T"}
END
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://c.db --payload-codec cbor
	same "$(sqlite3 c.db 'SELECT position, content_type, typeof(data), hex(data) FROM events')" \
		'1|application/cbor|blob|01
2|application/cbor|blob|02
3|application/vnd.x+cbor|blob|03
4|text/plain|text|223422
5|image/png|blob|05
6||null|'
	esexport --from sqlite://c.db --out c.jsonl.zst
	run --separate-stderr -0 esimport --from c.jsonl.zst --to sqlite://j.db --payload-codec json
	same "$(sqlite3 j.db 'SELECT position, content_type, typeof(data), hex(data) FROM events')" \
		'1||text|31
2||text|32
3|application/vnd.x+json|text|33
4|text/plain|text|223422
5|image/png|blob|05
6||null|'
}

@test "metadata and all other fields are left as they are" {
	cat >in.jsonl <<'END'
{"position":1,"stream":"s","version":0,"id":"i","type":"T","time":"2026-01-01T00:00:00.000000001Z","correlation_id":"c","causation_id":"d","tags":["t"],"attributes":{"a":1.10},"metadata":{"m":1,"m":-0},"data":{"x":1}}
END
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://c.db --payload-codec cbor
	esexport --from sqlite://c.db --plain >out.jsonl
	same "$(sed 's/"content_type":"application\/cbor",//; s/"data_base64":"oWF4AQ=="/"data":{"x":1}/' out.jsonl)" \
		"$(cat in.jsonl)"
}

@test "keep is the default, and another codec another import" {
	echo '{"a":1}' | json_lines >in.jsonl
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db
	same "$(sqlite3 b.db 'SELECT data FROM events')" '{"a":1}'
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec keep
	has "$stderr" "written 0 + already there 1"
	run --separate-stderr -5 esimport --from in.jsonl --to sqlite://b.db --payload-codec cbor
	has "$stderr" "the target holds events, and no import of this source wrote them"
	same "$(sqlite3 b.db 'SELECT data FROM events')" '{"a":1}'
}

@test "an import that converted is known again" {
	printf '{"a":1}\n2\n' | json_lines >in.jsonl
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec cbor --upto 1
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://b.db --payload-codec cbor
	has "$stderr" "written 1 + already there 1"
	same "$(hex_of b.db)" "a1616101
02"
}

@test "a dry run finds what cannot be converted" {
	printf '1\n-0\n' | json_lines >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://b.db --payload-codec cbor --dry-run
	has "$stderr" "event 2"
	same "$output" ""
	[ ! -e b.db ]
}
