# For the tests of sizes, small and large: make stores, send them round, measure memory.

gen() {
	"$BIN/bench/gen" "$@"
}

# store DB OPTIONS: a store of events as gen makes them, in as few transactions as it takes.
store() {
	local db=$1
	shift
	gen "$@" | esimport --plain --to "sqlite://$db" --batch-size 1000000
}

# same A B: both stores have the same rows, by SQLite's word.
same() {
	[ "$(sqlite3 "$1" "ATTACH '$2' AS b;
		SELECT (SELECT count(*) FROM main.events) - (SELECT count(*) FROM b.events);
		SELECT count(*) FROM (SELECT * FROM main.events EXCEPT SELECT * FROM b.events);
		SELECT count(*) FROM (SELECT * FROM b.events EXCEPT SELECT * FROM main.events)")" \
		= $'0\n0\n0' ]
}

# events DB: how many it has.
events() {
	sqlite3 "$1" "SELECT count(*) FROM events"
}

# round DB CODEC: a store through an archive comes out as it was.
round() {
	esexport --from "sqlite://$1" --out "round.$2.zst"
	esverify "round.$2.zst"
	esimport --from "round.$2.zst" --to sqlite://round.db --batch-size 1000000
	same "$1" round.db
	rm round.db "round.$2.zst"
}

# A sanitizer keeps what was freed, and shadows of what was not.
skip_under_sanitizers() {
	if grep -qE '__(asan|tsan)_init' "$BIN/esexport"; then skip "a sanitizer takes memory, too"; fi
}

# peak COMMAND...: sets $peak, its most resident memory in KiB.
peak() {
	/usr/bin/time -f %M -o peak "$@"
	peak=$(cat peak)
	echo "# $peak KiB: $*"
}

# level A B: B is no more than 10 % above A, and A is no more than 10 % above B.
level() {
	[ $((100 * $2)) -le $((110 * $1)) ] && [ $((100 * $1)) -le $((110 * $2)) ]
}
