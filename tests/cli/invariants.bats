# What must hold among the events of one side: esverify PLACE, for every kind of place.
load helpers
load stores
load postgres
load nats
set -o pipefail

setup_file() {
	postgres_start
	nats_start
}
teardown_file() {
	nats_stop
	postgres_stop
}
teardown() {
	postgres_show_log
	nats_show_log
}

kinds='sqlite postgres nats jsonl.zst cbor.zst jsonl'

# filled KIND NAME <LINES: a place of this kind that holds them, and its address.
filled() {
	local to

	case $1 in
	sqlite) to=sqlite://$2.db && rm -f "$2.db" ;;
	postgres) to=$(pg_db "$2") ;;
	nats)
		to=$(nats_address "$2")
		nats rm "$2" >/dev/null 2>&1 || true
		;;
	jsonl) cat >"$2.jsonl" && echo "$2.jsonl" && return ;;
	*)
		esexport --from - --force --out "$2.$1" 2>/dev/null && echo "$2.$1"
		return
		;;
	esac
	esimport --to "$to" 2>/dev/null && echo "$to"
}

# findings PLACE...: the objects, without what is only for people.
findings() {
	esverify --json "$@" | jq -c 'select(.finding or .warning) | del(.detail)'
}

# without SELECT: lines of 40 events but those for which the filter of jq is true.
without() {
	events 40 | jq -c "select(($1) | not)"
}

@test "a good place of every kind has no findings, and the report says what holds" {
	local kind place
	for kind in $kinds; do
		place=$(events 40 | filled "$kind" good)
		run --separate-stderr -0 esverify "$place"
		has "${lines[0]}" "40 events, 5 streams begin in it, positions 1 to 40"
		lacks "${lines[0]}" finding
		same "$(printf '%s\n' "${lines[@]:1}" | grep -c ' yes$')" 6
		same "$(esverify --json "$place" | jq -c '[.result, .events, .streams, .first_position,
			.last_position, .findings, .warnings, .without_time]')" '["whole",40,5,1,40,0,0,0]'
	done
}

@test "the kind of the place is said" {
	local kind said=
	for kind in $kinds; do
		said+="$(esverify --json "$(events 3 | filled "$kind" said)" | jq -r .kind) "
	done
	same "$said" 'sqlite postgresql nats archive archive jsonl '
}

@test "a place without events is whole" {
	local kind place
	for kind in sqlite postgres nats; do
		place=$(events 1 | filled "$kind" none)
		case $kind in
		sqlite) sqlite3 none.db 'DELETE FROM events' ;;
		postgres) pg none 'DELETE FROM events' ;;
		nats) nats purge none ;;
		esac
		same "$(esverify --json "$place" | jq -c '[.result, .events]')" '["whole",0]'
		run -0 esverify "$place"
		same "${#lines[@]}" 1
	done
}

@test "rows and messages that were deleted are exactly the gaps" {
	local kind place gap
	# Stream order-1 has positions 2, 7, 12, ..., 37 and versions 0 to 7.
	for kind in sqlite postgres nats; do
		place=$(events 40 | filled "$kind" gaps)
		case $kind in
		sqlite) sqlite3 gaps.db 'DELETE FROM events WHERE position IN (17, 22, 8, 40)' ;;
		postgres) pg gaps 'DELETE FROM events WHERE position IN (17, 22, 8, 40)' ;;
		nats) for gap in 17 22 8 40; do nats del gaps $gap; done ;;
		esac
		run --separate-stderr -1 esverify "$place"
		has "$output" 'version-gap: stream "order-1": versions 3 to 4 are missing, between event 12 (version 2, id "id-12") and event 27 (version 5, id "id-27")'
		has "$output" 'version-gap: stream "order-2": version 1 is missing, between event 3 (version 0, id "id-3") and event 13 (version 2, id "id-13")'
		# What was the last of its stream leaves no trace.
		same "$(grep -c ^version-gap: <<<"$output")" 2
		has "$output" "2 findings"
		has "$output" "versions of each stream have no gaps      NO: 3 missing"
		same "$(findings "$place" | sort)" "$(
			cat <<-'END'
				{"finding":"version-gap","position":13,"stream":"order-2","version":2,"id":"id-13","other":{"position":3,"stream":"order-2","version":0,"id":"id-3"},"missing_first":1,"missing_last":1}
				{"finding":"version-gap","position":27,"stream":"order-1","version":5,"id":"id-27","other":{"position":12,"stream":"order-1","version":2,"id":"id-12"},"missing_first":3,"missing_last":4}
			END
		)"
		same "$(esverify --json "$place" | jq -c 'select(.result) | [.result, .findings, .version_gaps, .missing_versions]')" '["findings",2,2,3]'
		run -0 esverify --allow-gaps "$place"
		has "$output" "not looked at: gaps are allowed"
	done
}

