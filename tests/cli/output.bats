#!/usr/bin/env bats
# What the programs put out: data, messages, progress, files; and what they leave alone.

load helpers
load stores

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 10
	store big.db 5000
	esexport --from sqlite://a.db --out all.jsonl.zst 2>/dev/null
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a* .
}

big() {
	echo "sqlite://$BATS_FILE_TMPDIR/big.db"
}

# Messages

@test "stdout carries nothing but the archive" {
	esexport --from sqlite://a.db >b.jsonl.zst 2>messages
	run --separate-stderr -0 esverify b.jsonl.zst
	has "$output" "whole, every digest fits; 10 events"
	run -0 grep -c 'read 10 = written 10 + filtered 0 events' messages
	esexport --from sqlite://a.db --out - >c.jsonl.zst 2>/dev/null
	run -0 esverify --positions b.jsonl.zst c.jsonl.zst
}

@test "stdout carries nothing but the lines" {
	run --separate-stderr -0 esexport --from sqlite://a.db --plain --progress json --log-format json
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 "
}

@test "an export and an import are a pipe" {
	esexport --from sqlite://a.db 2>out.log | esimport --to sqlite://b.db 2>in.log
	has "$(cat out.log)" "esexport: read 10 = written 10 + filtered 0 events;"
	has "$(cat in.log)" "esimport: read 10 = written 10 + already there 0 + filtered 0 events;"
	run --separate-stderr -0 esverify --positions sqlite://a.db sqlite://b.db
	same "$stderr" ""
}

@test "the summary says sizes, chunks and time" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
	same "$output" ""
	same "${#stderr_lines[@]}" 1
	[[ $stderr =~ ^"esexport: read 10 = written 10 + filtered 0 events; 1.2 KiB as "[0-9.]+" "(B|KiB)" in 1 chunk; "[0-9.]+" s"$ ]]
}

@test "of what is one, one is said" {
	events 1 >one.jsonl
	run --separate-stderr -0 esexport --from one.jsonl --type x --out none.jsonl.zst
	has "$stderr" "read 1 = written 0 + filtered 1 events; "
	run --separate-stderr -0 esexport --from one.jsonl --out one.jsonl.zst
	has "$stderr" " in 1 chunk; "
	run -0 esimport --verify --to sqlite://one.db --from one.jsonl.zst
	has "$output" "note: verified: 1 event of the input is in the target as it was read"
	run -0 esverify one.jsonl.zst
	has "$output" "; 1 event, 1 stream begins in it, position"
	run -0 esverify --digest one.jsonl.zst
	has "$output" "  1 event, 1 stream begins in it"
	run -0 esverify one.jsonl.zst sqlite://one.db
	has "$output" "the same: 1 event, in the same order"
	run -1 esverify --max-findings 1 sqlite://a.db none.jsonl.zst
	has "$output" "... and 9 findings more; --max-findings shows them"
	run -1 esverify --max-findings 9 sqlite://a.db none.jsonl.zst
	has "$output" "... and 1 finding more; --max-findings shows it"
}

@test "counts are easy to read" {
	run --separate-stderr -0 esexport --from "$(big)" --out b.jsonl.zst
	has "$stderr" "read 5,000 = written 5,000 + filtered 0 events"
}

@test "--log-format json makes every line of stderr JSON" {
	local line
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --log-format json --progress json
	printf '%s\n' "${stderr_lines[@]}" >messages
	events 3 >three.jsonl
	run --separate-stderr -0 esimport --from three.jsonl --to sqlite://b.db --log-format json --progress json
	printf '%s\n' "${stderr_lines[@]}" >>messages
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db --type x --log-format json
	printf '%s\n' "${stderr_lines[@]}" >>messages
	while read -r line; do
		jq -e 'has("program") and has("level")' <<<"$line"
	done <messages
	same "$(jq -r .level messages | tr '\n' ' ')" \
		"progress summary progress note summary note error "
}

