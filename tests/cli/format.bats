#!/usr/bin/env bats
# The archive format: golden archives, the independent checker, and the standard tools.

setup() {
	load helpers
	check=$REPO/tests/check_archive.py
	GOLDEN=$REPO/tests/golden
	export SOURCE_DATE_EPOCH=1700000000
}

# Every FILE is refused, by the checker (one process for all of them) and by the reader.
refused() { # FILE...
	local file
	run "$check" "$@"
	[ "$status" -eq 1 ]
	for file; do
		echo "$file: $(grep -c "^$file: " <<<"$output") faults"
		grep "^$file: " <<<"$output" | grep -qv 'all is well'
		if esexport --from "$file" --plain >/dev/null 2>&1; then return 1; fi
	done
}

@test "golden archives pass the checker" {
	run "$check" "$GOLDEN"/v1-*.zst
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c 'all is well$' <<<"$output")" -eq 14 ]
	[ "$(grep -c ' H .* reproducible ' <<<"$output")" -eq 17 ]
}

@test "golden archives hold the events that they held" {
	for archive in "$GOLDEN"/v1-*.zst; do
		name=${archive##*/}
		name=${name%%.*}
		case $name in v1-exact | v1-joined) name=v1-basic ;; esac
		"$check" --events "$archive" | cmp - "$GOLDEN/$name.events.jsonl"
		esexport --from "$archive" --plain >plain.jsonl
		cmp plain.jsonl "$GOLDEN/$name.events.jsonl"
	done
}

@test "archives that are made now pass the checker, and hold the same" {
	for codec in jsonl cbor; do
		esexport --from "$GOLDEN/v1-basic.source.jsonl" --out "new.$codec.zst" --chunk-size 1KiB
		"$check" "new.$codec.zst"
		"$check" --events "new.$codec.zst" | cmp - "$GOLDEN/v1-basic.events.jsonl"
	done
}

@test "an archive of an archive passes the checker, from either codec into the other" {
	esexport --from "$GOLDEN/v1-basic.jsonl.zst" --out new.cbor.zst --level 19
	esexport --from "$GOLDEN/v1-basic.cbor.zst" --out new.jsonl.zst --workers 2
	"$check" new.*.zst
	for codec in jsonl cbor; do
		"$check" --events "new.$codec.zst" | cmp - "$GOLDEN/v1-basic.events.jsonl"
	done
}

@test "an archive of an archive keeps its range, its filters and its reach" {
	esexport --from "$GOLDEN/v1-filtered.cbor.zst" --out same.zst
	esexport --from "$GOLDEN/v1-filtered.cbor.zst" --out less.zst --after 4 --upto 40 --type 'C*'
	esexport --from less.zst --out none.zst --upto 4
	run "$check" same.zst less.zst none.zst
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"range={'after': 3}"*"filters={'since'"*"reached=31"*"same.zst: 3 "* ]]
	[[ $output == *"range={'upto': 40, 'after': 4}"*"filters={'types': ['C*'], 'within': {'since'"* ]]
	[[ $output == *"range={'upto': 4, 'after': 4}"*"none.zst: 0 events"* ]]
}

@test "archives that follow each other are one, for the checker and for the reader" {
	source=$GOLDEN/v1-basic.source.jsonl
	esexport --from "$source" --out 1.jsonl.zst --upto 10
	esexport --from "$source" --out 2.cbor.zst --after 10 --upto 20
	esexport --from "$source" --out 3.jsonl.zst --after 20
	cat 1.jsonl.zst 2.cbor.zst 3.jsonl.zst >all.zst
	"$check" --events all.zst | cmp - "$GOLDEN/v1-basic.events.jsonl"
	esexport --from all.zst --plain >plain.jsonl
	cmp plain.jsonl "$GOLDEN/v1-basic.events.jsonl"

	cat 1.jsonl.zst 3.jsonl.zst >gap.zst
	refused gap.zst
	[[ $output == *"a gap between archives"* ]]
}

@test "what filters left out is no gap, and what was only asked for is one" {
	source=$GOLDEN/v1-basic.source.jsonl
	esexport --from "$source" --out 1.zst --type Opened --upto 10
	esexport --from "$source" --out 2.zst --type Opened --after 10
	cat 1.zst 2.zst >filtered.zst
	"$check" filtered.zst
	esexport --from filtered.zst --plain >/dev/null

	head -n 9 "$source" >begin.jsonl
	tail -n 1 begin.jsonl | grep '"position":10,'
	esexport --from begin.jsonl --out 3.zst --upto 20
	esexport --from "$source" --out 4.zst --after 20
	cat 3.zst 4.zst >gap.zst
	refused gap.zst
	[[ $output == *"a gap between archives"* ]]
}

