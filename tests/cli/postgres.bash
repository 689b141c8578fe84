# A private PostgreSQL for the tests of one file:
#
#     load helpers
#     load postgres
#     setup_file() { postgres_start; }
#     teardown_file() { postgres_stop; }
#
#     address=$(pg_db shop)                        # an empty database; -E LATIN1 and the like behind it
#     pg shop "$table" "INSERT INTO events ..."    # SQL, rows as a|b
#     pg_role reader secret shop 'SELECT ON events'
#     esexport --from "$(pg_tcp shop reader secret)" ...
#
# Superuser `admin` and every other role are trusted on the socket, and need their password over
# TCP.  Each file has a server, a folder and a port of its own, so files run at the same time.
# A file with a teardown of its own calls postgres_show_log there.

# Settings of whoever runs the tests must not choose another server.
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE \
	PGOPTIONS PGAPPNAME PGSSLMODE PGSSLROOTCERT PGSSLCERT PGSSLKEY PGCLIENTENCODING PGTZ \
	PGDATESTYLE PGDATA PGREQUIREPEER PGCHANNELBINDING PGTARGETSESSIONATTRS PGCONNECT_TIMEOUT

# Raised where the template is to be made in another way.
pg_template_version=1

# The newest server's programs.  Those of /usr/bin are a wrapper in Perl, which takes its time.
pg_bin() {
	local bin

	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
	bin=${bin%/postgres}
	[ -x "$bin/postgres" ] || bin=$(pg_config --bindir 2>/dev/null)
	if ! [ -x "$bin/postgres" ]; then
		echo 'no PostgreSQL server here: tests/setup.sh check installs one' >&2
		return 1
	fi
	echo "$bin"
}

# Who runs the server: it refuses to be root.
pg_user() {
	local user

	[ "$(id -u)" = 0 ] || {
		id -un
		return
	}
	for user in postgres nobody; do
		if id -u $user >/dev/null 2>&1; then
			echo $user
			return
		fi
	done
	echo 'no user but root here to run a PostgreSQL server as' >&2
	return 1
}

# Runs a command as the server's user; in a folder that every user may enter.
pg_as() (
	cd / || return 1
	[ "$(id -u)" = 0 ] || exec "$@"
	exec setpriv --reuid="$ES_PG_USER" --regid="$(id -g "$ES_PG_USER")" --clear-groups "$@"
)

# Runs a command without the file descriptors of bats, which waits until nobody has them open.
pg_detached() (
	local fd

	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		if ((fd > 2 && fd < 200)); then
			eval "exec $fd>&-"
		fi
	done
	exec </dev/null >/dev/null 2>&1
	"$@"
)

# Whether the server's user can get into folder $1, and the socket's name fits: 107 bytes at most.
pg_may_be_in() {
	[ "$(printf %s "$1/es-pg.XXXXXX/.s.PGSQL.12345" | wc -c)" -le 107 ] && pg_as test -x "$1"
}

# A folder for temporary files where the server can be.
pg_tmp() {
	local tmp

	for tmp in "${TMPDIR:-/tmp}" /tmp; do
		if pg_may_be_in "$tmp"; then
			echo "$tmp"
			return
		fi
	done
	echo "no server of user $ES_PG_USER can be in ${TMPDIR:-/tmp} or /tmp" >&2
	return 1
}

# A new cluster takes seconds, a copy of one does not.  A template has its final name only when it
# is complete; of two that are made at the same time, the first one stays.
pg_make_template() {
	local template=$1 new

	new=$(mktemp -d "$template.XXXXXX") || return 1
	if ! chown "$ES_PG_USER" "$new" ||
		! pg_as "$ES_PG_BIN/initdb" -D "$new/data" -U admin --encoding=UTF8 --locale=C \
			--auth-local=trust --auth-host=scram-sha-256 --no-sync >"$new/said" 2>&1 ||
		! find "$new/data" | wc -l >"$new/files"; then
		cat "$new/said" >&2
		rm -rf "$new"
		return 1
	fi
	mv -T "$new" "$template" 2>/dev/null || rm -rf "$new"
}

# Copies the template to $2.  What cleans temporary folders may have taken some of it; and another
# user may have been first to take its name.
pg_copy_template() {
	local template=$1 to=$2

	[ ! -L "$template" ] && [ "$(stat -c %U "$template" 2>/dev/null)" = "$ES_PG_USER" ] &&
		cp -a "$template/data" "$to" 2>/dev/null &&
		[ "$(find "$to" | wc -l)" = "$(cat "$template/files" 2>/dev/null)" ]
}