@test "an archive and lines of such events have the same gaps" {
	local kind place
	for kind in jsonl.zst cbor.zst jsonl; do
		place=$(without '.position | IN(17, 22, 8)' | filled "$kind" few)
		same "$(findings "$place" | jq -sc 'map([.stream, .missing_first, .missing_last]) | sort')" \
			'[["order-1",3,4],["order-2",1,1]]'
	done
}

@test "a stream that does not begin with version 0 lacks its beginning, but in JSON Lines" {
	local kind place
	without '.position | IN(1, 6)' >head.jsonl
	for kind in sqlite postgres nats; do
		place=$(filled "$kind" head <head.jsonl)
		run --separate-stderr -1 esverify "$place"
		same "${lines[0]}" 'version-gap: stream "order-0": versions 0 to 1 are missing, before event 11 (version 2, id "id-11")'
		same "$(findings "$place")" '{"finding":"version-gap","position":11,"stream":"order-0","version":2,"id":"id-11","missing_first":0,"missing_last":1}'
		esexport --from "$place" --force --out head.zst
		same "$(findings head.zst | jq -c .missing_last)" 1
	done
	run -0 esverify head.jsonl
}

@test "an id that is there twice" {
	local kind place
	for kind in $kinds; do
		case $kind in
		sqlite)
			place=$(events 40 | filled sqlite twice)
			sqlite3 twice.db "DROP INDEX events_id; UPDATE events SET id = 'id-9' WHERE position = 23"
			;;
		postgres)
			place=$(events 40 | filled postgres twice)
			pg twice 'DROP INDEX events_id' "UPDATE events SET id = 'id-9' WHERE position = 23"
			;;
		nats)
			# The server takes an id again when its window is over, a tenth of a second.
			nats make twice '{"subjects":["twice.*"],"duplicate_window":100000000}'
			events 22 | esimport --to "$(nats_address twice)"
			until nats pub twice.order-2 -H 'Es-Version: 4' -H 'Es-Type: Placed' -H 'Nats-Msg-Id: id-9' \
				-H 'Es-Time: 2026-01-01T00:00:23Z' '{"n":23}' | jq -e '.duplicate | not'; do
				:
			done
			place=$(nats_address twice)
			;;
		*) place=$(events 40 | sed 's/"id-23"/"id-9"/' | filled "$kind" twice) ;;
		esac
		run --separate-stderr -1 esverify "$place"
		same "${lines[0]}" 'duplicate-id: event 23 (stream "order-2", version 4, id "id-9") has the id of event 9 (stream "order-3", version 1, id "id-9")'
		has "$output" "ids are there once                        NO: 1 is there again"
		same "$(findings "$place")" '{"finding":"duplicate-id","position":23,"stream":"order-2","version":4,"id":"id-9","other":{"position":9,"stream":"order-3","version":1,"id":"id-9"}}'
	done
}

