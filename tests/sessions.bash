# Sessions of psql that stay open, and waiting for what a program or a server comes to.  Needs
# cli/postgres.bash.

# eventually COMMAND...: until it succeeds, for a minute at most.
eventually() {
	local try

	for ((try = 0; try < 1200; try++)); do
		! "$@" || return 0
		sleep 0.05
	done
	echo "this did not come true in a minute: $*"
	return 1
}

# session NAME DB: opens one, which `tell NAME SQL` speaks to.  It ends with `leave NAME`, or with
# the test.
declare -gA session_fds=() session_steps=()
session() {
	local fd

	mkfifo "$1.in"
	PGAPPNAME=psql-$1 "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$(pg_address "$2")" \
		<"$1.in" >"$1.out" 2>&1 3>&- &
	exec {fd}>"$1.in"
	session_fds[$1]=$fd
	session_steps[$1]=0
}

# tell NAME SQL: and waits until that is done.
tell() {
	local step=$((++session_steps[$1]))

	printf '%s;\n\\echo did %d\n' "$2" $step >&"${session_fds[$1]}"
	eventually grep -qx "did $step" "$1.out" || {
		cat "$1.out"
		return 1
	}
}

leave() {
	local fd=${session_fds[$1]}

	exec {fd}>&-
	unset "session_fds[$1]"
}

# background COMMAND...: as $job; what it says is in the file said, what it prints in printed.
background() {
	"$@" >printed 2>said 3>&- &
	job=$!
}

# ends CODE: what is in the background, with that code.
ends() {
	local rc=0

	wait "$job" || rc=$?
	[ $rc = "$1" ] || {
		echo "ended with $rc, not $1:"
		cat said
		return 1
	}
}

still_runs() {
	kill -0 "$job" || {
		cat said
		return 1
	}
}
