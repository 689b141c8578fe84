#!/usr/bin/env bats
# Exports to a file that end early, for whatever reason, and are resumed: the bytes are those of a
# run that nobody disturbed.

load helpers
load stores

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 20000
	export SOURCE_DATE_EPOCH=1767225600
	export_of a.db whole.jsonl.zst
}

setup() {
	export SOURCE_DATE_EPOCH=1767225600
	cp "$BATS_FILE_TMPDIR"/a.db .
	whole=$BATS_FILE_TMPDIR/whole.jsonl.zst
}

# export_of DATABASE FILE [OPTIONS]: many chunks.
export_of() { esexport --from "sqlite://$1" --out "$2" --chunk-size 8KiB --workers 2 "${@:3}" 2>said; }

# part_of ARCHIVE BYTES FILE: what a run has left that was ended after so many bytes.
part_of() { head -c "$2" "$1" >"$3.part"; }

size() { stat -c %s "$1"; }

@test "wherever it ended, an export that is resumed has the bytes of one that was not disturbed" {
	local n
	for n in 0 1 15 16 17 200 400 2000 50000 100001 $(($(size "$whole") - 1)) $(size "$whole"); do
		part_of "$whole" "$n" b.jsonl.zst
		run -0 export_of a.db b.jsonl.zst --resume
		run -0 cmp b.jsonl.zst "$whole"
		[ ! -e b.jsonl.zst.part ]
		same "$(stat -c %a b.jsonl.zst)" 600
		rm b.jsonl.zst
	done
	has "$(cat said)" "going on behind"
	has "$(cat said)" "read 20,000 = written 20,000 + filtered 0 events"
	# Without a part it is an export like any other.
	run -0 export_of a.db b.jsonl.zst --resume
	run -0 cmp b.jsonl.zst "$whole"
}

@test "the same in both codecs, with filters, a range, exact text and any number of workers" {
	local n args name
	while read -r name args; do
		# shellcheck disable=SC2086 # a list of words
		export_of a.db "whole.$name" $args
		for n in 3 2; do
			part_of "whole.$name" $(($(size "whole.$name") / n)) "b.$name"
			# shellcheck disable=SC2086
			esexport --from sqlite://a.db --out "b.$name" --chunk-size 8KiB --workers $n $args --resume
			cmp "b.$name" "whole.$name"
			rm "b.$name"
		done
		rm "whole.$name"
	done <<'END'
cbor.zst --level 5
cbor.zst --stream order-1 --after 500
jsonl.zst --type Paid --upto 18000 --exact-text
jsonl.zst --stream order-4 --since 2026-01-01T03:00:00Z
END
}

@test "without SOURCE_DATE_EPOCH the id and the time of the first run stay" {
	unset SOURCE_DATE_EPOCH
	export_of a.db one.jsonl.zst
	part_of one.jsonl.zst 100000 b.jsonl.zst
	export_of a.db b.jsonl.zst --resume
	cmp one.jsonl.zst b.jsonl.zst
}

@test "of an archive, JSON Lines and standard input" {
	local from
	lines_of sqlite://a.db >a.jsonl
	for from in "$whole" a.jsonl -; do
		esexport --from "$from" --out one.cbor.zst --chunk-size 8KiB <"$whole"
		part_of one.cbor.zst 100000 b.cbor.zst
		esexport --from "$from" --out b.cbor.zst --chunk-size 8KiB --resume <"$whole"
		cmp one.cbor.zst b.cbor.zst
		rm one.cbor.zst b.cbor.zst
	done
}

@test "a source that has more by now: the bytes are those of a run of now" {
	local n
	events 100 20001 | esimport --append --to sqlite://a.db
	export_of a.db now.jsonl.zst
	# Also where the last chunk was short because the source ended there.
	for n in 100000 $(($(size "$whole") - 1)); do
		part_of "$whole" $n b.jsonl.zst
		export_of a.db b.jsonl.zst --resume
		cmp b.jsonl.zst now.jsonl.zst
		rm b.jsonl.zst
	done
}

@test "options that differ are refused, by name, and nothing is lost" {
	local code want args
	part_of "$whole" 100000 b.jsonl.zst
	while IFS='|' read -r code want args; do
		# shellcheck disable=SC2086 # a list of words
		run --separate-stderr -"$code" esexport --from sqlite://a.db --out b.jsonl.zst --chunk-size 8KiB \
			$args --resume
		has "$stderr" "b.jsonl.zst.part: was begun with $want"
		has "$stderr" "begin anew without --resume"
	done <<'END'
2|--level 1, and not 3|--level 3
2|--chunk-size 8192, and not 16384|--chunk-size 16KiB
2|another --exact-text|--exact-text
2|another --after|--after 4
2|another --upto|--upto 15000
2|another selection|--type Paid
END
	mv b.jsonl.zst.part b.cbor.zst.part
	run --separate-stderr -2 export_of a.db b.cbor.zst --resume
	has "$(cat said)" "was begun with another --codec"
	mv b.cbor.zst.part b.jsonl.zst.part
	export_of a.db b.jsonl.zst --resume
	cmp b.jsonl.zst "$whole"
}

