#!/usr/bin/env bats
# Exports to files that are killed hundreds of times, and resumed: the same bytes each time.

load ../cli/helpers
load ../cli/stores
load ../kills

n=${EXPORT_KILLS:-500}

@test "an export that is killed at any moment is resumed to the same bytes" {
	export SOURCE_DATE_EPOCH=1767225600
	local codec
	store a.db 60000
	for codec in jsonl cbor; do
		esexport --from sqlite://a.db --chunk-size 8KiB --out "whole.$codec.zst"
		kill_exports $((n / 2)) 300 "whole.$codec.zst" "k.$codec.zst" \
			esexport --from sqlite://a.db --chunk-size 8KiB --out "k.$codec.zst" --resume
	done
}
