# Archives that are damaged, cut, rearranged or put together: each is reported, and the target
# has the events of the chunks before the damage and no other.
load helpers

setup() {
	# Thousands of runs: a sanitizer or a coverage build tries every 17th.
	case ${BIN##*/} in
	*-*) step=17 ;;
	*) step=1 ;;
	esac
}

# store NAME FIRST LAST WORD: events FIRST to LAST into NAME.db, each of them a chunk of 1 KiB.
store() {
	local i
	for ((i = $2; i <= $3; i++)); do
		printf '{"position":%d,"stream":"s-%d","version":%d,"type":"T%d",' \
			$i $((i % 2)) $(((i - 1) / 2)) $((i % 3))
		((i % 2)) && printf '"time":"2026-01-05T09:30:%02dZ",' $i
		printf '"data":{"word":"%s","pad":"%0700d"}}\n' "$4" 0
	done >$1.jsonl
	esimport --plain --from $1.jsonl --to sqlite://$1.db 2>/dev/null
}

# archive STORE FILE [OPTIONS]
archive() {
	SOURCE_DATE_EPOCH=1 esexport --from sqlite://$1.db --out $2 --chunk-size 1KiB "${@:3}" 2>/dev/null
}

damage() { python3 "$REPO/tests/damage.py" "$@"; }

events() { sqlite3 $1 'SELECT group_concat(position) FROM (SELECT position FROM events ORDER BY 1)'; }

@test "every inverted bit of a jsonl archive is reported" {
	store a 1 2 one
	archive a a.jsonl.zst
	damage --verify $step --import $((step * 101)) flip-all a.jsonl.zst
}

@test "every inverted bit of a cbor archive is reported" {
	store a 1 2 one
	archive a a.cbor.zst
	damage --verify $step --import $((step * 101)) flip-all a.cbor.zst
}

@test "every length that is too short is reported" {
	store a 1 3 one
	for codec in jsonl cbor; do
		archive a a.$codec.zst
		damage --verify $step --import $((step * 29)) cut-all a.$codec.zst
	done
}

@test "frames and chunks moved, doubled, missing or of another archive, and garbage, are reported" {
	store a 1 3 one
	store b 1 3 two
	for codec in jsonl cbor; do
		archive a a.$codec.zst
		archive b b.$codec.zst
		damage --verify $step --import $((step * 3)) structure a.$codec.zst b.$codec.zst
	done
}

@test "an archive without events is checked like any other" {
	: >none.jsonl
	esimport --plain --from none.jsonl --to sqlite://none.db
	archive none none.jsonl.zst
	esverify none.jsonl.zst
	damage --verify $((step * 7)) --import $((step * 101)) flip-all none.jsonl.zst
	damage --verify $step --import $((step * 37)) cut-all none.jsonl.zst
	damage --verify $step --import $((step * 3)) structure none.jsonl.zst
}

@test "a damaged chunk among many is met by all threads, and nothing behind it is written" {
	store a 1 60 one
	archive a a.cbor.zst
	for workers in 1 2 7; do
		damage --workers $workers --verify $step --import $((step * 3)) flip-random a.cbor.zst 60 $workers
	done
}

@test "damage is found in a pipe, too" {
	store a 1 3 one
	archive a a.jsonl.zst
	size=$(stat -c %s a.jsonl.zst)
	for ((at = 5; at < size; at += 97)); do
		{ head -c $at a.jsonl.zst; printf '\377\377'; tail -c +$((at + 3)) a.jsonl.zst; } >bad
		run -4 esverify - < <(cat bad)
		rm -f t.db
		run -4 esimport --to sqlite://t.db < <(cat bad)
	done
	run -4 esexport --from - --out new.jsonl.zst < <(cat bad)
	[ ! -e new.jsonl.zst ]
}

