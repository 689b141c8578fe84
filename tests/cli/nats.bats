# What the tests with NATS JetStream stand on: the servers of nats.bash, nats.py and tcp_proxy.py.
load helpers
load stores
load nats

setup_file() {
	nats_start
}
teardown_file() {
	nats_stop
}

# messages COUNT SUBJECT: lines for `nats pubs`.
messages() {
	awk -v n="$1" -v subject="$2" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"subject\":\"%s.%d\",\"headers\":[[\"Nats-Msg-Id\",\"%s-%d\"]]," \
			    "\"data\":\"{\\\"n\\\":%d}\"}\n", subject, i % 7, subject, i, i
	}'
}

@test "what is published comes back as it was: subjects, headers byte by byte, data" {
	nats make EXACT
	nats pub EXACT.none
	nats pub EXACT.text '{"n":1.10}'
	nats pub EXACT.headers -H 'a: 1' -H 'a: 2' -H 'A:' -H 'empty: ' -H 'blank:   x ' -H 'tight:y' \
		-H 'grüße: zoë 東京' -H 'Nats-Msg-Id: one' $'two\nlines'
	nats pub EXACT.bytes --hex 00ff0d0a --raw-header "$(printf 'NATS/1.0\r\nX: \xff\r\n\r\n' |
		od -An -v -tx1 | tr -d ' \n')"
	nats dump EXACT --raw >one.jsonl
	nats dump EXACT --raw --get >two.jsonl
	cmp one.jsonl two.jsonl
	same "$(jq -c '[.seq, .subject, .data, .data_base64]' one.jsonl)" "$(
		cat <<-'END'
			[1,"EXACT.none","",null]
			[2,"EXACT.text","{\"n\":1.10}",null]
			[3,"EXACT.headers","two\nlines",null]
			[4,"EXACT.bytes",null,"AP8NCg=="]
		END
	)"
	same "$(jq -c .headers one.jsonl)" "$(
		cat <<-'END'
			[]
			[]
			[["a","1"],["a","2"],["A",""],["empty",""],["blank","  x "],["tight","y"],["grüße","zoë 東京"],["Nats-Msg-Id","one"]]
			[["X",{"base64":"/w=="}]]
		END
	)"
	[ "$(jq -r 'select(.seq == 4).raw_header' one.jsonl)" = 4e4154532f312e300d0a583a20ff0d0a0d0a ]
	jq -e '.time | test("^20..-..-..T..:..:..(\\.[0-9]{1,9})?Z$")' one.jsonl
	# What was dumped is what can be published, but for the number of blanks.
	nats make AGAIN '{"subjects":["EXACT2.>"]}'
	sed 's/EXACT/EXACT2/' one.jsonl | nats pubs
	nats dump AGAIN | jq -c '[.headers, .data, .data_base64]' >again
	jq -c '[.headers, .data, .data_base64]' one.jsonl | cmp - again
}

@test "an error of an acknowledgement, and nobody who acknowledges, are failures" {
	nats make REFUSES '{"max_msgs":1}'
	nats pub REFUSES.1 >ack
	[ "$(jq .seq ack)" = 1 ]
	run -1 --separate-stderr nats pub REFUSES.2
	has "$output" '"err_code"'
	has "$stderr" 'maximum messages exceeded'
	run -1 nats pub NOWHERE.1 x
	has "$output" 'no responders'
	run -1 nats pubs <<<'{"subject":"NOWHERE.1"}'
	run -1 nats pubs <<<'{"subject":"REFUSES.2"}'
	has "$output" 'maximum messages exceeded'
	# Without one that is waited for, nobody knows.
	nats pub NOWHERE.1 -n x
	run -1 nats info NOWHERE
	has "$output" 'stream not found'
	nats rm REFUSES
	run -1 nats info REFUSES
}

@test "messages are deleted, purged and counted" {
	nats make LESS
	messages 10 LESS | nats pubs
	nats del LESS 4
	nats purge LESS '{"seq":3}'
	same "$(nats dump LESS | jq .seq | tr '\n' ' ')" '3 5 6 7 8 9 10 '
	same "$(nats dump LESS --get --after 5 | jq .seq | tr '\n' ' ')" '6 7 8 9 10 '
	same "$(nats dump LESS --after 9 | jq .seq)" 10
	[ -z "$(nats dump LESS --after 10)" ]
	# dump left no consumer behind.
	[ "$(nats consumers LESS)" = 0 ]
	[ "$(nats info LESS | jq .state.num_deleted)" = 1 ]
	nats purge LESS
	[ -z "$(nats dump LESS)" ]
	[ "$(nats req '$JS.API.STREAM.INFO.LESS' | jq .state.last_seq)" = 10 ]
}

