#!/usr/bin/env bats
# Every file that the programs make: for its owner only, and never in the place of another, nor
# through a link, unless that was asked for.
load helpers
load stores
load ../faults

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	store a.db 30
	esexport --from sqlite://a.db --out a.jsonl.zst --chunk-size 1KiB
	esexport --from sqlite://a.db --upto 20 --out less.jsonl.zst
	head -c 2500 a.jsonl.zst >bad
	store refusing.db 1
	sqlite3 refusing.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN NEW.position = 7
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
}

setup() {
	cp "$BATS_FILE_TMPDIR"/* .
	mkdir d
	echo mine >d/mine
	fault_setup
}

# What makes a file: its name, the code of the run, whether it has --force, and the command, in
# which the name stands as OUT.
files() {
	cat <<-'END'
		d/new.jsonl.zst 0 force esexport --from sqlite://a.db --out OUT
		d/new.jsonl 0 force esexport --from sqlite://a.db --plain --out OUT
		d/missing.jsonl.zst 1 force esverify a.jsonl.zst less.jsonl.zst --missing-to OUT
		d/saved.jsonl.zst 1 force esverify bad --salvage OUT
		d/letters.jsonl.zst 3 - esimport --append --from a.jsonl.zst --to sqlite://refusing.db --dead-letter OUT
	END
}

# each FUNCTION: calls it with $name, $code, $force and the command in $make, for each of them.
each() {
	local line

	while read -r name code force line; do
		echo "# $line"
		read -ra make <<<"${line/OUT/$name}"
		"$1"
	done < <(files)
}

# makes CODE OPTION...: the command ends with it.
makes() {
	cp "$BATS_FILE_TMPDIR/refusing.db" .
	run --separate-stderr "-$1" "${make[@]}" "${@:2}" </dev/null
}

# with_umask MASK COMMAND...
with_umask() {
	local before

	before=$(umask)
	umask "$1"
	"${@:2}"
	umask "$before"
}

is_private() {
	for mask in 000 077; do
		cp "$BATS_FILE_TMPDIR/refusing.db" .
		with_umask $mask with_fault rename:1:EIO "${make[@]}"
		same "$rc" 7
		same "$(stat -c %a "$name.part")" 600
		rm "$name.part"
		with_umask $mask makes "$code"
		same "$(stat -c %a "$name")" 600
		rm "$name"
	done
}

@test "an output is for its owner only, whatever the umask is" {
	each is_private
}

# refuses NAME [OPTION]...: what stands under it is in the way, and stays.
refuses() {
	snapshot d >stands
	makes 7 "${@:2}"
	has "$stderr" "$1: "
	[ "${force:-}" != - ] || lacks "$stderr" --force
	snapshot d | diff stands -
}

stays() {
	for what in 'ln -s nowhere' 'ln -s mine' 'cp d/mine'; do
		$what "$name"
		refuses "$name"
		if [ $force = force ]; then
			makes "$code" --force
			[ -f "$name" ] && [ ! -L "$name" ]
			same "$(cat d/mine)" mine
			[ ! -e d/nowhere ]
		fi
		rm "$name"
	done
	for what in 'ln -s nowhere' 'ln -s mine' mkfifo mkdir; do
		$what "$name.part"
		refuses "$name.part"
		[ $force = - ] || refuses "$name.part" --force
		rm -r "$name.part"
	done
}

@test "what has the name of an output stays, and a link is not followed" {
	each stays
}

# The first half of an archive into a pipe, and the rest of it.
half() { head -c 2000 a.jsonl.zst >&8; }
rest() {
	tail -c +2001 a.jsonl.zst >&8
	exec 8>&-
}

@test "a file that gets the name while the output is written stays" {
	mkfifo pipe
	# The second time on a file system whose renames know no flags.
	for fault in rename:9:EIO rename:1:EINVAL; do
		rm -f d/new*
		FAULT=$fault LD_PRELOAD=$shim esexport --from pipe --out d/new.cbor.zst 2>said 3>&- &
		job=$!
		exec 8>pipe
		half
		until_true [ -e d/new.cbor.zst.part ]
		cp d/mine d/new.cbor.zst
		rest
		rc=0
		wait $job || rc=$?
		same "$rc" 7
		same "$(tail -n 1 said)" 'esexport: d/new.cbor.zst: exists already; choose another name, or replace it with --force'
		same "$(cat d/new.cbor.zst)" mine
	done
}

@test "an output gets its name on a file system whose renames know no flags" {
	FAULT=rename:1:EINVAL FAULT_HIT=$PWD/hit LD_PRELOAD=$shim esexport --from a.jsonl.zst --out d/new.cbor.zst
	[ -e hit ]
	[ ! -e d/new.cbor.zst.part ]
	esverify a.jsonl.zst d/new.cbor.zst
}

# Of a store that is made the mode is that of the file, of one that is there that which it has.
modes() {
	stat -c '%n %a' d/* | grep -v mine | tr '\n' ' '
}
begun() {
	mkfifo pipe
	esimport --from pipe --to sqlite://d/t.db --workers 1 2>said 3>&- 8>&- &
	job=$!
	exec 8>pipe
	half
	until_true [ -e "$1" ]
}
ended() {
	rest
	wait $job
	rm pipe
}

@test "a store that is made is for its owner only, and so is its journal" {
	for mask in 000 077; do
		with_umask $mask begun d/t.db-journal
		same "$(modes)" 'd/t.db 600 d/t.db-journal 600 '
		ended
		same "$(modes)" 'd/t.db 600 '
		rm d/t.db
	done
	sqlite3 d/t.db 'PRAGMA journal_mode=WAL' >/dev/null
	chmod 640 d/t.db
	begun d/t.db-wal
	same "$(modes)" 'd/t.db 640 d/t.db-shm 640 d/t.db-wal 640 '
	ended
	same "$(count_in d/t.db)" 30
}

@test "a store is not made through a link, and one that a link leads to is a store" {
	ln -s nowhere d/t.db
	run -6 esimport --from a.jsonl.zst --to sqlite://d/t.db
	has "$output" 'sqlite d/t.db: is a symbolic link that leads to no file'
	[ ! -e d/nowhere ]
	rm d/t.db
	ln -s mine d/t.db
	run -6 esimport --from a.jsonl.zst --to sqlite://d/t.db
	same "$(cat d/mine)" mine
	cp a.db there.db
	ln -sf ../there.db d/t.db
	run -0 esimport --from a.jsonl.zst --to sqlite://d/t.db
	[ -L d/t.db ]
}

@test "temporary files are for their owner only, and have no name" {
	mkfifo pipe
	mkdir tmp
	TMPDIR=$PWD/tmp with_umask 000 start_verified
	exec 8>pipe
	half
	until_true temporary
	same "$modes" 600
	same "$(ls tmp)" ''
	rest
	wait $job
}
start_verified() {
	esimport --verify --from pipe --to sqlite://t.db 2>said 3>&- 8>&- &
	job=$!
}
temporary() {
	modes=$(find /proc/$job/fd -lname "$PWD/tmp/*" -exec stat -L -c %a {} + | sort -u)
	[ -n "$modes" ]
}

@test "statistics have the mode of the umask, hold no event, and go through no link" {
	make=(esverify a.jsonl.zst --stats d/s.csv)
	for mask in 022 077; do
		with_umask $mask makes 0
		same "$(stat -c %a d/s.csv)" "$(printf %o $((0666 & ~0$mask)))"
		mv d/s.csv s$mask.csv
	done
	for link in nowhere mine ../s022.csv; do
		ln -s $link d/s.csv
		refuses d/s.csv
		rm d/s.csv
	done
	cp d/mine d/s.csv
	refuses d/s.csv
	# What is no file cannot be overwritten.
	esverify a.jsonl.zst --stats >(cat >piped.csv)
	until_true grep -q rss_bytes piped.csv
}
