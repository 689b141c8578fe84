# Ways to say which server, what a server that says no looks like, and that a password is nowhere.
load helpers
load stores
load postgres
load ../sessions

setup_file() {
	postgres_start
	pg_db shop >/dev/null
	events 20 | esimport --plain --to "$(pg_address shop)" 2>/dev/null
	pg_role reader "$(secret)" shop 'SELECT ON events'
	pg_role stranger "$(secret)" shop
	pg_role secure plain shop 'SELECT ON events'
	postgres_tls >"$BATS_FILE_TMPDIR/ca"
	unset HOME
}
teardown_file() {
	postgres_stop
}

# Nothing else looks like it, in whatever way it is written; with what needs quoting in each form.
secret() {
	printf %s "Xyzzy%s7'\\q"
}
word=Xyzzy

# The address of each form with a password, or what of it looks like one.
uri() {
	pg_tcp shop reader "$(secret)"
}
query() {
	printf 'postgres://127.0.0.1:%s/shop?user=reader&password=%s\n' "$ES_PG_PORT" "$(pg_percent "$(secret)")"
}
words() {
	printf "postgres:host=127.0.0.1 port=%s dbname=shop user=reader password='Xyzzy%%s7\\\\'\\\\\\\\q'\n" "$ES_PG_PORT"
}

reads() {
	run -0 --separate-stderr esexport --plain --from "$1"
	same "${#lines[@]}" 20
}

# fails CODE ADDRESS: at once, with one line of an error, which is not tried again.
fails() {
	run "-$1" timeout 30 esexport --plain --from "$2"
	same "${#lines[@]}" 1
	lacks "$output" 'trying again'
	lacks "$output" "$word"
}

@test "the three forms of an address lead to the same events" {
	for form in uri query words; do
		reads "$($form)"
	done
	reads "postgresql$(uri | sed 's/^postgres//')"
	reads "POSTGRES$(uri | sed 's/^postgres//')"
}

@test "a socket needs its folder, in both forms" {
	reads "$(pg_address shop reader)"
	reads "postgres:host='$ES_PG_DIR' port=$ES_PG_PORT dbname=shop user=reader"
	reads "postgres://reader@$(pg_percent "$ES_PG_DIR"):$ES_PG_PORT/shop"
}

@test "what an address does not say comes from the environment and its files" {
	PGHOST=$ES_PG_DIR PGPORT=$ES_PG_PORT PGUSER=reader PGDATABASE=shop reads postgres://
	PGPASSWORD=$(secret) reads "postgres://reader@127.0.0.1:$ES_PG_PORT/shop"
	# The address comes first.
	PGPORT=1 PGUSER=nobody PGDATABASE=nothing PGPASSWORD=no reads "$(uri)"
	printf '127.0.0.1:%s:*:reader:%s\n' "$ES_PG_PORT" "$(secret | sed 's/[\\:]/\\&/g')" >pass
	chmod 600 pass
	PGPASSFILE=$PWD/pass reads "postgres://reader@127.0.0.1:$ES_PG_PORT/shop"
	reads "postgres://reader@127.0.0.1:$ES_PG_PORT/shop?passfile=$PWD/pass"
	cat >services <<-END
		[mine]
		host=$ES_PG_DIR
		port=$ES_PG_PORT
		user=reader
		dbname=shop
	END
	PGSERVICEFILE=$PWD/services reads 'postgres://?service=mine'
	PGSERVICEFILE=$PWD/services PGSERVICE=mine reads postgres:
	PGSERVICEFILE=$PWD/services fails 6 'postgres://?service=other'
	has "$output" other
}

@test "of several hosts the first that answers counts" {
	reads "postgres://reader:$(pg_percent "$(secret)")@127.0.0.1:1,127.0.0.1:$ES_PG_PORT/shop"
	# None of them.
	fails 6 'postgres://reader@127.0.0.1:1,127.0.0.1:2/shop'
	has "$output" 'postgres://reader@127.0.0.1:1,127.0.0.1:2/shop'
	has "$output" refused
}

@test "TLS is checked as the address says" {
	ca=$(cat "$BATS_FILE_TMPDIR/ca")
	base="postgres://secure:plain@localhost:$ES_PG_PORT/shop?sslmode=verify-full"
	reads "$base&sslrootcert=$ca"
	PGSSLROOTCERT=$ca reads "$base"
	fails 6 "$base&sslrootcert=${ca%/*}/other.crt"
	has "$output" 'certificate verify failed'
	fails 6 "$base&sslrootcert=$ca&host=elsewhere&hostaddr=127.0.0.1"
	has "$output" 'does not match host name'
	fails 6 "$base&sslrootcert=$PWD/none.crt"
	has "$output" 'none.crt'
	# verify-ca does not look at the name; who does not check takes anything.
	reads "postgres://secure:plain@elsewhere:$ES_PG_PORT/shop?sslmode=verify-ca&sslrootcert=$ca&hostaddr=127.0.0.1"
	reads "postgres://secure:plain@localhost:$ES_PG_PORT/shop?sslmode=require&sslrootcert="
}

