# Jobs between places of every kind whose programs and servers are killed at random moments, and
# that are started again until all is there.  Needs cli/helpers.bash, cli/stores.bash,
# cli/postgres.bash, cli/nats.bash and sessions.bash.
#
#     setup_file() { kills_setup; }
#     teardown_file() { kills_teardown; }
#     teardown() { kills_show; }
#
#     kills_from sqlite 20
#
# A job is a pipe between two stores, one program where a file is the source or the target.

kills_events=8000

# How many of them come in at once: a run is to be long beside its beginning, and to need little.
declare -gA kills_batch=([sqlite]=80 [postgres]=80 [nats]=16)

# Servers, and a source of every kind with the same events.
kills_setup() {
	postgres_start
	nats_start
	cd "$BATS_FILE_TMPDIR" || return
	store source.db $kills_events
	esexport --from sqlite://source.db --out source.cbor.zst --chunk-size 2KiB
	esimport --from source.cbor.zst --to "$(pg_db source)"
	esimport --from source.cbor.zst --to "$(nats_address source)"
	pg_db target
}

kills_teardown() {
	nats_stop
	postgres_stop
}

# What the programs and the servers said last, of a test that failed.
kills_show() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || tail -n 20 exported imported || true
	nats_show_log
	postgres_show_log
}

# A request to the API of JetStream, and its reply: nats.py takes longer to begin than a run.
nats_ask() {
	local server line=

	exec {server}<>"/dev/tcp/127.0.0.1/$ES_NATS_PORT" || return
	# shellcheck disable=SC2016 # $JS is a name
	printf 'CONNECT {"verbose":false}\r\nSUB reply 1\r\nPUB $JS.API.%s reply 0\r\n\r\n' "$1" >&"$server"
	until [[ $line == 'MSG reply '* ]]; do
		IFS= read -r line <&"$server" || return
	done
	IFS= read -r line <&"$server"
	exec {server}>&-
	echo "$line"
}

source_address() {
	case $1 in
	sqlite) echo "sqlite://$BATS_FILE_TMPDIR/source.db" ;;
	postgres) pg_address source ;;
	nats) nats_address source ;;
	file) echo "$BATS_FILE_TMPDIR/source.cbor.zst" ;;
	esac
}

# A $target without anything in it.
new_target() {
	case $to in
	sqlite)
		rm -f target.db*
		target=sqlite://target.db
		;;
	postgres)
		pg target 'SET client_min_messages = warning' 'DROP SCHEMA public CASCADE' 'CREATE SCHEMA public'
		target=$(pg_address target)
		;;
	nats)
		nats_ask STREAM.DELETE.target >/dev/null
		target=$(nats_address target)
		;;
	file)
		case $from in
		sqlite | nats) target=target.jsonl.zst ;;
		*) target=target.cbor.zst ;;
		esac
		rm -f "$target"
		;;
	esac
	at=0 inserted=0
}

# look_KIND prints what is in the target when no program works with it any more: up to which event it
# has all by its own word, which one is the last, and how many there are; of a file its chunks.  Of
# PostgreSQL also how many rows were inserted since the server was started, be they there or not.

# In a copy: it is for the program to roll back what was begun.
look_sqlite() {
	rm -rf look
	mkdir look
	[ ! -e target.db ] || cp target.db* look
	if [ "$(sqlite3 look/target.db "SELECT count(*) FROM sqlite_master WHERE name = 'events'")" = 0 ]; then
		echo '0|0|0'
	else
		sqlite3 look/target.db 'SELECT (SELECT position FROM esimport_checkpoint), max(position), count(*)
			FROM events'
	fi
}

# The sessions of who was killed end a moment later.
look_postgres() {
	pg target <<-'SQL'
		SET statement_timeout = '60s';
		DO $$ BEGIN
			WHILE EXISTS (SELECT FROM pg_stat_activity WHERE application_name ~ '^es') LOOP
				PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
			END LOOP;
		END $$;
		SELECT to_regclass('events') IS NULL AS empty \gset
		\if :empty
			\echo 0|0|0|0
		\else
			SELECT (SELECT position FROM esimport_checkpoint), max(position), count(*),
				(SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'events') FROM events;
		\endif
	SQL
}

# Sets $info of a target that no import holds: what keeps a second one out is a consumer, which the
# server takes away a moment after the import was killed.
unlocked() {
	info=$(nats_ask STREAM.INFO.target) && [[ $info != *'"consumer_count":'[1-9]* ]]
}

