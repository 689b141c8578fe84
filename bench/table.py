#!/usr/bin/env python3
"""The tables of the benchmark: which rows to run, and what they took.

    table.py choose REGEX                          # rows of rows.tsv, with what they are compared with
    table.py corpus ROWS                           # targets of corpus.mk that these name
    table.py report ROWS RESULTS EVENTS SCAN TICKS # for run.sh: what was measured, and the goals
"""
import csv
import os
import re
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = {"hundredth": 0.01, "tenth": 0.1, "whole": 1, "tenfold": 10, "single": 1}
SIZE = "(%s)" % "|".join(SIZES)
OF_SIZE = re.compile(rf"\b{SIZE}\b")
FILES = re.compile(rf"\b(?:{SIZE}|sql)/[a-z.-]+")
DATABASES = re.compile(rf"\bpostgres:(?:///)?{SIZE}\b")
STREAMS = re.compile(rf"\$nats[/ ]{SIZE}\b")
ALWAYS = ["tenth/events.db",  # to know how long events are
          "sql/nothing.sql", "sql/postgres-table.sql", "sql/postgres-indexes.sql"]


def read_tsv(path, names):
    """Lines with a # in front are for people."""
    with open(path, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and line[0] != "#"]
    for row in rows:
        if len(row) != len(names):
            sys.exit(f"{path}: {len(names)} columns are wanted: {row}")
    return [dict(zip(names, row)) for row in rows]


def read_rows(path):
    rows = read_tsv(path, ["group", "name", "against", "before", "command"])
    for row in rows:
        row["floors"] = names_of(row["against"])
    return rows


def read_goals():
    return read_tsv(f"{HERE}/goals.tsv", ["row", "measure", "relation", "value", "against"])


def names_of(cell):
    return [] if cell == "-" else cell.split("; ")


def check_names(rows, goals):
    """All that is named is there, once."""
    names = [row["name"] for row in rows]
    groups = {row["group"] + ":" for row in rows}
    named = [name for row in rows for name in row["floors"]]
    named += [name for goal in goals for name in names_of(goal["against"])]
    named += [goal["row"] for goal in goals if goal["row"] not in groups]
    bad = {name for name in names if names.count(name) > 1} | set(named) - set(names)
    if bad:
        sys.exit(f"rows.tsv, goals.tsv: not there, or twice: {', '.join(sorted(bad))}")


def choose(pattern):
    rows, goals = read_rows(f"{HERE}/rows.tsv"), read_goals()
    check_names(rows, goals)
    if pattern == "goals":
        names = {goal["row"] for goal in goals}
        names.update(name for goal in goals for name in names_of(goal["against"]))
    else:
        chosen = [row for row in rows if re.search(pattern, f"{row['group']}: {row['name']}")]
        names = {row["name"] for row in chosen}
        names.update(name for row in chosen for name in row["floors"])
    if not names:
        sys.exit(f"rows.tsv: no row is like {pattern}")
    for row in rows:
        if row["name"] in names:
            print("\t".join(row[key] for key in ("group", "name", "against", "before", "command")))


def corpus(rows_path):
    targets = set(ALWAYS)
    for command in (row["command"] for row in read_rows(rows_path)):
        targets.update(file[0] for file in FILES.finditer(command))
        targets.update(f"{size}/postgres" for size in DATABASES.findall(command))
        targets.update(f"{size}/nats" for size in STREAMS.findall(command))
    print("\n".join(sorted(targets)))


class Row:
    """What a row took in each round."""

    def __init__(self, row, events, ticks):
        size = OF_SIZE.search(row["command"])
        self.name, self.group, self.floors = row["name"], row["group"], row["floors"]
        self.events = int(events * SIZES[size[1]])
        self.ticks = ticks
        self.served = re.search(r"postgres:|pgsql:|\$nats", row["command"])
        self.state = None
        self.wall, self.cpus, self.peaks, self.server, self.out = [], [], [], [], 0

    def add(self, fields):
        if len(fields) == 1:
            self.state = {"missing": "not installed", "failed": "failed"}[fields[0]]
            return
        self.wall.append(int(fields[0]) / 1e6)
        self.cpus.append([float(word) for word in fields[1].split("+")])
        self.peaks.append([int(word) / 1024 for word in fields[2].split("+")])
        self.server.append(int(fields[3]) / self.ticks)
        self.out = int(fields[4])

    def speeds(self):
        return [self.events / wall for wall in self.wall]

    def cpu(self):
        return [sum(programs) for programs in self.cpus]

    def peak(self):
        return max(max(programs) for programs in self.peaks)


