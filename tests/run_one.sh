#!/bin/sh
# One test file, for prove.
case $1 in
*.bats) exec bats --tap "$1" ;;
*) exec "$1" ;;
esac
