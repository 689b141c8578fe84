# What the tests with PostgreSQL stand on: the server of postgres.bash.
load helpers
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

@test "databases have the encoding that is asked for" {
	utf8=$(pg_db utf8)
	latin1=$(pg_db latin1 -E LATIN1)
	[ "$(pg "$utf8" 'SHOW server_encoding')" = UTF8 ]
	[ "$(pg "$latin1" 'SHOW server_encoding')" = LATIN1 ]
	# One byte there is one that UTF-8 needs two for.
	[ "$(pg latin1 "SELECT octet_length('ü')")" = 1 ]
	[ "$(pg utf8 "SELECT octet_length('ü')")" = 2 ]
	# The name again is an empty database again.
	pg utf8 'CREATE TABLE t (n int)'
	pg_db utf8 >address
	[ "$(pg "$(cat address)" "SELECT count(*) FROM pg_class WHERE relname = 't'")" = 0 ]
}

@test "a restart, and an end and a start, keep what was committed" {
	address=$(pg_db kept)
	pg "$address" 'CREATE TABLE t (n int)' 'INSERT INTO t VALUES (1)'
	for how in fast immediate; do
		before=$(pg kept 'SELECT pg_postmaster_start_time()')
		postgres_restart $how
		[ "$(pg kept 'SELECT pg_postmaster_start_time()')" != "$before" ]
		[ "$(pg "$address" 'SELECT n FROM t')" = 1 ]
	done
	postgres_down
	run -2 pg "$address" 'SELECT n FROM t'
	postgres_up
	[ "$(pg "$address" 'SELECT n FROM t')" = 1 ]
}

@test "a role needs its password over TCP, and has the rights it was given" {
	pg_db rights
	pg rights 'CREATE TABLE events (n int)' 'CREATE TABLE other (n int)'
	pg_role 'read er' 'p@ss:/?#%ü' rights 'SELECT ON events'
	address=$(pg_tcp rights 'read er' 'p@ss:/?#%ü')
	[ "$(pg "$address" 'SELECT current_user')" = 'read er' ]
	[ "$(pg "$address" 'SELECT count(*) FROM events')" = 0 ]
	run -1 pg "$address" 'SELECT count(*) FROM other'
	run -1 pg "$address" 'LOCK TABLE events IN SHARE MODE'
	run -2 pg "$(pg_tcp rights 'read er' wrong)" 'SELECT 1'
	[[ $output == *"password authentication failed"* ]]
	run -2 pg "$(pg_tcp rights admin '')" 'SELECT 1'
	# The socket trusts.
	[ "$(pg "$(pg_address rights 'read er')" 'SELECT current_user')" = 'read er' ]
}

@test "TLS: only the right CA and the right name will do" {
	pg_db tls
	pg_role secure secret
	ca=$(postgres_tls)
	base="postgres://secure:secret@localhost:$ES_PG_PORT/tls?sslmode=verify-full"
	ssl='SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
	[ "$(pg "$base&sslrootcert=$ca" "$ssl")" = t ]
	run -2 pg "$base&sslrootcert=${ca%/*}/other.crt" "$ssl"
	[[ $output == *"certificate verify failed"* ]]
	run -2 pg "$base&sslrootcert=$ca&host=elsewhere&hostaddr=127.0.0.1" "$ssl"
	[[ $output == *'does not match host name'* ]]
}

@test "the server is not root's, and its settings are those that are asked for" {
	[ "$(stat -c %u "$ES_PG_DIR/data")" != 0 ]
	[ "$(pg postgres 'SHOW fsync')" = off ]
	[ "$(pg postgres 'SHOW max_connections')" = 100 ]
}
