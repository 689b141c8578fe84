# A private NATS server with JetStream for the tests of one file:
#
#     load helpers
#     load nats
#     setup_file() { nats_start; }                 # or with lines of configuration
#     teardown_file() { nats_stop; }
#
#     nats make ORDERS                             # a stream of ORDERS.>; nats.py says what there is
#     nats pub ORDERS.1 -H 'Nats-Msg-Id: 1' '{"n":1}'
#     esexport --from "$(nats_address ORDERS)" ...
#     nats_kill; nats_up                           # a crash; nothing that was acknowledged is lost
#
# Each file has servers, a folder and ports of its own, so files run at the same time.  Where the
# configuration wants a login, ES_NATS_LOGIN is that of the tests, USER:PASSWORD or a token.
# A file with a teardown of its own calls nats_show_log there; one that loads postgres, too, loads
# it before this one.
#
# All that runs has a folder below ES_NATS_DIR as its working directory: `server`, `proxy`, and the
# numbers of a cluster.  That is how it is found again, whatever has become of bats.

# Settings of whoever runs the tests must not choose another server.
for nats_name in "${!NATS_@}"; do
	unset "$nats_name"
done
unset nats_name

nats_py=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/nats.py

nats_bin() {
	local bin

	# Debian has it where only root looks.
	bin=$(PATH=$PATH:/usr/local/sbin:/usr/sbin command -v nats-server) || {
		echo 'no NATS server here: tests/setup.sh check installs one' >&2
		return 1
	}
	echo "$bin"
}

# Who runs the server: nothing here needs root.
nats_user() {
	local user

	[ "$(id -u)" = 0 ] || {
		id -un
		return
	}
	for user in nats nobody; do
		if id -u $user >/dev/null 2>&1; then
			echo $user
			return
		fi
	done
	echo 'no user but root here to run a NATS server as' >&2
	return 1
}

# Runs a command without root's rights.
nats_as() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid="$ES_NATS_USER" --regid="$(id -g "$ES_NATS_USER")" --clear-groups "$@"
	else
		"$@"
	fi
}

# nats_detached FILE FUNCTION-or-COMMAND...: what it prints goes behind what the file has.  Without
# the file descriptors of bats, which waits until nobody has them open.
nats_detached() (
	local fd

	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		if ((fd > 2 && fd < 200)); then
			eval "exec $fd>&-"
		fi
	done
	exec </dev/null >>"$1" 2>&1
	shift
	"$@"
)

# Processes whose folder is $1 of ours, or any of ours.  All threads are looked at: the first one
# of a process may be gone, and the others still have its files and ports.  One that ends meanwhile
# is no failure, also where the caller has set pipefail.
nats_processes() {
	local folder=${ES_NATS_DIR:?}${1:+/$1}

	{ find /proc/[0-9]*/task/[0-9]*/cwd -maxdepth 0 \( -lname "$folder" -o -lname "$folder (deleted)" \
		-o -lname "$folder/*" \) 2>/dev/null || :; } | cut -d / -f 3 | sort -u
}

# nats_end SIGNAL [FOLDER]: and waits until nothing is left there.
nats_end() {
	local signal=$1 pids pid tries=0

	while pids=$(nats_processes "${2:-}") && [ -n "$pids" ]; do
		# Who does not end in about ten seconds is not asked any more.
		[ $((++tries)) -lt 500 ] || signal=KILL
		for pid in $pids; do
			if [ $tries = 1 ] || [ "$signal" = KILL ]; then
				kill -s "$signal" "$pid" 2>/dev/null || true
			fi
		done
		sleep 0.02
	done
}

# Stops all there is and takes away the folder.
nats_remove() {
	nats_end KILL
	rm -rf "$ES_NATS_DIR"
}

# Waits for the end of process $1, and removes what it left: bats may be killed at any time.
nats_watch() {
	tail --pid="$1" -f /dev/null
	nats_remove
}

# In a session of its own: a signal from the keyboard goes to all of that of bats.
nats_start_watch() {
	local code

	code=$(declare -f nats_processes nats_end nats_remove nats_watch)
	export ES_NATS_DIR ES_NATS_BIN ES_NATS_USER
	(cd / && nats_detached /dev/null setsid --fork bash -c "$code; nats_watch $$")
}