@test "another source, and another history of it, are a conflict" {
	local what
	part_of "$whole" 100000 b.jsonl.zst
	cp b.jsonl.zst.part kept
	refused() {
		run --separate-stderr -5 export_of "$1" b.jsonl.zst --resume
		has "$(cat said)" "$2"
		cmp kept b.jsonl.zst.part
	}
	events 50 2 | esimport --to sqlite://other.db
	refused other.db "b.jsonl.zst.part: was begun with another source"
	what="b.jsonl.zst.part: the source has other events from position"
	last=$(sed -n 's/.*up to position \([0-9]*\).*/\1/p' < <(esverify kept 2>&1))
	cp a.db c.db
	sqlite3 c.db "DELETE FROM events WHERE position > $((last - 5))"
	run --separate-stderr -5 export_of c.db b.jsonl.zst --resume
	has "$(cat said)" "$what"
	cp kept b.jsonl.zst.part
	cp a.db c.db
	sqlite3 c.db "UPDATE events SET type = 'Other' WHERE position > $((last - 5))"
	run --separate-stderr -5 export_of c.db b.jsonl.zst --resume
	has "$(cat said)" "$what"
}

@test "a part that is damaged is made again from there" {
	local at block
	# In the block of a chunk, and in its payload.
	block=$(grep -obUaF ESARC "$whole" | sed -n 50p | cut -d: -f1)
	for at in "$block" $((block + 400)); do
		part_of "$whole" 100000 b.jsonl.zst
		printf XXXXXX | dd of=b.jsonl.zst.part bs=1 seek="$at" conv=notrunc status=none
		export_of a.db b.jsonl.zst --resume
		has "$(cat said)" "warning: "
		has "$(cat said)" "what comes from there on is made again"
		has "$(cat said)" "going on behind 4"
		cmp b.jsonl.zst "$whole"
		rm b.jsonl.zst
	done
	# Zeros at the end, as a power cut leaves them.
	part_of "$whole" 100000 b.jsonl.zst
	head -c 5000 /dev/zero >>b.jsonl.zst.part
	export_of a.db b.jsonl.zst --resume
	cmp b.jsonl.zst "$whole"
	rm b.jsonl.zst
	# And what is no archive at all.
	echo mine >b.jsonl.zst.part
	export_of a.db b.jsonl.zst --resume
	has "$(cat said)" "nothing to go on with: b.jsonl.zst.part: is neither an archive nor JSON Lines"
	cmp b.jsonl.zst "$whole"
	rm b.jsonl.zst
	echo '{"stream":"s","version":0,"type":"T"}' >b.jsonl.zst.part
	export_of a.db b.jsonl.zst --resume
	has "$(cat said)" "nothing to go on with: b.jsonl.zst.part: is no archive"
	cmp b.jsonl.zst "$whole"
	rm b.jsonl.zst
	# And two archives, of which the first one counts.
	export_of a.db one.jsonl.zst --upto 9000
	export_of a.db two.jsonl.zst --after 9000
	cat one.jsonl.zst two.jsonl.zst >b.jsonl.zst.part
	export_of a.db b.jsonl.zst --upto 9000 --resume
	cmp b.jsonl.zst one.jsonl.zst
}

@test "--resume is for an archive in a file" {
	run --separate-stderr -2 esexport --from sqlite://a.db --resume
	has "$stderr" "--resume: is for a file; name it with --out"
	run --separate-stderr -2 esexport --from sqlite://a.db --resume --out -
	run --separate-stderr -2 esexport --from sqlite://a.db --resume --plain --out b.jsonl
	has "$stderr" "--resume: bare JSON Lines"
	echo mine >b.jsonl.zst
	part_of "$whole" 100000 b.jsonl.zst
	run --separate-stderr -7 export_of a.db b.jsonl.zst --resume
	same "$(cat b.jsonl.zst)" mine
	same "$(size b.jsonl.zst.part)" 100000
	export_of a.db b.jsonl.zst --resume --force
	cmp b.jsonl.zst "$whole"
	rm b.jsonl.zst
	part_of "$whole" 100000 c.jsonl.zst
	mv c.jsonl.zst.part c
	ln -s c b.jsonl.zst.part
	run --separate-stderr -7 export_of a.db b.jsonl.zst --resume
	same "$(size c)" 100000
}

@test "two runs do not resume one file" {
	part_of "$whole" 100000 b.jsonl.zst
	exec 4>>b.jsonl.zst.part
	flock -x 4
	run --separate-stderr -7 export_of a.db b.jsonl.zst --resume
	has "$(cat said)" "b.jsonl.zst.part: another program is writing it"
	same "$(size b.jsonl.zst.part)" 100000
}
