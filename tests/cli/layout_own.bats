#!/usr/bin/env bats
# Layouts of one's own, as spec/LAYOUTS.md teaches them: what it shows is done word for word.
load helpers
load stores
load postgres
set -o pipefail

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

# follow HEADING: a section of the document.
follow() {
	python3 "$REPO/tests/tutorial.py" "$REPO/spec/LAYOUTS.md" "$1"
}

@test "a table of events in SQLite" {
	follow 'A layout in ten minutes'
}

@test "a table of events and one of streams in PostgreSQL" {
	PATH="$ES_PG_BIN:$PATH" PGHOST=$ES_PG_DIR PGPORT=$ES_PG_PORT PGUSER=admin follow 'One table, and one of streams'
}

@test "types by number, and columns of the other tables" {
	follow 'Types by number, and columns of the other tables'
}

@test "a table that has less than an event" {
	follow 'A table with less than an event has'
}

# The examples that are parts of a file become whole ones by what their section leaves out.
@test "the programs and the JSON Schema take every example of LAYOUTS.md, and every built-in layout" {
	python3 "$REPO/tests/tutorial.py" --json "$REPO/spec/LAYOUTS.md" | jq -c '
		{layout: 1, name: "own", store: "sqlite", events: {table: "t", columns: {p: {field: "position"},
			s: {field: "stream"}, v: {field: "version"}, t: {field: "type"}}}} as $usual
		| if .layout then . elif .events then ($usual | del(.events)) + . elif .at then
			. as $more | $usual | .store = "postgresql" | .events.columns += $more
		else $usual + . end' >examples.jsonl
	count=0
	while read -r layout; do
		count=$((count + 1))
		echo "$layout" >example$count.json
	done <examples.jsonl
	((count >= 11))
	/usr/bin/python3 "$REPO/tests/check_layout_schema.py" 1000000 example*.json "$REPO"/spec/layouts/*.json
}

@test "the JSON Schema refuses what the programs refuse" {
	python3 "$REPO/tests/tutorial.py" --json "$REPO/spec/LAYOUTS.md" | jq -c 'select(.layout)' |
		split -d -l 1 - whole
	/usr/bin/python3 "$REPO/tests/check_layout_schema.py" 53 whole*
}