@test "a version that is there twice, and one behind a higher one" {
	local kind place
	for kind in $kinds; do
		case $kind in
		sqlite)
			place=$(events 40 | filled sqlite again)
			sqlite3 again.db "DROP INDEX events_stream_version" \
				"UPDATE events SET version = 3 WHERE position = 21" \
				"UPDATE events SET version = 9 - version WHERE position IN (23, 28)"
			;;
		postgres)
			place=$(events 40 | filled postgres again)
			pg again 'DROP INDEX events_stream_version' "UPDATE events SET version = 3 WHERE position = 21" \
				"UPDATE events SET version = 9 - version WHERE position IN (23, 28)"
			;;
		*)
			place=$(events 40 | jq -c 'if .position == 21 then .version = 3
				elif .position == 23 or .position == 28 then .version = 9 - .version else . end' |
				filled "$kind" again)
			;;
		esac
		run --separate-stderr -1 esverify "$place"
		has "$output" 'duplicate-version: event 21 (stream "order-0", version 3, id "id-21") has the version of event 16 (version 3, id "id-16")'
		has "$output" 'version-gap: stream "order-0": version 4 is missing, between event 21 (version 3, id "id-21") and event 26 (version 5, id "id-26")'
		has "$output" 'duplicate-version: event 28 (stream "order-2", version 4, id "id-28") has a lower version, but comes behind event 23 (version 5, id "id-23")'
		has "$output" "3 findings"
	done
}

