# Streams that somebody else writes to, imports that are started again, and what an export finds
# that is no longer there.
load helpers
load stores
load nats
load ../jobs

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

# lines FIRST LAST: events that are a chunk of 1 KiB each.
lines() {
	events $(($2 - $1 + 1)) "$1" | jq -c '.data.pad = ("0" * 900)'
}

# archive FILE FIRST LAST
archive() {
	lines "$2" "$3" >made.jsonl
	esexport --from made.jsonl --out "$1" --force --chunk-size 1KiB 2>/dev/null
	rm made.jsonl
}

messages() {
	nats info "$1" | jq .state.messages
}

until_true() {
	local end=$((SECONDS + 60))

	until "$@" 2>/dev/null; do
		((SECONDS < end)) || return 1
	done
}

has_messages() {
	[ "$(messages "$1")" -ge "$2" ]
}

# held ADDRESS-OF-STREAM STREAM [OPTIONS]: an import of a.zst that has its first chunk and waits; the
# rest is to go to fd 8.
held() {
	local end

	rm -f pipe
	mkfifo pipe
	exec 8<>pipe
	esimport --to "$1" --batch-size 1 "${@:3}" <pipe 2>said 3>&- 8>&- &
	job=$!
	end=$(($(grep -obUaF ESARC a.zst | sed -n 3p | cut -d: -f1) - 8))
	head -c $end a.zst >&8
	fed=$end
	until_true has_messages "$2" 1
}

let_go() {
	tail -c +$((fed + 1)) a.zst >&8 2>/dev/null || true
	exec 8>&-
}

# ends_with CODE: what was started.
ends_with() {
	local rc=0

	wait $job || rc=$?
	same $rc "$1"
}

# Positions of the events that imports wrote, in the order of the stream.
imported() {
	nats dump "$1" | jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' | cut -d' ' -f2 | tr '\n' ' '
}

@test "a second publisher ends the import with a conflict, and nothing is lost" {
	archive a.zst 1 6
	held "$(nats_address second)" second
	nats pub second.other 'hello' >/dev/null
	let_go
	ends_with 5
	has "$(cat said)" "was not written by this import"
	has "$(cat said)" "let nobody else write to the stream"
	# What was there before is there, and the message of the other.
	nats dump second | jq -r .subject >subjects
	grep -qx second.other subjects
	same "$(imported second | wc -w)" $(($(messages second) - 1))
	same "$(imported second)" "$(seq -s ' ' 1 $(($(messages second) - 1))) "
	# And again it says so, until --append lets it go on behind that.
	run -5 --separate-stderr esimport --from a.zst --to "$(nats_address second)"
	has "$stderr" "messages of others behind the last one of this import"
	esimport --from a.zst --append --to "$(nats_address second)"
	same "$(imported second)" "1 2 3 4 5 6 "
	run -0 --separate-stderr esimport --from a.zst --to "$(nats_address second)"
	has "$stderr" "written 0 + already there 6"
}

# Events fast enough that many are on their way at a time.
many() {
	"$BIN/bench/gen" --events "$1" --seed "$2"
}

# pure STREAM: positions of the imported ones are 1, 2, 3, ... as far as they go.
pure() {
	nats dump "$1" | jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' | cut -d' ' -f2 >positions
	seq "$(wc -l <positions)" | cmp - positions
}

@test "messages of others between those that are on their way make no holes" {
	local codes=0 rc

	many 50000 1 >a.jsonl
	for i in 1 2 3; do
		nats make between$i >/dev/null
		start esimport --plain --from a.jsonl --layout native --to "$(nats_address between$i)"
		while kill -0 "$job" 2>/dev/null; do
			nats pub between$i.other hello >/dev/null
		done
		rc=0
		wait "$job" || rc=$?
		codes=$((codes + (rc == 5)))
		pure between$i
	done
	# It would show nothing if nobody had been met.
	((codes > 0))
}

