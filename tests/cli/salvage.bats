# What is left of damaged archives: esverify --salvage and esimport --skip-damaged have every whole
# chunk, and say exactly what is lost.
load helpers
load stores

setup() {
	# A sanitizer or a coverage build tries every 17th of the damages.
	case ${BIN##*/} in
	*-*) every=17 ;;
	*) every=1 ;;
	esac
}

salvage() {
	python3 "$REPO/tests/salvage.py" --every "$every" "$@"
}

# archive NAME N [OPTIONS]: N events of a.db in chunks of 1 KiB, positions 1 to N.
archive() {
	[ -e a.db ] || store a.db "$2"
	SOURCE_DATE_EPOCH=1 esexport --from sqlite://a.db --out "$1" --chunk-size 1KiB "${@:3}" 2>/dev/null
}

# spaced N: lines for N events, every third position.
spaced() {
	events "$1" | jq -c '.position *= 3'
}

# invert FILE BYTE
invert() {
	python3 -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 16]))' "$1" "$2"
}

# place KIND N FILE: the middle of the Nth frame of that kind (H, C, P, I, E or S) of an archive.
place() {
	python3 -c 'import sys
sys.path.insert(0, sys.argv[1])
import salvage
frames = [f for f in salvage.Archive(sys.argv[4]).frames if f.kind == sys.argv[2]]
f = frames[int(sys.argv[3])]
print((f.start + f.end) // 2)' "$REPO/tests" "$@"
}

# hurt KIND N FROM TO: a copy with one bit of that frame inverted.
hurt() {
	cp "$3" "$4"
	invert "$4" "$(place "$1" "$2" "$3")"
}

# left_of FILE: events of its chunks that are whole, in `left`.
left_of() {
	whole_of 1 "$1"
	left=$(jq .events <<<"$result")
	[ "$left" -lt 60 ]
}

# whole_of RC FILE: esverify --salvage of it, as JSON: its last line, and the lost ranges in `lost`.
whole_of() {
	rm -f out.zst
	run --separate-stderr "-$1" esverify --json --salvage out.zst "$2"
	lost=$(sed '$d' <<<"$output" | jq -c '[.lost.first, .lost.last, .lost.events]' | tr '\n' ' ')
	result=$(tail -n 1 <<<"$output")
}

@test "every damage to a jsonl archive of ten chunks costs that chunk only" {
	archive a.jsonl.zst 55
	salvage a.jsonl.zst
}

@test "every damage to a cbor archive in a pipe costs that chunk only" {
	spaced 40 | esimport --to sqlite://a.db
	archive a.cbor.zst 40
	salvage --pipe a.cbor.zst
}

@test "every damage to archives one behind the other costs a chunk of one of them" {
	spaced 20 | esimport --to sqlite://a.db
	archive one.cbor.zst 20
	spaced 40 >all.jsonl
	rm a.db
	esimport --from all.jsonl --to sqlite://a.db
	archive two.cbor.zst 40 --after 60
	cat one.cbor.zst two.cbor.zst >both.cbor.zst
	esverify both.cbor.zst
	salvage both.cbor.zst
	salvage --pipe --seed 2 both.cbor.zst
}

@test "what is saved is an archive, and is known for what it is" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad.jsonl.zst
	run --separate-stderr -1 esverify --salvage out.jsonl.zst bad.jsonl.zst
	has "$output" "lost: positions "
	has "$output" "says that it was salvaged"
	python3 "$REPO/tests/check_archive.py" out.jsonl.zst >blocks
	esverify out.jsonl.zst
	same "$(esverify --info --json out.jsonl.zst | jq -c '[.lost[0].events + .events, .origin]')" \
		"$(esverify --info --json a.jsonl.zst | jq -c '[.events, .origin]')"
	has "$(esverify --info out.jsonl.zst)" "what was left of a damaged archive"
	# So is one that is made of it, and neither stands beside another.
	esexport --from out.jsonl.zst --out again.cbor.zst 2>/dev/null
	same "$(esverify --info --json again.cbor.zst | jq -c .lost)" "$(esverify --info --json out.jsonl.zst | jq -c .lost)"
	cat a.jsonl.zst out.jsonl.zst >two
	run --separate-stderr -4 esverify two
	has "$stderr" 'a salvaged one, stands alone'
}