@test "times that run backwards are one warning, and no finding" {
	local kind place
	for kind in $kinds; do
		# 20 is an hour early, 21 a minute, 22 not more than 10 seconds behind the greatest.
		place=$(events 40 | jq -c 'if .position == 20 then .time = "2025-12-31T23:00:19Z"
			elif .position == 21 then .time = "2025-12-31T23:59:19Z"
			elif .position == 22 then .time = "2026-01-01T00:00:09Z" else . end' | filled "$kind" late)
		run --separate-stderr -0 esverify "$place"
		same "${lines[0]}" 'warning: time-backwards: 2 events are earlier than one before them, by 1 h 00 min at most; the first: event 20 (stream "order-4", version 3, id "id-20") of 2025-12-31T23:00:19Z comes behind event 19 (stream "order-3", version 3, id "id-19") of 2026-01-01T00:00:19Z'
		has "$output" "times do not run backwards                warning: 2, by 1 h 00 min at most"
		same "$(findings "$place")" '{"warning":"time-backwards","position":20,"stream":"order-4","version":3,"id":"id-20","other":{"position":19,"stream":"order-3","version":3,"id":"id-19"},"events":2,"worst_ns":3600000000000}'
		same "$(esverify --json "$place" | jq -c 'select(.result) | [.result, .findings, .warnings, .early_times, .worst_time_ns]')" \
			'["whole",0,1,2,3600000000000]'
		same "$(findings --clock-tolerance 9999ms "$place" | jq .events)" 3
		same "$(findings --clock-tolerance 60s "$place" | jq .events)" 1
		same "$(findings --clock-tolerance 1h "$place")" ""
	done
}

@test "events without a time are passed over, and counted" {
	local kind place
	for kind in $kinds; do
		place=$(events 40 | jq -c 'if .position > 30 then del(.time) else . end' | filled "$kind" timeless)
		same "$(esverify --json "$place" | jq -c '[.result, .warnings, .without_time]')" '["whole",0,10]'
		place=$(events 4 | jq -c 'del(.time)' | filled "$kind" timeless)
		run -0 esverify "$place"
		has "$output" "times do not run backwards                not looked at: there are none"
	done
}

@test "payloads that are not what their content type says" {
	local kind place
	for kind in $kinds; do
		place=$(
			{
				events 4
				cat <<-'END'
					{"position":5,"stream":"a","version":0,"id":"a0","type":"T","content_type":"application/json; charset=utf-8","data_base64":"eyJhIjo="}
					{"position":6,"stream":"a","version":1,"id":"a1","type":"T","content_type":"application/vnd.x+json","data_base64":"/w=="}
					{"position":7,"stream":"a","version":2,"id":"a2","type":"T","content_type":"application/cbor","data_base64":"ggE="}
					{"position":8,"stream":"a","version":3,"id":"a3","type":"T","content_type":"application/cbor","data_base64":"AQI="}
					{"position":9,"stream":"a","version":4,"id":"a4","type":"T","content_type":"text/plain","data_base64":"/w=="}
					{"position":10,"stream":"a","version":5,"id":"a5","type":"T","content_type":"application/xml; charset=UTF-8","data_base64":"4Q=="}
				END
			} | filled "$kind" claims
		)
		run --separate-stderr -1 esverify "$place"
		same "${lines[0]}" 'invalid-payload: event 5 (stream "a", version 0, id "a0"): data claims to be JSON by its content type, but is not: unexpected end at byte 5 of 5'
		has "$output" 'payloads are what they claim to be        NO: 6 are not'
		same "$(findings "$place" | jq -sc 'map([.finding, .position, .stream, .version, .id, .field])[]' | uniq -c | wc -l)" 6
		same "$(findings "$place" | jq -sc 'map(.position)')" '[5,6,7,8,9,10]'
		same "$(findings "$place" | head -n 1)" '{"finding":"invalid-payload","position":5,"stream":"a","version":0,"id":"a0","field":"data"}'
	done
}

@test "payloads that are what they say, or say nothing, are no findings" {
	local kind place
	for kind in $kinds; do
		place=$(
			cat <<-'END' | filled "$kind" fine
				{"position":1,"stream":"a","version":0,"id":"a0","type":"T","content_type":"application/octet-stream","data_base64":"/w=="}
				{"position":2,"stream":"a","version":1,"id":"a1","type":"T","content_type":"application/json","data":{"a":1.10}}
				{"position":3,"stream":"a","version":2,"id":"a2","type":"T","content_type":"application/cbor","data_base64":"gQE="}
				{"position":4,"stream":"a","version":3,"id":"a3","type":"T","content_type":"text/plain; charset=iso-8859-1","data_base64":"/w=="}
				{"position":5,"stream":"a","version":4,"id":"a4","type":"T","content_type":"text/plain","data_base64":"Z3LDvG4="}
				{"position":6,"stream":"a","version":5,"id":"a5","type":"T","data_base64":"/w=="}
				{"position":7,"stream":"a","version":6,"id":"a6","type":"T","content_type":"application/json","data_base64":"H4s=","attributes":{"Content-Encoding":"gzip"}}
				{"position":8,"stream":"a","version":7,"id":"a7","type":"T","metadata_base64":"/w=="}
				{"position":9,"stream":"a","version":8,"id":"a8","type":"T"}
			END
		)
		run --separate-stderr -0 esverify "$place"
		same "$(printf '%s\n' "$output" | grep -c 'payloads are what they claim to be        yes')" 1
	done
}

@test "text of a store that is not JSON, and not said to be something else" {
	local place
	events 6 | filled sqlite text
	sqlite3 text.db "UPDATE events SET data = '{\"n\":01}' WHERE position = 2" \
		"UPDATE events SET metadata = 'from the shop' WHERE position = 3" \
		"UPDATE events SET data = 'hello', content_type = 'text/plain' WHERE position = 4" \
		"UPDATE events SET data = '', metadata = '' WHERE position = 5" \
		"UPDATE events SET data = x'00ff' WHERE position = 6"
	for place in sqlite://text.db text.zst text.cbor.zst text.jsonl; do
		case $place in
		*.zst) esexport --from sqlite://text.db --out "$place" ;;
		*.jsonl) esexport --from sqlite://text.db --out "$place" --plain ;;
		esac
		run --separate-stderr -1 esverify "$place"
		same "${lines[0]}" 'invalid-payload: event 2 (stream "order-1", version 0, id "id-2"): data is kept as JSON text, but is not: unexpected byte at byte 6 of 8'
		same "${lines[1]}" 'invalid-payload: event 3 (stream "order-2", version 0, id "id-3"): metadata is kept as JSON text, but is not: unexpected byte at byte 1 of 13'
		has "$output" "2 findings"
	done
}

@test "a selection of a store: what it leaves out is no gap" {
	local kind place
	for kind in sqlite postgres nats; do
		place=$(without '.position | IN(17)' | filled "$kind" some)
		# Behind a position streams may begin with any version.
		run -0 esverify --after 20 "$place"
		has "$output" "20 events, 0 streams begin in it, positions 21 to 40"
		run -1 esverify --after 5 "$place"
		has "$output" 'stream "order-1": version 3 is missing'
		lacks "$output" "version 0 is missing"
		run -0 esverify --upto 16 "$place"
		run -1 esverify --upto 22 "$place"
		# Whole streams keep all their versions.
		run -1 esverify --stream 'order-[12]' "$place"
		run -0 esverify --stream 'order-2' "$place"
		has "$output" "versions of each stream have no gaps      yes"
		# Types and times take events out of the middle.
		run -0 esverify --type Paid "$place"
		has "$output" "not looked at: gaps are allowed"
		run -0 esverify --since 2026-01-01T00:00:10Z "$place"
		run -0 esverify --until 2026-01-01T00:00:30Z "$place"
		has "$output" "not looked at: gaps are allowed"
	done
}