@test "the summary in JSON has the account as numbers" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --log-format json
	same "$(jq -c '[.program, .level, .read, .written, .filtered, .chunks, .first_position, .last_position]' <<<"$stderr")" \
		'["esexport","summary",10,10,0,1,1,10]'
	same "$(jq .written_bytes <<<"$stderr")" "$(stat -c %s b.jsonl.zst)"
	run --separate-stderr -0 esimport --from b.jsonl.zst --to sqlite://b.db --log-format json
	same "$(jq -c '[.read, .written, .already_there, .filtered, .chunks, .last_position]' <<<"$stderr")" \
		'[10,10,0,0,1,10]'
}

@test "an error in JSON has its kind and its message" {
	run --separate-stderr -6 esexport --from sqlite://no.db --log-format json
	same "$(jq -c '[.program, .level, .kind, .message]' <<<"$stderr")" \
		'["esexport","error","store","sqlite no.db: No such file or directory"]'
	jq -e '.time | test("^20[0-9-]+T[0-9:.]+Z$")' <<<"$stderr"
}

@test "a name that would command the terminal is mended in messages" {
	run --separate-stderr -7 esexport --from $'a\e[2Jb\nc' --plain
	same "${#stderr_lines[@]}" 1
	has "$stderr" "a?[2Jb?c"
}

# Progress

@test "--progress json prints a line of numbers, and the last one says all" {
	run --separate-stderr -0 esexport --from "$(big)" --out b.jsonl.zst --progress json
	same "$output" ""
	grep '"level":"progress"' <<<"$stderr" | tail -n 1 >last
	same "$(jq -c '[.program, .events, .total_events]' last)" '["esexport",5000,5000]'
	jq -e '[.elapsed_s, .raw_bytes, .stored_bytes, .events_per_s, .eta_s] | all(type == "number")' last
}

@test "without a terminal there is no progress, unless asked for" {
	run --separate-stderr -0 esexport --from "$(big)" --out b.jsonl.zst
	same "${#stderr_lines[@]}" 1
	run --separate-stderr -0 esexport --from "$(big)" --out c.jsonl.zst --progress none
	same "${#stderr_lines[@]}" 1
}

# Run $@ with a terminal as stderr, hold its output back until a bar with an ETA is there; with ASK=1
# until SIGUSR1 is answered, too.
with_terminal() {
	cat >terminal.py <<'END'
import os, pty, select, signal, subprocess, sys, threading
master, slave = pty.openpty()
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=slave)
os.close(slave)
seen = b""
def more(seconds=60):
    if not select.select([master], [], [], seconds)[0]:
        sys.exit("no bar came: %r" % seen)
    try:
        return os.read(master, 65536)
    except OSError:
        return b""
while b"ETA" not in seen:
    seen += more()
if "ASK" in os.environ:
    p.send_signal(signal.SIGUSR1)
while "ASK" in os.environ and b"note: " not in seen:
    seen += more()
threading.Thread(target=p.stdout.read).start()
part = more()
while part:
    seen += part
    part = more()
open("screen", "wb").write(seen)
sys.exit(p.wait())
END
	python3 terminal.py "$@"
}

@test "a bar on a terminal shows events, rate and ETA, and is taken away" {
	with_terminal esexport --from "$(big)" --plain --chunk-size 8KiB --workers 1
	run -0 grep -aEo 'esexport: [0-9,]+ events +[0-9.]+ [KM]?i?B +[0-9,]+/s +[0-9]+ %  ETA [0-9a-z. ]+' screen
	run -0 python3 -c 'import re; s = open("screen", "rb").read()
assert re.search(rb"\r\033\[Kesexport: read 5,000 = written 5,000 [^\r\n]*\r\n$", s), s[-300:]
assert s.count(b"\n") == 1, s'
}

@test "a message takes the place of the bar" {
	ASK=1 with_terminal esexport --from "$(big)" --plain --chunk-size 8KiB --workers 1
	run -0 grep -aEo $'\r\033\\[Kesexport: note: [0-9,]+ events' screen
}

