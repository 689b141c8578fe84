# shellcheck disable=SC2034 # the table is for those who load it
# The same twelve events in stores and files of every kind, and in each of them one thing changed in
# turn, by the store's own means.  Needs helpers.bash, postgres.bash and nats.bash.
#
#     places_make base        # all places, with the events as they are
#     places_make swapped     # all, with a change of the table below
#     cat swapped/places      # a line each: its kind, its layout, its address
#
# Places that are copies of a table or stream made by others have other positions.

places='sqlite emmett postgres jsonb micros nats rita counted jsonl cbor lines'

# Event n has position 2n.  The time of the second is rounded up where there are microseconds only.
places_lines() {
	local n

	for n in {1..12}; do
		printf '{"position":%d,"stream":"order.%d","version":%d,"id":"id-%d","type":"Placed",' \
			$((2 * n)) $(((n - 1) % 3 + 1)) $(((n - 1) / 3)) "$n"
		printf '"time":"2026-01-01T00:00:%02d.123456%dZ",' "$n" $((n == 2 ? 700 : 250))
		printf '"metadata":{"user":"anna","via":"app"},"data":{"price":1.10,"name":"Zoë","n":%d}}\n' "$n"
	done
}

declare -gA change_found change_found_back change_equal change_nowhere change_sed change_sql
changes=

# change NAME FOUND BACK EQUAL NOWHERE SED SQL: what is found where B is changed (kind, event, fields,
# events that are equal), and where A is, if that is something else; the places beside which it is
# no difference, on either side; those that cannot have it; how lines are changed; how tables are, in
# the words of places_words below.
change() {
	changes+=" $1"
	change_found[$1]=$2 change_found_back[$1]=${3:-$2} change_equal[$1]=$4 change_nowhere[$1]=$5
	change_sed[$1]=$6 change_sql[$1]=$7
}

# change_data NAME EQUAL TEXT: another text for the data of event 5.
change_data() {
	change "$1" 'different id-5 data; 11 equal' '' "$2" '' "5s/\"data\":.*/\"data\":${3//\\/\\\\}}/" \
		"UPDATE :events SET :data = '$3' WHERE :id = 'id-5'"
}

change_data payload '' '{"price":1.10,"name":"Zoe","n":5}'
change_data number '' '{"price":1.1,"name":"Zoë","n":5}'
change_data precision '' '{"price":1.100000000000000000001,"name":"Zoë","n":5}'
change_data key_order 'jsonb' '{"name":"Zoë","price":1.10,"n":5}'
change_data spelling 'jsonb' '{"price": 110e-2,"name":"Zo\u00eb","n":5}'
change micros 'different id-5 time; 11 equal' '' '' '' '5s/123456250/123457250/' \
	"UPDATE :events SET :later WHERE :id = 'id-5'"
change nanos 'different id-5 time; 11 equal' '' 'micros' 'micros' '5s/123456250/123456251/' \
	"UPDATE :events SET :tick WHERE :id = 'id-5'"
change type 'different id-5 type; 11 equal' '' '' '' '5s/Placed/Paid/' \
	"UPDATE :events SET :type = 'Paid' WHERE :id = 'id-5'"
change id 'different id-5 id; 11 equal' 'different other id; 11 equal' '' '' '5s/id-5/other/' \
	"UPDATE :events SET :id = 'other' WHERE :id = 'id-5'"
change metadata 'different id-5 metadata; 11 equal' '' '' '' '5s/anna/bert/' \
	"UPDATE :events SET :metadata = '{\"user\":\"bert\",\"via\":\"app\"}' WHERE :id = 'id-5'"
change metadata_order 'different id-5 metadata; 11 equal' '' 'jsonb rita' '' \
	'5s/"user":"anna","via":"app"/"via":"app","user":"anna"/' \
	"UPDATE :events SET :metadata = '{\"via\":\"app\",\"user\":\"anna\"}' WHERE :id = 'id-5'"
change correlation 'different id-5 correlation_id; 11 equal' '' '' 'emmett rita' \
	'5s/"metadata"/"correlation_id":"c-1",&/' \
	"UPDATE :events SET correlation_id = 'c-1' WHERE :id = 'id-5'"
