# Archives that were made to harm: every program says what is wrong with them, in bounded memory and time.
load helpers
load stores

SECONDS_MOST=20

setup() {
	mkdir in
	python3 "$REPO/tests/hostile.py" in
}

# bounded CODES COMMAND...: it ends with one of the codes, and with one clear line, where the code is no verdict.
bounded() {
	local codes=$1 rc=0
	shift
	(
		# A sanitizer needs terabytes of addresses.
		case ${BIN##*/} in *-*) ;; *) ulimit -v 1500000 ;; esac
		exec timeout -s KILL $SECONDS_MOST "$@"
	) >out 2>err </dev/null || rc=$?
	if [[ " $codes " != *" $rc "* ]] || { ((rc > 1)) && [ ! -s err ]; } || [ "$(tail -n 1 err | wc -c)" -gt 600 ]; then
		echo "# $*: code $rc: $(tail -n 1 err | cut -c 1-300)"
		return 1
	fi
}

@test "no length, depth or frame of an archive takes memory or time without end" {
	failed=0
	for file in in/*; do
		rm -f t.db out.zst
		bounded 4 esverify "$file" || failed=1
		bounded 4 esverify --digest "$file" || failed=1
		bounded '0 4' esverify --info "$file" || failed=1
		bounded 4 esimport --from "$file" --to sqlite://t.db || failed=1
		[ ! -e t.db ] || [ "$(count_in t.db)" -le 1 ] || failed=1
		bounded 4 esexport --from "$file" --plain || failed=1
		bounded 4 esexport --from "$file" --out new.cbor.zst || failed=1
		[ ! -e new.cbor.zst ] || failed=1
	done
	[ $failed = 0 ]
}

@test "neither does what is left of one" {
	failed=0
	for file in in/*; do
		rm -f t.db out.zst
		bounded '0 1 4' esverify --salvage out.zst "$file" || failed=1
		[ ! -e out.zst ] || bounded 0 esverify out.zst || failed=1
		bounded '0 4' esimport --skip-damaged --from "$file" --to sqlite://t.db || failed=1
		[ ! -e t.db ] || [ "$(count_in t.db)" -le 1 ] || failed=1
		bounded '0 4' esimport --skip-damaged --to sqlite://t.db <"$file" || failed=1
	done
	[ $failed = 0 ]
}

@test "foreign names do nothing to a terminal" {
	name='a\u001b[2J\u009b2J\u007f\r\nb'
	printf '{"position":1,"stream":"%s","version":0,"type":"%s","id":"%s","data":{}}\n' "$name" "$name" "$name" >a.jsonl
	jq -c '.version = 1 | .data = .stream' a.jsonl >b.jsonl
	esexport --from a.jsonl --stream 'a*' --out a.zst
	sed 's/1/2/; p; s/2/3/' a.jsonl >twice.jsonl
	for words in --digest\ --by-stream\ a.zst --info\ a.zst twice.jsonl a.jsonl\ b.jsonl; do
		# shellcheck disable=SC2086
		esverify $words >out 2>&1 || [ $? = 1 ]
		[ -s out ]
		same "$(LC_ALL=C.UTF-8 grep -cP '[\x00-\x1F\x7F\x{80}-\x{9F}]' out || true)" 0
	done
}