@test "--progress none draws nothing on a terminal, and neither do JSON messages" {
	run -0 script -qec "esexport --from $(big) --out b.jsonl.zst --progress none" /dev/null </dev/null
	lacks "$output" $'\033'
	run -0 script -qec "esexport --from $(big) --out c.jsonl.zst --log-format json" /dev/null </dev/null
	lacks "$output" $'\033'
}

@test "--stats writes a header and rows of numbers" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --stats s.csv
	same "$(head -n 1 s.csv)" \
		"time,elapsed_s,events,raw_bytes,stored_bytes,events_per_s,raw_bytes_per_s,source_wait_s,worker_wait_s,sink_wait_s,rss_bytes"
	[ "$(wc -l <s.csv)" -ge 2 ]
	run -0 awk -F, 'NR > 1 { if (NF != 11) print "fields", NF; for (i = 2; i <= NF; i++) if ($i !~ /^[0-9]+(\.[0-9]+)?$/) print $i }' s.csv
	same "$output" ""
	same "$(tail -n 1 s.csv | cut -d, -f3)" 10
	[ "$(tail -n 1 s.csv | cut -d, -f11)" -gt 100000 ]
	run --separate-stderr -0 esimport --from b.jsonl.zst --to sqlite://b.db --stats t.csv
	same "$(tail -n 1 t.csv | cut -d, -f3)" 10
	run --separate-stderr -0 esverify b.jsonl.zst --stats u.csv
	same "$(head -n 1 u.csv)" "$(head -n 1 s.csv)"
}

@test "--stats that cannot be written is an error" {
	run --separate-stderr -7 esexport --from sqlite://a.db --out b.jsonl.zst --stats no/s.csv
	has "$stderr" "create no/s.csv: No such file or directory"
	[ ! -e b.jsonl.zst ]
	run --separate-stderr -7 esexport --from sqlite://a.db --out c.jsonl.zst --stats /dev/full
	has "$stderr" "write /dev/full: No space left on device"
}

# Dry runs

@test "esexport --dry-run says the plan and changes nothing" {
	mkdir w
	cp a.db w
	snapshot w >before
	run --separate-stderr -0 esexport --from sqlite://w/a.db --out w/b.cbor.zst --dry-run --after 3
	same "$stderr" ""
	has "$output" "read   sqlite://w/a.db (sqlite, layout native)"
	has "$output" "7 events in the range, before filters"
	has "$output" "write  w/b.cbor.zst (cbor)"
	has "$output" "nothing was written"
	snapshot w >after
	run -0 diff before after
}

@test "esexport --dry-run finds what would stop the run" {
	run --separate-stderr -7 esexport --from sqlite://a.db --out all.jsonl.zst --dry-run
	has "$stderr" "all.jsonl.zst: exists already; choose another name, or replace it with --force"
	same "$output" ""
	run --separate-stderr -0 esexport --from sqlite://a.db --out all.jsonl.zst --dry-run --force
	run --separate-stderr -6 esexport --from sqlite://no.db --out b.jsonl.zst --dry-run
	run --separate-stderr -2 esexport --from sqlite://a.db --layout emmett --dry-run
}

@test "esimport --dry-run into a new store says the plan and makes nothing" {
	mkdir w
	cp all.jsonl.zst w
	snapshot w >before
	run --separate-stderr -0 esimport --from w/all.jsonl.zst --to sqlite://w/b.db --dry-run --type Paid
	same "$stderr" ""
	has "$output" "read   w/all.jsonl.zst: 10 events in the range, all of them checked"
	has "$output" "write  sqlite://w/b.db (sqlite, layout native, which would be made)"
	has "$output" "3 events would be written"
	has "$output" "0 are there already"
	has "$output" "7 are filtered"
	has "$output" "nothing was written"
	snapshot w >after
	run -0 diff before after
}

@test "esimport --dry-run into a store with events changes not one byte of it" {
	mkdir w
	esimport --from all.jsonl.zst --to sqlite://w/b.db --upto 4 2>/dev/null
	snapshot w >before
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://w/b.db --dry-run
	has "$output" "6 events would be written"
	has "$output" "4 are there already"
	lacks "$output" "would be made"
	snapshot w >after
	run -0 diff before after
}

