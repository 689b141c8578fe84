# What a stream of JetStream lacks: only what lies behind its end can be brought back.
# shellcheck disable=SC2034,SC2154 # variables of bats and of what is loaded
load helpers
load stores
load nats

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

setup() {
	store a.db 100
	to=$(nats_address COPY)
	nats rm COPY 2>/dev/null || true
}

# upto N: the stream has the first N events.
upto() {
	esexport --from sqlite://a.db --upto "$1" | esimport --to "$to"
}

# missing N: the stream lacks N events, which are in m.jsonl.zst now.
missing() {
	run --separate-stderr -1 esverify --json sqlite://a.db "$to" --missing-to m.jsonl.zst --force
	same "$(tail -n 1 <<<"$output" | jq -c '[.missing, .extra, .different]')" "[$1,0,0]"
}

# import CODE [OPTIONS]
import() {
	run --separate-stderr "-$1" esimport --from m.jsonl.zst --to "$to" "${@:2}"
}

dump() {
	nats dump COPY | jq -c 'del(.time)'
}

@test "what a stream lacks at its end is brought, and later imports go on behind it" {
	upto 80
	missing 20
	import 0 -n
	has "$output" '20 events would be written'
	esexport --from m.jsonl.zst --chunk-size 1KiB --out small.jsonl.zst
	import 0 --batch-size 7
	has "$stderr" 'read 20 = written 20 + already there 0'
	esverify --positions sqlite://a.db "$to"
	dump >before
	# Once more.
	for file in m small; do
		run --separate-stderr -0 esimport --from $file.jsonl.zst --to "$to" --batch-size 3
		has "$stderr" 'read 20 = written 0 + already there 20'
		dump | cmp - before
	done
	# The first part of it only: the rest is written.
	nats rm COPY
	upto 80
	run --separate-stderr -0 esimport --from m.jsonl.zst --to "$to" --upto 90
	has "$stderr" 'read 10 = written 10 + already there 0'
	import 0
	has "$stderr" 'read 20 = written 10 + already there 10'
	store a2.db 130
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a2.db --after 100)
	has "$stderr" 'read 30 = written 30 + already there 0'
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a2.db)
	has "$stderr" 'read 130 = written 0 + already there 130'
	# An old one, when the import has gone on, does not lead it back.
	said=$(nats info COPY | jq -c .config)
	import 0
	has "$stderr" 'written 0 + already there 20'
	same "$(nats info COPY | jq -c .config)" "$said"
	esverify --positions sqlite://a2.db "$to"
}

@test "the last messages that were deleted come back behind them" {
	upto 100
	for n in 100 99 98; do nats del COPY $n; done
	# The server must not know their ids any more.
	nats_restart
	missing 3
	import 0
	has "$stderr" 'written 3 '
	esverify --positions sqlite://a.db "$to"
	same "$(nats dump COPY | jq .seq | tail -n 3 | tr '\n' ' ')" '101 102 103 '
	import 0
	has "$stderr" 'written 0 + already there 3'
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a.db)
	has "$stderr" 'written 0 + already there 100'
}

@test "an event that is missing between messages is refused before anything is written" {
	upto 90
	for n in 1 50 51; do nats del COPY $n; done
	missing 13
	dump >before
	for try in -n ''; do
		import 5 $try
		has "$stderr" 'event 1 (stream "order-0", version 0): is missing between messages of stream COPY, and JetStream takes none between others; import all of the source into a new stream'
		dump | cmp - before
	done
	# Those behind the end alone are no such thing.
	run --separate-stderr -1 esverify sqlite://a.db "$to" --after 90 --missing-to end.jsonl.zst
	run --separate-stderr -0 esimport --from end.jsonl.zst --to "$to"
	has "$stderr" 'written 10 '
	esverify --after 60 sqlite://a.db "$to"
}

@test "events that would leave a gap behind the end are refused" {
	upto 80
	run --separate-stderr -1 esverify sqlite://a.db "$to" --after 90 --missing-to m.jsonl.zst
	dump >before
	import 5
	has "$stderr" 'the input begins behind position 90, and the target has everything up to 80'
	run --separate-stderr -1 esverify sqlite://a.db "$to" --stream order-1 --missing-to m.jsonl.zst --force
	import 5
	has "$stderr" 'no import of this source, with the filters of the repair archive, wrote its messages'
	dump | cmp - before
}

