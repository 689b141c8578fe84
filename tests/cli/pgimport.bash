# Imports into PostgreSQL that can be held between two batches, and what they leave.  Needs
# helpers.bash and postgres.bash.

# lines FIRST LAST [WORD]: events as JSON Lines, each of them large enough for a chunk of 1 KiB.
lines() {
	local i
	for ((i = $1; i <= $2; i++)); do
		printf '{"position":%d,"stream":"s-%d","version":%d,"id":"e-%d","type":"T%d",' \
			$i $((i % 2)) $(((i - 1) / 2)) $i $((i % 3))
		printf '"data":{"word":"%s","pad":"%0700d"}}\n' "${3:-one}" 0
	done
}

# archive FILE FIRST LAST [WORD]: the same as an archive of a chunk each.
archive() {
	lines "${@:2}" >made.jsonl
	esexport --from made.jsonl --out "$1" --force --chunk-size 1KiB 2>/dev/null
	rm made.jsonl
}

# chunk FILE N: where the block of chunk N, from 0, begins.
chunk() {
	echo $(($(grep -obUaF ESARC "$1" | sed -n "$(($2 + 1))p" | cut -d: -f1) - 8))
}

has() {
	[[ $1 == *"$2"* ]] || {
		printf 'wanted: %s\nin:     %s\n' "$2" "$1"
		return 1
	}
}

same() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\nis:     %s\n' "$2" "$1"
		return 1
	}
}

# account TEXT WRITTEN THERE FILTERED: of an import that ended well; read is their sum.
account() {
	has "$1" "read $(($2 + $3 + $4)) = written $2 + already there $3 + filtered $4 events"
}

# until_true COMMAND...: again and again, for what another process is about to do.
until_true() {
	local end=$((SECONDS + 60))

	until "$@" 2>/dev/null; do
		((SECONDS < end)) || return 1
	done
}

# Positions of table $2 [events], with commas.
positions() {
	pg "$1" "SELECT string_agg(position::text, ',' ORDER BY position) FROM ${2:-events}"
}
holds() {
	same "$(positions "$1")" "$2"
}

# Names of the tables and indexes in the database.
relations() {
	pg "$1" "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class c
		WHERE relkind IN ('r', 'p', 'i', 'S') AND relnamespace = 'public'::regnamespace"
}

# What a finished native store consists of.
finished="esimport_checkpoint esimport_checkpoint_pkey events events_id events_pkey"
finished="$finished events_position_seq events_stream_version"

# The whole database: tables, rows, where sequences stand.
dump() {
	"$ES_PG_BIN/pg_dump" -d "$(pg_address "$1")" | grep -v '^.\(un\)\?restrict'
	# What was written and rolled back shows, too.
	pg "$1" "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r'
		AND relnamespace = 'public'::regnamespace ORDER BY 1"
}

# start_import DB [OPTIONS]: esimport on a pipe that has the first chunk of a.jsonl.zst, waiting
# until that is in the database; sets $pid, and the rest goes to fd 8.
start_import() {
	rm -f pipe
	mkfifo pipe
	esimport --to "$(pg_address "$1")" --batch-size 1 "${@:2}" <pipe 2>said 3>&- &
	pid=$!
	exec 8>pipe
	fed=$(chunk a.jsonl.zst 1)
	head -c "$fed" a.jsonl.zst >&8
	until_true holds "$1" 1
}

# feed_to N: the chunks before chunk N, which come next.
feed_to() {
	local to

	to=$(chunk a.jsonl.zst "$1")
	tail -c +$((fed + 1)) a.jsonl.zst | head -c $((to - fed)) >&8
	fed=$to
}

finish_import() {
	# Who has given up reads no more.
	tail -c +$((fed + 1)) a.jsonl.zst >&8 2>/dev/null || true
	exec 8>&-
}

# ends_with CODE: how the program in the background ends.
ends_with() {
	local rc=0

	wait "$pid" || rc=$?
	same $rc "$1"
}

kill_import() {
	kill -KILL "$pid"
	ends_with 137
	exec 8>&-
}
