# Events between SQLite, PostgreSQL and NATS, by every way: each field comes back as it was.  What
# is in a stream is also looked at without any of our code.
load helpers
load stores
load postgres
load nats
set -o pipefail

setup_file() {
	postgres_start
	nats_start 'max_payload: 64MB'
	cd "$BATS_FILE_TMPDIR" || return 1
	"$REPO/tests/nasty.py" --set anywhere nasty.db
	"$REPO/tests/nasty.py" --set anywhere --seed 5 --events 400 random.db
	for name in nasty random; do
		pg_db source_$name >/dev/null
		esexport --from sqlite://$name.db | tee $name.jsonl.zst | esimport --to "$(pg_address source_$name)"
		esimport --from $name.jsonl.zst --to "$(nats_address source_$name)"
	done
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	made=$BATS_FILE_TMPDIR
}

nasty() {
	"$REPO/tests/nasty.py" "$@"
}

# source_of STORE NAME, target_of STORE NAME: addresses.
source_of() {
	case $1 in
	sqlite) echo "sqlite://$made/$2.db" ;;
	postgres) pg_address "source_$2" ;;
	nats) nats_address "source_$2" ;;
	esac
}
target_of() {
	case $1 in
	sqlite) echo "sqlite://$2.db" ;;
	postgres) pg_db "$2" ;;
	nats)
		nats rm "$2" >/dev/null 2>&1 || true
		nats_address "$2"
		;;
	esac
}

# through WAY FROM TO
through() {
	case $1 in
	pipe) esexport --from "$2" | esimport --to "$3" ;;
	*)
		esexport --force --from "$2" --out "way.$1.zst"
		esimport --from "way.$1.zst" --to "$3"
		;;
	esac
}

# The rows of an SQLite file, or of a table that was filled by way of another store: type and bytes
# of every column.
same_rows() {
	nasty --compare "$made/$1.db" "$2" events
}

# What a target holds, in an SQLite file of its own.
rows_of() {
	case $1 in
	sqlite) cp "$2.db" back.db ;;
	*)
		rm -f back.db
		esexport --from "$3" --codec cbor | esimport --to sqlite://back.db
		;;
	esac
}

# all_ways FROM TO
all_ways() {
	local name way from to

	for name in nasty random; do
		for way in jsonl cbor pipe; do
			rm -f "$name.db"
			from=$(source_of "$1" $name) to=$(target_of "$2" $name)
			through $way "$from" "$to"
			esverify --positions "$from" "$to"
			esverify --positions "sqlite://$made/$name.db" "$to"
			rows_of "$2" $name "$to"
			same_rows $name back.db || { echo "$name, $way" && false; }
		done
	done
}

@test "SQLite to NATS" {
	all_ways sqlite nats
}

@test "NATS to SQLite" {
	all_ways nats sqlite
}

@test "PostgreSQL to NATS" {
	all_ways postgres nats
}

@test "NATS to PostgreSQL" {
	all_ways nats postgres
}

@test "NATS to NATS" {
	all_ways nats nats
}

@test "what NATS can hold and PostgreSQL cannot goes to NATS and back" {
	nasty --set nats all.db
	for codec in jsonl cbor; do
		rm -f back.db
		esexport --from sqlite://all.db --codec $codec | esimport --to "$(target_of nats all)"
		esexport --from "$(nats_address all)" --codec $codec | esimport --to sqlite://back.db
		nasty --compare all.db back.db events
		esverify --positions sqlite://all.db "$(nats_address all)"
	done
}