@test "another codec by the name of what is saved" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	run -1 esverify --salvage out.cbor.zst bad
	same "$(esverify --info --json out.cbor.zst | jq -r .codec)" cbor
	esverify out.cbor.zst
	run -1 esverify --salvage out.jsonl.zst bad
	esverify --positions out.jsonl.zst out.cbor.zst
}

@test "damage to a header, an index, an end block or a seek table costs no event" {
	archive a.jsonl.zst 60
	for kind in I E S; do
		hurt $kind 0 a.jsonl.zst bad
		whole_of 0 bad
		same "$lost" ''
		same "$(jq -c '[.result, .events, .header_lost]' <<<"$result")" '["whole",60,false]'
		[ $kind = S ] || [ "$(jq .stray_bytes <<<"$result")" -gt 0 ]
		same "$(esverify --info --json out.zst | jq .lost)" null
		esverify --fast out.zst a.jsonl.zst
	done
	same "$(jq .end_lost <<<"$result")" false
	hurt H 0 a.jsonl.zst bad
	whole_of 0 bad
	same "$(jq -c '[.result, .events, .header_lost]' <<<"$result")" '["whole",60,true]'
	same "$(esverify --info --json out.zst | jq -c '[.lost, .origin]')" '[[],null]'
	esimport --skip-damaged --from bad --to sqlite://t.db
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "without an index and an end block, what is lost lies between its neighbours" {
	archive a.jsonl.zst 60
	hurt C 3 a.jsonl.zst bad
	whole_of 1 bad
	exact=$lost
	for kind in I E; do
		invert bad "$(place $kind 0 a.jsonl.zst)"
		whole_of 1 bad
		case $kind in
		I) same "$lost" "$exact" ;; # the end block counts them
		E) same "$lost" "$(sed 's/,[0-9]*\]/,null]/' <<<"$exact")" ;;
		esac
	done
	# The block of the chunk is enough.
	hurt P 3 a.jsonl.zst bad
	invert bad "$(place I 0 a.jsonl.zst)"
	invert bad "$(place E 0 a.jsonl.zst)"
	whole_of 1 bad
	same "$lost" "$exact"
}

@test "cut short, an archive whose range ends somewhere has lost no more than that" {
	archive a.jsonl.zst 60 --upto 40
	head -c "$(place C 2 a.jsonl.zst)" a.jsonl.zst >cut
	whole_of 1 cut
	same "${lost#*,}" '40,null] '
	archive b.jsonl.zst 60
	head -c "$(place C 2 b.jsonl.zst)" b.jsonl.zst >cut
	whole_of 1 cut
	same "${lost#*,}" 'null,null] '
	same "$(jq -c '[.lost_events, .end_lost]' <<<"$result")" '[null,true]'
}

@test "an archive that is lost between two others is said to be" {
	archive whole.jsonl.zst 60
	archive one.jsonl.zst 60 --upto 20
	archive three.jsonl.zst 60 --after 40
	cat one.jsonl.zst three.jsonl.zst >both
	run -4 esverify both
	whole_of 1 both
	same "$lost" '[21,40,null] '
}

@test "what lies between two archives may be gone: end, seek table and header" {
	archive one.jsonl.zst 60 --upto 30
	archive two.cbor.zst 60 --after 30
	cat one.jsonl.zst two.cbor.zst >both
	first=$(place I 0 both)
	last=$(place H 1 both)
	{ head -c "$first" both; head -c $((last - first)) /dev/zero; tail -c "+$((last + 1))" both; } >bad
	whole_of 0 bad
	same "$(jq -c '[.events, .header_lost, .end_lost]' <<<"$result")" '[60,true,true]'
	esverify --positions sqlite://a.db out.zst
}