look_nats() {
	local info

	eventually unlocked || return
	if [[ $info == *'stream not found'* ]]; then
		echo '0|0|0'
	else
		[[ $info =~ \"messages\":([0-9]+).*\"last_seq\":([0-9]+) ]] &&
			echo "${BASH_REMATCH[2]}|${BASH_REMATCH[2]}|${BASH_REMATCH[1]}"
	fi
}

look_file() {
	local chunks=0

	[ ! -e "$target.part" ] || chunks=$(grep -oaF ESARC "$target.part" | wc -l)
	echo "$chunks|$chunks|$chunks"
}

# Sets $at and $inserted, and keeps what they were; what a store has is a beginning, all of it.
look() {
	local seen last count

	before=$at inserted_before=$inserted
	seen=$("look_$to")
	IFS='|' read -r at last count inserted <<<"$seen"
	same "$last|$count" "$at|$at"
}

# The programs, for the background.
exporting() {
	exec esexport --from "$source" --chunk-size 2KiB --log-format json "$@" 2>exported 3>&-
}

importing() {
	exec esimport --to "$target" --batch-size "${kills_batch[$to]}" --log-format json "$@" 2>imported 3>&-
}

# Starts those that the pair needs, as $exporter and $importer.
start_job() {
	local both out

	exporter='' importer='' hit='' used_us=0
	: >exported
	: >imported
	case $from-$to in
	*-file)
		exporting --out "$target" --level 19 --resume &
		exporter=$!
		;;
	file-*)
		importing --from "$source" &
		importer=$!
		;;
	*)
		# Neither of them waits here for the other one, which may be killed before it comes.
		# shellcheck disable=SC2094
		exec {both}<>pipe {out}>pipe
		exporting --after-target "$target" >&"$out" {out}>&- {both}>&- &
		exporter=$!
		importing <pipe {out}>&- {both}>&- &
		importer=$!
		exec {out}>&- {both}>&-
		;;
	esac
}

job_runs() {
	local program

	for program in $exporter $importer; do
		! kill -0 "$program" 2>/dev/null || return 0
	done
	return 1
}

