# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # subjects have $, each test has its own login
# Ways to say which server and who asks, what a server that says no looks like, and that no secret
# is anywhere.
load helpers
load stores
load nats
load ../sessions

setup_file() {
	nats_start
	events 20 | esimport --to "$(nats_address SHOP)" 2>/dev/null
}
teardown_file() {
	nats_stop
}

# serve [LINE...]: the server starts again with nothing but these lines, and without TLS.
serve() {
	rm -f "$ES_NATS_DIR/server/conf.tls"
	nats_config "$@"
	nats_restart
}

# Nothing else looks like it, in whatever way it is written; with what needs quoting in each form.
secret() {
	printf %s "Xyzzy%s7'é@:/?#"
}
word=Xyzzy

percent() {
	jq -rn --arg s "$1" '$s | @uri'
}

# at [STREAM]: host, port and stream.
at() {
	echo "127.0.0.1:$ES_NATS_PORT/${1:-SHOP}"
}

# works ADDRESS: all three programs have what they want from it.
works() {
	run -0 --separate-stderr esexport --plain --from "$1"
	same "${#lines[@]}" 20
	printf '%s\n' "${lines[@]}" >works.jsonl
	run -0 esimport --from works.jsonl --to "$1"
	has "$output" 'written 0 + already there 20'
	run -0 esverify "$1" works.jsonl
}

# fails CODE ADDRESS WHAT...: in all three programs at once, with the error as the last line, which is
# not tried again.
fails() {
	local code=$1 address=$2 program what

	events 1 >fails.jsonl
	for program in 'esexport --plain --from' 'esimport --from fails.jsonl --to' 'esverify fails.jsonl'; do
		# shellcheck disable=SC2086 # words
		run "-$code" timeout 60 $program "$address"
		for what in "${@:3}"; do
			has "${lines[-1]}" "$what"
		done
		# esimport may also note that nothing was written.
		[ "${#lines[@]}" = 1 ] || has "${lines[0]}" 'esimport: note: nothing was written to the target'
		[ "${#lines[@]}" -le 2 ]
		lacks "$output" 'trying again'
		lacks "$output" '(null)'
		lacks "$output" '.c:'
		lacks "$output" "$word"
	done
}

@test "a user and a password, in the address, the environment and a file" {
	export ES_NATS_LOGIN
	ES_NATS_LOGIN="reader:$(percent "$(secret)")"
	serve "authorization { user: reader, password: \"$(secret)\" }"
	works "nats://$ES_NATS_LOGIN@$(at)"
	works "NATS://$ES_NATS_LOGIN@$(at)"
	NATS_USER=reader NATS_PASSWORD=$(secret) works "nats://$(at)"
	NATS_PASSWORD=$(secret) works "nats://reader:@$(at)"
	secret >login
	works "nats://reader:@$(at)?password_file=$PWD/login"
	printf '%s\r\nmore\n' "$(secret)" >login
	works "nats://reader:@$(at)?password_file=login"
	NATS_USER=reader works "nats://$(at)?password_file=login"
	# The address comes first.
	NATS_USER=nobody NATS_PASSWORD=no works "nats://$ES_NATS_LOGIN@$(at)"
	NATS_TOKEN=no works "nats://$ES_NATS_LOGIN@$(at)"
	fails 6 "nats://reader:Xyzzywrong@$(at)" "nats://reader@127.0.0.1:$ES_NATS_PORT/SHOP: " \
		'Authorization Violation' 'check the login'
	fails 6 "nats://Xyzzytoken@$(at)" 'Authorization Violation'
	fails 6 "nats://$(at)" 'Authorization Violation'
	NATS_PASSWORD=Xyzzywrong fails 6 "nats://reader:@$(at)" 'Authorization Violation'
	echo Xyzzywrong >login
	fails 6 "nats://reader:@$(at)?password_file=login" 'Authorization Violation'
	fails 2 "nats://reader:@$(at)?password_file=none" 'password_file: open none: No such file'
	: >login
	fails 2 "nats://reader:@$(at)?password_file=login" 'password_file: login: its first line is empty'
}

