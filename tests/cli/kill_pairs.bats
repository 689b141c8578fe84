#!/usr/bin/env bats
# Programs and servers that are killed at random moments: twenty times for each pair of places; KILLS=500 more often.

load helpers
load stores
load postgres
load nats
load ../sessions
load ../kills

n=${KILLS:-20}

setup_file() {
	kills_setup
}
teardown_file() {
	kills_teardown
}
teardown() {
	kills_show
}

@test "from SQLite: whatever is killed, each kind of target has every event once" {
	kills_from sqlite "$n"
}

@test "from PostgreSQL: whatever is killed, each kind of target has every event once" {
	kills_from postgres "$n"
}

@test "from NATS: whatever is killed, each kind of target has every event once" {
	kills_from nats "$n"
}

@test "from an archive: whatever is killed, each kind of target has every event once" {
	kills_from file "$n"
}
