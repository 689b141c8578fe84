#!/usr/bin/env python3
"""Damages an archive in many ways, one at a time, and runs esverify and esimport over each.

    damage.py [OPTIONS] flip-all ARCHIVE             every bit, inverted
    damage.py [OPTIONS] flip-random ARCHIVE N SEED   N bits of it
    damage.py [OPTIONS] cut-all ARCHIVE              every length that is too short
    damage.py [OPTIONS] pipe-all ARCHIVE             the same through a pipe, then the whole of it
    damage.py [OPTIONS] structure ARCHIVE [OTHER]    frames and chunks moved, doubled, dropped,
                                                     those of OTHER put in their place, garbage

Both programs must exit with 4 and say why, without a signal, in 20 seconds.  The target of
esimport must hold exactly the events of the chunks before the damage, and esimport must say
how far that is.  Ends with a line of figures; exits with 1 where anything was otherwise.
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile

TIMEOUT_S = 20
BLOCK, ZSTD, SEEK = 0x184D2A50, 0xFD2FB528, 0x184D2A5E
Frame = collections.namedtuple("Frame", "kind start end")
Chunk = collections.namedtuple("Chunk", "events last end")
# `edit` makes the damaged bytes of the whole ones; `whole`: chunks before the damage, None where
# the target is not looked at.  `always`: to be tried where others are only sampled.
Case = collections.namedtuple("Case", "label edit whole always", defaults=[False])


# The archive: spec/FORMAT.md


def cbor_item(b, at):
    """One item of a block's map, and where the next one begins."""
    major, n, at = b[at] >> 5, b[at] & 31, at + 1
    if major == 7:
        return {20: False, 21: True}.get(n), at
    if n >= 24:
        size = 1 << (n - 24)
        n, at = int.from_bytes(b[at:at + size], "big"), at + size
    if major in (2, 3):
        return b[at:at + n], at + n
    if major in (4, 5):
        items = []
        for _ in range(n * (major - 3)):
            item, at = cbor_item(b, at)
            items.append(item)
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    if major == 6:
        return cbor_item(b, at)
    return (-1 - n if major else n), at


class Archive:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        self.frames, self.chunks = [], []
        at, stored, info = 0, 0, None
        while at < len(self.data):
            magic, size = struct.unpack_from("<II", self.data, at)
            if magic == ZSTD:
                end, kind = at + stored, "P"
                self.chunks.append(Chunk(info[b"events"], info[b"last"], end))
            else:
                assert magic in (BLOCK, SEEK), hex(magic)
                end, kind = at + 8 + size, "S"
                if magic == BLOCK:
                    kind = chr(self.data[at + 12])
                    info = cbor_item(self.data, at + 16)[0]
                    stored = info.get(b"stored", 0)
            self.frames.append(Frame(kind, at, end))
            at = end
        assert at == len(self.data)
        kinds = "".join(f.kind for f in self.frames)
        assert kinds == "H" + "CP" * len(self.chunks) + "IES", kinds

    def parts(self):
        return [self.data[f.start:f.end] for f in self.frames]

    def whole_before(self, offset):
        """Chunks that end before this byte."""
        return sum(c.end <= offset for c in self.chunks)

    def events_of(self, n_chunks):
        return sum(c.events for c in self.chunks[:n_chunks])


# The damages


class Flip:
    def __init__(self, bit):
        self.at, self.mask = bit >> 3, 1 << (bit & 7)

    def write(self, fd, data):
        os.pwrite(fd, bytes([data[self.at] ^ self.mask]), self.at)

    def undo(self, fd, data):
        os.pwrite(fd, data[self.at:self.at + 1], self.at)


class Replace:
    def __init__(self, data):
        self.data = data

    def write(self, fd, data):
        os.ftruncate(fd, 0)
        os.pwrite(fd, self.data, 0)

    def undo(self, fd, data):
        os.ftruncate(fd, 0)
        os.pwrite(fd, data, 0)