# The folder of this file, once, and who looks after it.
nats_make_dir() {
	local tmp

	[ ! -d "${ES_NATS_DIR:-}" ] || return 0
	ES_NATS_BIN=$(nats_bin) && ES_NATS_USER=$(nats_user) || return 1
	for tmp in "${BATS_FILE_TMPDIR:?}" "${TMPDIR:-/tmp}" /tmp; do
		if (cd / && nats_as test -x "$tmp"); then
			ES_NATS_DIR=$(mktemp -d "$tmp/es-nats.XXXXXX") &&
				chown "$ES_NATS_USER" "$ES_NATS_DIR" && nats_start_watch
			return
		fi
	done
	echo "no server of user $ES_NATS_USER can be in ${TMPDIR:-/tmp} or /tmp" >&2
	return 1
}

# What the server of a folder has said since its last start.
nats_said() {
	tail -c "+$(($(cat "$ES_NATS_DIR/$1/began") + 1))" "$ES_NATS_DIR/$1/log"
}

# nats_boot FOLDER: starts its server, and waits until that has its ports: it writes a file then.
nats_boot() {
	local dir=$ES_NATS_DIR/$1

	mkdir -p "$dir/store" "$dir/ports" && touch "$dir/log" || return 1
	rm -f "$dir/ports"/*
	wc -c <"$dir/log" >"$dir/began"
	cat "$dir"/conf.* >"$dir/nats.conf" && chown -R "$ES_NATS_USER" "$dir" || return 1
	# Not to a log file of its own: what Go prints when the server breaks down is wanted there, too.
	(cd "$dir" && nats_detached log nats_as setsid --fork "$ES_NATS_BIN" -c nats.conf -js \
		-sd "$dir/store" --ports_file_dir ports) || return 1
	until compgen -G "$dir/ports/*" >/dev/null; do
		[ -n "$(nats_processes "$1")" ] || return 1
		sleep 0.02
	done
}

# nats_config [LINE...]: what the configuration says beside our own lines, from the next start on.
nats_config() {
	printf '%s\n' "$@" >"$ES_NATS_DIR/server/conf.extra"
}

# nats_start [LINE...], as in the server's configuration.  JetStream is on, and a `jetstream` block
# of the lines may say more about it, but for its folder.
nats_start() {
	local try

	nats_make_dir || return 1
	mkdir -p "$ES_NATS_DIR/server" && nats_config "$@" || return 1
	export ES_NATS_PORT ES_NATS_PORTS
	# The port is free if the server gets it: nothing else tells for sure.
	for ((try = 0; try < 20; try++)); do
		# Below what the system gives away by itself.
		ES_NATS_PORT=$((20000 + RANDOM % 12000))
		ES_NATS_PORTS=$ES_NATS_PORT
		printf '%s\n' "server_name: ${ES_NATS_DIR##*/}" "listen: \"127.0.0.1:$ES_NATS_PORT\"" \
			>"$ES_NATS_DIR/server/conf.base"
		if nats_boot server; then
			! nats ping --wait 30 || return 0
			break
		fi
		nats_said server | grep -q 'address already in use' || break
	done
	echo 'the NATS server does not start' >&2
	nats_said server >&2
	nats_remove
	return 1
}

nats_stop() {
	[ -z "${ES_NATS_DIR:-}" ] || nats_remove
}