@test "100,000 messages, and some of a megabyte" {
	nats make MANY
	[ "$(messages 100000 MANY | nats pubs)" = 100000 ]
	nats dump MANY >dump
	[ "$(wc -l <dump)" = 100000 ]
	[ "$(tail -n 1 dump | jq -r .data)" = '{"n":100000}' ]
	nats rm MANY
	nats make LARGE
	head -c 1000000 /dev/zero | tr '\0' x >large
	for _ in $(seq 40); do
		printf '{"subject":"LARGE.1","data":"'
		cat large
		echo '"}'
	done | nats pubs
	nats dump LARGE | jq -r '.data | length' | uniq -c >lengths
	same "$(awk '{ print $1, $2 }' lengths)" '40 1000000'
	nats rm LARGE
}

@test "a crash loses nothing that was acknowledged, and an end neither" {
	nats make KEPT
	port=$ES_NATS_PORT
	for how in nats_kill nats_down; do
		messages 1000 KEPT | sed "s/\"Nats-Msg-Id\",\"/&$how/" | nats pubs
		nats ping
		$how
		[ -z "$(nats_processes server)" ]
		run -1 nats ping
		nats_up
		[ "$port" = "$ES_NATS_PORT" ]
	done
	messages 5 KEPT | nats pubs
	nats_restart
	nats dump KEPT >dump
	[ "$(wc -l <dump)" = 2005 ]
	[ "$(tail -n 1 dump | jq .seq)" = 2005 ]
}

@test "the proxy cuts, refuses and holds up" {
	nats make CUT
	nats_proxy_start
	nats() {
		"$nats_py" --server "nats://127.0.0.1:$ES_NATS_PROXY_PORT" "$@"
	}
	messages 10 CUT | nats pubs
	[ "$(nats dump CUT | wc -l)" = 10 ]
	# Somebody who stays: it waits for what to publish.
	mkfifo more
	nats pubs <more >said 2>&1 &
	exec 7>more
	echo '{"subject":"CUT.x"}' >&7
	until cut=$(nats_cut) && [ "$cut" != 0 ]; do
		:
	done
	[ "$cut" = 1 ]
	messages 5000 CUT >&7 || true
	exec 7>&-
	if wait $!; then
		false
	fi
	nats ping
	same "$(nats_refuse)" 'refusing 0'
	run -1 nats ping
	has "$output" refused
	same "$(nats_refuse)" taking
	nats ping
	same "$(nats_freeze)" frozen
	run -1 nats --timeout 0.2 ping
	nats ping &
	same "$(nats_freeze)" flowing
	wait $!
	nats_proxy_stop
	[ -z "$(nats_processes proxy)" ]
	run -1 nats ping
	has "$output" refused
}

@test "TLS: only the right CA, the right name, and a certificate where one is wanted" {
	ca=$(nats_tls)
	nats ping
	at=127.0.0.1:$ES_NATS_PORT
	"$nats_py" --server "nats://localhost:$ES_NATS_PORT" --ca "$ca" ping
	"$nats_py" --server "nats://$at" --ca "$ca" ping
	run -1 "$nats_py" --server "nats://$at" --ca "${ca%/*}/other.crt" ping
	has "$output" 'certificate verify failed'
	run -1 "$nats_py" --server "nats://$at" ping
	has "$output" 'certificate verify failed'
	run -1 "$nats_py" --server "nats://127.0.0.2:$ES_NATS_PORT" --ca "$ca" ping
	nats_tls verify
	nats ping
	run -1 "$nats_py" --server "nats://$at" --ca "$ca" ping
	run -1 "$nats_py" --server "nats://$at" --ca "$ca" --cert "${ca%/*}/other.crt" \
		--key "${ca%/*}/other.key" ping
	nats_tls off
	nats ping
	run -1 "$nats_py" --server "nats://$at" --ca "$ca" ping
}

