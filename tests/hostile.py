#!/usr/bin/env python3
"""Writes archives that were made to harm who reads them, whose hashes all fit.

    hostile.py FOLDER      a file each: lengths that lie, frames that expand without end, ...
"""
import os
import re
import struct
import subprocess
import sys

MIB, GIB = 1 << 20, 1 << 30
ZSTD = 0xFD2FB528


def digest(flag, data):
    """X64 as an integer, X128 as 16 bytes."""
    said = subprocess.run(["xxhsum", flag], input=data, stdout=subprocess.PIPE, check=True).stdout
    said = re.search(r"\b([0-9a-f]{32}|[0-9a-f]{16})\b", said.decode())[0]
    return bytes.fromhex(said) if flag == "-H2" else int(said, 16)


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | code]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(v):
    if isinstance(v, Raw):
        return v.data
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return head(0, v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(map(cbor, v))
    return head(5, len(v)) + b"".join(cbor(k) + cbor(x) for k, x in v.items())


class Raw:
    def __init__(self, data):
        self.data = data


def block(kind, found, size=None):
    content = b"ESAR" + kind + b"\x01\0\0" + cbor(found)
    content += struct.pack("<Q", digest("-H3", content))
    return struct.pack("<II", 0x184D2A50, len(content) if size is None else size) + content


def header(codec, **more):
    return block(b"H", {"id": Raw(b"\xd8\x25" + cbor(bytes(6) + b"\x80\0\x80" + bytes(7))),
                        "codec": codec, "created": Raw(b"\xc0" + cbor("2026-01-01T00:00:00Z")),
                        "filters": {}, "origin": bytes(16), **more})


def chunk(payload, content, /, **more):
    d = digest("-H2", content)
    found = {"raw": len(content), "seq": 0, "last": 1, "chain": digest("-H2", bytes(16) + d),
             "check": digest("-H3", payload), "first": 1, "digest": d, "events": 1,
             "stored": len(payload)}
    found.update(more)
    return block(b"C", found) + payload


def frame(raw):
    return subprocess.run(["zstd", "-qc", "--content-size", "--check", "--stream-size=%d" % len(raw)],
                          input=raw, stdout=subprocess.PIPE, check=True).stdout


def run_of(byte, blocks, size, content=None, window=None):
    """A frame of `blocks` blocks of 128 KiB of one byte, whose head says what it is told to."""
    out = struct.pack("<I", ZSTD)
    if window is None:
        out += bytes([0xE0]) + struct.pack("<Q", content)
    else:
        out += bytes([0x00 if content is None else 0xC0, window])
        out += b"" if content is None else struct.pack("<Q", content)
    for n in range(blocks):
        out += struct.pack("<I", size << 3 | 2 | (n == blocks - 1))[:3] + byte
    return out


def event(**more):
    return cbor({"position": 1, "stream": "s", "version": 0, "type": "T", **more})


def one(codec, raw, **more):
    return header(codec) + chunk(frame(raw), raw, **more)


def archives():
    nested = b"\x81" * 1000000 + b"\x00"
    text4g = b"\x7b" + struct.pack(">Q", 4 * GIB)
    line = b'{"position":1,"stream":"s","version":0,"type":"T","data":%s}\n'
    plain = line % b"1"
    h = header("jsonl")
    yield "block-of-256-MiB", h[:4] + struct.pack("<I", 256 * MIB) + h[8:]
    yield "block-of-4-GiB", h[:4] + struct.pack("<I", 0xFFFFFFFF) + h[8:]
    yield "second-block-of-256-MiB", h + h[:4] + struct.pack("<I", 256 * MIB) + h[8:]
    yield "header-nested", header("jsonl", x=Raw(nested))
    yield "header-text-of-4-GiB", header("jsonl", x=Raw(text4g))
    yield "header-array-of-2-64", header("jsonl", requires=Raw(b"\x9b" + b"\xff" * 8))
    yield "header-lost-of-2-64", header("jsonl", lost=Raw(b"\x9b" + b"\xff" * 8), requires=["salvaged"])
    yield "chunk-of-4-GiB", h + chunk(frame(plain), plain, raw=4 * GIB, stored=4 * GIB)
    yield "payload-of-1-GiB", h + chunk(frame(plain), plain, stored=GIB)
    yield "raw-of-1-GiB", h + chunk(frame(plain), plain, raw=GIB)
    yield "events-of-16-million", h + chunk(frame(plain), plain, events=1 << 24, last=1 << 25)
    many = run_of(b"\n", 8000, 131071, content=GIB)
    yield "expands-beyond-what-it-says", h + chunk(many, b"", raw=GIB)
    yield "expands-to-terabytes", h + chunk(run_of(b"\n", 50000, 131071, content=1 << 42), b"", raw=GIB)
    yield "terabytes-and-says-so", h + chunk(run_of(b"\n", 5, 131071, content=1 << 42), b"", raw=1 << 42)
    yield "no-content-size", h + chunk(run_of(b"\n", 5, 131071, window=0x58), b"", raw=GIB)
    yield "window-of-terabytes", h + chunk(run_of(b"\n", 1, 100, content=100, window=0xFF), b"\n" * 100)
    yield "window-of-2-GiB", h + chunk(run_of(b"\n", 1, 100, content=100, window=0xA8), b"\n" * 100)
    yield "json-nested", one("jsonl", line % (b"[" * 1000000 + b"]" * 1000000))
    yield "json-line-without-end", one("jsonl", b'{"position":1,"stream":"' + b"x" * MIB)
    yield "json-utf8", one("jsonl", plain.replace(b'"s"', b'"\xc0\xaf"'))
    yield "json-utf8-of-surrogate", one("jsonl", plain.replace(b'"s"', b'"\xed\xa0\x80"'))
    yield "json-utf8-cut", one("jsonl", line % b'"\xf0\x9f"')
    yield "json-number-of-a-million-digits", one("jsonl", plain.replace(b":1,", b":" + b"9" * 1000000 + b","))
    yield "cbor-nested", one("cbor", event(attributes={"x": Raw(nested)}))
    yield "cbor-nested-payload", one("cbor", event(content_type="application/cbor",
                                                   data=Raw(b"\xd8\x18" + cbor(nested[:-1]))))
    yield "cbor-nested-tags", one("cbor", event(attributes={"x": Raw(b"\xc1" * 1000000 + b"\0")}))
    yield "cbor-nested-indefinite", one("cbor", event(attributes={"x": Raw(b"\x9f" * 1000000 + b"\xff" * 1000000)}))
    yield "cbor-text-of-4-GiB", one("cbor", event(id=Raw(text4g)))
    yield "cbor-bytes-of-2-64", one("cbor", event(data=Raw(b"\x5b" + b"\xff" * 8)))
    yield "cbor-tags-of-2-32", one("cbor", event(tags=Raw(b"\x9a\xff\xff\xff\xff")))
    yield "cbor-map-of-2-63", one("cbor", b"\xbb\x7f" + b"\xff" * 7 + cbor("position"))
    yield "cbor-utf8", one("cbor", event(id=Raw(b"\x62\xc0\xaf")))
    good = one("jsonl", plain)
    yield "index-of-2-32-rows", good + block(b"I", {"chunks": Raw(b"\x9a\xff\xff\xff\xff")})
    yield "index-nested", good + block(b"I", {"chunks": Raw(nested)})
    yield "end-of-2-63-types", good + block(b"E", {"types": Raw(b"\xbb\x7f" + b"\xff" * 7), "complete": True})
    yield "seek-table-of-4-GiB", good + struct.pack("<II", 0x184D2A5E, 0xFFFFFFF9)
    yield "blocks-in-blocks", (h[:4] + struct.pack("<I", 200 * MIB) + b"ESAR") * 200000


def main():
    for name, data in archives():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