change version 'different id-12 version; 11 equal' '' 'counted' 'counted' '12s/"version":3/"version":9/' \
	"UPDATE :events SET :version = :version + 6 WHERE :id = 'id-12'"
change first_gone 'missing id-1; 11 equal' 'extra id-1; 11 equal' '' '' '1d' "DELETE FROM :events WHERE :id = 'id-1'"
change middle_gone 'missing id-6; 11 equal' 'extra id-6; 11 equal' '' '' '6d' "DELETE FROM :events WHERE :id = 'id-6'"
change last_gone 'missing id-12; 11 equal' 'extra id-12; 11 equal' '' '' '12d' "DELETE FROM :events WHERE :id = 'id-12'"
change one_more 'extra new; 12 equal' 'missing new; 12 equal' '' '' \
	'6{p;s/12,"stream":"order.3","version":1,"id":"id-6"/13,"stream":"order.9","version":0,"id":"new"/;}' \
	"INSERT INTO :events (:position, :stream, :version, :id, :type, :time, :metadata, :data:more)
		SELECT :position + 1, 'order.9', :base, 'new', :type, :time, :metadata, :data:more
		FROM :events WHERE :id = 'id-6'"
change swapped 'out-of-order id-4; 11 equal' 'out-of-order id-5; 11 equal' '' '' \
	'4{s/"position":8/"position":10/;h;d;};5{s/"position":10/"position":8/;G;}' \
	"UPDATE :events SET :position = -:position WHERE :id IN ('id-4', 'id-5');
	UPDATE :events SET :position = CASE :id WHEN 'id-4' THEN -:position + :step ELSE -:position - :step END
		WHERE :position < 0"

# What the words of a change are in a table.
declare -gA places_words=([sqlite]='
	events=events position=position stream=stream version=version id=id type=type
	time=time_ns metadata=metadata data=data more= base=0 step=2
	later=time_ns=time_ns+1000 tick=time_ns=time_ns+1'
	[emmett]="
	events=emt_messages position=global_position stream=stream_id version=stream_position
	id=message_id type=message_type time=created metadata=message_metadata data=message_data
	more=,message_schema_version base=1 step=2
	later=created=replace(created,'5625','5725') tick=created=replace(created,'5625','56251')"
	[postgres]="
	events=events position=position stream=stream version=version id=id type=type
	time=time metadata=metadata data=data more=,nanoseconds base=0 step=2
	later=time=time+'0.000001' tick=nanoseconds=nanoseconds+1")
places_words[jsonb]=${places_words[postgres]/events=events/events=jsonb_events}
places_words[jsonb]=${places_words[jsonb]/step=2/step=20}
places_words[micros]=${places_words[postgres]/events=events/events=micros_events}
places_words[micros]=${places_words[micros]/more=,nanoseconds/more=}

# places_sql PLACE CHANGE: the SQL of a change for a table.
places_sql() {
	local sql=${change_sql[$2]} word

	for word in ${places_words[$1]}; do
		sql=${sql//:${word%%=*}/${word#*=}}
	done
	printf '%s;\n' "$sql"
}

# What no import makes: tables of two layouts in one database, filled by the server itself.
places_tables() {
	esimport --plain --from base/lines.jsonl --to "$(pg_db base)"
	pg base 'CREATE TABLE jsonb_events (position bigint PRIMARY KEY, stream text, version bigint, id text,
			type text, time timestamptz, nanoseconds smallint, correlation_id text, metadata jsonb, data jsonb)' \
		'CREATE TABLE micros_events (position bigint PRIMARY KEY, stream text, version bigint, id text,
			type text, time timestamptz, correlation_id text, metadata json, data json)' \
		'INSERT INTO jsonb_events SELECT position * 10, stream, version, id, type, time, nanoseconds,
			correlation_id, metadata::text::jsonb, data::text::jsonb FROM events' \
		"INSERT INTO micros_events SELECT position, stream, version, id, type,
			time + CASE WHEN nanoseconds < 500 THEN 0 ELSE 1 END * interval '1 microsecond',
			correlation_id, metadata, data FROM events"
}

places_layouts() {
	local more

	for table in jsonb micros; do
		[ $table = jsonb ] && more='"nanoseconds": {"field": "time", "as": "nanoseconds"},' || more=
		cat >$table.json <<-END
			{"layout": 1, "name": "$table", "store": "postgresql", "events": {"table": "${table}_events", "columns": {
			"position": {"field": "position"}, "stream": {"field": "stream"}, "version": {"field": "version"},
			"id": {"field": "id"}, "type": {"field": "type"}, "time": {"field": "time"}, $more
			"correlation_id": {"field": "correlation_id"}, "metadata": {"field": "metadata"},
			"data": {"field": "data"}}}}
		END
	done
	cat >counted.json <<-'END'
		{"layout": 1, "name": "counted", "store": "nats", "stream": {"subjects": ["counted.{store}.>"]},
		"events": {"subject": "counted.{store}.{stream:2}", "headers": {
		"Nats-Msg-Id": {"field": "id"}, "Event-Type": {"field": "type"}, "Event-Time": {"field": "time"},
		"Event-Correlation": {"field": "correlation_id"}, "Event-Meta": {"field": "metadata", "as": "json"}},
		"drop": []}}
	END
}

# As an application publishes them that knows nothing of us.
places_publish() {
	nats make "COUNTED_$1" "{\"subjects\":[\"counted.COUNTED_$1.>\"]}" >/dev/null
	jq -cR --arg store "COUNTED_$1" '. as $line | fromjson | {
		subject: "counted.\($store).\(.stream)",
		headers: [["Nats-Msg-Id", .id], ["Event-Type", .type], ["Event-Time", .time],
			(.correlation_id | values | ["Event-Correlation", .]), ["Event-Meta", (.metadata | tojson)]],
		data: ($line | capture("\"data\":(?<data>.*)}$").data)}' "$1/lines.jsonl" | nats pubs >/dev/null
}