@test "events by seed, to NATS and back" {
	for seed in 31 32 33; do
		rm -f ./*.db
		nasty --set nats --seed $seed --events 500 a.db
		esexport --from sqlite://a.db | esimport --batch-size 99 --to "$(target_of nats seed)"
		esexport --from "$(nats_address seed)" --codec cbor --chunk-size 10KiB |
			esimport --to sqlite://b.db
		nasty --compare a.db b.db events || { echo "seed $seed" && false; }
	done
}

@test "an event that NATS cannot hold is refused by name, and nothing is left" {
	nasty --set not-nats not.db
	sqlite3 not.db 'SELECT position FROM events ORDER BY position' >positions
	same "$(wc -l <positions)" 6
	while read -r position; do
		cp not.db one.db
		sqlite3 one.db "DELETE FROM events WHERE position <> $position"
		esexport --from sqlite://one.db --out one.zst --force
		run -3 --separate-stderr esimport --from one.zst --to "$(nats_address refused)"
		# shellcheck disable=SC2154 # bats sets stderr
		has "$stderr" "event $position (stream "
		has "$stderr" "NATS takes 65535 of all together"
		run -1 nats info refused
	done <positions
}

@test "an event above the server's limit is named with the setting, before any of its batch is sent" {
	head -c 70000000 /dev/zero | tr '\0' x >x
	events 3 >a.jsonl
	{
		printf '{"position":4,"stream":"big","version":0,"type":"T","data":"'
		cat x
		printf '"}\n'
		events 3 5
	} >>a.jsonl
	run -3 --separate-stderr esimport --from a.jsonl --to "$(nats_address big)"
	has "$stderr" 'event 4 (stream "big", version 0): its message has'
	has "$stderr" 'and 67108864 is the most; raise max_payload of the server'
	run -1 nats info big
	run -3 --separate-stderr esimport --from a.jsonl --batch-size 2 --to "$(nats_address big)"
	same "$(nats info big | jq .state.messages)" 2
	nats make small '{"subjects":["small.*"],"max_msg_size":1000}' >/dev/null
	events 1 | jq -c '.data = ("x" * 1000)' >b.jsonl
	run -3 --separate-stderr esimport --from b.jsonl --to "$(nats_address small)"
	has "$stderr" 'and 1000 is the most; raise max_msg_size of the stream'
}

@test "the message is what spec/LAYOUTS.md says" {
	printf '%s\n' '{"position":7,"stream":"order 1","version":0,"id":"i-1","type":"Placed","time":"2026-01-31T12:00:00.123456789Z","correlation_id":"c","causation_id":"d","content_type":"application/json","tags":["a"],"attributes":{"n":1},"metadata":{"user": "anna"},"data":{"b":1.10}}' \
		'{"position":9,"stream":"order-2","version":5,"type":"Blob","metadata_base64":"AAE=","data_base64":"MQ=="}' >x.jsonl
	esimport --from x.jsonl --to "$(target_of nats message)"
	nats dump message >dump.jsonl
	jq -c '[.subject, .data]' dump.jsonl >said
	same "$(cat said)" '["message.order%201","{\"b\":1.10}"]
["message.order-2","1"]'
	jq -r '.headers[] | select(.[0] != "Es-Import") | .[0] + "|" + .[1]' dump.jsonl | sort >said
	same "$(cat said)" 'Es-Attributes|{"n":1}
Es-Causation-Id|d
Es-Content-Type|application/json
Es-Correlation-Id|c
Es-Data|bytes
Es-Metadata-Base64|AAE=
Es-Metadata|{"user": "anna"}
Es-Stream|order 1
Es-Tags|["a"]
Es-Time|-
Es-Time|2026-01-31T12:00:00.123456789Z
Es-Type|Blob
Es-Type|Placed
Es-Version|0
Es-Version|5
Nats-Expected-Last-Msg-Id|i-1
Nats-Expected-Last-Sequence|0
Nats-Expected-Last-Sequence|1
Nats-Msg-Id|i-1'
	jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' dump.jsonl | cut -d' ' -f1-3 >said
	same "$(cat said)" '1 7 1
1 9 2'
}

@test "a store without events, and one of one event" {
	for n in 0 1; do
		events $n | esimport --plain --to "$(target_of nats few)"
		same "$(nats info few | jq .state.messages)" $n
		for codec in jsonl cbor; do
			esexport --force --from "$(nats_address few)" --codec $codec --out few.zst
			esverify few.zst
			rm -f back.db
			esimport --from few.zst --to sqlite://back.db
			same "$(sqlite3 back.db 'SELECT count(*) FROM events')" $n
			esimport --from few.zst --to "$(target_of nats more)"
			same "$(nats info more | jq .state.messages)" $n
			esverify --positions "$(nats_address few)" "$(nats_address more)"
		done
	done
}

@test "the bytes of an archive do not depend on the number of workers" {
	export SOURCE_DATE_EPOCH=1767225600
	for workers in 1 2 5; do
		esexport --from "$(source_of nats nasty)" --workers $workers --chunk-size 64KiB --out $workers.zst
	done
	cmp 1.zst 2.zst
	cmp 1.zst 5.zst
}

@test "ranges and filters take the same events from NATS as from SQLite" {
	# Positions with holes, so that sequences are something else.
	events 300 | jq -c '.position = .position * 3 - 1' >shop.jsonl
	esimport --plain --from shop.jsonl --to sqlite://shop.db
	esimport --plain --from shop.jsonl --to "$(target_of nats shop)"
	while read -r -a options; do
		esexport --from sqlite://shop.db --plain "${options[@]}" >one.jsonl
		esexport --from "$(nats_address shop)" --plain "${options[@]}" >two.jsonl
		n=$(wc -l <one.jsonl)
		[ "$n" -gt 0 ] && [ "$n" -lt 300 ]
		cmp one.jsonl two.jsonl
		esverify "${options[@]}" sqlite://shop.db "$(nats_address shop)" | grep "^the same: $n event"
	done <<-'END'
		--after 100
		--after 2
		--after 896
		--upto 7
		--upto 2
		--after 10 --upto 14
		--stream order-3
		--type P* --stream order-0 --after 50
		--since 2026-01-01T00:02:00Z
		--since 2026-01-01T00:01:00Z --until 2026-01-01T00:02:00.5Z --type Shipped --upto 90
	END
	for options in "--after 899" "--after 5000" "--type Nobody" "--upto 0"; do
		# shellcheck disable=SC2086 # a list of words
		run -0 --separate-stderr esexport --from "$(nats_address shop)" --plain $options
		same "$output" ""
	done
}