@test "a token, in the address, the environment and a file" {
	export ES_NATS_LOGIN
	ES_NATS_LOGIN=$(percent "$(secret)")
	serve "authorization { token: \"$(secret)\" }"
	works "nats://$ES_NATS_LOGIN@$(at)"
	NATS_TOKEN=$(secret) works "nats://$(at)"
	secret >login
	works "nats://$(at)?token_file=login"
	fails 6 "nats://Xyzzywrong@$(at)" "nats://127.0.0.1:$ES_NATS_PORT/SHOP: " 'Authorization Violation'
	NATS_TOKEN=Xyzzywrong fails 6 "nats://$(at)" 'Authorization Violation'
	fails 2 "nats://$(at)?token_file=none" 'token_file: open none: No such file'
	fails 2 "nats://Xyzzy@$(at)?token_file=login" 'it has a token and a token_file'
	NATS_USER=a NATS_TOKEN=Xyzzy fails 2 "nats://$(at)" 'more than one of NATS_USER, NATS_TOKEN'
}

@test "a key" {
	export ES_NATS_NKEY=$PWD/seed
	nats nkey seed >public
	nats nkey other >other_public
	serve "authorization { users: [{ nkey: $(cat public) }] }"
	works "nats://$(at)?nkey=$PWD/seed&nkey_public=$(cat public)"
	works "nats://$(at)?nkey=seed&nkey_public=$(cat public)"
	NATS_NKEY=seed NATS_NKEY_PUBLIC=$(cat public) works "nats://$(at)"
	fails 6 "nats://$(at)?nkey=other&nkey_public=$(cat public)" 'Authorization Violation'
	fails 6 "nats://$(at)?nkey=seed&nkey_public=$(cat other_public)" 'Authorization Violation'
	fails 2 "nats://$(at)?nkey=none&nkey_public=$(cat public)" 'nkey: none: No such file'
	fails 2 "nats://$(at)?nkey=seed" 'nkey and nkey_public'
	fails 2 "nats://$(at)?nkey=seed&nkey_public=$(cat seed)" 'nkey_public: it must be'
	echo SUXyzzy >broken
	fails 6 "nats://$(at)?nkey=broken&nkey_public=$(cat public)" 'look at the file of nkey'
}

@test "a file of credentials, where an operator says who may come" {
	"$REPO/tests/nats_jwt.py" .
	nats_kill
	rm -f "$ES_NATS_DIR/server/conf.tls"
	nats_config "$(cat conf)"
	# nats.py cannot log in there.
	nats_boot server
	events 20 >in.jsonl
	esimport --from in.jsonl --to "nats://$(at)?creds=$PWD/user.creds"
	works "nats://$(at)?creds=$PWD/user.creds"
	works "nats://$(at)?creds=user.creds"
	NATS_CREDS=user.creds works "nats://$(at)"
	fails 6 "nats://$(at)?creds=stranger.creds" 'Authorization Violation'
	fails 6 "nats://$(at)?creds=forged.creds" 'Authorization Violation'
	fails 6 "nats://$(at)" 'Authorization Violation'
	fails 2 "nats://$(at)?creds=none.creds" "nats://127.0.0.1:$ES_NATS_PORT/SHOP: creds: none.creds: No such file"
	NATS_CREDS=none.creds fails 2 "nats://$(at)" 'none.creds: No such file'
	echo Xyzzy >broken.creds
	fails 6 "nats://$(at)?creds=broken.creds" 'look at the file of creds'
	# Neither the seed nor the claims are in what is said or written.
	seed=$(sed -n '/SEED/{n;p;q}' user.creds)
	claims=$(sed -n 2p user.creds)
	esexport --from "nats://$(at)?creds=user.creds" --out a.zst --stats stats.csv --log-format json 2>said
	zstd -dqc a.zst >unpacked
	for text in "$seed" "$claims"; do
		[ -n "$text" ]
		run -1 grep -aF -e "$text" a.zst unpacked stats.csv said
	done
	serve
}

