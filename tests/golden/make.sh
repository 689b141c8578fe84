#!/bin/sh
# How the golden archives were made, by the release that is named in their headers.  It writes to
# a new folder: what is here is never written again.
#
#     BIN=build/gcc tests/golden/make.sh NEW-FOLDER
set -eu
bin=$(cd "${BIN:?}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
mkdir "$1"
cd "$1"
cp "$here"/v1-*.source.jsonl .
export SOURCE_DATE_EPOCH=1700000000
: | "$bin/esimport" --plain --to sqlite://empty.db
for codec in jsonl cbor; do
	"$bin/esexport" --from v1-basic.source.jsonl --chunk-size 1KiB --out "v1-basic.$codec.zst"
	"$bin/esexport" --from v1-one.source.jsonl --out "v1-one.$codec.zst"
	"$bin/esexport" --from sqlite://empty.db --out "v1-empty.$codec.zst"
	"$bin/esexport" --from v1-basic.source.jsonl --out "v1-filtered.$codec.zst" \
		--after 3 --upto 31 --since 1970-01-01T00:00:00Z --until 2200-01-01T00:00:00Z \
		--type 'Ch?nged' --type '[!a-z]*' --stream 'order-*' --stream 'times'
	"$bin/esexport" --from "v1-filtered.$codec.zst" \
		--until 2024-02-29T00:00:00Z --stream 'order-1' --out "v1-within.$codec.zst"
	"$bin/esexport" --from v1-basic.source.jsonl --stream 'order-*' --out "order.$codec.zst"
	"$bin/esverify" v1-basic.source.jsonl "order.$codec.zst" --missing-to "v1-fill.$codec.zst" || [ $? = 1 ]
done
"$bin/esexport" --from v1-basic.source.jsonl --upto 10 --out 1.cbor.zst
"$bin/esexport" --from v1-basic.source.jsonl --after 10 --upto 20 --out 2.jsonl.zst
"$bin/esexport" --from v1-basic.source.jsonl --after 20 --out 3.cbor.zst
cat v1-empty.jsonl.zst 1.cbor.zst 2.jsonl.zst 3.cbor.zst >v1-joined.zst
"$bin/esexport" --from v1-basic.source.jsonl --exact-text --out v1-exact.jsonl.zst
rm -f empty.db* [123].* order.*