# What belongs to this server, or a standby of it, and to no other: their folder is below its folder.
pg_processes() {
	find /proc/[0-9]*/cwd -maxdepth 0 -lname "$ES_PG_DIR/*" 2>/dev/null | cut -d / -f 3
}

# Whether the pid that the folder names is that of its server: pids come round again.
pg_is_up() {
	local pid

	read -r pid 2>/dev/null <"$ES_PG_DIR/data/postmaster.pid" &&
		[ "$(readlink "/proc/$pid/cwd")" = "$ES_PG_DIR/data" ]
}

pg_ctl() {
	pg_detached pg_as "$ES_PG_BIN/pg_ctl" -D "$ES_PG_DIR/data" -l "$ES_PG_DIR/log" -t 60 -w "$@"
}

# Stops the server and takes away its folder; whatever has become of both.
pg_remove() {
	local pid mode

	for mode in fast immediate; do
		! pg_is_up || pg_ctl stop -m $mode || true
	done
	for pid in $(pg_processes); do
		kill -QUIT "$pid" 2>/dev/null || true
	done
	rm -rf "$ES_PG_DIR"
}

# Waits for the end of process $1, and removes what it left: bats may be killed at any time.
pg_watch() {
	tail --pid="$1" -f /dev/null
	if [ -d "$ES_PG_DIR" ] || [ -n "$(pg_processes)" ]; then
		pg_remove
	fi
}

# In a session of its own: a signal from the keyboard goes to all of that of bats.
pg_start_watch() {
	local code

	code=$(declare -f pg_as pg_detached pg_processes pg_is_up pg_ctl pg_remove pg_watch)
	export ES_PG_DIR ES_PG_BIN ES_PG_USER
	(cd / && pg_detached setsid --fork bash -c "$code; pg_watch $$")
}

pg_make_dir() {
	local tmp=${BATS_FILE_TMPDIR:?}

	pg_may_be_in "$tmp" || tmp=$(pg_tmp) || return 1
	ES_PG_DIR=$(mktemp -d "$tmp/es-pg.XXXXXX") && chown "$ES_PG_USER" "$ES_PG_DIR"
}

# The port is free if the server gets it: nothing else tells for sure.
pg_first_start() {
	local try setting

	for ((try = 0; try < 20; try++)); do
		# Below what the system gives away by itself.
		ES_PG_PORT=$((20000 + RANDOM % 12000))
		cat >"$ES_PG_DIR/data/es.conf" <<-END
			listen_addresses = '127.0.0.1'
			port = $ES_PG_PORT
			unix_socket_directories = '$ES_PG_DIR'
			max_connections = 100
			shared_buffers = 16MB
			max_wal_size = 256MB
			# A server that is killed loses nothing by this, only a machine does.
			fsync = off
			log_line_prefix = '%m [%p] %u@%d %a: '
			log_lock_waits = on
			log_checkpoints = off
		END
		for setting in "$@"; do
			echo "${setting%%=*} = '${setting#*=}'" >>"$ES_PG_DIR/data/es.conf"
		done
		pg_as rm -f "$ES_PG_DIR/log"
		! pg_ctl start || return 0
		grep -q 'Address already in use' "$ES_PG_DIR/log" || return 1
	done
	return 1
}

# postgres_start [SETTING=VALUE...], as in postgresql.conf; fsync is off unless fsync=on is said.
postgres_start() {
	local template try

	ES_PG_BIN=$(pg_bin) && ES_PG_USER=$(pg_user) || return 1
	export ES_PG_BIN ES_PG_USER ES_PG_DIR ES_PG_PORT
	pg_make_dir || return 1
	pg_start_watch
	template=$(pg_tmp)/es-pg-template-$(id -u "$ES_PG_USER")-$("$ES_PG_BIN/postgres" --version |
		sed 's/.* (PostgreSQL) \([^ ]*\).*/\1/')-$pg_template_version
	for try in 1 2; do
		[ -d "$template" ] || pg_make_template "$template" || return 1
		if pg_copy_template "$template" "$ES_PG_DIR/data"; then
			echo "include 'es.conf'" >>"$ES_PG_DIR/data/postgresql.conf"
			! pg_first_start "$@" || return 0
			[ $try = 2 ] || cat "$ES_PG_DIR/log" >&2
		fi
		# A template that is no good goes away, and the second time we make one.
		rm -rf "$ES_PG_DIR/data"
		if [ $try = 1 ] && mv -T "$template" "$ES_PG_DIR/broken" 2>/dev/null; then
			rm -rf "$ES_PG_DIR/broken"
		fi
	done
	echo "the PostgreSQL server does not start, or there is something else at $template" >&2
	cat "$ES_PG_DIR/log" >&2
	pg_remove
	return 1
}

