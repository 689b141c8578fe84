#!/usr/bin/env bats
# What make install puts in place, and completion.

load helpers

setup() {
	command -v make >/dev/null || skip "no make"
}

@test "install puts programs, man pages and completion in place, and uninstall takes them away" {
	make -s -C "$REPO" B="$BIN" DESTDIR="$PWD/root" PREFIX=/usr install >/dev/null
	run -0 root/usr/bin/esexport --version
	run -0 root/usr/bin/esimport --version
	run -0 root/usr/bin/esverify --version
	[ -s root/usr/share/man/man1/esexport.1 ]
	[ -s root/usr/share/man/man1/esimport.1 ]
	[ -s root/usr/share/man/man1/esverify.1 ]
	[ -s root/usr/share/bash-completion/completions/esverify ]
	make -s -C "$REPO" B="$BIN" DESTDIR="$PWD/root" PREFIX=/usr uninstall >/dev/null
	[ "$(find root -type f | wc -l)" = 0 ]
}

# The words that completion offers behind these.
offers() {
	bash -c '
		source "$1/common/completion.bash"
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		COMP_LINE="$*"
		COMP_POINT=${#COMP_LINE}
		"$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' _ "$REPO" "$@"
}

@test "completion knows options and the words that they take" {
	[ "$(offers esexport --exact | tr -d ' ')" = --exact-text ]
	[ "$(offers esimport --payload-codec c | tr -d ' ')" = cbor ]
	[ "$(offers esverify --progress js | tr -d ' ')" = json ]
	# What is neither a word nor a file is left to whoever types it.
	[ -z "$(offers esverify --stream-template s)" ]
	echo '{}' >types.json
	[ "$(offers esimport --type-map typ | tr -d ' ')" = types.json ]
}