@test "an archive and the one that goes on from it are one input" {
	store a 1 3 one
	archive a full.jsonl.zst
	store more 4 6 one
	cat a.jsonl more.jsonl >all.jsonl
	esimport --from all.jsonl --to sqlite://a.db 2>/dev/null
	for codec in jsonl cbor; do
		archive a after.$codec.zst --after 3
		cat full.jsonl.zst after.$codec.zst >both
		esverify both
		esverify - < <(cat both)
		rm -f t.db
		esimport --from both --to sqlite://t.db
		[ "$(events t.db)" = 1,2,3,4,5,6 ]
		esverify --positions sqlite://a.db sqlite://t.db
		run -0 --separate-stderr esimport --to sqlite://t.db < <(cat both)
		[[ $stderr == *"written 0 + already there 6"* ]]
		damage --verify $((step * 7)) --import $((step * 31)) cut-all after.$codec.zst
	done
	# One by one, and where the target has the first of them.
	rm -f t.db
	esimport --from full.jsonl.zst --to sqlite://t.db
	run -0 --separate-stderr esimport --from both --to sqlite://t.db
	[[ $stderr == *"written 3 + already there 3"* ]]
	rm -f t.db
	esimport --from full.jsonl.zst --to sqlite://t.db
	esimport --from after.cbor.zst --to sqlite://t.db
	esverify --positions sqlite://a.db sqlite://t.db
	# Nothing new since then: an archive without events goes on from anywhere behind it.
	archive a nothing.jsonl.zst --after 6
	cat both nothing.jsonl.zst nothing.jsonl.zst >three
	esverify three
	esimport --from three --to sqlite://t.db
	[ "$(events t.db)" = 1,2,3,4,5,6 ]
}

# refused EVENTS FILE...: put together they are no input; the target then has EVENTS.
refused() {
	local want=$1
	shift
	echo "# $*"
	cat "$@" >both
	rm -f t.db
	run -4 esverify both
	run -4 esimport --from both --to sqlite://t.db
	[ ! -e t.db ] && [ "$want" = none ] || [ "$(events t.db)" = $want ]
	rm -f t.db
	run -4 esimport --to sqlite://t.db < <(cat both)
	[ ! -e t.db ] && [ "$want" = none ] || [ "$(events t.db)" = $want ]
}

@test "archives that do not go on from each other are refused where they meet" {
	store a 1 6 one
	store b 1 6 two
	archive a whole.jsonl.zst
	archive a to3.jsonl.zst --upto 3
	archive a from2.jsonl.zst --after 2
	archive a from3.jsonl.zst --after 3
	archive a from4.jsonl.zst --after 4
	archive a some.jsonl.zst --after 3 --type T0
	archive a some3.jsonl.zst --upto 3 --type 'T[0-2]'
	archive b other.jsonl.zst --after 3
	esverify - < <(cat to3.jsonl.zst from3.jsonl.zst)
	refused 1,2,3,4,5,6 whole.jsonl.zst whole.jsonl.zst
	refused 1,2,3 to3.jsonl.zst to3.jsonl.zst
	refused 1,2,3 to3.jsonl.zst whole.jsonl.zst
	refused 1,2,3 to3.jsonl.zst from2.jsonl.zst
	refused 1,2,3 to3.jsonl.zst from4.jsonl.zst
	refused 1,2,3 to3.jsonl.zst some.jsonl.zst
	refused 1,2,3 some3.jsonl.zst from3.jsonl.zst
	refused 1,2,3 to3.jsonl.zst other.jsonl.zst
	refused 4,5,6 from3.jsonl.zst to3.jsonl.zst
	refused 1,2,3,4,5,6 to3.jsonl.zst from3.jsonl.zst from3.jsonl.zst
	head -c -1 to3.jsonl.zst >cut
	refused 1,2,3 cut from3.jsonl.zst
	refused 1,2,3,4,5,6 to3.jsonl.zst from3.jsonl.zst cut
	refused 1,2,3 to3.jsonl.zst a.jsonl
	refused none a.db to3.jsonl.zst
	zstd -q a.jsonl -o plain.zst
	refused none plain.zst to3.jsonl.zst
	refused 1,2,3 to3.jsonl.zst plain.zst
}