@test "of two imports of other archives at a time one ends with a conflict, and the other is whole" {
	local one two

	many 20000 1 >a.jsonl
	many 20000 2 >b.jsonl
	for i in 1 2 3; do
		nats make race$i >/dev/null
		esimport --plain --from a.jsonl --layout native --to "$(nats_address race$i)" 2>said_a 3>&- &
		one=$!
		esimport --plain --from b.jsonl --layout native --to "$(nats_address race$i)" 2>said_b 3>&- &
		two=$!
		codes=
		for job in $one $two; do
			rc=0
			wait $job || rc=$?
			codes+="$rc "
		done
		[ "$codes" = "0 5 " ] || [ "$codes" = "5 0 " ] || {
			cat said_a said_b
			echo "$codes" && false
		}
		nats dump race$i | jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' |
			awk '{ key[$4] = key[$4] " " $2 } END { for (k in key) print key[k] }' >by_import
		while read -r -a positions; do
			seq ${#positions[@]} | cmp - <(printf '%s\n' "${positions[@]}")
		done <by_import
		grep -q ' 20000$' by_import
	done
}

@test "imports of events with the same ids at a time are not mixed" {
	local one two who

	"$BIN/bench/gen" --events 5000 | jq -c '.id = "x\(.position)" | .type = "A"' >a.jsonl
	jq -c '.type = "B"' a.jsonl >b.jsonl
	for i in 1 2 3 4; do
		nats make same$i >/dev/null
		esimport --plain --from a.jsonl --layout native --to "$(nats_address same$i)" 2>said_a 3>&- &
		one=$!
		esimport --plain --from b.jsonl --layout native --to "$(nats_address same$i)" 2>said_b 3>&- &
		two=$!
		for job in $one $two; do
			wait $job || true
		done
		nats dump same$i | jq -r '.headers[] | select(.[0] == "Es-Type") | .[1]' | sort | uniq -c >who
		same "$(wc -l <who)" 1
		same "$(awk '{ print $1 }' who)" 5000
	done
}

@test "a note is made up for where the import that should have made it was killed" {
	events 3 | jq -c '.position = .position * 10' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address noted)"
	has "$(nats info noted | jq -r .config.description)" "message 3 is position 30"
	nats req '$JS.API.STREAM.UPDATE.noted' "$(nats info noted | jq -c '.config | del(.description)')" >/dev/null
	same "$(nats info noted | jq -r '.config.description // ""')" ""
	run -0 --separate-stderr esimport --from a.jsonl --to "$(nats_address noted)"
	has "$stderr" "written 0 + already there 3"
	has "$(nats info noted | jq -r .config.description)" "message 3 is position 30"
	# The reach of an increment without events stands on the same message, whatever came behind it.
	nats pub noted.app -H 'Es-Type: T' '{}' >/dev/null
	events 9 | jq -c '.position = .position * 10' >b.jsonl
	esexport --from b.jsonl --type Nobody --after 30 --out none.zst
	run -5 --separate-stderr esimport --from none.zst --to "$(nats_address noted)"
	same "$(positions_of "$(nats_address noted)")" "10 20 30 31 "
}

@test "a note that is no longer so, or of another stream, moves no positions" {
	events 3 | jq -c '.position = .position * 10' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address stale)"
	note=$(nats info stale | jq -r .config.description)
	nats purge stale >/dev/null
	events 3 4 | jq -c '.id = "other-\(.position)"' >b.jsonl
	esimport --from b.jsonl --to "$(nats_address stale)"
	for i in 1 2 3; do
		nats pub stale.app -H 'Es-Type: T' '{}' >/dev/null
	done
	nats del stale 6 >/dev/null
	same "$(positions_of "$(nats_address stale)")" "4 5 7 8 9 "
	nats make copied "$(jq -nc --arg d "$note" '{subjects: ["copied.*"], description: $d}')" >/dev/null
	for i in 1 2 3 4 5; do
		nats pub copied.app -H 'Es-Type: T' '{}' >/dev/null
	done
	for after in 0 1 2 3 4 10 30 31 32; do
		same "$(esexport --from "$(nats_address copied)" --plain --after $after 2>/dev/null | jq .position | tr '\n' ' ')" \
			"$(printf '%s\n' 1 2 3 31 32 | awk -v n=$after '$1 > n' | tr '\n' ' ')"
	done
}