postgres_stop() {
	[ -z "${ES_PG_DIR:-}" ] || pg_remove
}

# What the server said last, for a test that failed.
postgres_show_log() {
	if [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -s "${ES_PG_DIR:-}/log" ]; then
		echo "the end of the server's log:"
		tail -n 30 "$ES_PG_DIR/log"
	fi
}
teardown() {
	postgres_show_log
}

# postgres_restart fast|immediate: the first ends connections, the second is a crash.
postgres_restart() {
	pg_ctl restart -m "$1"
}

# Kills all of it at once, and its standby, as a machine does that crashes.
postgres_kill() {
	local pids

	# It may have made one more process meanwhile.
	while pids=$(pg_processes) && [ -n "$pids" ]; do
		# shellcheck disable=SC2086 # a list of words
		kill -KILL $pids 2>/dev/null || true
	done
	# Until its parent has waited for it, the next server takes it for one that runs.
	rm -f "$ES_PG_DIR/data/postmaster.pid" "$ES_PG_DIR"/.s.PGSQL.*
}

postgres_down() {
	pg_ctl stop -m immediate
}

postgres_up() {
	pg_ctl start
}

# Every byte that is not plain as %XX.
pg_percent() {
	local LC_ALL=C text=$1 i byte

	for ((i = 0; i < ${#text}; i++)); do
		byte=${text:i:1}
		case $byte in
		[A-Za-z0-9._-]) printf %s "$byte" ;;
		*) printf '%%%02X' "$(($(printf %d "'$byte") & 255))" ;;
		esac
	done
}

# pg_address DB [USER]: over the socket.
pg_address() {
	printf 'postgres:///%s?host=%s&port=%s&user=%s\n' "$(pg_percent "$1")" \
		"$(pg_percent "$ES_PG_DIR")" "$ES_PG_PORT" "$(pg_percent "${2:-admin}")"
}

# pg_tcp DB USER PASSWORD: over TCP.
pg_tcp() {
	printf 'postgres://%s:%s@127.0.0.1:%s/%s\n' "$(pg_percent "$2")" "$(pg_percent "$3")" \
		"$ES_PG_PORT" "$(pg_percent "$1")"
}

# pg_db NAME [OPTIONS OF createdb]: an empty database, and its address.
pg_db() {
	local name=$1 at=(-h "$ES_PG_DIR" -p "$ES_PG_PORT" -U admin)

	shift
	"$ES_PG_BIN/dropdb" "${at[@]}" --if-exists --force "$name" 2>/dev/null &&
		"$ES_PG_BIN/createdb" "${at[@]}" -T template0 "$@" "$name" && pg_address "$name"
}

# pg DB-or-ADDRESS [SQL...]: a transaction each; without any, standard input.  SQL and rows are
# UTF-8, whatever the database is in.
pg() {
	local where=$1 commands=() sql

	shift
	case $where in
	*:*) ;;
	*) where=$(pg_address "$where") ;;
	esac
	for sql in "$@"; do
		commands+=(-c "$sql")
	done
	PGCLIENTENCODING=UTF8 "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$where" "${commands[@]}"
}

# pg_role NAME PASSWORD [DB RIGHT...]: a role that may log in, and do what is said: 'SELECT ON events'.
pg_role() {
	local name=$1 right

	PGCLIENTENCODING=UTF8 "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -v name="$name" -v password="$2" \
		-d "$(pg_address postgres)" <<-'END' || return 1
			SELECT format('CREATE ROLE %I', :'name')
			WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
			ALTER ROLE :"name" LOGIN PASSWORD :'password';
		END
	for right in "${@:4}"; do
		pg "$3" "GRANT $right TO \"$name\"" || return 1
	done
}

# Switches TLS on, for localhost and 127.0.0.1.  Prints the file of the CA; other.crt beside it is
# of another CA.
postgres_tls() (
	mkdir -p "$ES_PG_DIR/tls" && cd "$ES_PG_DIR/tls" || return 1
	new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
	{
		for ca in ca other; do
			openssl req -x509 "${new[@]}" -days 2 -subj "/CN=tests $ca" \
				-keyout $ca.key -out $ca.crt || return 1
		done
		openssl req "${new[@]}" -subj /CN=localhost -keyout server.key -out server.csr &&
			openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 1 -days 2 \
				-extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1) -out server.crt
	} 2>said || {
		cat said >&2
		return 1
	}
	chmod 600 server.key && chown "$ES_PG_USER" . server.key server.crt || return 1
	cat >>../data/es.conf <<-END
		ssl = on
		ssl_cert_file = '$PWD/server.crt'
		ssl_key_file = '$PWD/server.key'
	END
	postgres_restart fast && echo "$PWD/ca.crt"
)