@test "TLS is checked as the address says" {
	serve
	ca=$(nats_tls)
	works "nats://$(at)?tls_ca=$ca"
	works "tls://$(at)?tls_ca=$ca"
	works "TLS://localhost:$ES_NATS_PORT/SHOP?tls=yes&tls_ca=$ca"
	NATS_CA=$ca works "nats://$(at)"
	SSL_CERT_FILE=$ca works "tls://$(at)"
	for address in "tls://$(at)" "nats://$(at)" "nats://$(at)?tls_ca=${ca%/*}/other.crt"; do
		fails 6 "$address" 'unable to get local issuer certificate'
	done
	# Another name than that of the certificate.
	fails 6 "nats://127.1:$ES_NATS_PORT/SHOP?tls_ca=$ca" 'hostname mismatch'
	fails 2 "nats://$(at)?tls_ca=none" 'tls_ca: none: No such file'
	NATS_CA=none fails 2 "nats://$(at)" 'tls_ca: none: No such file'
	echo Xyzzy >broken
	fails 6 "nats://$(at)?tls_ca=broken" 'broken'
	fails 2 "tls://$(at)?tls=no" 'tls=no: contradicts tls://'
	fails 2 "nats://$(at)?tls=no&tls_ca=$ca" 'tls=no: contradicts'
	# Who says that there is to be TLS has it, or nothing.
	nats_tls off
	works "nats://$(at)"
	NATS_CA=none works "nats://$(at)?tls=no"
	for address in "tls://$(at)" "nats://$(at)?tls=yes" "nats://$(at)?tls_ca=$ca"; do
		fails 6 "$address" 'Secure Connection not available'
	done
}