# The tables of a change: copies of those without it.
places_change_tables() {
	local place

	cp base/sqlite.db base/emmett.db "$1"
	pg_db "$1" -T base >/dev/null
	for place in sqlite emmett postgres jsonb micros; do
		places_has "$place" "$1" || continue
		case $place in
		sqlite | emmett) places_sql $place "$1" | sqlite3 -bail "$1/$place.db" ;;
		*) places_sql $place "$1" | pg "$1" ;;
		esac || return 1
	done
}

# places_has PLACE VARIANT: whether there can be such a place.
places_has() {
	[[ " ${change_nowhere[$2]:-} " != *" $1 "* ]]
}

# places_make VARIANT: `base`, or the name of a change.
places_make() {
	mkdir "$1"
	places_lines | sed "${change_sed[$1]:-}" >"$1/lines.jsonl"
	if [ "$1" = base ]; then
		places_layouts
		sqlite3 base/emmett.db <"$REPO/tests/stores/emmett-sqlite/schema.sql"
		esimport --plain --from base/lines.jsonl --to sqlite://base/sqlite.db
		esimport --plain --from base/lines.jsonl --to sqlite://base/emmett.db
		places_tables
	else
		places_change_tables "$1"
	fi
	esimport --plain --from "$1/lines.jsonl" --to "$(nats_address "$1")"
	! places_has rita "$1" ||
		esimport --plain --from "$1/lines.jsonl" --to "$(nats_address "ES_$1")" --layout rita
	places_publish "$1"
	esexport --from "$1/lines.jsonl" --out "$1/jsonl.jsonl.zst" --chunk-size 1KiB
	esexport --from "$1/lines.jsonl" --out "$1/cbor.cbor.zst"
	places_list "$1" >"$1/places"
}

places_list() {
	local place address

	for place in $places; do
		case $place in
		sqlite | emmett) address=sqlite://$1/$place.db ;;
		postgres | jsonb | micros) address=$(pg_address "$1") ;;
		nats) address=$(nats_address "$1") ;;
		rita) address=$(nats_address "ES_$1") ;;
		counted) address=$(nats_address "COUNTED_$1") ;;
		jsonl | cbor) address=$1/$place.$place.zst ;;
		lines) address=$1/lines.jsonl ;;
		esac
		! places_has "$place" "$1" || echo "$place $(places_layout "$place") $address"
	done
}

places_layout() {
	case $1 in
	jsonb | micros | counted) echo "./$1.json" ;;
	*) echo auto ;;
	esac
}
