# What goes wrong with a server while a program works with it.  Needs cli/postgres.bash.

# The database sessions of our programs; of stand-ins, too: their names begin with es.
pg_ours() {
	pg postgres "SELECT count(*) FROM (SELECT ${1:-pid} FROM pg_stat_activity
		WHERE application_name ~ '^es' AND backend_type = 'client backend') AS ours (n)
		WHERE n::text <> 'false'"
}

# disturb PID COUNT [MS]: while process PID runs, and until COUNT times are reached, alternately ends
# its sessions and crashes the server, at random moments at most MS [300] after the last time.
# Sets $ended and $crashed, how many times each has met a session.
disturb() {
	local pid=$1 count=$2 ms=${3:-300}

	ended=0 crashed=0
	while ((ended + crashed < count)); do
		sleep "$(printf '0.%03d' $((RANDOM % ms)))"
		# Where it has no session it is between two of them, or at its end.
		until [ "$(pg_ours)" != 0 ]; do
			kill -0 "$pid" 2>/dev/null || return 0
		done
		if ((ended <= crashed)); then
			ended=$((ended + ($(pg_ours 'pg_terminate_backend(pid)') > 0)))
		else
			postgres_restart immediate || return 1
			crashed=$((crashed + 1))
		fi
	done
}