@test "an id that has the name of a header in it does not end an import" {
	events 12 | jq -c 'if .position % 3 == 0 then .id += " Nats-Msg-Id" else . end' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address named)"
	esverify --positions a.jsonl "$(nats_address named)"
}

@test "large messages wait for no answer that nobody asked for" {
	nats_config 'max_payload: 8MB'
	nats_restart
	many 60 1 | jq -c '.data.pad = ("x" * 700000)' >a.jsonl
	run -0 --separate-stderr esimport --plain --from a.jsonl --to "$(nats_address heavy)?retry=0"
	lacks "$stderr" warning
	esverify --positions a.jsonl "$(nats_address heavy)"
}

@test "tries in a row are limited by --retry-max, and counted" {
	archive a.zst 1 6
	held "$(nats_address tries)" tries --log-format json
	nats_restart
	let_go
	ends_with 0
	has "$(cat said)" 'trying again for 300 s'
	(($(tail -n 1 said | jq .retries) > 0))
	same "$(imported tries)" "1 2 3 4 5 6 "
	held "$(nats_address few)" few --retry-max 1
	nats_down
	let_go
	ends_with 6
	has "$(cat said)" 'trying again for 300 s, 1 time at most'
	has "$(tail -n 1 said)" 'it was tried again 1 time (--retry-max)'
	nats_up
	held "$(nats_address never)" never --retry-max 0
	nats_down
	let_go
	ends_with 6
	lacks "$(cat said)" 'trying again'
	nats_up
	esimport --from a.zst --to "$(nats_address few)"
	same "$(imported few)" "1 2 3 4 5 6 "
}

@test "of two imports at a time one is refused, and nothing is doubled" {
	archive a.zst 1 6
	held "$(nats_address two)" two
	run -5 --separate-stderr esimport --from a.zst --to "$(nats_address two)"
	has "$stderr" "another import is running into it; wait for it to end"
	let_go
	ends_with 0
	same "$(imported two)" "1 2 3 4 5 6 "
}

@test "an import goes on when the duplicate window has passed" {
	archive a.zst 1 6
	held "$(nats_address 'window')?duplicate_window=1" window
	kill -KILL "$job"
	ends_with 137
	exec 8>&-
	same "$(nats info window | jq .config.duplicate_window)" 1000000000
	count=$(messages window)
	[ "$count" -lt 6 ]
	# That it has passed shows by a message that the server takes again.
	nats pub window.probe -H 'Nats-Msg-Id: probe' x >/dev/null
	until nats pub window.probe -H 'Nats-Msg-Id: probe' x | grep -qv duplicate; do
		:
	done
	nats purge window '{"filter":"window.probe"}' >/dev/null
	esimport --from a.zst --to "$(nats_address window)"
	same "$(imported window)" "1 2 3 4 5 6 "
	same "$(nats dump window | jq -r '.headers[] | select(.[0] == "Nats-Msg-Id") | .[1]' | sort -u | wc -l)" 6
}

@test "started again it writes nothing, also where filters left the last events out" {
	lines 1 20 >a.jsonl
	esexport --from a.jsonl --type Placed --out placed.zst
	esimport --from placed.zst --to "$(nats_address again)"
	same "$(messages again)" 7
	for _ in 1 2; do
		run -0 --separate-stderr esimport --from placed.zst --to "$(nats_address again)"
		has "$stderr" "written 0 + already there 7"
	done
	same "$(messages again)" 7
	# The archive reached to 20, so what follows 20 joins, and what follows 22 does not.
	has "$(nats info again | jq -r .config.description)" "up to 20"
	lines 1 30 >b.jsonl
	esexport --from b.jsonl --type Placed --after 22 --out far.zst
	run -5 --separate-stderr esimport --from far.zst --to "$(nats_address again)"
	has "$stderr" "the input begins behind position 22, and the target has everything up to 20"
	esexport --from b.jsonl --type Placed --after 20 --out more.zst
	esimport --from more.zst --to "$(nats_address again)"
	esverify --positions --type Placed b.jsonl "$(nats_address again)"
}