@test "an archive without events is followed by the beginning, or by what goes on from it" {
	source=$GOLDEN/v1-basic.source.jsonl
	esexport --from "$source" --out all.zst
	esexport --from "$source" --out none.zst --after 7 --upto 7
	esexport --from "$source" --out after7.zst --after 7
	esexport --from "$source" --out after8.zst --after 8
	cat "$GOLDEN/v1-empty.cbor.zst" all.zst >good1
	cat none.zst after7.zst >good2
	"$check" good1 good2
	esexport --from good1 --plain | cmp - "$GOLDEN/v1-basic.events.jsonl"
	esexport --from good2 --plain >/dev/null
	cat "$GOLDEN/v1-empty.cbor.zst" after7.zst >bad1
	cat none.zst all.zst >bad2
	cat none.zst after8.zst >bad3
	refused bad1 bad2 bad3
}

@test "zstd tests, lists and decompresses archives" {
	for codec in jsonl cbor; do
		zstd -tq "$GOLDEN/v1-basic.$codec.zst"
	done
	# 9 chunks; as skips: header, 9 chunk blocks, index, end, seek table
	run zstd -l "$GOLDEN/v1-basic.jsonl.zst"
	echo "$output"
	[[ ${lines[-1]} =~ ^\ *22\ +13\ .*XXH64 ]]
	zstd -dcq "$GOLDEN/v1-basic.jsonl.zst" | cmp - "$GOLDEN/v1-basic.events.jsonl"
	[ "$(zstd -dcq "$GOLDEN/v1-empty.jsonl.zst" | wc -c)" -eq 0 ]
}

@test "jq and zstdgrep read archives in codec jsonl" {
	archive=$GOLDEN/v1-filtered.jsonl.zst
	[ "$(zstd -dcq "$archive" | jq -r .type | sort | uniq -c | tr -s ' ')" = " 3 Changed" ]
	run zstdgrep -c '"version":2' "$archive"
	[ "$status" -eq 0 ]
	[ "$output" = 1 ]
}

@test "a line that jq wrote again is read as before, where the exact text is beside it" {
	zstd -dcq "$GOLDEN/v1-exact.jsonl.zst" | grep '"type":"Numbers"' >before.jsonl
	jq -c . before.jsonl >after.jsonl
	run ! cmp -s before.jsonl after.jsonl
	esexport --from before.jsonl --plain >before.plain
	esexport --from after.jsonl --plain >after.plain
	cmp before.plain after.plain
}

@test "a chunk is found by the seek table alone" {
	for chunk in 1 4 9; do
		for codec in jsonl cbor; do
			"$check" --seek "$chunk" "$GOLDEN/v1-basic.$codec.zst" >"$codec"
		done
		[ -s cbor ]
		grep -qxFf jsonl "$GOLDEN/v1-basic.events.jsonl"
		[ "$(wc -l <jsonl)" -le 5 ]
	done
	"$check" --seek 9 "$GOLDEN/v1-basic.jsonl.zst" | cmp - <(tail -n 1 "$GOLDEN/v1-basic.events.jsonl")
	run "$check" --seek 10 "$GOLDEN/v1-basic.jsonl.zst"
	[ "$status" -eq 1 ]
}

@test "the checker and the reader find every byte that is damaged" {
	python3 - "$GOLDEN"/v1-one.*.zst <<-'END'
		import sys
		for path in sys.argv[1:]:
		    whole = open(path, "rb").read()
		    for at in range(0, len(whole), 37):
		        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
		        open(f"{path.split('.')[-2]}.{at}", "wb").write(damaged)
	END
	[ "$(ls jsonl.* cbor.* | wc -l)" -ge 40 ]
	refused jsonl.* cbor.*
}

@test "the checker and the reader find every frame that is missing or doubled" {
	archive=$GOLDEN/v1-one.jsonl.zst
	"$check" "$archive" | awk '$1 ~ /^[0-9]+$/ { print $1, $3 }' >frames
	[ "$(wc -l <frames)" -eq 6 ]
	while read -r at length; do
		{ head -c "$at" "$archive"; tail -c +$((at + length + 1)) "$archive"; } >"missing.$at"
		{ head -c $((at + length)) "$archive"; tail -c +$((at + 1)) "$archive"; } >"doubled.$at"
		head -c "$at" "$archive" >"cut.$at"
	done <frames
	refused missing.* doubled.* cut.*
}

@test "the worked example of the format's page is the golden archive with one event" {
	sed -nE 's/^    [0-9a-f]{3}  (([0-9a-f]{2} ?)+)( .*)?$/\1/p' "$REPO/spec/FORMAT.md" >hex
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(open("hex").read()))' |
		cmp - "$GOLDEN/v1-one.jsonl.zst"
}