@test "a dry run with a database in WAL mode writes neither to it nor to its log" {
	esimport --from all.jsonl.zst --to sqlite://b.db --upto 4 2>/dev/null
	sqlite3 b.db 'PRAGMA journal_mode=WAL' >/dev/null
	snapshot b.db >before
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --dry-run
	has "$output" "6 events would be written"
	run --separate-stderr -0 esexport --from sqlite://b.db --dry-run
	snapshot b.db >after
	run -0 diff before after
	# SQLite makes a log and its index to read such a database; nothing is in the log.
	[ ! -s b.db-wal ]
}

@test "esimport --dry-run finds conflicts, events that do not fit, and damage" {
	mkdir w
	events 3 | sed 's/"Paid"/"Other"/' | esimport --to sqlite://w/b.db 2>/dev/null
	events 1 20 >w/more.jsonl
	esimport --from all.jsonl.zst --to sqlite://w/c.db --upto 4 2>/dev/null
	sqlite3 w/c.db "INSERT INTO events (position, stream, version, id, type) VALUES (9, 'x', 0, 'x', 'T')"
	echo '{"position":9223372036854775808,"stream":"s","version":0,"type":"T"}' >w/large.jsonl
	head -c -20 all.jsonl.zst >w/cut.jsonl.zst
	snapshot w >before
	run --separate-stderr -5 esimport --from w/more.jsonl --to sqlite://w/b.db --dry-run
	has "$stderr" "the target holds events, and no import of this source wrote them"
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://w/c.db --dry-run
	has "$stderr" 'event 9 (stream "order-3", version 1): the target holds another event of this position'
	run --separate-stderr -3 esimport --from w/large.jsonl --to sqlite://w/d.db --dry-run
	has "$stderr" "field position: is larger than an INTEGER can be"
	run --separate-stderr -4 esimport --from w/cut.jsonl.zst --to sqlite://w/d.db --dry-run
	same "$output" ""
	snapshot w >after
	run -0 diff before after
}

# Files

@test "an output that exists is refused before anything is read" {
	echo mine >b.jsonl.zst
	run --separate-stderr -7 esexport --from sqlite://a.db --out b.jsonl.zst
	same "$output" ""
	has "$stderr" "b.jsonl.zst: exists already; choose another name, or replace it with --force"
	same "$(cat b.jsonl.zst)" mine
	[ ! -e b.jsonl.zst.part ]
}

@test "--force replaces an output, and only when the new one is whole" {
	echo mine >b.jsonl.zst
	cp a.db bad.db
	sqlite3 bad.db "UPDATE events SET version = -1 WHERE position = 7"
	run --separate-stderr -3 esexport --from sqlite://bad.db --out b.jsonl.zst --force
	same "$(cat b.jsonl.zst)" mine
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --force
	run -0 esverify b.jsonl.zst
	[ ! -e b.jsonl.zst.part ]
}

@test "--force replaces files only" {
	mkdir d.jsonl.zst
	run --separate-stderr -7 esexport --from sqlite://a.db --out d.jsonl.zst --force
	has "$stderr" "d.jsonl.zst: is no file, and not replaced"
	mkfifo p.jsonl.zst
	run --separate-stderr -7 esexport --from sqlite://a.db --out p.jsonl.zst --force
	[ -p p.jsonl.zst ]
	run -0 find . -name '*.part'
	same "$output" ""
}

@test "an export that fails leaves nothing under the final name" {
	sqlite3 a.db "UPDATE events SET version = -1 WHERE position = 7"
	run --separate-stderr -3 esexport --from sqlite://a.db --out b.jsonl.zst
	has "$stderr" "table events, near position 7: column version holds no number of an event"
	[ ! -e b.jsonl.zst ]
	sqlite3 a.db "UPDATE events SET version = 1 WHERE position = 7"
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
	[ ! -e b.jsonl.zst.part ]
}

@test "two exports do not write one file" {
	exec 4>>b.jsonl.zst.part
	flock -x 4
	run --separate-stderr -7 esexport --from sqlite://a.db --out b.jsonl.zst
	has "$stderr" "b.jsonl.zst.part: another program is writing it"
	exec 4>&-
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
}

