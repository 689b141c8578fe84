#!/usr/bin/env python3
"""Damages an archive in many ways, one at a time, and has what is left of it saved.

    salvage.py [OPTIONS] ARCHIVE      one archive, or several one behind the other

Each frame is damaged in turn (bits inverted, zeroed, cut out in part or as a whole, doubled,
garbage before it), bits are inverted at random, and the archive is cut at every border of two
frames and at random.  esverify --salvage and esimport --skip-damaged must then have every event of
the chunks that are whole and no other, and must say exactly which positions are lost.  Ends
with a line of figures; exits with 1 where anything was otherwise.
"""
import argparse
import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import damage

TIMEOUT_S = 20
Chunk = collections.namedtuple("Chunk", "block payload first last events")
# `lost`: numbers of the chunks that are.  `open`: nobody can know what stood behind the last of them.
# `untold`: nobody can know that they were there.
Case = collections.namedtuple("Case", "label data lost open untold", defaults=[frozenset()])


class Archive:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        self.frames, self.chunks = [], []
        at, info = 0, None
        while at < len(self.data):
            if info:
                end = at + info["stored"]
                kind = "P"
            else:
                end = at + 8 + int.from_bytes(self.data[at + 4:at + 8], "little")
                kind = "S" if self.data[at] == 0x5E else chr(self.data[at + 12])
            if kind == "P":
                self.chunks.append(Chunk(len(self.frames) - 1, len(self.frames), info["first"],
                                         info["last"], info["events"]))
                info = None
            elif kind == "C":
                info = damage.cbor_item(self.data, at + 16)[0]
                info = {(k.decode() if isinstance(k, bytes) else k): v for k, v in info.items()}
            self.frames.append(damage.Frame(kind, at, end))
            at = end

    def chunks_of(self, frame):
        return {n for n, c in enumerate(self.chunks) if frame in (c.block, c.payload)}


def frame_cases(a, r):
    d = a.data
    for n, f in enumerate(a.frames):
        lost, where = a.chunks_of(n), "%s frame %d" % (f.kind, n)
        size = f.end - f.start
        for _ in range(3):
            at = r.randrange(f.start, f.end)
            yield Case("%s: bit at %d" % (where, at), d[:at] + bytes([d[at] ^ 1 << r.randrange(8)])
                       + d[at + 1:], lost, False)
        yield Case(where + ": zeros", d[:f.start] + bytes(size) + d[f.end:], lost, False)
        at = r.randrange(f.start, f.end - 8)
        yield Case(where + ": some zeros", d[:at] + bytes([d[at] ^ 1]) + bytes(7) + d[at + 8:], lost,
                   False)
        yield Case(where + ": some cut out", d[:at] + d[at + 8:], lost, False)
        yield Case(where + ": cut out", d[:f.start] + d[f.end:], lost, False)
        yield Case(where + ": garbage in it", d[:at] + r.randbytes(50) + d[at:], lost, False)
        yield Case(where + ": garbage before it", d[:f.start] + r.randbytes(500) + d[f.start:],
                   lost if f.kind == "P" else set(), False)
    for c in a.chunks:
        start, end = a.frames[c.block].start, a.frames[c.payload].end
        lost = a.chunks_of(c.block)
        yield Case("chunk at %d: cut out" % start, d[:start] + d[end:], lost, False)
        yield Case("chunk at %d: twice" % start, d[:end] + d[start:], set(), False)
        yield Case("chunk at %d: zeros" % start, d[:start] + bytes(end - start) + d[end:], lost,
                   False)


def cut_cases(a, r):
    cuts = {f.end for f in a.frames} | {r.randrange(a.frames[1].end, len(a.data)) for _ in range(40)}
    for cut in sorted(cuts - {len(a.data)}):
        lost = {n for n, c in enumerate(a.chunks) if a.frames[c.payload].end > cut}
        # Which archive it is in, and whether something behind its chunks is whole.
        tail = [f for f in a.frames if f.end <= cut]
        begun = max(n for n, f in enumerate(tail) if f.kind == "H")
        told = any(f.kind in "IES" for f in tail[begun:])
        # Of a header that is cut some bytes are left, and say that something was there.
        beyond = tail[-1].kind == "S" and cut > tail[-1].end
        yield Case("cut at %d" % cut, a.data[:cut], lost, not told or beyond, lost if told else set())


def random_cases(a, r):
    for _ in range(40):
        data, lost = bytearray(a.data), set()
        for _ in range(r.randrange(1, 5)):
            n = r.choice([n for n, f in enumerate(a.frames) if f.kind in "CP"])
            at = r.randrange(a.frames[n].start, a.frames[n].end)
            if a.chunks_of(n) & lost:
                continue
            data[at] ^= 1 << r.randrange(8)
            lost |= a.chunks_of(n)
        yield Case("chunks %s" % sorted(lost), bytes(data), lost, False)


def ranges(a, case):
    """What must be said to be lost: [first, last, events]."""
    out = []
    chunks = [a.chunks[n] for n in sorted(case.lost - case.untold)]
    for c in chunks:
        if out and out[-1][1] + 1 == c.first and c.events == c.last - c.first + 1 \
                and out[-1][2] == out[-1][1] - out[-1][0] + 1:
            out[-1][1:] = [c.last, out[-1][2] + c.events]
        else:
            out.append([c.first, c.last, c.events])
    return out