# What servers said last, for a test that failed.
nats_show_log() {
	local log

	[ -z "${BATS_TEST_COMPLETED:-}" ] && [ -n "${ES_NATS_DIR:-}" ] || return 0
	for log in "$ES_NATS_DIR"/*/log; do
		if [ -s "$log" ]; then
			echo "the end of ${log#"$ES_NATS_DIR/"}:"
			tail -n 30 "$log"
		fi
	done
}
teardown() {
	nats_show_log
	! declare -F postgres_show_log >/dev/null || postgres_show_log
}

# A crash.
nats_kill() {
	nats_end KILL server
}

# A clean end.
nats_down() {
	nats_end TERM server
}

nats_up() {
	if ! nats_boot server || ! nats ping --wait 30; then
		nats_said server >&2
		return 1
	fi
}

nats_restart() {
	nats_kill && nats_up
}

# nats_address STREAM [USER:PASSWORD or TOKEN]
nats_address() {
	printf 'nats://%s127.0.0.1:%s/%s\n' "${2:+$2@}" "$ES_NATS_PORT" "$1"
}

# nats [OPTION...] COMMAND...: nats.py with the server, or with that of a cluster which answers.
nats() {
	local options=(--timeout 10) port urls=

	for port in ${ES_NATS_PORTS:-}; do
		urls+=${urls:+,}nats://${ES_NATS_LOGIN:+$ES_NATS_LOGIN@}127.0.0.1:$port
	done
	if [ -e "${ES_NATS_DIR:-}/server/conf.tls" ]; then
		options+=(--ca "$ES_NATS_DIR/tls/ca.crt" --cert "$ES_NATS_DIR/tls/client.crt"
			--key "$ES_NATS_DIR/tls/client.key")
	fi
	[ -z "${ES_NATS_NKEY:-}" ] || options+=(--nkey "$ES_NATS_NKEY")
	"$nats_py" --server "$urls" "${options[@]}" "$@"
}

# Makes what TLS needs, once: a CA and its certificates for the server (localhost and 127.0.0.1) and
# for a client; other.crt is of another CA.
nats_make_certificates() (
	cd "$1" && [ ! -e ca.crt ] || return 0
	new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
	for ca in ca other; do
		openssl req -x509 "${new[@]}" -days 2 -subj "/CN=tests $ca" -keyout $ca.key -out $ca.crt ||
			return 1
	done
	for name in server client; do
		openssl req "${new[@]}" -subj /CN=$name -keyout $name.key -out $name.csr &&
			openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -set_serial $((++serial)) \
				-days 2 -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1) \
				-out $name.crt || return 1
	done
)

# nats_tls [verify|off]: with `verify` clients need a certificate.  Prints the file of the CA;
# client.crt, client.key, and other.crt and other.key of another CA are beside it.  The server starts
# again.
nats_tls() {
	local tls=$ES_NATS_DIR/tls

	mkdir -p "$tls" || return 1
	if ! nats_make_certificates "$tls" 2>"$tls/said"; then
		cat "$tls/said" >&2
		return 1
	fi
	chown "$ES_NATS_USER" "$tls" "$tls"/*.key || return 1
	if [ "${1:-}" = off ]; then
		rm -f "$ES_NATS_DIR/server/conf.tls"
	else
		cat >"$ES_NATS_DIR/server/conf.tls" <<-END
			tls {
				cert_file: "$tls/server.crt"
				key_file: "$tls/server.key"
				ca_file: "$tls/ca.crt"
				verify: $([ "${1:-}" != verify ] && echo false || echo true)
				timeout: 20
			}
		END
	fi
	nats_restart && echo "$tls/ca.crt"
}

# Something between a program and the server that can cut its connections: tcp_proxy.py.
# nats_proxy_start [PORT]: of the server, unless another is said.  Sets ES_NATS_PROXY_PORT.
nats_proxy_start() {
	local dir=$ES_NATS_DIR/proxy

	mkdir -p "$dir" && : >"$dir/log" || return 1
	(cd "$dir" && nats_detached log setsid --fork "${nats_py%/*}/tcp_proxy.py" 0 \
		"${1:-$ES_NATS_PORT}") || return 1
	until [ -s "$dir/log" ]; do
		[ -n "$(nats_processes proxy)" ] || return 1
		sleep 0.02
	done
	export ES_NATS_PROXY_PORT
	read -r ES_NATS_PROXY_PORT <"$dir/log" && [[ $ES_NATS_PROXY_PORT =~ ^[0-9]+$ ]]
}

nats_proxy_stop() {
	nats_end KILL proxy
}

# nats_proxy_signal SIGNAL: prints what the proxy says when it has done it.
nats_proxy_signal() {
	local log=$ES_NATS_DIR/proxy/log lines pid

	lines=$(wc -l <"$log")
	pid=$(nats_processes proxy) && kill -s "$1" "$pid" || return 1
	until [ "$(wc -l <"$log")" -gt "$lines" ]; do
		kill -0 "$pid" && sleep 0.02 || return 1
	done
	tail -n 1 "$log"
}

# Ends all connections through the proxy by a reset; prints how many.
nats_cut() {
	local said

	said=$(nats_proxy_signal USR1) && echo "${said#cut }"
}

# As nats_cut, and new ones are refused; the second time they are taken again.
nats_refuse() {
	nats_proxy_signal USR2
}

# Connections stay, and nothing passes; the second time all goes on.
nats_freeze() {
	nats_proxy_signal HUP
}

# A cluster; a file has one, or a server.  nats_cluster_start [N]: 3 servers, numbers 1 to N, ready
# when a stream can be made that all of them have.
nats_cluster_start() {
	local count=${1:-3} try

	nats_make_dir || return 1
	export ES_NATS_PORTS
	for ((try = 0; try < 20; try++)); do
		if nats_cluster_boot "$count" $((20000 + RANDOM % (12000 - 3 * count))); then
			! nats_cluster_wait "$count" || return 0
			break
		fi
		cat "$ES_NATS_DIR"/[0-9]*/log | grep -q 'address already in use' || break
		nats_end KILL
		rm -rf "$ES_NATS_DIR"/[0-9]*
	done
	echo 'the NATS cluster does not start' >&2
	tail -n 30 "$ES_NATS_DIR"/[0-9]*/log >&2
	nats_remove
	return 1
}