@test "users, their rights, tokens and keys" {
	export ES_NATS_LOGIN=admin:secret ES_NATS_NKEY
	nats nkey seed >public
	nats_config 'authorization { users: [' '{ user: admin, password: secret }' \
		'{ user: "read er", password: "p@ss:/?#%ü", permissions: {
			publish: ["$JS.API.STREAM.INFO.>", "$JS.API.INFO"], subscribe: "_INBOX.>" } }' \
		"{ nkey: $(cat public) }" ']}'
	nats_restart
	nats make RIGHTS
	has "$(nats_address RIGHTS admin:secret)" "nats://admin:secret@127.0.0.1:$ES_NATS_PORT/RIGHTS"
	reader='read%20er:p%40ss%3A%2F%3F%23%25%C3%BC'
	ES_NATS_LOGIN=$reader nats info RIGHTS
	ES_NATS_LOGIN=$reader run -1 nats pub RIGHTS.1
	has "$output" 'Permissions Violation'
	ES_NATS_LOGIN=admin:wrong run -1 nats ping
	has "$output" 'Authorization Violation'
	ES_NATS_LOGIN='' run -1 nats ping
	ES_NATS_LOGIN='' ES_NATS_NKEY=seed nats ping
	nats nkey other >/dev/null
	ES_NATS_LOGIN='' ES_NATS_NKEY=other run -1 nats ping
	# A token.
	ES_NATS_LOGIN=s3cr3t
	nats_config 'authorization { token: s3cr3t }'
	nats_restart
	nats ping
	ES_NATS_LOGIN=wrong run -1 nats ping
	# Accounts, and a domain.
	ES_NATS_LOGIN=a:a
	nats_config 'jetstream { domain: hub }' 'accounts {
		A { jetstream: enabled, users: [{ user: a, password: a }] }
		B { jetstream: enabled, users: [{ user: b, password: b }] }
		C { users: [{ user: c, password: c }] }
	}'
	nats_restart
	nats make OURS
	nats --domain hub pub OURS.1 x
	[ "$(nats --domain hub dump OURS | jq -r .data)" = x ]
	[ "$(nats dump OURS | jq -r .seq)" = 1 ]
	ES_NATS_LOGIN=b:b run -1 nats info OURS
	has "$output" 'stream not found'
	ES_NATS_LOGIN=c:c run -1 nats ping
	unset ES_NATS_LOGIN
	nats_config
	nats_restart
	nats info RIGHTS
}

@test "the server is not root's, and its settings are those that are asked for" {
	[ "$(stat -c %u "$ES_NATS_DIR/server/store/jetstream")" != 0 ]
	nats_config 'max_payload: 2000'
	nats_restart
	run -1 nats pub x --hex "$(head -c 3000 /dev/zero | od -An -v -tx1 | tr -d ' \n')"
	has "$output" 'Maximum Payload'
	nats_config 'no such thing'
	nats_kill
	run -1 nats_up
	has "$output" 'Parse error'
	nats_config
	nats_up
}

@test "nothing is left: not after an end, and not after bats was killed" {
	at=@ # bats takes such a line for a test of this file
	cat >inner.bats <<-END
		load "$BATS_TEST_DIRNAME/nats.bash"
		setup_file() {
			nats_start && nats_proxy_start
		}
		teardown_file() {
			nats_stop
		}
		${at}test "a test" {
			echo "\$ES_NATS_DIR" >"$PWD/new" && mv "$PWD/new" "$PWD/dir"
			[ ! -e "$PWD/wait" ] || exec tail -f /dev/null
		}
	END
	bats=(env -i "PATH=$PATH" "TMPDIR=$BATS_TEST_TMPDIR" "$BATS_ROOT/bin/bats")
	"${bats[@]}" inner.bats
	ES_NATS_DIR=$(cat dir)
	[ ! -e "$ES_NATS_DIR" ]
	[ -z "$(nats_processes)" ]
	rm dir
	touch wait
	# Its processes are a group, which is killed as a whole; the watch is not of it.
	setsid "${bats[@]}" inner.bats 3>&- >/dev/null 2>&1 &
	group=$!
	until [ -e dir ]; do
		kill -0 $group
	done
	ES_NATS_DIR=$(cat dir)
	[ -n "$(nats_processes server)" ] && [ -n "$(nats_processes proxy)" ]
	kill -KILL -$group
	while [ -e "$ES_NATS_DIR" ] || [ -n "$(nats_processes)" ]; do
		sleep 0.05
	done
}