@test "an archive that stands there once more takes nothing back" {
	archive one.jsonl.zst 60 --upto 30
	archive two.jsonl.zst 60 --after 30
	cat one.jsonl.zst two.jsonl.zst one.jsonl.zst >more
	whole_of 0 more
	same "$(jq -c '[.events, .end_lost]' <<<"$result")" '[60,false]'
	esverify --positions sqlite://a.db out.zst
	# What was read is not lost, whatever stands behind it.
	{ cat more; head -c 30 one.jsonl.zst; } >behind
	whole_of 1 behind
	same "$lost" '[61,null,null] '
}

@test "bytes behind an archive may have been one" {
	archive a.jsonl.zst 60
	{ cat a.jsonl.zst; head -c 30 a.jsonl.zst; } >more
	whole_of 1 more
	same "$lost" '[61,null,null] '
}

@test "blocks of an archive that an event holds are not taken for blocks of the archive" {
	archive inner.cbor.zst 200
	# As it is in the payload: raw bytes do not compress.
	{
		events 3
		jq -nc --arg data "$(base64 -w 0 inner.cbor.zst)" \
			'{position: 4, stream: "backups", version: 0, type: "Made", content_type: "application/zstd", data_base64: $data}'
		events 6 5
	} >lines
	esimport --from lines --to sqlite://outer.db
	esexport --from sqlite://outer.db --out outer.cbor.zst --chunk-size 1KiB
	for kind in C P; do
		at=$(place $kind 1 outer.cbor.zst)
		for size in 2 41; do
			{ head -c "$at" outer.cbor.zst; tail -c "+$((at + size))" outer.cbor.zst; } >bad
			whole_of 1 bad
			same "$(esexport --from out.zst --plain 2>/dev/null | jq -c .stream | grep -vc order)" 0
			same "$(esexport --from out.zst --plain 2>/dev/null | jq .position | sort -n | uniq -d)" ''
		done
	done
}

@test "an archive of another store behind it is refused" {
	archive a.jsonl.zst 20
	events 40 | jq -c '.id = "other"+.id' >other.jsonl
	esimport --from other.jsonl --to sqlite://other.db
	esexport --from sqlite://other.db --after 20 --out other.jsonl.zst
	cat a.jsonl.zst other.jsonl.zst >both
	run --separate-stderr -4 esverify --salvage out.zst both
	has "$stderr" 'is of another store'
	[ ! -e out.zst ]
}

@test "options that do not go together, and files that are in the way" {
	archive a.jsonl.zst 20
	run -2 esverify --salvage - a.jsonl.zst
	run -2 esverify --salvage out.jsonl a.jsonl.zst
	run -2 esverify --salvage out.zst sqlite://a.db
	run -2 esverify --salvage out.zst --info a.jsonl.zst
	run -2 esverify --salvage out.zst --after 3 a.jsonl.zst
	run -2 esverify --salvage out.zst a.jsonl.zst sqlite://a.db
	run -2 esverify --force --salvage a.jsonl.zst a.jsonl.zst
	for option in --append --verify --plain; do
		run -2 esimport --skip-damaged $option --from a.jsonl.zst --to sqlite://t.db
	done
	[ ! -e t.db ]
	: >out.zst
	run -7 esverify --salvage out.zst a.jsonl.zst
	esverify --force --salvage out.zst a.jsonl.zst
	esverify out.zst a.jsonl.zst
}

@test "where nothing is left there is no file, and no store" {
	archive a.jsonl.zst 20
	head -c "$(place P 0 a.jsonl.zst)" a.jsonl.zst >cut
	head -c 5000 /dev/zero >zeros
	events 5 >lines
	for file in cut zeros lines; do
		run -4 esverify --salvage out.zst $file
		[ ! -e out.zst ]
		run -4 esimport --skip-damaged --from $file --to sqlite://t.db
		[ ! -e t.db ] || same "$(count_in t.db)" 0
	done
}

