# Names of layouts and texts of events that would be SQL, subjects or headers if they were not quoted.
load helpers
load stores
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}
teardown() {
	postgres_show_log
}

# name WORD: with both quotes, ends of statements, a comment, parameters and a format.
name() {
	printf '%s' "$1\"; DROP TABLE keep; -- ' \$1 ?1 %s \\ /*"
}
# The same between the quotes of SQL.
quoted() {
	local name

	name=$(name "$1")
	printf '"%s"' "${name//\"/\"\"}"
}

layout() {
	jq -n --arg store "$1" --arg table "$(name ev)" --arg at "$(name at)" --arg of "$(name of)" \
		--arg data "$(name data)" '{layout: 1, name: "hostile", store: $store, events: {table: $table, columns: {
			($at): {field: "position"}, ($of): {field: "stream"}, version: {field: "version"},
			id: {field: "id"}, type: {field: "type"}, ($data): {field: "data", as: "json"}}}}' >hostile.json
}

# What would be SQL, too, in every text of an event.
texts() {
	events 20 | jq -c --arg text "$(name x)" 'del(.time) | .stream += $text | .type += $text | .id += $text |
		.data[$text] = $text' >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst 2>/dev/null
}

schema() {
	printf 'CREATE TABLE keep (n int); CREATE TABLE %s (%s bigint PRIMARY KEY, %s text NOT NULL,
		version bigint NOT NULL, id text UNIQUE, type text NOT NULL, %s %s, UNIQUE (%s, version))' \
		"$(quoted ev)" "$(quoted at)" "$(quoted of)" "$(quoted data)" "$1" "$(quoted of)"
}

# both_ways ADDRESS: in, again, in part, with a repair, and out; nothing else happens.
both_ways() {
	esimport --from a.cbor.zst --upto 10 --to "$1" --layout ./hostile.json
	esimport --from a.cbor.zst --to "$1" --layout ./hostile.json --dead-letter d.jsonl.zst
	run -0 esimport --log-format json --from a.cbor.zst --to "$1" --layout ./hostile.json --append
	has "$output" '"already_there":20'
	esverify --layout-b ./hostile.json --positions a.cbor.zst "$1"
	esexport --from "$1" --layout ./hostile.json --plain --stream '*DROP TABLE keep*' | jq -cS 'del(.attributes)' >out
	jq -cS . a.jsonl | cmp - out
	esverify --layout ./hostile.json "$1"
}

@test "hostile names and texts are only names and texts in SQLite" {
	layout sqlite
	texts
	sqlite3 t.db "$(schema text)"
	both_ways sqlite://t.db
	same "$(sqlite3 t.db 'SELECT count(*) FROM keep')" 0
	sqlite3 t.db "DELETE FROM $(quoted ev) WHERE $(quoted at) = 7"
	run -1 esverify --layout-b ./hostile.json a.cbor.zst sqlite://t.db --missing-to m.jsonl.zst
	esimport --from m.jsonl.zst --to sqlite://t.db --layout ./hostile.json
	esverify --layout-b ./hostile.json --positions a.cbor.zst sqlite://t.db
}

@test "hostile names and texts are only names and texts in PostgreSQL" {
	layout postgresql
	texts
	to=$(pg_db hostile)
	pg hostile "$(schema json)"
	both_ways "$to"
	same "$(pg hostile 'SELECT count(*) FROM keep')" 0
	pg hostile "DELETE FROM $(quoted ev) WHERE $(quoted at) = 7"
	run -1 esverify --layout-b ./hostile.json a.cbor.zst "$to" --missing-to m.jsonl.zst
	esimport --from m.jsonl.zst --to "$to" --layout ./hostile.json
	esverify --bisect --layout-b ./hostile.json --positions a.cbor.zst "$to"
}
