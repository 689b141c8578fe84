"""Random edits of a store's lines, and what esverify must find.

    edits.py SEED A.jsonl B.jsonl [renumber]    writes both, prints the wanted findings

Each edit stands apart from the others, so what it makes is known by construction.
"""
import json
import random
import sys


def event(n, has_ids):
    e = {"position": n, "stream": "s-%d" % (n % 5), "version": n // 5, "type": "T", "data": {"n": n}}
    if has_ids:
        e["id"] = "id-%d" % n
    return e


def change(e, r, has_ids):
    field = r.choice(["type", "data", "time", "id" if has_ids else "metadata"])
    return dict(e, **{field: "2026-01-01T00:00:00Z" if field == "time" else "changed"})


def main():
    r = random.Random(int(sys.argv[1]))
    renumber = sys.argv[4:] == ["renumber"]
    has_ids = r.random() < 0.7
    a = [event(n, has_ids) for n in range(1, r.randint(20, 400))]
    b, wanted, new = [], [], 0
    i = 0
    while i < len(a):
        edit = r.random() if i % 4 == 0 else 1.0  # at least three untouched events between
        e = a[i]
        if edit < 0.1:
            wanted.append("missing %d" % e["position"])
        elif edit < 0.2 and renumber:
            new += 1
            x = {"position": 0, "stream": "new", "version": new, "type": "N", "data": new}
            if has_ids:
                x["id"] = "new-%d" % new
            b += [x, e]
            wanted.append("extra new %d" % new)
        elif edit < 0.3 and i + 1 < len(a):
            f = a[i + 1]
            b += [f, e] if renumber else [dict(f, position=e["position"]), dict(e, position=f["position"])]
            wanted.append("out-of-order %d" % e["position"])
            i += 1
        elif edit < 0.4:
            b.append(change(e, r, has_ids))
            wanted.append("different %d" % e["position"])
        else:
            b.append(e)
        i += 1
    if renumber:
        b = [dict(e, position=n + 1) for n, e in enumerate(b)]
    for path, events in ((sys.argv[2], a), (sys.argv[3], b)):
        with open(path, "w") as out:
            for e in events:
                out.write(json.dumps(e) + "\n")
    print("\n".join(wanted))


main()