@test "an output in a folder that is not there is an error" {
	run --separate-stderr -7 esexport --from sqlite://a.db --out no/b.jsonl.zst
	has "$stderr" "create no/b.jsonl.zst.part: No such file or directory"
}

to_full() {
	"$@" >/dev/full
}

@test "a full disk is an error, also of standard output" {
	run --separate-stderr -7 to_full esexport --from sqlite://a.db
	same "$stderr" "esexport: write standard output: No space left on device; make room, and run it again"
	run --separate-stderr -7 to_full esexport --from sqlite://a.db --plain
	run --separate-stderr -7 to_full esexport --from sqlite://a.db --dry-run
	run --separate-stderr -7 to_full esexport --help
	run --separate-stderr -7 to_full esexport --list-layouts
	run --separate-stderr -7 to_full esverify all.jsonl.zst
	run --separate-stderr -7 to_full esverify --info all.jsonl.zst
	run --separate-stderr -7 to_full esimport --from all.jsonl.zst --to sqlite://b.db --dry-run
}

@test "a device is no output file" {
	run --separate-stderr -7 esexport --from sqlite://a.db --out /dev/full
	has "$stderr" "/dev/full: is no file, and not replaced"
}

@test "a pipe that closes is an error with a message" {
	local codes
	esexport --from "$(big)" --chunk-size 8KiB --plain 2>messages | head -c 10 >/dev/null || true
	codes=("${PIPESTATUS[@]}")
	has "$(cat messages)" "esexport: write standard output: Broken pipe"
	set +e
	esexport --from "$(big)" --chunk-size 8KiB --plain 2>/dev/null | head -c 10 >/dev/null
	codes=("${PIPESTATUS[@]}")
	set -e
	same "${codes[0]}" 7
}

# Codecs and names

@test "the suffix of the name says the codec" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.cbor.zst
	same "$(esverify --info --json b.cbor.zst | jq -r .codec)" cbor
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
	same "$(esverify --info --json b.jsonl.zst | jq -r .codec)" jsonl
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.zst
	same "$(esverify --info --json b.zst | jq -r .codec)" jsonl
	run --separate-stderr -0 esexport --from sqlite://a.db --out c.zst --codec cbor
	same "$(esverify --info --json c.zst | jq -r .codec)" cbor
	run -0 esverify --positions b.cbor.zst b.jsonl.zst
}

@test "a name that contradicts the codec is refused" {
	local n=0 args
	while read -r args; do
		# shellcheck disable=SC2086 # a list of words
		run --separate-stderr -2 esexport --from sqlite://a.db $args
		same "$output" ""
		n=$((n + 1))
	done <<'END'
--out b.jsonl.zst --codec cbor
--out b.cbor.zst --codec jsonl
--out b.jsonl.zst --plain
--out b.cbor.zst --plain
--out b.jsonl
--out b.jsonl --codec cbor
--plain --codec cbor
--exact-text --codec cbor
--exact-text --out b.cbor.zst
END
	same "$n" 9
	run -0 find . -name 'b.*'
	same "$output" ""
}

@test "bare lines go out and come in, by name and by pipe" {
	run --separate-stderr -0 esexport --from sqlite://a.db --plain --out b.jsonl
	same "$(jq -c .position b.jsonl | tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 "
	run --separate-stderr -0 esimport --plain --from b.jsonl --to sqlite://b.db
	has "$stderr" "JSON Lines cannot tell whether they are complete"
	esexport --from sqlite://a.db --plain 2>/dev/null | esimport --to sqlite://c.db 2>/dev/null
	run -0 esverify --positions sqlite://b.db sqlite://c.db
	run --separate-stderr -4 esimport --plain --from all.jsonl.zst --to sqlite://d.db
	[ ! -e d.db ]
}