@test "a role may come with the key of a client alone" {
	ca=$(cat "$BATS_FILE_TMPDIR/ca")
	tls=${ca%/*}
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=secure \
		-passout "pass:Xyzzykey" -keyout client.key -out client.csr 2>/dev/null
	openssl x509 -req -in client.csr -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -set_serial 2 -days 2 \
		-out client.crt 2>/dev/null
	chmod 600 client.key
	cp "$ES_PG_DIR/data/pg_hba.conf" hba
	cp "$ES_PG_DIR/data/es.conf" conf
	{
		echo 'hostssl all secure 127.0.0.1/32 cert'
		cat hba
	} >"$ES_PG_DIR/data/pg_hba.conf"
	echo "ssl_ca_file = '$ca'" >>"$ES_PG_DIR/data/es.conf"
	postgres_restart fast
	base="postgres://secure@localhost:$ES_PG_PORT/shop?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=$ca"
	reads "$base&sslcert=$PWD/client.crt&sslkey=$PWD/client.key&sslpassword=Xyzzykey"
	lacks "$stderr" "$word"
	fails 6 "$base&sslcert=$PWD/client.crt&sslkey=$PWD/client.key&sslpassword=Xyzzyother"
	has "$output" client.key
	fails 6 "$base&sslcert=$PWD/none"
	fails 6 "$base&sslcert=$PWD/client.crt&sslkey=$PWD/none"
	cat hba >"$ES_PG_DIR/data/pg_hba.conf"
	cat conf >"$ES_PG_DIR/data/es.conf"
	postgres_restart fast
}

@test "a server that says no is an error at once, with what to do" {
	fails 6 "postgres://reader:Xyzzywrong@127.0.0.1:$ES_PG_PORT/shop"
	has "$output" 'password authentication failed for user "reader"'
	has "$output" 'check user and password'
	fails 6 "postgres://reader@127.0.0.1:$ES_PG_PORT/shop"
	has "$output" 'no password supplied'
	fails 6 "postgres://nobody:Xyzzywrong@127.0.0.1:$ES_PG_PORT/shop"
	has "$output" 'password authentication failed for user "nobody"'
	fails 6 "$(pg_address shop nobody)"
	has "$output" 'role "nobody" does not exist'
	fails 6 "$(pg_tcp nothing reader "$(secret)")"
	has "$output" 'database "nothing" does not exist'
	has "$output" 'create the database'
	fails 6 'postgres://reader:Xyzzy@127.0.0.1:1/shop'
	has "$output" refused
	fails 6 'postgres://reader:Xyzzy@no.such.host.invalid/shop'
	has "$output" no.such.host.invalid
	fails 6 "postgres://reader:Xyzzy@%2Fno%2Fsuch%2Ffolder/shop"
	has "$output" '/no/such/folder'
	fails 6 "$(pg_tcp shop stranger "$(secret)")"
	has "$output" 'permission denied for table events'
	has "$output" 'grant the role what it lacks'
}

@test "a role that may only read cannot be imported into" {
	events 30 >more
	run -6 timeout 30 esimport --plain --from more --to "$(uri)"
	has "$output" 'permission denied'
	lacks "$output" "$word"
	same "$(pg shop 'SELECT count(*) FROM events')" 20
}

@test "parameters of ours that are unknown or wrong are wrong use" {
	for bad in es_bund=lock es_bound=table es_bound= es_bound_timeout=-1 es_bound_timeout=1m \
		es_bound_timeout=31536001 es_retry=x es_retry= es_retry=1.5 es_=1; do
		name=${bad%%=*}
		fails 2 "$(query)&$bad"
		has "$output" "address postgres:...: es_"
		fails 2 "$(words) $bad"
		has "$output" "address postgres:...: es_"
		fails 2 "postgres://127.0.0.1:$ES_PG_PORT/shop?$bad"
		has "$output" "address postgres:...: $name: "
		run -2 esimport --plain --to "$(query)&$bad"
		lacks "$output" "$word"
		run -2 esverify "$(query)&$bad" "$(uri)"
		lacks "$output" "$word"
	done
	fails 2 "postgres://127.0.0.1:$ES_PG_PORT/shop?sslmod=require"
	has "$output" 'sslmod: unknown parameter'
	for good in es_bound=auto es_bound=lock es_bound_timeout=0 es_retry=31536000; do
		reads "$(pg_address shop)&$good"
	done
}

# nowhere FILE...: none of them has the password, in any form; and there is something in them.
nowhere() {
	cat "$@" >all
	[ -s all ] || return 1
	! grep -a "$word" all
}

# What everybody sees of process $job, and what the server keeps of its sessions.
look_at() {
	tr '\0' ' ' <"/proc/$job/cmdline" >looked
	ps -ww -o args= -p "$job" >>looked
	pg postgres 'SELECT * FROM pg_stat_activity' >>looked
	grep -q "$1" looked
	nowhere looked
}

@test "the check for a password finds one" {
	echo "a $(secret)" >found
	run -1 nowhere found
	run -1 nowhere /dev/null
}

@test "no password is in what esexport writes, says or shows" {
	session holder shop
	for form in uri query words; do
		address=$($form)
		tell holder 'BEGIN; LOCK TABLE events'
		background esexport --from "$address" --log-format json --progress json --stats stats.csv
		eventually shown esexport
		eventually has_session esexport
		look_at esexport
		tell holder COMMIT
		ends 0
		mv printed archive
		zstd -dqc archive >unpacked
		nowhere said
		nowhere stats.csv
		nowhere archive unpacked
		run -0 esverify --info --json archive
		lacks "$output" "$word"
		has "$output" '"source_address":"postgres://reader@127.0.0.1'
		run -0 esexport --from "$address" -n
		lacks "$output" "$word"
		rm stats.csv
	done
}
has_session() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1'")" != 0 ]
}
shown() {
	grep -qas "$1" "/proc/$job/cmdline" && ! grep -qa "$word" "/proc/$job/cmdline"
}

@test "no password is in what esimport writes, says or shows" {
	pg_db target >/dev/null
	pg_role owner "$(secret)"
	pg postgres 'ALTER DATABASE target OWNER TO owner'
	pg target 'GRANT CREATE ON SCHEMA public TO owner'
	esexport --from "$(uri)" --out a.cbor.zst
	for form in uri query words; do
		address=$($form | sed 's/shop/target/; s/reader/owner/')
		mkfifo in
		esimport --to "$address" --from in --log-format json --progress json --stats stats.csv \
			>printed 2>said 3>&- &
		job=$!
		exec 9>in
		head -c 100 a.cbor.zst >&9
		eventually shown esimport
		eventually has_session esimport
		look_at esimport
		tail -c +101 a.cbor.zst >&9
		exec 9>&-
		ends 0
		nowhere said
		nowhere stats.csv
		rm in stats.csv
		run -0 esimport --to "$address" --from a.cbor.zst -n
		lacks "$output" "$word"
	done
	pg target 'SELECT * FROM esimport_checkpoint' >checkpoint
	"$ES_PG_BIN/pg_dump" "$(pg_address target)" >dump
	nowhere checkpoint
	nowhere dump
}

@test "no password is in what esverify says or shows" {
	esexport --from "$(uri)" >a.zst
	for form in uri query words; do
		address=$($form)
		mkfifo in
		esverify --log-format json --progress json --stats stats.csv "$address" - <in >printed 2>said 3>&- &
		job=$!
		exec 9>in
		head -c 100 a.zst >&9
		eventually shown esverify
		look_at esverify
		tail -c +101 a.zst >&9
		exec 9>&-
		ends 0
		nowhere printed said
		nowhere stats.csv
		rm in stats.csv
	done
}

@test "no password is in an error" {
	s=$(pg_percent "$(secret)")
	at="127.0.0.1:$ES_PG_PORT"
	for address in "postgres://reader:${s}no@$at/shop" "postgres://$at/shop?user=reader&password=${s}no" \
		"$(words | sed "s/7/8/")" "$(uri | sed 's/shop/nothing/')" "$(query)&es_bund=1" "$(query)&sslmod=1" \
		"$(words) es_retry=soon" "$(words) 'open" "$(query)&port=$word" "postgres://reader:$word@host@$at/shop" \
		"postgres://reader:a/$word@$at/shop" "postgres://reader:${word}%zz@$at/shop" \
		"postgres://reader:$word@[::1/shop" "postgres://reader:$word@127.0.0.1:1/shop" \
		"postgres:password=$word'" "postgres:host=127.0.0.1 port=1 password=$word" "postgres:$word" \
		"$(query)&options=-c%20nonsense%3D1" "$(query)&sslmode=no"; do
		for format in text json; do
			for program in "esexport --plain --from" "esimport --plain --from $REPO/tests/demo.jsonl --to" \
				"esverify --plain $REPO/tests/demo.jsonl"; do
				# shellcheck disable=SC2086 # words of a command
				run timeout 30 ${program/ / --log-format $format } "$address"
				[ "$status" = 2 ] || [ "$status" = 6 ]
				lacks "$output" "$word"
				has "$output" postgres:
			done
		done
	done
}