@test "a description that is not ours stays, and the reach that cannot be noted is warned of" {
	lines 1 20 >a.jsonl
	nats make described '{"subjects":["described.*"],"description":"orders of the shop"}' >/dev/null
	esexport --from a.jsonl --type Placed --out placed.zst
	run -0 --separate-stderr esimport --from placed.zst --to "$(nats_address described)"
	has "$stderr" "cannot note that everything up to position 20 is there"
	same "$(nats info described | jq -r .config.description)" "orders of the shop"
}

@test "an import that began behind a position does not pass for one of what came before" {
	lines 1 9 >a.jsonl
	esexport --from a.jsonl --after 4 --out late.zst
	esexport --from a.jsonl --out all.zst
	esimport --from late.zst --to "$(nats_address late)"
	run -5 --separate-stderr esimport --from all.zst --to "$(nats_address late)"
	has "$stderr" "event 1: the import that the target holds began behind position 4"
	same "$(messages late)" 5
}

@test "another history under the same positions is a conflict" {
	archive a.zst 1 6
	esimport --from a.zst --to "$(nats_address history)"
	lines 1 6 | jq -c 'if .position == 6 then .data.n = 7 else . end' >other.jsonl
	esexport --from other.jsonl --out other.zst
	run -5 --separate-stderr esimport --from other.zst --to "$(nats_address history)"
	has "$stderr" "event 6 is not the one that was imported under this position"
}

@test "a stream with messages of others takes an import with --append only, and once" {
	archive a.zst 1 6
	for i in 1 2 3; do
		nats pub others.x "{\"n\":$i}" >/dev/null || nats make others '{"subjects":["others.*"]}' >/dev/null
	done
	count=$(messages others)
	run -5 --separate-stderr esimport --from a.zst --layout native --to "$(nats_address others)"
	has "$stderr" "the target holds events, and no import of this source wrote them"
	esimport --from a.zst --layout native --append --to "$(nats_address others)"
	same "$(messages others)" $((count + 6))
	for _ in 1 2; do
		run -0 --separate-stderr esimport --from a.zst --layout native --append --to "$(nats_address others)"
		has "$stderr" "written 0 + already there 6"
	done
	# Behind a second import of something else it still knows what it has.
	lines 40 44 >b.jsonl
	esimport --from b.jsonl --layout native --append --to "$(nats_address others)"
	run -0 --separate-stderr esimport --from a.zst --layout native --append --to "$(nats_address others)"
	has "$stderr" "written 0 + already there 6"
	same "$(messages others)" $((count + 11))
}

@test "an id that the stream has already, in its duplicate window, is a conflict that is named" {
	events 5 | jq -c 'if .position == 4 then .id = "id-2" else . end' >a.jsonl
	run -5 --separate-stderr esimport --from a.jsonl --to "$(nats_address ids)"
	has "$stderr" "event 4: "
	has "$stderr" "its id is there already, as message 2"
	same "$(imported ids)" "1 2 3 "
}

@test "applications go on behind an import with their own expectations" {
	events 20 >a.jsonl
	esimport --from a.jsonl --to "$(nats_address shop)"
	# Event 16 is the last one of order-0, with version 3.
	run -1 nats pub shop.order-0 -H 'Nats-Expected-Last-Subject-Sequence: 15' -H 'Es-Type: Closed' '{}'
	nats pub shop.order-0 -H 'Nats-Expected-Last-Subject-Sequence: 16' -H 'Nats-Msg-Id: app-1' \
		-H 'Es-Type: Closed' '{"by":"app"}' >ack
	same "$(jq .seq ack)" 21
	nats pub shop.order-9 -H 'Nats-Expected-Last-Subject-Sequence: 0' -H 'Es-Type: Opened' '{}' >/dev/null
	esexport --from "$(nats_address shop)" --plain --after 20 >new.jsonl
	same "$(jq -c '[.position,.stream,.version,.id,.type]' new.jsonl)" '[21,"order-0",4,"app-1","Closed"]
[22,"order-9",0,null,"Opened"]'
	# The import has nothing to add, and says so.
	run -0 --separate-stderr esimport --from a.jsonl --to "$(nats_address shop)"
	has "$stderr" "written 0 + already there 20"
	events 3 21 >>a.jsonl
	run -5 --separate-stderr esimport --from a.jsonl --to "$(nats_address shop)"
	has "$stderr" "2 messages of others behind the last one of this import"
	same "$(messages shop)" 22
}