def fits_open(a, case, said):
    """Cut short: what is known of a chunk is said, the rest is lost without a number of events, and
    without an end where the range of the export says none."""
    left = [c for n, c in enumerate(a.chunks) if n not in case.lost]
    behind = left[-1].last + 1 if left else 0
    known = {(c.first, c.last, c.events) for n, c in enumerate(a.chunks) if n in case.lost}
    return said and said[0][0] >= behind and said[-1][2] is None and \
        all(tuple(x) in known for x in said[:-1])


class Runner:
    def __init__(self, o, folder):
        self.o, self.folder = o, folder
        self.bad, self.out, self.db = (os.path.join(folder, n) for n in ("bad", "out" + o.suffix, "t.db"))

    def run(self, program, *words):
        with open(self.bad, "rb") as f:
            return subprocess.run([os.path.join(self.o.bin, program), *words], capture_output=True,
                                  timeout=TIMEOUT_S, stdin=f if self.o.pipe else subprocess.DEVNULL)

    def rows(self, path):
        db = sqlite3.connect(path)
        try:
            return db.execute("SELECT * FROM events ORDER BY position").fetchall()
        finally:
            db.close()

    def clear(self):
        for path in (self.out, self.db):
            if os.path.exists(path):
                os.remove(path)

    def judge(self, a, case, said, rows, reference):
        if case.open and not fits_open(a, case, said):
            return "says %s lost" % said
        if not case.open and said != ranges(a, case):
            return "says %s lost, not %s" % (said, ranges(a, case))
        gone = [a.chunks[n] for n in case.lost]
        want = [row for row in reference if not any(c.first <= row[0] <= c.last for c in gone)]
        return None if rows == want else "%d events, not %d" % (len(rows), len(want))

    def salvage(self, a, case, reference):
        self.clear()
        p = self.run("esverify", "--json", "--salvage", self.out, "-" if self.o.pipe else self.bad)
        lost = case.open or bool(case.lost - case.untold)
        if len(case.lost) == len(a.chunks):
            return None if p.returncode == 4 and not os.path.exists(self.out) else "code %d" % p.returncode
        if p.returncode != (1 if lost else 0):
            return "code %d: %s" % (p.returncode, p.stderr.decode())
        lines = [json.loads(x) for x in p.stdout.decode().splitlines()]
        said = [[x["lost"]["first"], x["lost"]["last"], x["lost"]["events"]] for x in lines[:-1]]
        for words in (("esverify", self.out), ("esimport", "--from", self.out, "--to", "sqlite://" + self.db)):
            p = subprocess.run([os.path.join(self.o.bin, words[0]), *words[1:]], capture_output=True)
            if p.returncode:
                return "what was saved: %s: code %d: %s" % (words[0], p.returncode, p.stderr.decode())
        return self.judge(a, case, said, self.rows(self.db), reference)

    def skip_damaged(self, a, case, reference):
        self.clear()
        words = ["--skip-damaged", "--log-format", "json", "--to", "sqlite://" + self.db]
        if not self.o.pipe:
            words += ["--from", self.bad]
        p = self.run("esimport", *words)
        lost = case.open or bool(case.lost - case.untold)
        if len(case.lost) == len(a.chunks):
            return None if p.returncode == 4 else "code %d" % p.returncode
        if p.returncode != (4 if lost else 0):
            return "code %d: %s" % (p.returncode, p.stderr.decode())
        said = [x["lost"] for x in map(json.loads, p.stderr.decode().splitlines()) if "lost" in x]
        said = [[x["first"], x["last"], x["events"]] for x in said[0]]
        return self.judge(a, case, said, self.rows(self.db), reference)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--bin", default=os.environ.get("BIN"), help="where the programs are [$BIN]")
    p.add_argument("--pipe", action="store_true", help="through standard input")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--every", type=int, default=1, metavar="N", help="try every Nth damage only [1]")
    p.add_argument("archive")
    o = p.parse_args()
    o.suffix = ".cbor.zst" if ".cbor" in o.archive else ".jsonl.zst"
    a, r = Archive(o.archive), random.Random(o.seed)
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="salvage-", dir=root)
    failed, n = [], 0
    try:
        runner = Runner(o, folder)
        shutil.copy(o.archive, runner.bad)
        runner.run("esimport", "--to", "sqlite://" + runner.db, *([] if o.pipe else ["--from", runner.bad]))
        reference = runner.rows(runner.db)
        cases = [Case("whole", a.data, set(), False), *frame_cases(a, r), *cut_cases(a, r),
                 *random_cases(a, r)]
        for case in cases[::o.every]:
            with open(runner.bad, "wb") as f:
                f.write(case.data)
            for judge in (runner.salvage, runner.skip_damaged):
                n += 1
                bad = judge(a, case, reference)
                if bad:
                    failed.append("%s: %s: %s" % (case.label, judge.__name__, bad))
    finally:
        shutil.rmtree(folder)
    for text in failed[:20]:
        print("FAILED:", text)
    print("%s: %d chunks, %d runs: %d failed" % (os.path.basename(o.archive), len(a.chunks), n, len(failed)))
    return 1 if failed or not n else 0


if __name__ == "__main__":
    sys.exit(main())