@test "--exact-text keeps the spelling beside the value" {
	sqlite3 a.db "UPDATE events SET data = '{ \"n\" : 1.10 }' WHERE position = 1"
	run --separate-stderr -0 esexport --from sqlite://a.db --plain --exact-text --upto 2
	same "$(jq -r .data_text <<<"$output" | head -n 1)" '{ "n" : 1.10 }'
	same "$(jq -r .data_text <<<"$output" | tail -n 1)" '{"n":2}'
	jq -c . <<<"$output" | esimport --to sqlite://b.db 2>/dev/null
	same "$(sqlite3 b.db 'SELECT data FROM events WHERE position = 1')" '{ "n" : 1.10 }'
}

@test "an input without a byte is refused, for its writer did not begin" {
	: >none
	run --separate-stderr -4 esimport --from none --to sqlite://b.db
	has "$stderr" "none: is empty: what should have written it did not begin"
	run --separate-stderr -4 esimport --to sqlite://b.db </dev/null
	[ ! -e b.db ]
	run --separate-stderr -4 esexport --from none --plain
	run --separate-stderr -4 esverify none
}

@test "an input without a byte is no event when it is said to be bare lines" {
	: >none
	run --separate-stderr -0 esimport --plain --from none --to sqlite://b.db
	has "$stderr" "read 0 = written 0"
	same "$(count_in b.db)" 0
	run --separate-stderr -0 esverify --plain none
	has "$output" "0 events"
	run --separate-stderr -0 esverify --plain none sqlite://b.db
}

@test "an SQLite file given as a path is told how to be written" {
	run --separate-stderr -4 esexport --from a.db --plain
	has "$stderr" "a.db: is an SQLite database; write its address as sqlite://a.db"
	run --separate-stderr -4 esverify a.db
	has "$stderr" "sqlite://a.db"
	run --separate-stderr -2 esimport --from all.jsonl.zst --to a.db
	has "$stderr" "sqlite://FILE"
}

@test "a zstd file that is no archive is told how to be read" {
	events 3 | zstd -q >lines.zst
	run --separate-stderr -4 esimport --from lines.zst --to sqlite://b.db
	has "$stderr" "lines.zst: is zstd-compressed, but not an archive; if JSON Lines are in it, pipe them: zstd -dc"
	zstd -dc lines.zst | esimport --to sqlite://b.db
	same "$(count_in b.db)" 3
}

@test "an input that is nothing known is refused" {
	head -c 100 /dev/zero >zero
	run --separate-stderr -4 esexport --from zero --plain
	has "$stderr" "zero: is neither an archive nor JSON Lines"
	run --separate-stderr -7 esexport --from . --plain
	has "$stderr" "is a directory"
}

# Bytes

@test "with SOURCE_DATE_EPOCH an export has the same bytes, whatever the workers" {
	local codec w
	export SOURCE_DATE_EPOCH=1767225600
	for codec in jsonl cbor; do
		for w in 1 1 8; do
			run --separate-stderr -0 esexport --from "$(big)" --workers $w --chunk-size 8KiB \
				--out x.$codec.zst --force
			sha256sum x.$codec.zst >>$codec.sums
		done
		same "$(sort -u $codec.sums | wc -l)" 1
		[ "$(esverify --info --json x.$codec.zst | jq .chunks)" -gt 100 ]
		same "$(esverify --info --json x.$codec.zst | jq -r .created)" 2026-01-01T00:00:00Z
	done
	run -0 esverify --positions x.jsonl.zst x.cbor.zst
}

@test "without SOURCE_DATE_EPOCH every archive has an id of its own" {
	unset SOURCE_DATE_EPOCH
	esexport --from sqlite://a.db --out b.jsonl.zst 2>/dev/null
	[ "$(esverify --info --json b.jsonl.zst | jq .id)" != "$(esverify --info --json all.jsonl.zst | jq .id)" ]
}

@test "a SOURCE_DATE_EPOCH that is no number is refused" {
	SOURCE_DATE_EPOCH=now run --separate-stderr esexport --from sqlite://a.db --out b.jsonl.zst
	same "$status" 2
	has "$stderr" "SOURCE_DATE_EPOCH"
	[ ! -e b.jsonl.zst ]
}