@test "an import of what is left is no beginning of another one" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	run --separate-stderr -4 esimport --skip-damaged --from bad --to sqlite://t.db
	has "$stderr" "read $left = written $left"
	has "$stderr" 'lost: positions '
	has "$stderr" "$((60 - left)) events are lost; all that is whole was imported"
	run --separate-stderr -5 esimport --from a.jsonl.zst --to sqlite://t.db
	has "$stderr" 'holds what was left of a damaged archive'
	same "$(count_in t.db)" "$left"
	# What it lacks comes from the good copy.
	run -1 esverify a.jsonl.zst sqlite://t.db --missing-to lost.jsonl.zst
	esimport --from lost.jsonl.zst --to sqlite://t.db
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "two copies that are damaged in different places make one whole store" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad1
	hurt C 5 a.jsonl.zst bad2
	left_of bad1
	run -4 esimport --skip-damaged --from bad1 --to sqlite://t.db
	run --separate-stderr -4 esimport --skip-damaged --from bad1 --to sqlite://t.db
	has "$stderr" "written 0 + already there $left"
	run --separate-stderr -4 esimport --skip-damaged --from bad2 --to sqlite://t.db
	has "$stderr" "written $((60 - left)) + already there "
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "a salvaged archive goes into an empty store, a store with gaps, and to the end of another" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	run -1 esverify --salvage out.jsonl.zst bad
	run --separate-stderr -0 esimport --from out.jsonl.zst --to sqlite://t.db
	has "$stderr" 'holds what was left of a damaged archive'
	has "$stderr" 'lost: positions '
	run -5 esimport --from a.jsonl.zst --to sqlite://t.db
	sqlite3 t.db 'DELETE FROM events WHERE position IN (1, 30)'
	run --separate-stderr -0 esimport --from out.jsonl.zst --to sqlite://t.db
	has "$stderr" "written 2 + already there $((left - 2))"
	# With new positions: once, whatever else of its kind is there.
	echo '{"stream":"mine","version":0,"type":"T"}' | esimport --plain --to sqlite://b.db
	for written in $left 0; do
		run --separate-stderr -0 esimport --append --from out.jsonl.zst --to sqlite://b.db
		has "$stderr" "read $left = written $written "
	done
	hurt P 5 a.jsonl.zst bad
	run -1 esverify --force --salvage out.jsonl.zst bad
	run --separate-stderr esimport --append --from out.jsonl.zst --to sqlite://b.db
	same "$(sqlite3 b.db 'SELECT count(*) - count(DISTINCT id) FROM events WHERE stream <> "mine"')" 0
}

@test "a dry run says what is lost, and writes nothing" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	run --separate-stderr -4 esimport -n --skip-damaged --from bad --to sqlite://t.db
	has "$output" "$left events would be written"
	has "$stderr" "$((60 - left)) events are lost; all that is whole would be imported"
	[ ! -e t.db ]
}

@test "killed at any batch, an import of what is left goes on with the same command" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	for n in 1 5 9; do
		rm -f t.db*
		strace -qq -f -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=KILL:when=$((n * 3)) \
			esimport --skip-damaged --batch-size 3 --from bad --to sqlite://t.db 2>/dev/null || true
		run -4 esimport --skip-damaged --from bad --to sqlite://t.db
		same "$(sqlite3 t.db 'SELECT count(*), count(DISTINCT id) FROM events')" "$left|$left"
	done
}

# refusing WHEN: t.db is there, and refuses the events of which WHEN is true.
refusing() {
	rm -f t.db
	esimport --plain --to sqlite://t.db </dev/null
	sqlite3 t.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN $1
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
}