@test "a certificate of the client, where the server wants one" {
	serve
	ca=$(nats_tls verify)
	tls=${ca%/*}
	base="tls://$(at)?tls_ca=$ca"
	works "$base&tls_cert=$tls/client.crt&tls_key=$tls/client.key"
	NATS_CERT=$tls/client.crt NATS_KEY=$tls/client.key works "$base"
	fails 6 "$base" 'perhaps the server wants a certificate (tls_cert, tls_key)'
	fails 6 "$base&tls_cert=$tls/other.crt&tls_key=$tls/other.key" \
		'perhaps the server does not take the certificate of tls_cert'
	# A key of another certificate.
	fails 6 "$base&tls_cert=$tls/client.crt&tls_key=$tls/other.key" 'other.key'
	fails 2 "$base&tls_cert=$tls/none&tls_key=$tls/client.key" "tls_cert: $tls/none: No such file"
	fails 2 "$base&tls_cert=$tls/client.crt&tls_key=$tls/none" "tls_key: $tls/none: No such file"
	fails 2 "$base&tls_cert=$tls/client.crt" 'tls_cert and tls_key: one is of no use without the other'
	serve
}

@test "of several servers the first that answers counts" {
	serve
	works "nats://127.0.0.1:1,127.0.0.1:$ES_NATS_PORT/SHOP"
	works "nats://no.such.host.invalid:1,127.0.0.1:2,127.0.0.1:$ES_NATS_PORT/SHOP"
	fails 6 nats://127.0.0.1:1,127.0.0.1:2/SHOP 'nats://127.0.0.1:1,127.0.0.1:2/SHOP: No server available'
	fails 6 nats://127.0.0.1:1/SHOP 'nats://127.0.0.1:1/SHOP: No server available'
	fails 6 nats://no.such.host.invalid/SHOP 'nats://no.such.host.invalid/SHOP: No server available'
}

@test "a domain of JetStream, another prefix of its subjects, and of those for answers" {
	export ES_NATS_LOGIN=a:a
	serve 'jetstream { domain: hub }' 'accounts {
		A { jetstream: enabled, exports: [{ service: "$JS.API.>", response_type: stream }], users: [
			{ user: a, password: a }
			{ user: boxed, password: b, permissions: { subscribe: "mine.>" } }
		]}
		B { imports: [{ service: { account: A, subject: "$JS.API.>" }, to: "a.API.>" }],
			users: [{ user: b, password: b }] }
		C { users: [{ user: c, password: c }] }
	}'
	events 20 >in.jsonl
	esimport --from in.jsonl --to "nats://a:a@$(at)?domain=hub"
	works "nats://a:a@$(at)"
	works "nats://a:a@$(at)?domain=hub"
	works "nats://a:a@$(at)?api_prefix=%24JS.hub.API"
	fails 6 "nats://a:a@$(at)?domain=other" 'JetStream does not answer' 'name another domain in the address'
	fails 6 "nats://a:a@$(at)?api_prefix=x.y" 'JetStream does not answer'
	fails 2 "nats://a:a@$(at)?api_prefix=x&domain=hub" 'domain and api_prefix: only one of them'
	works "nats://boxed:b@$(at)?inbox_prefix=mine.answers"
	fails 6 "nats://boxed:b@$(at)" 'Permissions Violation for Subscription to "_INBOX.'
	# Of another account: what it can be read by.
	run -0 --separate-stderr esexport --plain --from "nats://b:b@$(at)?api_prefix=a.API"
	printf '%s\n' "${lines[@]}" | cmp - in.jsonl
	# One that has no JetStream.
	fails 6 "nats://c:c@$(at)" "nats://c@127.0.0.1:$ES_NATS_PORT/SHOP: INFO: JetStream not enabled for account" \
		'enable JetStream on the server (jetstream {}) and for the account'
}

# What a cluster is like for some seconds when its leader is gone: requests go out, and nobody answers.
@test "JetStream that gives no answer is asked again, as often as is allowed" {
	serve
	exec 7<>"/dev/tcp/127.0.0.1/$ES_NATS_PORT"
	printf 'CONNECT {"verbose":false}\r\nSUB silent.> 1\r\nPING\r\n' >&7
	until read -r line <&7 && [ "$line" = $'PONG\r' ]; do :; done
	silent="nats://$(at)?api_prefix=silent&timeout=1"
	for program in 'esexport --plain --from' 'esverify'; do
		# shellcheck disable=SC2086 # words
		run -6 $program "$silent" --retry-max 1
		has "$output" 'INFO: Timeout; trying again for 300 s, 1 time at most'
		has "${lines[-1]}" 'INFO: Timeout; it was tried again 1 time (--retry-max)'
	done
	run -6 esexport --plain --from "$silent&retry=1"
	has "${lines[-1]}" 'it was tried again for 1 s (retry)'
	run -6 esexport --plain --from "$silent&retry=0"
	same "${#lines[@]}" 1
	exec 7>&-
}

@test "rights that are missing are said at once, and which" {
	export ES_NATS_LOGIN=admin:secret
	serve 'authorization { users: [
		{ user: admin, password: secret }
		{ user: reader, password: p, permissions: { publish: "$JS.API.>", subscribe: "_INBOX.>" } }
		{ user: nothing, password: p, permissions: { publish: "x", subscribe: "_INBOX.>" } }
		{ user: blind, password: p, permissions: { publish: [">"], subscribe: "x" } }
		{ user: looker, password: p, permissions: { subscribe: "_INBOX.>",
			publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>"] } }
	]}'
	fails 6 "nats://nothing:p@$(at)" 'Permissions Violation for Publish to "$JS.API.INFO"'
	fails 6 "nats://blind:p@$(at)" 'Permissions Violation for Subscription to "_INBOX.'
	# The API alone is enough to read, and not to write.
	run -0 --separate-stderr esexport --plain --from "nats://reader:p@$(at)"
	printf '%s\n' "${lines[@]}" >shop.jsonl
	same "$(wc -l <shop.jsonl)" 20
	run -6 esexport --plain --from "nats://looker:p@$(at)"
	has "$output" 'Permissions Violation for Publish to "$JS.API.CONSUMER.CREATE.SHOP"'
	events 30 >more.jsonl
	run -6 timeout 60 esimport --from more.jsonl --to "nats://reader:p@$(at)"
	has "${lines[-1]}" "nats://reader@127.0.0.1:$ES_NATS_PORT/SHOP: Permissions Violation for Publish to \"SHOP.order-"
	lacks "$output" 'trying again'
	run -6 timeout 60 esimport --from more.jsonl --to "nats://looker:p@$(at NEW)"
	has "${lines[-1]}" 'Permissions Violation for Publish to "$JS.API.STREAM.CREATE.NEW"'
	lacks "$output" 'trying again'
	run -1 nats info NEW
	same "$(nats info SHOP | jq .state.messages)" 20
	# There is nothing to write, and so no right is missing.
	run -0 esimport --from shop.jsonl --to "nats://reader:p@$(at)"
	serve
}

@test "a stream that is not there is no source" {
	serve
	for program in 'esexport --plain --from' "esverify $REPO/tests/demo.jsonl"; do
		# shellcheck disable=SC2086 # words
		run -6 timeout 60 $program "nats://$(at NONE)"
		same "$output" "${program%% *}: nats://$(at NONE): there is no such stream"
	done
	run -1 nats info NONE
}

@test "parameters that are unknown or wrong are wrong use" {
	for bad in foo=1 retr=1 password=Xyzzy token=Xyzzy user=x; do
		fails 2 "nats://$(at)?$bad" "address nats://...: ${bad%%=*}: unknown parameter"
	done
	for bad in retry=x retry= retry=1.5 retry=31536001 timeout=0 timeout=3601 tls=maybe domain=a.b domain= \
		api_prefix='a.*' inbox_prefix=a..b storage=disk replicas=0 replicas=6 subjects=a,,b duplicate_window=1m \
		max_age=-1 max_bytes=x max_msgs=1k max_msg_size=2GiB discard=none allow_loss=1 creds= nkey=- tls_ca=; do
		fails 2 "nats://$(at)?$bad" "address nats://...: ${bad%%=*}: it must be "
	done
	fails 2 'nats://127.0.0.1' 'there is no name of a stream'
	fails 2 'nats://127.0.0.1/' 'the name of the stream: it must be'
	fails 2 'nats://127.0.0.1/a.b' 'the name of the stream: it must be'
	fails 2 'nats://127.0.0.1:port/S' 'port: it must be a number'
	fails 2 'nats://@127.0.0.1/S' 'there is no user or token before @'
	serve
	for good in retry=0 retry=31536000 timeout=1 timeout=3600 tls=no; do
		works "nats://$(at)?$good"
	done
}

# nowhere FILE...: none of them has the secret, in any form; and there is something in them.
nowhere() {
	cat "$@" >all
	[ -s all ] || return 1
	! grep -a "$word" all
}

# What everybody sees of process $job.
look_at() {
	tr '\0' ' ' <"/proc/$job/cmdline" >looked
	ps -ww -o args= -p "$job" >>looked
	nowhere looked
}

shown() {
	grep -qas "$1" "/proc/$job/cmdline" && ! grep -qa "$word" "/proc/$job/cmdline"
}

# Addresses with the secret in them, of the stream $1; behind $2: host and port of something else.
addresses() {
	local s place=${2:-127.0.0.1:$ES_NATS_PORT}

	s=$(percent "$(secret)")
	echo "nats://owner:$s@$place/$1?timeout=60"
	echo "nats://owner:@$place/$1?timeout=60&password_file=login"
	echo "nats://$place/$1?timeout=60"
}

# A server with that user; the environment has the secret, too, for the last of the addresses.
serve_secret() {
	export ES_NATS_LOGIN NATS_USER=owner NATS_PASSWORD
	NATS_PASSWORD=$(secret)
	ES_NATS_LOGIN="owner:$(percent "$(secret)")"
	secret >login
	serve "authorization { user: owner, password: \"$(secret)\" }"
}

@test "the check for a secret finds one" {
	echo "a $(secret)" >found
	run -1 nowhere found
	run -1 nowhere /dev/null
}

@test "no secret is in what esexport writes, says or shows" {
	serve_secret
	nats_proxy_start
	for address in $(addresses SHOP "127.0.0.1:$ES_NATS_PROXY_PORT"); do
		for format in text json; do
			nats_freeze
			background esexport --from "$address" --log-format $format --progress json --stats stats.csv
			eventually shown esexport
			still_runs
			look_at
			nats_freeze
			ends 0
			mv printed archive
			zstd -dqc archive >unpacked
			nowhere said
			nowhere stats.csv
			nowhere archive unpacked
			rm stats.csv
		done
		run -0 esverify --info --json archive
		lacks "$output" "$word"
		has "$output" '"source_address":"nats://'
		run -0 esexport --from "$address" -n
		lacks "$output" "$word"
	done
	nats_proxy_stop
}

@test "no secret is in what esimport writes, says or shows" {
	serve_secret
	esexport --from "nats://$(at)" --out a.cbor.zst
	n=0
	for address in $(addresses STREAM); do
		for format in text json; do
			n=$((n + 1))
			to=${address/STREAM/TARGET$n}
			mkfifo in
			esimport --to "$to" --from in --log-format $format --progress json --stats stats.csv \
				>printed 2>said 3>&- &
			job=$!
			exec 9>in
			head -c 100 a.cbor.zst >&9
			eventually shown esimport
			look_at
			tail -c +101 a.cbor.zst >&9
			exec 9>&-
			ends 0
			nowhere said
			nowhere stats.csv
			rm in stats.csv
			nats dump TARGET$n >dump
			same "$(wc -l <dump)" 20
			nats dump TARGET$n --raw | jq -r .raw_header | tr -d '\n' |
				python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >headers
			nats info TARGET$n >settings
			nowhere dump
			nowhere headers
			nowhere settings
		done
		run -0 esimport --to "$to" --from a.cbor.zst -n
		lacks "$output" "$word"
	done
}

@test "no secret is in what esverify says or shows" {
	serve_secret
	esexport --from "nats://$(at)" --out a.zst
	for address in $(addresses SHOP); do
		mkfifo in
		esverify --log-format json --progress json --stats stats.csv "$address" - <in >printed 2>said 3>&- &
		job=$!
		exec 9>in
		head -c 100 a.zst >&9
		eventually shown esverify
		look_at
		tail -c +101 a.zst >&9
		exec 9>&-
		ends 0
		nowhere printed said
		nowhere stats.csv
		rm in stats.csv
	done
}

@test "no secret is in an error" {
	serve_secret
	s=$(percent "$(secret)")
	place=127.0.0.1:$ES_NATS_PORT
	echo "$word" >wrong
	for address in "nats://owner:${s}no@$place/SHOP" "nats://${s}no@$place/SHOP" "nats://owner:$s@$place" \
		"nats://owner:$s@$place/a.b" "nats://owner:$s@$place/SHOP?foo=1" "nats://owner:$s@$place/SHOP?foo" \
		"nats://owner:$s@$place/SHOP?retry=$word" "nats://owner:$word@host@$place/SHOP" \
		"nats://owner:a/$word@$place/SHOP" "nats://owner:${word}%zz@$place/SHOP" "nats://owner:$word?x@$place/SHOP" \
		"nats://owner:$word@[::1/SHOP" "nats://owner:$word@127.0.0.1:1/SHOP" "nats://owner:$word#@$place/SHOP" \
		"nats://$word:@$place/SHOP?token_file=login" "tls://owner:$s@$place/SHOP" \
		"nats://owner:$s@$place/SHOP?password_file=login" "nats://owner:@$place/SHOP?password_file=wrong" \
		"nats://owner:$s@$place/SHOP?creds=login" "nats://$place/SHOP?token_file=wrong" \
		"nats://$place/SHOP?password=$word" "nats://$place/SHOP?creds=login"; do
		for format in text json; do
			for program in 'esexport --plain --from' "esimport --from $REPO/tests/demo.jsonl --to" \
				"esverify $REPO/tests/demo.jsonl"; do
				# shellcheck disable=SC2086 # words of a command
				run timeout 60 ${program/ / --log-format $format } "$address"
				[ "$status" = 2 ] || [ "$status" = 6 ]
				lacks "$output" "$word"
				has "${output/tls:/nats:}" nats:
			done
		done
	done
}