@test "positions of an import have holes, and those of an application count on" {
	events 5 | jq -c '.position = .position * 10' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address holes)"
	nats pub holes.app -H 'Es-Type: T' '{}' >/dev/null
	nats pub holes.app -H 'Es-Type: T' '{}' >/dev/null
	same "$(positions_of "$(nats_address holes)")" "10 20 30 40 50 51 52 "
	for after in 0 9 10 49 50 51 52 99; do
		same "$(esexport --from "$(nats_address holes)" --plain --after $after 2>/dev/null | jq .position | tr '\n' ' ')" \
			"$(printf '%s\n' 10 20 30 40 50 51 52 | awk -v n=$after '$1 > n' | tr '\n' ' ')"
	done
}

@test "positions stay where the last imported message is deleted" {
	events 3 | jq -c '.position = [10, 20, 5000][.position - 1]' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address stay)"
	nats pub stay.app -H 'Es-Type: T' '{}' >/dev/null
	nats del stay 3 >/dev/null
	nats pub stay.app -H 'Es-Type: T' '{}' >/dev/null
	same "$(positions_of "$(nats_address stay)")" "10 20 5001 5002 "
	for after in 0 10 20 21 4999 5000 5001 5002 9999; do
		same "$(esexport --from "$(nats_address stay)" --plain --after $after 2>/dev/null | jq .position | tr '\n' ' ')" \
			"$(printf '%s\n' 10 20 5001 5002 | awk -v n=$after '$1 > n' | tr '\n' ' ')"
	done
	nats purge stay '{"filter":"stay.order-0"}' >/dev/null
	nats purge stay '{"filter":"stay.order-1"}' >/dev/null
	same "$(positions_of "$(nats_address stay)")" "5001 5002 "
}

@test "the reach is not believed where the message that it stands on is gone" {
	lines 1 20 >a.jsonl
	esexport --from a.jsonl --type Placed --out placed.zst
	esimport --from placed.zst --to "$(nats_address 'stands')?duplicate_window=1"
	nats del stands 7 >/dev/null
	lines 1 30 >b.jsonl
	esexport --from b.jsonl --type Placed --after 20 --out more.zst
	run -5 --separate-stderr esimport --from more.zst --to "$(nats_address stands)"
	has "$stderr" "the input begins behind position 20, and the target has everything up to 16"
}

@test "what a consumer jumps over is read all the same" {
	"$BIN/bench/gen" --events 40000 --streams 4 >a.jsonl
	esimport --plain --from a.jsonl --to "$(nats_address jumps)?subjects=jumps.>"
	# Some servers move a consumer to the end when messages of one subject are purged.
	for i in 1 2 3; do
		nats pub jumps.tail -H 'Es-Type: T' '{}' >/dev/null
		rm -f out
		mkfifo out
		esexport --from "$(nats_address jumps)" --plain --upto 40000 >out 2>said 3>&- &
		job=$!
		exec 7<out
		read -r -u 7 _
		nats purge jumps '{"filter":"jumps.tail"}' >/dev/null
		cat <&7 >rest
		exec 7<&-
		ends_with 0
		same "$(wc -l <rest)" 39999
	done
}