# account LEFT: the line of the run that ended just now holds, and says what is lost and put aside.
account() {
	summary=$(grep '"summary"' <<<"$stderr")
	same "$(jq -c '[.read, .written + .already_there + .dead_lettered]' <<<"$summary")" "[$1,$1]"
	same "$(jq '[.lost[].events] | add' <<<"$summary")" $((60 - $1))
	has "$stderr" 'lost: positions '
}

@test "what is lost and what is refused are both said, and the first decides over the code" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	refusing 'NEW.position IN (1, 2, 60)'
	run --separate-stderr -4 esimport --log-format json --skip-damaged --batch-size 7 --from bad --to sqlite://t.db \
		--dead-letter d.jsonl.zst
	account "$left"
	same "$(jq -c '[.written, .dead_lettered]' <<<"$summary")" "[$((left - 3)),3]"
	has "$stderr" '3 events that the target refused are in d.jsonl.zst, with the reason beside each'
	has "$(tail -n 1 <<<"$stderr")" "$((60 - left)) events are lost; all that is whole was imported, or is in d.jsonl.zst"
	same "$(zstd -dc d.jsonl.zst | jq -c .position | tr '\n' ' ')" '1 2 60 '
	# From both comes the whole.
	sqlite3 t.db 'DROP TRIGGER no'
	esimport --from d.jsonl.zst --to sqlite://t.db
	run -1 esverify a.jsonl.zst sqlite://t.db --missing-to lost.jsonl.zst
	esimport --from lost.jsonl.zst --to sqlite://t.db
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "another copy that is damaged elsewhere, and a header that is lost: the same" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad1
	hurt C 5 a.jsonl.zst bad2
	invert bad2 "$(place H 0 a.jsonl.zst)"
	refusing 'NEW.position % 10 = 0'
	run -4 esimport --skip-damaged --from bad1 --to sqlite://t.db --dead-letter d1.jsonl.zst
	left_of bad2
	run --separate-stderr -4 esimport --log-format json --skip-damaged --from bad2 --to sqlite://t.db \
		--dead-letter d2.jsonl.zst
	account "$left"
	same "$(count_in t.db)" 54
	sqlite3 t.db 'DROP TRIGGER no'
	for letters in d1 d2; do
		esimport --from $letters.jsonl.zst --to sqlite://t.db
	done
	esverify --positions sqlite://a.db sqlite://t.db
}

@test "killed at any batch, what was put aside of what is left is kept" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	for n in 1 4 9 14; do
		rm -f d.jsonl.zst*
		refusing 'NEW.position % 10 = 0'
		strace -qq -f -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=KILL:when=$((n * 3)) \
			esimport --skip-damaged --batch-size 3 --from bad --to sqlite://t.db \
			--dead-letter d.jsonl.zst 2>/dev/null || true
		[ ! -e d.jsonl.zst ]
		run --separate-stderr -4 esimport --log-format json --skip-damaged --from bad --to sqlite://t.db \
			--dead-letter d.jsonl.zst
		account "$left"
		letters=$(zstd -dc d.jsonl.zst | jq .position | wc -l)
		same "$(sqlite3 t.db 'SELECT count(*), count(DISTINCT id) FROM events')" "$((left - letters))|$((left - letters))"
		sqlite3 t.db 'DROP TRIGGER no'
		run -0 --separate-stderr esimport --log-format json --from d.jsonl.zst --to sqlite://t.db
		has "$stderr" "\"written\":$letters,\"already_there\":0"
	done
}

@test "of a salvaged archive the losses are warnings, also where events are refused" {
	archive a.jsonl.zst 60
	hurt P 3 a.jsonl.zst bad
	left_of bad
	run -1 esverify --salvage out.jsonl.zst bad
	refusing 'NEW.position = 60'
	run --separate-stderr -3 esimport --log-format json --from out.jsonl.zst --to sqlite://t.db --dead-letter d.jsonl.zst
	account "$left"
	has "$stderr" 'holds what was left of a damaged archive'
	has "$(tail -n 1 <<<"$stderr")" '1 event that the target refused is in d.jsonl.zst'
}