@test "another event at its place is a conflict" {
	esexport --from sqlite://a.db --upto 80 --plain | sed '80s/"n":80/"n":"other"/' |
		esimport --plain --to "$to"
	cp a.db c.db
	sqlite3 c.db 'DELETE FROM events WHERE position = 80'
	run -1 esverify sqlite://a.db sqlite://c.db --missing-to m.jsonl.zst
	dump >before
	import 5
	has "$stderr" 'event 80 (stream "order-4", version 15): stream COPY holds another event of this position, as message 80'
	dump | cmp - before
}

@test "messages of others at the end are in the way" {
	upto 80
	nats pub COPY.other -H 'Es-Type: T' '{}'
	run --separate-stderr -1 esverify sqlite://a.db "$to" --missing-to m.jsonl.zst
	import 5
	has "$stderr" 'messages of others'
	nats rm COPY
	nats make COPY '{"subjects":["COPY.*"]}'
	nats pub COPY.other -H 'Es-Type: T' '{}'
	import 5
	has "$stderr" 'no import of this source'
}

@test "a stream is a source, too: what it has and a copy lacks" {
	upto 100
	esexport --from "$to" | esimport --to sqlite://b.db
	sqlite3 b.db 'DELETE FROM events WHERE position IN (1, 30, 100)'
	run -1 esverify "$to" sqlite://b.db --missing-to m.cbor.zst
	run --separate-stderr -0 esimport --from m.cbor.zst --to sqlite://b.db
	has "$stderr" 'written 3 '
	esverify --positions "$to" sqlite://b.db
	esverify --positions sqlite://a.db sqlite://b.db
}

@test "killed in the middle, the same command ends the repair" {
	upto 50
	missing 50
	esexport --from m.jsonl.zst --chunk-size 1KiB --out small.jsonl.zst
	second=$(($(grep -obUaF ESARC small.jsonl.zst | sed -n 3p | cut -d: -f1) - 8))
	rm -f pipe
	mkfifo pipe
	esimport --to "$to" --batch-size 1 <pipe 2>said 3>&- &
	pid=$!
	exec 8>pipe
	head -c $second small.jsonl.zst >&8
	until (($(nats info COPY | jq .state.messages) > 55)); do :; done
	import 5
	has "$stderr" 'another import is running'
	kill -KILL $pid
	wait $pid || true
	exec 8>&-
	there=$(($(nats info COPY | jq .state.messages) - 50))
	import 0
	has "$stderr" "written $((50 - there)) + already there $there "
	esverify --positions sqlite://a.db "$to"
}

@test "a stream that is not there, and one that is empty" {
	upto 80
	missing 20
	nats rm COPY
	import 6
	has "$stderr" 'is not there, and cannot be repaired'
	nats make COPY '{"subjects":["COPY.*"]}'
	run -1 esverify sqlite://a.db "$to" --layout-b native --missing-to m.jsonl.zst --force
	import 0 --layout native
	has "$stderr" 'written 100 '
	esverify --positions sqlite://a.db "$to"
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a.db)
	has "$stderr" 'written 0 + already there 100'
}

@test "a stream that ends before the copy that was compared takes nothing that leaves a gap" {
	cp a.db b.db
	sqlite3 b.db 'DELETE FROM events WHERE position IN (8, 9, 20)'
	run -1 esverify sqlite://a.db sqlite://b.db --missing-to m.jsonl.zst
	upto 5
	dump >before
	for options in -n --verify '--batch-size 1'; do
		# shellcheck disable=SC2086 # two words
		import 5 $options
		has "$stderr" 'event 8 (stream "order-2", version 1): follows event 7 in the source, and stream COPY ends with event 5; make a repair archive for this stream'
		dump | cmp - before
	done
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a.db --upto 7)
	has "$stderr" 'read 7 = written 2 + already there 5'
	# What fits comes, and the rest does not.
	import 5 --batch-size 1
	has "$stderr" 'event 20 (stream "order-4", version 3): follows event 19 in the source, and stream COPY ends with event 9'
	run --separate-stderr -0 esimport --to "$to" < <(esexport --from sqlite://a.db)
	has "$stderr" 'read 100 = written 91 + already there 9'
	esverify --positions sqlite://a.db "$to"
	import 0
	has "$stderr" 'written 0 + already there 3'
	# A stream that is empty takes the first event of the source, and no other one.
	nats rm COPY
	nats make COPY '{"subjects":["COPY.*"]}'
	import 5 --layout native
	has "$stderr" 'event 8 (stream "order-2", version 1): follows event 7 in the source, and stream COPY holds no event'
}
