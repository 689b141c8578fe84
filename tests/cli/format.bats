#!/usr/bin/env bats
# The archive format: golden archives, the independent checker, and the standard tools.

setup() {
	load helpers
	check=$REPO/tests/check_archive.py
	export SOURCE_DATE_EPOCH=1700000000
}

# Write ARCHIVE again as `damaged`, with one bit of the byte at OFFSET flipped.
flip() { # ARCHIVE OFFSET
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	cp "$1" damaged
	printf '%b' "\\x$(printf %x $((byte ^ 1)))" | dd of=damaged bs=1 seek="$2" conv=notrunc status=none
}

@test "golden archives pass the checker" {
	for archive in "$GOLDEN"/v1-*.zst; do
		run "$check" "$archive"
		echo "$output"
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == *" H "*"reproducible"* ]]
		[[ ${lines[-1]} == *"all is well" ]]
	done
}

@test "golden archives hold the events that they held" {
	for archive in "$GOLDEN"/v1-*.zst; do
		name=${archive##*/}
		name=${name%%.*}
		[ "$name" = v1-exact ] && name=v1-basic
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
	for codec in jsonl cbor; do
		"$check" "new.$codec.zst"
		"$check" --events "new.$codec.zst" | cmp - "$GOLDEN/v1-basic.events.jsonl"
	done
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
	run "$check" gap.zst
	[ "$status" -eq 1 ]
	[[ $output == *"a gap between archives"* ]]
	run esexport --from gap.zst --plain
	[ "$status" -ne 0 ]
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
	! cmp -s before.jsonl after.jsonl
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
	for codec in jsonl cbor; do
		archive=$GOLDEN/v1-one.$codec.zst
		size=$(stat -c %s "$archive")
		for ((at = 0; at < size; at += 37)); do
			flip "$archive" "$at"
			run "$check" damaged
			echo "byte $at: $output"
			[ "$status" -eq 1 ]
			[[ ${lines[-1]} == damaged:* ]]
			run esexport --from damaged --plain
			[ "$status" -ne 0 ]
		done
	done
}

@test "the checker and the reader find every frame that is missing or doubled" {
	archive=$GOLDEN/v1-one.jsonl.zst
	"$check" "$archive" | awk '$1 ~ /^[0-9]+$/ { print $1, $3 }' >frames
	[ "$(wc -l <frames)" -eq 6 ]
	while read -r at length; do
		{ head -c "$at" "$archive"; tail -c +$((at + length + 1)) "$archive"; } >missing
		{ head -c $((at + length)) "$archive"; tail -c +$((at + 1)) "$archive"; } >doubled
		head -c "$at" "$archive" >cut
		for file in missing doubled cut; do
			run "$check" "$file"
			[ "$status" -eq 1 ]
			run esexport --plain --from "$file"
			[ "$status" -ne 0 ]
		done
	done <frames
}

@test "the worked example of the format's page is the golden archive with one event" {
	sed -nE 's/^    [0-9a-f]{3}  (([0-9a-f]{2} ?)+)( .*)?$/\1/p' "$REPO/spec/FORMAT.md" >hex
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(open("hex").read()))' |
		cmp - "$GOLDEN/v1-one.jsonl.zst"
}
