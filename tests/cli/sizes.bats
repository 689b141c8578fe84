#!/usr/bin/env bats
# From nothing to more than the programs may hold in memory; tests/long/sizes.bats has millions.

load helpers
load ../sizes

@test "a store without events goes through both codecs" {
	store a.db --events 0
	[ "$(events a.db)" = 0 ]
	round a.db jsonl
	round a.db cbor
}

@test "a store of one event goes through both codecs" {
	store a.db --events 1
	[ "$(events a.db)" = 1 ]
	round a.db jsonl
	round a.db cbor
}

@test "payloads of 20 MiB, JSON and bytes, go through both codecs" {
	store a.db --events 1 --payload-bytes 20971520
	sqlite3 a.db "INSERT INTO events (position, stream, version, type, data)
		VALUES (2, 's', 0, 't', randomblob(20971520)), (3, 's', 1, 't', '{}')"
	round a.db jsonl
	round a.db cbor
}

@test "the memory of esexport does not depend on the number of events" {
	skip_under_sanitizers
	store a.db --events 20000
	store b.db --events 100000
	peak esexport --from sqlite://a.db --out - --chunk-size 256KiB >a.zst
	few=$peak
	peak esexport --from sqlite://b.db --out - --chunk-size 256KiB >b.zst
	level "$few" "$peak"
}

@test "the memory of esverify grows by its two buffers of 4 MiB and no more" {
	skip_under_sanitizers
	gen --events 20000 | esexport --from - --out a.zst --codec cbor --chunk-size 256KiB
	gen --events 300000 | esexport --from - --out b.zst --codec cbor --chunk-size 256KiB
	peak esverify a.zst
	few=$peak
	peak esverify b.zst
	[ "$peak" -le $((few * 11 / 10 + 8192)) ]
}

# Payloads are larger here, for SQLite's cache has to be full in both.
@test "the memory of esimport does not depend on the number of events" {
	skip_under_sanitizers
	gen --events 20000 --payload-bytes 4000 |
		esexport --from - --out a.zst --codec jsonl --chunk-size 256KiB
	gen --events 60000 --payload-bytes 4000 |
		esexport --from - --out b.zst --codec jsonl --chunk-size 256KiB
	peak esimport --from a.zst --to sqlite://a.db
	few=$peak
	peak esimport --from b.zst --to sqlite://b.db
	level "$few" "$peak"
}