@test "positions that do not rise have no place in the model" {
	sqlite3 same.db "CREATE TABLE e (at INTEGER, s TEXT, v INTEGER, t TEXT);
		INSERT INTO e VALUES (1, 'a', 0, 'T'), (2, 'a', 1, 'T'), (2, 'a', 2, 'T')"
	echo '{"layout":1,"name":"e","store":"sqlite","events":{"table":"e","columns":{
		"at":{"field":"position"},"s":{"field":"stream"},"v":{"field":"version"},"t":{"field":"type"}}}}' >e.json
	run --separate-stderr -3 esverify --layout ./e.json sqlite://same.db
	has "$stderr" "positions do not rise: 2 comes behind 2"
	sqlite3 same.db "UPDATE e SET at = 3 WHERE v = 2"
	run -0 esverify --layout ./e.json sqlite://same.db
	events 3 | sed '2!d' >two && events 3 | sed '1!d' >>two
	run --separate-stderr -4 esverify two
	has "$stderr" "positions do not rise: 1 comes behind 2"
}

@test "--max-findings prints no more, and all are counted" {
	local place
	place=$(without '.version == 3' | filled sqlite many)
	same "$(findings --max-findings 2 "$place" | wc -l)" 2
	same "$(esverify --json --max-findings 2 "$place" | jq -c 'select(.result) | [.findings, .missing_versions]')" '[5,5]'
	same "$(findings --max-findings 0 "$place")" ""
	run -1 esverify --max-findings 0 "$place"
	has "${lines[0]}" "5 findings"
}

@test "nothing is written to the store" {
	local before
	events 40 | filled sqlite kept
	before=$(snapshot kept.db)
	esverify sqlite://kept.db
	same "$(snapshot kept.db)" "$before"
	events 40 | filled nats kept
	before=$(nats info kept | jq -c '[.config, .state.last_seq, .state.messages]')
	esverify "$(nats_address kept)"
	same "$(nats info kept | jq -c '[.config, .state.last_seq, .state.messages]')" "$before"
	events 40 | filled postgres kept
	pg_role looks secret kept 'SELECT ON events'
	esverify "$(pg_tcp kept looks secret)"
}

@test "names of many events come out of a file, and are right" {
	# Beyond what stays in memory of notes, 1 MiB, and of what is sorted.
	events 150000 | sed -e 's/"time":"[^"]*",//' -e '1000d; 149000d; 149900s/"id-149900"/"id-77"/' >many.jsonl
	esexport --from many.jsonl --out many.zst
	same "$(findings many.zst | jq -sc 'map([.finding, .stream, .position, .id, .other.id]) | sort')" \
		'[["duplicate-id","order-4",149900,"id-77","id-77"],["version-gap","order-4",1005,"id-1005","id-995"],["version-gap","order-4",149005,"id-149005","id-148995"]]'
	run -7 env TMPDIR=/nowhere esverify many.zst
}

@test "--clock-tolerance is a number with its unit, and for one place" {
	events 3 >a.jsonl
	for good in 0s 1ns 5us 500ms 10s 5m 2h 3d; do
		run -0 esverify --clock-tolerance $good a.jsonl
	done
	for bad in 5 s '' -1s 1.5s 10sec 106752d 18446744073709551616s; do
		run --separate-stderr -2 esverify --clock-tolerance "$bad" a.jsonl
		has "$stderr" "it must be a duration like 500ms, 10s or 5m"
	done
	run --separate-stderr -2 esverify --clock-tolerance 1s a.jsonl a.jsonl
	has "$stderr" "--clock-tolerance: is for one place"
	run --separate-stderr -2 esverify --layout native a.jsonl
	has "$stderr" "--layout: a.jsonl is no store, and has none"
}