# nats_cluster_boot COUNT PORT: each server has three ports from there on, for clients, for the other
# servers, and for its monitor, which says whether it is up to date.
nats_cluster_boot() {
	local i routes='' base=$2

	ES_NATS_PORTS=
	for ((i = 0; i < $1; i++)); do
		routes+="${routes:+, }\"nats://127.0.0.1:$((base + 3 * i + 1))\""
	done
	for ((i = 0; i < $1; i++)); do
		ES_NATS_PORTS+="${ES_NATS_PORTS:+ }$((base + 3 * i))"
		mkdir -p "$ES_NATS_DIR/$((i + 1))" || return 1
		# A cluster of another name is not joined, whatever port a route leads to.
		cat >"$ES_NATS_DIR/$((i + 1))/conf.base" <<-END
			server_name: n$((i + 1))
			listen: "127.0.0.1:$((base + 3 * i))"
			http: "127.0.0.1:$((base + 3 * i + 2))"
			cluster {
				name: "${ES_NATS_DIR##*/}"
				listen: "127.0.0.1:$((base + 3 * i + 1))"
				routes: [$routes]
			}
		END
		nats_boot $((i + 1)) || return 1
	done
}

nats_cluster_wait() {
	local i

	for ((i = 1; i <= $1; i++)); do
		nats_cluster_monitor $i /healthz --wait 60 >/dev/null || return 1
	done
	nats make ES_PROBE "{\"num_replicas\":$1}" --wait 60 && nats rm ES_PROBE --wait 60
}

nats_cluster_stop() {
	nats_stop
}

# nats_cluster_port I
nats_cluster_port() {
	cut -d ' ' -f "$1" <<<"$ES_NATS_PORTS"
}

# nats_cluster_monitor I PATH: what that server says of itself.
nats_cluster_monitor() {
	nats http $(($(nats_cluster_port "$1") + 2)) "${@:2}"
}

# nats_cluster_address STREAM: of all servers.
nats_cluster_address() {
	local list=${ES_NATS_PORTS// /,127.0.0.1:}

	echo "nats://127.0.0.1:$list/$1"
}

# nats_leader STREAM: its number; waits while there is none.
nats_leader() {
	local leader until=$((SECONDS + 60))

	while ((SECONDS < until)); do
		leader=$(nats info "$1" 2>/dev/null | jq -r '.cluster.leader // empty')
		if [ -n "$leader" ] && [ -n "$(nats_processes "${leader#n}")" ]; then
			echo "${leader#n}"
			return
		fi
	done
	echo "stream $1 has no leader" >&2
	return 1
}

# nats_cluster_kill I: a crash.
nats_cluster_kill() {
	nats_end KILL "$1"
}

# Whether server I has all that the leaders of its streams have.  To be well and to be current is not
# enough: a server is that when it has received all, and what it received may still be on its way
# into the streams.
nats_cluster_current() {
	local all has wants

	all=$(nats req "\$JS.API.STREAM.LIST") &&
		wants=$(jq -ce --arg server "n$1" '[.streams[]? |
			select(.cluster | [.leader, .replicas[]?.name] | index($server)) |
			select(.cluster.replicas | all(.name != $server or (.current and (.offline | not)))) |
			[.config.name, .state.messages, .state.last_seq]] | sort' <<<"$all") &&
		has=$(nats_cluster_monitor "$1" '/jsz?accounts=1&streams=1' |
			jq -ce '[.account_details[]?.stream_detail[]? |
				[.name, .state.messages, .state.last_seq]] | sort') && [ "$has" = "$wants" ]
}

# nats_cluster_up I: and waits until it has all that the others have.
nats_cluster_up() {
	local until=$((SECONDS + 60))

	if nats_boot "$1" && nats_cluster_monitor "$1" /healthz --wait 60 >/dev/null; then
		while ((SECONDS < until)); do
			! nats_cluster_current "$1" 2>/dev/null || return 0
			sleep 0.02
		done
	fi
	nats_said "$1" >&2
	return 1
}
