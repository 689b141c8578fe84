#!/bin/sh
# clang-tidy and cppcheck over the sources given.
set -eu
cflags=$(${PKG_CONFIG:-pkg-config} --cflags libpq)
# shellcheck disable=SC2086 # several words
clang-tidy --quiet --warnings-as-errors='*' "$@" -- -std=c11 -D_GNU_SOURCE -DES_VERSION='""' -I. $cflags 2>/dev/null
cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -I. -D_GNU_SOURCE -DES_VERSION='""' \
	--enable=warning,performance,portability --suppress=missingIncludeSystem "$@"
