# Stores of real libraries: each folder of tests/stores with the name of a layout and of a kind of store has
#
#     schema.sql   what makes an empty store, as the library does
#     rows.sql     what the library writes
#     equal.sql    queries whose answers must be the same in a copy
#     append.sql   what the library does at its next append, in this store or a copy, and how that came out
#     broken       jq programs, a line each: the layout without a step that the library needs; a copy
#                  made by it goes in, and is then not equal, or takes no append
#     layout       where it is there: the layout with its parameters, as --layout takes it; else its name is that of the folder
#
# Needs helpers, stores, and for PostgreSQL a server (postgres.bash).

# The folders of a kind of store, "sqlite" or "postgresql".
libraries() { (cd "$REPO/tests/stores" && for d in *-"$1"; do [ ! -e "$d/append.sql" ] || echo "$d"; done); }

library_copies=0
# library_empty FOLDER: where a store can be made; sets $to.
library_empty() {
	library_copies=$((library_copies + 1))
	case $1 in
	*-sqlite) to=sqlite://$PWD/$1-$library_copies.db ;;
	*) to=$(pg_db "${1//[^a-z0-9]/_}_${BATS_TEST_NUMBER}_$library_copies") ;;
	esac
}

# library_make FOLDER: an empty store; sets $to.
library_make() {
	library_empty "$1"
	library_run "$1/schema.sql" >/dev/null
}

# library_run FOLDER/FILE: its statements in the store $to; stops at the first that fails.
library_run() {
	case $to in
	sqlite://*) sqlite3 -bail "${to#sqlite://}" <"$REPO/tests/stores/$1" ;;
	*) "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$to" -f "$REPO/tests/stores/$1" ;;
	esac 2>&1
}

# library_layout FOLDER: what --layout takes for it; the built-in one.
library_layout() {
	cat "$REPO/tests/stores/$1/layout" 2>/dev/null || echo "${1%-*}"
}

# library_file FOLDER: where that is.
library_file() {
	local layout

	layout=$(library_layout "$1")
	echo "$REPO/spec/layouts/${layout%%:*}-${1##*-}.json"
}

# library_copied FOLDER LAYOUT: from store $from by way of an archive into a new one, $to.
library_copied() {
	esexport --from "$from" --layout "$(library_layout "$1")" --out "$1.cbor.zst" --force 2>/dev/null
	library_make "$1"
	esimport --from "$1.cbor.zst" --to "$to" --layout "$2" --batch-size 2
}

# library_is_whole FOLDER: whether $to is as good as $from: for queries, and for the library's next append.
library_is_whole() {
	library_run "$1/equal.sql" >copy.equal && diff "$1.equal" copy.equal &&
		library_run "$1/append.sql" >copy.append && diff "$1.append" copy.append
}

# library_begin FOLDER: a store as the library left it, $from; what it answers, also to an append, which
# is done in a second one.
library_begin() {
	library_make "$1"
	library_run "$1/rows.sql" >/dev/null
	library_run "$1/append.sql" >"$1.append"
	[ -s "$1.append" ]
	library_make "$1"
	library_run "$1/rows.sql" >/dev/null
	library_run "$1/equal.sql" >"$1.equal"
	[ -s "$1.equal" ]
	from=$to
}

# The first test of a kind of store: all its libraries.
library_goes_there_and_back() {
	local layout

	layout=$(library_layout "$1")
	echo "# $1"
	library_begin "$1"
	library_copied "$1" "$layout"
	esverify --positions --layout "$layout" "$from" "$to"
	library_is_whole "$1"
	# It is found by its schema, where it has no parameters.
	[[ $layout == *:* ]] || esexport --from "$from" --plain --layout auto >/dev/null 2>&1
}

# The second one: without a step the copy will not do.
library_needs_each_step() {
	local step file

	file=$(library_file "$1")
	while read -r step; do
		[[ $step != '#'* ]] || continue
		echo "# $1: $step"
		library_begin "$1"
		jq "$step" "$file" >broken.json
		if cmp -s <(jq . "$file") broken.json; then
			echo 'that changes nothing'
			return 1
		fi
		library_copied "$1" ./broken.json
		if library_is_whole "$1"; then
			echo 'and yet all is as it was'
			return 1
		fi
	done <"$REPO/tests/stores/$1/broken"
}