class Cut(Replace):
    def __init__(self, length):
        self.length = length

    def write(self, fd, data):
        os.ftruncate(fd, self.length)


def flips(a, bits):
    for bit in bits:
        yield Case("bit %d of byte %d" % (bit & 7, bit >> 3), Flip(bit), a.whole_before(bit >> 3))


def cuts(a):
    for n in range(len(a.data)):
        yield Case("the first %d bytes" % n, Cut(n), a.whole_before(n))


def garbage(a):
    """What may stand behind an archive by accident."""
    parts = a.parts()
    noise = random.Random(1).randbytes(70000)
    empty_zstd = bytes.fromhex("28b52ffd2000010000")
    yield from (("%d zeros" % n, bytes(n)) for n in (1, 3, 4, 7, 8, 9, 512, 65536))
    yield from (("%d random bytes" % n, noise[:n]) for n in (1, 7, 8, 17, 4096, 70000))
    yield from (("%s of the header" % n, parts[0][:k])
                for n, k in (("4 bytes", 4), ("8 bytes", 8), ("9 bytes", 9),
                             ("half", len(parts[0]) // 2), ("all but a byte", len(parts[0]) - 1),
                             ("all", len(parts[0]))))
    yield from (("a frame %s" % f.kind, p) for f, p in zip(a.frames, parts) if f.kind != "H")
    yield from (("text %r" % t, t) for t in (b"\n", b" ", b"{}\n", b"and so on\n"))
    yield from (("another skippable frame %x" % m, struct.pack("<II", m, n) + bytes(n))
                for m in (BLOCK, BLOCK + 1, BLOCK + 15, SEEK) for n in (0, 1, 17))
    yield "a frame of zstd", empty_zstd
    yield "a length of 4 GiB", struct.pack("<II", BLOCK, 0xFFFFFFFF)
    yield "all but the last byte of itself", a.data[:-1]
    if a.chunks:  # one without events may stand in front of anything
        yield "itself", a.data


def rearranged(a):
    """The frames, and the chunks, in every order that one move, drop or double makes."""
    parts = a.parts()
    pairs = [parts[0]]
    pairs += [parts[i] + parts[i + 1] for i, f in enumerate(a.frames) if f.kind == "C"]
    pairs += parts[1 + 2 * len(a.chunks):]
    for name, items in (("frame", parts), ("chunk", pairs)):
        for i, item in enumerate(items):
            rest = items[:i] + items[i + 1:]
            yield "%s %d missing" % (name, i), rest
            yield "%s %d thrice" % (name, i), items[:i] + [item] * 3 + items[i + 1:]
            for j in range(len(items)):
                yield "%s %d moved to %d" % (name, i, j), rest[:j] + [item] + rest[j:]
            for j in range(len(items) + 1):
                yield "%s %d again at %d" % (name, i, j), items[:j] + [item] + items[j:]
    yield "the chunks backwards", pairs[:1] + pairs[len(a.chunks):0:-1] + pairs[1 + len(a.chunks):]


def common_frames(parts, data):
    """How many of the frames the data begins with."""
    at = 0
    for n, p in enumerate(parts):
        if data[at:at + len(p)] != p:
            return n
        at += len(p)
    return len(parts)


def structures(a, other):
    parts = a.parts()
    n_whole = lambda k: sum(f.kind == "P" for f in a.frames[:k])
    for label, behind in garbage(a):
        yield Case(label + " behind the end", Replace(a.data + behind), len(a.chunks))
        if behind != a.data:  # that would be the archive, followed by itself
            yield Case(label + " before it", Replace(behind + a.data), None)
    for label, items in rearranged(a):
        data = b"".join(items)
        if data != a.data:
            yield Case(label, Replace(data), n_whole(common_frames(parts, data)))
    if not other:
        return
    theirs = other.parts()
    for i, j in itertools.product(range(len(parts)), range(len(theirs))):
        data = b"".join(parts[:i] + [theirs[j]] + parts[i + 1:])
        if theirs[j] == parts[i]:
            continue
        # Another header fits the chunks, too, until the end block says which it should be.
        whole = len(a.chunks) if i == j == 0 else n_whole(i)
        yield Case("frame %d is %d of the other" % (i, j), Replace(data), whole)
    for i, j in itertools.product(range(len(a.chunks)), range(len(other.chunks))):
        data = b"".join(parts[:1 + 2 * i] + theirs[1 + 2 * j:3 + 2 * j] + parts[3 + 2 * i:])
        whole = None if i == j == 0 else i
        yield Case("chunk %d is %d of the other" % (i, j), Replace(data), whole, True)


# Running


class Runner:
    """One of the processes that try cases, with files of its own."""

    def __init__(self, options, archive, reference):
        self.o, self.a, self.reference = options, archive, reference
        self.dir = tempfile.mkdtemp(dir=options.tmp)
        self.bad, self.db, self.err = (os.path.join(self.dir, n) for n in ("bad", "t.db", "err"))
        self.fd = os.open(self.bad, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.pwrite(self.fd, archive.data, 0)
        signal.signal(signal.SIGALRM, self.on_alarm)

    @staticmethod
    def on_alarm(*_):
        raise TimeoutError

    def run(self, program, *args, stdin=None):
        """The exit code, negative for a signal, None for a hang; and what it said."""
        actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 2, self.err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
        if stdin is None:
            actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        else:
            actions.append((os.POSIX_SPAWN_DUP2, stdin, 0))
        path = os.path.join(self.o.bin, program)
        pid = os.posix_spawn(path, [program, *args], os.environ, file_actions=actions)
        signal.setitimer(signal.ITIMER_REAL, TIMEOUT_S)
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            code = None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        with open(self.err, errors="replace") as f:
            return code, f.read()

    def verify(self):
        code, said = self.run("esverify", "--workers", self.o.workers, self.bad)
        return self.judge("esverify", code, said, 4)

    def do_import(self, path):
        args = ("--workers", self.o.workers, "--to", "sqlite://" + self.db)
        if not self.o.pipe:
            return self.run("esimport", *args, "--from", path)
        source, sink = os.pipe2(os.O_CLOEXEC)
        with open(path, "rb") as f:
            os.write(sink, f.read())
        os.close(sink)
        try:
            return self.run("esimport", *args, stdin=source)
        finally:
            os.close(source)

    def try_import(self, case):
        code, said = self.do_import(self.bad)
        bad = self.judge("esimport", code, said, 4)
        if not bad and case.whole is not None:
            bad = self.judge_target(case.whole, said)
        if not bad and self.o.finish:
            code, said = self.do_import(self.o.archive)
            bad = self.judge("the second esimport", code, said, 0) or self.judge_target(None, said)
        for name in (self.db, self.db + "-journal"):
            if os.path.exists(name):
                os.unlink(name)
        return bad

    @staticmethod
    def judge(program, code, said, want):
        if code is None:
            return "%s: hangs" % program
        if code < 0:
            return "%s: killed by signal %d: %s" % (program, -code, said)
        if code != want:
            return "%s: exit %d, not %d: %s" % (program, code, want, said)
        return None if said.strip() else "%s: says nothing" % program

    def judge_target(self, n_chunks, said):
        """Whether the target has the events of so many chunks (None: all), and was said to."""
        want = self.reference if n_chunks is None else self.reference[:self.a.events_of(n_chunks)]
        have = rows_of(self.db)
        if have != want:
            return "the target has %d events, where %d should be: %s" % (len(have), len(want), said)
        told = "nothing was written"
        if n_chunks:
            told = "everything up to position %d " % self.a.chunks[n_chunks - 1].last
        if n_chunks is not None and told not in said:
            return "it does not say %r: %s" % (told, said)
        return None

    def try_case(self, case, verify, do_import):
        case.edit.write(self.fd, self.a.data)
        results = []
        if verify:
            results.append(("esverify", self.verify()))
        if do_import:
            results.append(("esimport", self.try_import(case)))
        case.edit.undo(self.fd, self.a.data)
        return [(name, case.label, bad) for name, bad in results]


def rows_of(path):
    if not os.path.exists(path):
        return []
    db = sqlite3.connect(path)
    try:
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchone():
            return []
        return db.execute("SELECT * FROM events ORDER BY position").fetchall()
    finally:
        db.close()


RUNNER = None


def start_runner(*args):
    global RUNNER
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    RUNNER = Runner(*args)


def try_case(job):
    return RUNNER.try_case(*job)


def cases_of(o, a):
    bits = 8 * len(a.data)
    if o.mode == "flip-all":
        return flips(a, range(bits))
    if o.mode == "flip-random":
        return flips(a, random.Random(int(o.args[1])).sample(range(bits), int(o.args[0])))
    if o.mode in ("cut-all", "pipe-all"):
        return cuts(a)
    return structures(a, Archive(o.args[0]) if o.args else None)


def chosen(step, n, case):
    return step > 0 and (n % step == 0 or case.always)


def make_reference(o, a):
    """The events as they should be in a target, which the whole archive makes."""
    runner = Runner(o, a, None)
    for program, bad in (("esverify", runner.judge("", *runner.run("esverify", o.archive), 0)),
                         ("esimport", runner.judge("", *runner.do_import(o.archive), 0))):
        if bad and "says nothing" not in bad:
            sys.exit("damage.py: the undamaged archive: %s%s" % (program, bad))
    reference = rows_of(runner.db)
    if len(reference) != a.events_of(len(a.chunks)):
        sys.exit("damage.py: the undamaged archive: %d events" % len(reference))
    return reference


def run_all(o, a):
    jobs = ((case, chosen(o.verify, n, case), chosen(o.do_import, n, case))
            for n, case in enumerate(cases_of(o, a)))
    jobs = (job for job in jobs if job[1] or job[2])
    count, failures, labels = collections.Counter(), [], 0
    arguments = (o, a, make_reference(o, a))
    with multiprocessing.get_context("fork").Pool(o.jobs, start_runner, arguments) as pool:
        for results in pool.imap_unordered(try_case, jobs, 16):
            labels += 1
            for program, label, bad in results:
                count[program] += 1
                if bad:
                    failures.append("%s: %s" % (label, bad.strip()))
    for text in failures[:20]:
        print("FAILED:", text)
    print("%s %s: %d damages in %d bytes, %d chunks: esverify %d times, esimport %d times: %d failed"
          % (o.mode, os.path.basename(o.archive), labels, len(a.data), len(a.chunks),
             count["esverify"], count["esimport"], len(failures)))
    return 1 if failures or not labels else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--bin", default=os.environ.get("BIN"), help="where the programs are [$BIN]")
    p.add_argument("--verify", type=int, default=1, metavar="N",
                   help="esverify with every Nth damage; 0: never [1]")
    p.add_argument("--import", type=int, default=1, metavar="N", dest="do_import",
                   help="esimport with every Nth damage; a prime meets all bits [1]")
    p.add_argument("--finish", action="store_true",
                   help="import the whole archive behind the damaged one, into the same target")
    p.add_argument("--jobs", type=int, default=2, help="at a time [2]")
    p.add_argument("--workers", default="1", help="of the programs [1]")
    p.add_argument("mode", choices=("flip-all", "flip-random", "cut-all", "pipe-all", "structure"))
    p.add_argument("archive")
    p.add_argument("args", nargs="*")
    o = p.parse_args()
    o.pipe = o.mode == "pipe-all"
    if o.pipe:
        o.verify, o.finish = 0, True
    # Thousands of small databases: in memory where there is such a file system.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of rmtree
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    o.tmp = tempfile.mkdtemp(prefix="damage-", dir=root)
    try:
        return run_all(o, Archive(o.archive))
    finally:
        shutil.rmtree(o.tmp)


if __name__ == "__main__":
    sys.exit(main())