@test "versions that no header has are counted, also from the middle on" {
	nats make plain '{"subjects":["plain.*"]}' >/dev/null
	for i in 1 2 3 4 5 6; do
		nats pub plain.s$((i % 2)) -H 'Es-Type: T' "{\"n\":$i}" >/dev/null
	done
	same "$(lines_of "$(nats_address plain)" | jq -c '[.stream,.version]' | tr '\n' ' ')" \
		'["s1",0] ["s0",0] ["s1",1] ["s0",1] ["s1",2] ["s0",2] '
	same "$(esexport --from "$(nats_address plain)" --plain --after 4 2>/dev/null | jq -c '[.stream,.version]' | tr '\n' ' ')" \
		'["s1",2] ["s0",2] '
	# One that says its version is what the next one goes on from.
	nats pub plain.s1 -H 'Es-Type: T' -H 'Es-Version: 9' '{}' >/dev/null
	nats pub plain.s1 -H 'Es-Type: T' '{}' >/dev/null
	same "$(esexport --from "$(nats_address plain)" --plain --after 6 2>/dev/null | jq -c .version | tr '\n' ' ')" "9 10 "
}

@test "deleted messages and a head that was purged are holes, and are reported" {
	events 20 >a.jsonl
	esimport --from a.jsonl --to "$(nats_address gone)"
	nats purge gone '{"seq":5}' >/dev/null
	for seq in 8 9 13 20; do
		nats del gone $seq >/dev/null
	done
	run -0 --separate-stderr esexport --from "$(nats_address gone)" --plain
	same "$(jq .position <<<"$output" | tr '\n' ' ')" "5 6 7 10 11 12 14 15 16 17 18 19 "
	has "$stderr" "its first message is number 5; what was before it is gone from the stream"
	has "$stderr" "4 messages of those that were asked for are gone from the stream"
	has "$stderr" "read 12 = written 12"
	# The last message says how far an import came; the server remembers the id of the one behind it.
	run -5 --separate-stderr esimport --from a.jsonl --to "$(nats_address gone)"
	has "$stderr" "event 20: "
	has "$stderr" "its id is there already, as message 20"
	nats purge gone >/dev/null
	run -0 --separate-stderr esexport --from "$(nats_address gone)" --plain
	same "$output" ""
}

@test "an export reads up to what is last at its beginning, and leaves no consumer behind" {
	"$BIN/bench/gen" --events 20000 | esimport --plain --to "$(nats_address busy)?subjects=busy.>"
	rm -f out
	mkfifo out
	esexport --from "$(nats_address busy)" --plain >out 2>said 3>&- &
	job=$!
	exec 7<out
	read -r -u 7 _
	# Where it is killed now, the server takes its consumer away by itself.
	nats req '$JS.API.CONSUMER.LIST.busy' '{}' | jq -c '[.consumers[].config | .inactive_threshold, .mem_storage]' >consumers
	same "$(cat consumers)" '[30000000000,true]'
	nats pub busy.late -H 'Es-Type: T' '{}' >/dev/null
	cat <&7 >rest
	exec 7<&-
	ends_with 0
	same "$(wc -l <rest)" 19999
	until [ "$(nats consumers busy)" = 0 ]; do
		:
	done
}

@test "a stream that is deleted and made again while it is read is not taken for the same" {
	local rc=0

	"$BIN/bench/gen" --events 20000 | esimport --plain --to "$(nats_address remade)"
	mkfifo out
	# The pipe is full before the export has all of it.
	esexport --from "$(nats_address remade)" --plain >out 2>said 3>&- &
	job=$!
	exec 7<out
	read -r -u 7 _
	nats rm remade >/dev/null
	events 5 | esimport --plain --to "$(nats_address remade)"
	cat <&7 >rest
	exec 7<&-
	ends_with 6
	has "$(cat said)" "the stream was deleted while it was read"
	[ "$(wc -l <rest)" -lt 19999 ]
}