# Sets $used_us: the processor time that the last program of the job has used so far.
clock() {
	local task ns sum=0

	for task in /proc/"${importer:-$exporter}"/task/*/schedstat; do
		! read -r ns _ 2>/dev/null <"$task" || sum=$((sum + ns / 1000))
	done
	# A thread that has ended is not there any more.
	((sum <= used_us)) || used_us=$sum
}

# work_for US: by that clock, which goes as fast as the work, however busy the machine is; or until
# the job ends.
work_for() {
	local until_us

	clock
	until_us=$((used_us + $1))
	while ((used_us < until_us)) && job_runs; do
		# read -t, which needs no process, may leave bash with its signals blocked.
		sleep 0.004
		clock
	done
}

# Until a random moment of a run, between where it mostly has begun and where it mostly goes on.
work_on() {
	work_for $((least_us + RANDOM * span_us / 32767))
}

# learn early|late|right, from a kill: the last is to come five times as often as the second.
learn() {
	case $1 in
	early) least_us=$((least_us + (least_us + span_us) / 16)) ;;
	late)
		least_us=$((least_us - least_us / 8))
		span_us=$((span_us - span_us / 6))
		;;
	right) span_us=$((span_us + span_us / 30)) ;;
	esac
}

# Kills one program of the job, or both; the importer first, for at the end of its input it would
# bring in what it has.
kill_programs() {
	local programs only=$((RANDOM % 3))

	read -ra programs <<<"$importer $exporter"
	[ -z "${programs[only]:-}" ] || programs=("${programs[only]}")
	kill -KILL "${programs[@]}" 2>/dev/null || true
}

# Kills $server, and starts it again at once.
kill_server() {
	case $server in
	postgres) postgres_kill && postgres_up ;;
	nats) nats_kill && nats_boot server ;;
	esac
	hit=$server
	server_kills=$((server_kills + 1))
	# A program that was working with it says so, and goes on.
	until grep -qE 'the connection is lost|there was no answer' exported imported; do
		job_runs || return 0
		sleep 0.02
	done
	server_mid_run=$((server_mid_run + 1))
}

# said FILE PATTERN: sets $number, without commas, from what a program said; or fails.
said() {
	[[ $(<"$1") =~ $2 ]] && number=${BASH_REMATCH[1]//,/}
}

# within LEAST N MOST
within() {
	(($1 <= $2 && $2 <= $3)) || {
		echo "wanted: $1 to $3"
		echo "is:     $2"
		return 1
	}
}

# Who was not killed has ended because of the other one, or did not find the server.
check_codes() {
	case $1/$2 in
	0/0) is_complete ;;
	137/0 | 137/137 | 137/4 | 0/137 | 7/137) ;;
	6/0 | 0/6 | 6/4 | 7/6 | 6/6 | 137/6 | 6/137) [ -n "$hit" ] && same "$at" "$before" ;;
	*) false ;;
	esac || {
		echo "the programs ended with $1 and $2"
		return 1
	}
}

# A run begins where the one before was; a file's last chunk is made again, and its block may be all
# that is there of it.
check_begin() {
	local number

	if said exported 'has everything up to position ([0-9]+)'; then
		same "$number" "$before"
	elif said exported 'going on behind ([0-9,]+) chunk'; then
		within $((before - 2)) "$number" "$before"
	elif said exported '(nothing of this source|nothing to go on with)' ||
		{ [ -n "$exporter" ] && [ "$export_rc" != 137 ] && [ -z "$hit" ]; }; then
		same 0 "$before"
	fi
}

# greatest_divisor A B
greatest_divisor() {
	local a=$1 b=$2 rest

	while ((b > 0)); do
		rest=$((a % b))
		a=$b b=$rest
	done
	echo "$a"
}

# What is lost with a run is a batch at most, or a chunk, and nothing of what was there before.  $step
# divides what each of those that were killed has left.
check_left() {
	local lost number

	# One that was not killed has brought in less than a batch at the end of its input.
	if ((at > before)) && { [ "$to" = file ] || [ "$import_rc" = 137 ]; }; then
		step=$(greatest_divisor $((at - before)) "$step")
	fi
	if [ "$to" = file ]; then
		within $((before - 1)) "$at" "$at"
		return
	fi
	within "$before" "$at" $kills_events
	! said imported 'has everything up to position ([0-9]+)' || same "$number" "$at"
	# A transaction is a batch, but for the last one where the input has ended.
	if [ "$to" != nats ] && [ "$import_rc" = 137 ] && [ "$at" != $kills_events ]; then
		same $(((at - before) % kills_batch[$to])) 0
	fi
	# The server counts what it took back, too, until it is killed itself.
	if [ "$to" = postgres ] && [ "$hit" != postgres ]; then
		lost=$((inserted - inserted_before - (at - before)))
		within 0 $lost "${kills_batch[postgres]}"
		most_lost=$((lost > most_lost ? lost : most_lost))
	fi
}

# A file is by its name, be it that its program was killed behind that.
is_complete() {
	if [ "$to" = file ]; then
		[ -e "$target" ]
	else
		[ "$import_rc" = 0 ]
	fi
}

check_all() {
	local number there=0

	if [ "$to" = file ]; then
		# The first run, which nobody disturbs, makes what all others are to make.
		[ -e whole ] || cp "$target" whole
		cmp "$target" whole
	else
		[ "$from" != file ] || there=$before
		said imported '"already_there":([0-9]+)'
		same "$number" "$there"
		said imported '"written":([0-9]+)'
		same "$number" $((kills_events - before))
	fi
	esverify --positions "$source" "$target"
}

# Waits for the programs, and looks at what they have left; where that is all, another target begins.
end_run() {
	local export_rc=0 import_rc=0 moment=late

	[ -z "$exporter" ] || wait "$exporter" || export_rc=$?
	[ -z "$importer" ] || wait "$importer" || import_rc=$?
	[[ $export_rc/$import_rc != *137* ]] || kills=$((kills + 1))
	look
	check_codes $export_rc $import_rc
	check_begin
	if is_complete; then
		check_all
		targets=$((targets + 1))
		new_target
	else
		check_left
		if ((at <= before)); then
			moment=early
		elif [ "$at" != $kills_events ]; then
			moment=right
			mid_run=$((mid_run + 1))
		fi
	fi
	# How long a server takes to come back says nothing.
	[ -n "$hit" ] || learn $moment
}

# A run whose programs are killed, and before that the $server, where there is one.
kill_run() {
	start_job
	work_on
	if [ -n "$server" ] && job_runs; then
		kill_server
		work_on
	fi
	kill_programs
	end_run
}

# A run that nobody disturbs, which says how long others may work.
whole_run() {
	local done=$targets

	start_job
	work_for 1000000000
	end_run
	same "$targets" $((done + 1))
	least_us=0
	span_us=$((used_us / 4))
}

# kill_pair FROM TO N: until N programs were killed, and most of the kills in the middle of a run: it had
# brought something in and was not at its end, or it lost its connection to a server.  Where they do
# not become most, it fails.
kill_pair() {
	local from=$1 to=$2 n=$3 source target servers=() server kind
	local exporter importer hit used_us least_us span_us
	local at before inserted inserted_before most_lost=0 targets=0 step=0
	local kills=0 mid_run=0 server_kills=0 server_mid_run=0

	mkdir "$from-$to"
	cd "$from-$to" || return
	source=$(source_address "$from")
	for kind in postgres nats; do
		[[ $from-$to != *$kind* ]] || servers+=("$kind")
	done
	mkfifo pipe
	new_target
	whole_run
	while ((kills < n || 2 * (mid_run + server_mid_run) <= kills + server_kills)); do
		server=''
		((${#servers[@]} == 0 || RANDOM % 4 > 0)) || server=${servers[RANDOM % ${#servers[@]}]}
		kill_run
		within 0 $((kills + server_kills)) $((20 * n))
	done
	# So many events, or chunks, are in a commit.
	within 1 $step "${kills_batch[$to]:-1}"
	whole_run
	report >&3
	cd ..
}

report() {
	echo -n "# kills: $from to $to: $kills of programs, $mid_run in the middle of a run"
	((${#servers[@]} == 0)) || echo -n "; $server_kills of servers, $server_mid_run"
	echo -n "; $targets times all was there"
	[ "$to" != postgres ] || echo -n "; $most_lost rows at most were taken back"
	echo
}

# kills_from KIND N: N kills for each kind of target.
kills_from() {
	local to -

	set +T # the trap of bats for each command takes longer than a run
	export SOURCE_DATE_EPOCH=1767225600
	for to in sqlite postgres nats file; do
		kill_pair "$1" $to "$2"
	done
}