def spread(values, digits):
    """Median, least and greatest."""
    return (f"{statistics.median(values):.{digits}f}"
            f" ({min(values):.{digits}f}..{max(values):.{digits}f})")


def each(programs, digits):
    """Medians of the programs of a pipe."""
    return " + ".join(f"{statistics.median(column):.{digits}f}" for column in zip(*programs))


def ratios(row, floors, measure):
    """By rounds, against the slowest, or dearest, of the floors: what the machine does meanwhile
    meets both."""
    if measure == "speed":
        worst = [min(values) for values in zip(*(floor.speeds() for floor in floors))]
        return [mine / theirs for mine, theirs in zip(row.speeds(), worst)]
    of = {"wall": lambda r: r.wall, "cpu": Row.cpu}[measure]
    worst = [max(values) for values in zip(*(of(floor) for floor in floors))]
    return [mine / theirs for mine, theirs in zip(of(row), worst)]


def against(row, by_name):
    cells = []
    for floor in (by_name[name] for name in row.floors if name in by_name):
        ratio = floor.state or f"{statistics.median(ratios(row, [floor], 'speed')):.2f}"
        cells.append(f"{floor.name}: {ratio}")
    return "; ".join(cells)


def print_row(row, by_name, event_bytes):
    if row.state:
        print(f"| {row.name} | {row.state} | | | | | | |")
        return
    speeds = row.speeds()
    server = statistics.median(row.server)
    cells = [row.name, spread([speed / 1e3 for speed in speeds], 1),
             f"{statistics.median(speeds) * event_bytes / 1e6:.0f}", each(row.cpus, 2),
             f"{server:.2f}" if row.served else "", each(row.peaks, 0),
             f"{row.out / 1e6:.2f}" if row.out else "", against(row, by_name)]
    print("| " + " | ".join(cells) + " |")


def print_rows(rows, by_name, event_bytes):
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            print(f"\n### {group}\n")
            print("| row | k/s | MB/s | CPU s | server s | MiB | MB out | speed |")
            print("|---|---|---|---|---|---|---|---|")
        print_row(row, by_name, event_bytes)


def worst_of(goal, rows, floors):
    """The row that is farthest from a goal, and what was measured in each round."""
    measured = [(row.name, [row.peak()] if goal["measure"] == "peak"
                 else ratios(row, floors, goal["measure"])) for row in rows]
    pick = max if goal["relation"] == "<=" else min
    return pick(measured, key=lambda pair: statistics.median(pair[1]))


def verdict_of(goal, got):
    wanted = float(goal["value"])
    if got <= wanted if goal["relation"] == "<=" else got >= wanted:
        return "reached"
    return f"missed by {abs(got / wanted - 1):.0%}"


def print_goal(goal, rows, by_name):
    names = names_of(goal["against"])
    mine = [row for row in rows if goal["row"] in (row.name, row.group + ":") and not row.state]
    if not mine or not all(name in by_name for name in names):
        return
    floors = [by_name[name] for name in names]
    lost = [f"{floor.name}: {floor.state}" for floor in floors if floor.state]
    if lost:
        name, got, verdict = goal["row"], "", "; ".join(lost)
    else:
        name, values = worst_of(goal, mine, floors)
        got, verdict = spread(values, 2), verdict_of(goal, statistics.median(values))
    shown = name if name == goal["row"] else f"{goal['row']} {name}"
    wanted = f"{goal['measure']} {goal['relation']} {goal['value']}"
    print(f"| {shown} | {wanted} | {goal['against']} | {got} | {verdict} |")


def report(rows_path, results_path, events, scan, ticks):
    rows = [Row(row, int(events), int(ticks)) for row in read_rows(rows_path)]
    by_name = {row.name: row for row in rows}
    with open(results_path, encoding="utf-8") as results:
        for number, *fields in csv.reader(results, delimiter="\t"):
            rows[int(number) - 1].add(fields)
    count, size = (int(word) for word in re.findall(r"\d+", scan))
    print(f"\n{int(events)} events of {size / count:.0f} bytes, {max(len(row.wall) for row in rows)} rounds")
    print_rows(rows, by_name, size / count)
    print("\n### goals\n\n| row | goal | of the slowest of | got | |\n|---|---|---|---|---|")
    for goal in read_goals():
        print_goal(goal, rows, by_name)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "choose":
        choose(sys.argv[2])
    elif len(sys.argv) == 3 and sys.argv[1] == "corpus":
        corpus(sys.argv[2])
    elif len(sys.argv) == 7 and sys.argv[1] == "report":
        report(*sys.argv[2:])
    else:
        sys.exit(__doc__)