@test "a message that is larger than what is asked for at a time is read" {
	nats_config 'max_payload: 64MB'
	nats_restart
	nats make large '{"subjects":["large.*"]}' >/dev/null
	printf '"%020000000d"' 7 >big
	for i in 1 2; do
		nats pub large.s -H 'Es-Type: T' '"small"' >/dev/null
		nats pub large.s -H 'Es-Type: T' --data-file big >/dev/null
	done
	nats pub large.s -H 'Es-Type: T' '"small"' >/dev/null
	esexport --from "$(nats_address large)" --out large.zst
	same "$(esexport --from large.zst --plain | jq -c '[.version, (.data | length)]' | tr '\n' ' ')" \
		"$(printf '[%s] ' 0,5 1,20000000 2,5 3,20000000 4,5)"
}

@test "an import that is stopped commits what it has, and loses no connection over it" {
	many 200000 1 >a.jsonl
	start esimport --plain --from a.jsonl --to "$(nats_address stopped)" --batch-size 500
	until_true has_messages stopped 1
	kill -INT "$job"
	ends_with 8
	lacks "$(cat said)" "trying again"
	pure stopped
}

@test "a dry run finds what is wrong, and makes no stream" {
	archive a.zst 1 6
	run -0 esimport -n --from a.zst --to "$(nats_address dry)"
	has "$output" "(nats, layout native, which would be made)"
	has "$output" "6 events would be written"
	run -1 nats info dry
	printf '{"position":1,"stream":"s","version":0,"type":"T","metadata":"%070000d"}\n' 0 >wide.jsonl
	run -3 --separate-stderr esimport -n --from wide.jsonl --to "$(nats_address dry)"
	has "$stderr" "NATS takes 65535 of all together"
	esimport --from a.zst --to "$(nats_address dry)"
	run -0 esimport -n --from a.zst --to "$(nats_address dry)"
	has "$output" "6 are there already"
}

@test "messages that are too large are put aside, and the rest goes on" {
	nats_config 'max_payload: 2000'
	nats_restart
	events 20 | jq -c 'if .position % 6 == 1 then .data.pad = ("x" * 3000) else . end' >a.jsonl
	run -3 --separate-stderr esimport --log-format json --plain --from a.jsonl --batch-size 3 \
		--to "$(nats_address aside)" --dead-letter d.cbor.zst
	same "$(grep '"summary"' <<<"$stderr" | jq -c '[.read, .written, .dead_lettered]')" '[20,16,4]'
	same "$(imported aside)" "2 3 4 5 6 8 9 10 11 12 14 15 16 17 18 20 "
	same "$(esexport --plain --from d.cbor.zst | jq .position | tr '\n' ' ')" '1 7 13 19 '
	# In a stream they can only go to its end.
	esexport --plain --from d.cbor.zst | jq -c 'del(.data.pad)' |
		esimport --plain --append --to "$(nats_address aside)"
	same "$(messages aside)" 20
	nats_config
	nats_restart
}

@test "a stream that is full ends an import at once, and it goes on when there is room" {
	archive a.zst 1 20
	run -6 --separate-stderr esimport --from a.zst --batch-size 4 --to "$(nats_address full)?max_msgs=10&retry=5"
	lacks "$stderr" 'trying again'
	has "$stderr" 'everything up to position 10 '
	has "${stderr_lines[-1]}" 'give JetStream more room: '
	nats req '$JS.API.STREAM.UPDATE.full' "$(nats info full | jq -c '.config | .max_msgs = 100')" >/dev/null
	esimport --from a.zst --to "$(nats_address full)"
	same "$(imported full)" "$(seq -s ' ' 20) "
}

@test "texts of events are neither subjects, nor wildcards, nor headers" {
	events 6 | jq -c '.stream = ["a.*.>", "$JS.API.STREAM.DELETE.texts", "a b\tc", "x\r\nEs-Import: 9 9",
		".", "*"][.position - 1] | .type = "T\r\n\r\n" + .stream | .id += .stream | .version = 0' >a.jsonl
	esimport --from a.jsonl --to "$(nats_address texts)"
	same "$(messages texts)" 6
	esverify --positions a.jsonl "$(nats_address texts)"
}
