# The libraries that run on Node, in the versions of tests/node/package.json: they make stores, write them and read
# them.  What npm installs stays in the folder of the build.
#
#     node_install
#     node_make emmett-sqlite          an empty store that the library made; sets $to
#     node_do emmett-sqlite write      a command of tests/node/emmett-sqlite.mjs, in $to
#     node_schema; node_rows           statements that make what is in $to
#
# Needs helpers, postgres, cli/library.bash; names are those of folders of tests/stores.
# shellcheck disable=SC2154 # library_empty sets $to

node_folder=${BIN%/*}/node
# One thread, and so one statement behind the other: Emmett for SQLite does not wait for a pragma of its own, and
# now and then a transaction fails for it.
export UV_THREADPOOL_SIZE=1

# Again only where the versions are others: it takes minutes, as SQLite is compiled.
node_install() {
	mkdir -p "$node_folder"
	cp "$REPO"/tests/node/* "$REPO/tests/stores/emmett-sqlite/make.mjs" "$node_folder"
	cmp -s "$node_folder/package.json" "$node_folder/installed.json" || {
		(cd "$node_folder" && npm install --no-package-lock --no-audit --no-fund >npm.log 2>&1) || {
			cat "$node_folder/npm.log"
			return 1
		}
		cp "$node_folder/package.json" "$node_folder/installed.json"
	}
}

node_do() { node "$node_folder/$1.mjs" "$2" "${to#sqlite://}"; }

node_make() {
	library_empty "$1"
	case $1 in
	message-db-*) node_message_db ;;
	*) node_do "$1" create ;;
	esac
}

# The package's installer, into the database of $to.
node_message_db() {
	local name=${to#postgres:///}

	PATH="$ES_PG_BIN:$PATH" PGHOST=$ES_PG_DIR PGPORT=$ES_PG_PORT PGUSER=admin DATABASE_NAME=${name%%\?*} \
		CREATE_DATABASE=off bash "$node_folder/node_modules/@eventide/message-db/database/install.sh" >/dev/null
}

# What a dump has around its statements, which other servers need not know.
node_bare() { sed -E '/^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)/d' | cat -s; }

node_schema() {
	case $to in
	sqlite://*) sqlite3 "${to#sqlite://}" "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid" ;;
	*) "$ES_PG_BIN/pg_dump" -s -x -O -d "$to" | node_bare ;;
	esac
}

node_rows() {
	case $to in
	sqlite://*)
		sqlite3 "${to#sqlite://}" '.mode insert emt_streams' 'SELECT * FROM emt_streams ORDER BY rowid' \
			'.mode insert emt_messages' 'SELECT * FROM emt_messages ORDER BY rowid'
		;;
	*)
		"$ES_PG_BIN/pg_dump" -a --inserts --load-via-partition-root -d "$to" -t 'public.emt_streams*' -t 'public.emt_messages*' \
			-t public.emt_global_message_position -t 'message_store.messages*' | node_bare
		;;
	esac
}
