# The files and stores of the rows, made by run.sh in its folder: only what its rows name.
# A folder for each number of events: it holds the same events in every form.
N      ?= 1000000
LAYOUT := $(REPO)/spec/layouts/native-

GEN_hundredth = --events $$(($(N) / 100))
GEN_tenth     = --events $$(($(N) / 10))
GEN_whole     = --events $(N)
GEN_tenfold   = --events $$(($(N) * 10))
GEN_single    = --events $(N) --streams 1

NATS := $(REPO)/tests/nats.py --server $(nats)

.DELETE_ON_ERROR:
.SECONDARY:

%/events.jsonl:
	mkdir -p $*
	gen $(GEN_$*) >$@
# Without a file of JSON Lines, which takes five times as much.
%/events.jsonl.zst:
	mkdir -p $*
	gen $(GEN_$*) | esexport --from - --out $@
%/events.cbor.zst:
	mkdir -p $*
	gen $(GEN_$*) | esexport --from - --out $@
%/events.db: %/events.cbor.zst
	esimport --from $< --to sqlite://$@ --batch-size 1000000
%/jsonl.raw: %/events.jsonl.zst
	zstd -qdc $< >$@
%/cbor.raw: %/events.cbor.zst
	zstd -qdc $< >$@
%/sqlite.rows: %/events.db
	sqliteloop dump $< $@

# Payloads in CBOR.
%/payloads.db: %/events.cbor.zst
	esimport --from $< --to sqlite://$@ --payload-codec cbor --batch-size 1000000
%/payloads.cbor.zst: %/payloads.db
	esexport --from sqlite://$< --out $@

# For pgloader, which does not know columns of any type.
%/plain.db: %/events.db
	sqlite3 $@ "ATTACH '$<' AS a; \
	    CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, \
	        version INTEGER NOT NULL, id TEXT, type TEXT NOT NULL, time_ns INTEGER, metadata TEXT, \
	        data TEXT); \
	    INSERT INTO events SELECT position, stream, version, id, type, time_ns, metadata, data \
	        FROM a.events ORDER BY position; \
	    CREATE UNIQUE INDEX events_stream_version ON events (stream, version); \
	    CREATE UNIQUE INDEX events_id ON events (id);"

# A database, and a stream, of that name.
%/postgres: %/events.cbor.zst
	createdb -T template0 $*
	esimport --from $< --to postgres:///$*
	psql -Xqd $* -c 'VACUUM (FREEZE, ANALYZE) events'
	touch $@
%/events.pgcopy: %/postgres
	psql -Xqd $* -c 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)' >$@
%/nats: %/events.cbor.zst
	esimport --from $< --to $(nats)/$*
	touch $@
# Subjects begin with the name of the stream: these are messages for the target.
%/events.messages: %/events.cbor.zst
	esimport --from $< --to $(nats)/target
	natsloop dump $(nats) target $@
	$(NATS) rm target >/dev/null

# What a new file gets of esimport.
SETTINGS := PRAGMA page_size=8192; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
sql/nothing.sql:
	mkdir -p sql
	touch $@
sql/sqlite-indexed.sql: sql/nothing.sql
	(echo '$(SETTINGS)'; jq -r '.schema[] + ";"' $(LAYOUT)sqlite.json) >$@
sql/sqlite-indexes.sql: sql/sqlite-indexed.sql
	grep '^CREATE UNIQUE INDEX' $< >$@
sql/sqlite-table.sql: sql/sqlite-indexed.sql
	grep -v '^CREATE UNIQUE INDEX' $< >$@
sql/postgres-table.sql: sql/nothing.sql
	jq -r '.schema[] + ";"' $(LAYOUT)postgresql.json >$@
sql/postgres-indexes.sql: sql/nothing.sql
	jq -r '.indexes[] + ";"' $(LAYOUT)postgresql.json >$@
