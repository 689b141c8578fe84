#!/bin/sh
# Install what is missing for the jobs named: build, check, long, lint, bench.  Debian and its relatives.
set -eu

packages=
for job in "$@"; do
	case $job in
	build) packages="$packages gcc libc6-dev make pkg-config libzstd-dev libcbor-dev libjansson-dev
		libsqlite3-dev libpq-dev libnats-dev libxxhash-dev sqlite3 zstd jq" ;;
	# postgresql is the server, psql and pgbench.
	check) packages="$packages bats perl python3 python3-jsonschema xxhash procps bsdutils strace time postgresql
		nats-server openssl util-linux" ;;
	# Without the symbols of libc valgrind does not start.
	long) packages="$packages valgrind libc6-dbg"
		# Node may be there without Debian's package, which is of another version.
		command -v npm >/dev/null || packages="$packages nodejs npm"
		# npm compiles SQLite where it finds no program of it for this machine.
		packages="$packages g++ python3" ;;
	# Behind the servers: peers, which are compared with.
	bench) packages="$packages python3 postgresql nats-server util-linux pgloader python3-psycopg2" ;;
	lint) packages="$packages clang clang-format clang-tidy cppcheck shellcheck mandoc pmccabe codespell
		gcovr" ;;
	*) echo "setup.sh: unknown job $job" >&2; exit 2 ;;
	esac
done

missing=
for package in $packages; do
	case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
	"install ok installed") ;;
	# What provides it may have another name, as libc6-dev has on other architectures.
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
	echo "missing:$missing" >&2
	echo "this system has no apt-get: install them as it does, then run make all" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	sudo="sudo -n"
else
	echo "missing:$missing" >&2
	echo "type this, then start again:" >&2
	echo "    sudo apt-get update && sudo $command" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive $command -qq >/dev/null
