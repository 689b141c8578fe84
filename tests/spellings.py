#!/usr/bin/env python3
"""Makes random JSON in random spellings, as data of events.

    spellings.py SEED N FOLDER

FOLDER/one.jsonl and FOLDER/two.jsonl have N events that mean the same, in other words: order of
keys, keys that come twice, white space, escapes, exponents.  FOLDER/changed.jsonl has them in a third
spelling, and the data of each means something else in one place.  Nothing is in them that jsonb of
PostgreSQL refuses.

Two numbers mean the same where value and digits behind the point are the same.
"""
import pathlib
import random
import sys

CHARS = "abcXYZ 09/\"\\\b\f\n\r\t\x01\x1f\x7féßЖ€\u2028\ufeff\uffff😀\U0010ffff"
SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
         "\t": "\\t"}
LITERALS = ("null", "true", "false")
SIZES = (1, 2, 5, 17, 40)


def random_text(rng):
    """Of characters that are spelt in several ways."""
    return "".join(rng.choice(CHARS) for _ in range(rng.randrange(8)))


def random_tree(rng, depth=0):
    """(kind, content); of a number: its digits as an integer, and how many are behind the point."""
    kind = rng.choice(("literal", "text", "number", "number", "list", "object")[:6 if depth < 4 else 4])
    if depth == 0:
        kind = rng.choice((kind, "list", "object"))
    if kind == "literal":
        return kind, rng.choice(LITERALS)
    if kind == "text":
        return kind, random_text(rng)
    if kind == "number":
        digits = rng.choice((0, rng.randrange(10 ** rng.choice(SIZES)))) * rng.choice((1, 10, -1000))
        return kind, (digits, rng.choice((0, 0, 1, 2, 20)))
    items = [random_tree(rng, depth + 1) for _ in range(rng.randrange(5))]
    if kind == "list":
        return kind, items
    return kind, list({random_text(rng): item for item in items}.items())


def meaning(tree):
    """What can be compared."""
    kind, content = tree
    if kind == "list":
        return kind, tuple(meaning(item) for item in content)
    if kind == "object":
        return kind, frozenset((key, meaning(value)) for key, value in content)
    return tree


def spell_text(rng, text):
    """Characters as they are, short escapes, \\u escapes."""
    out = ""
    for char in text:
        units = char.encode("utf-16-be").hex()
        units = rng.choice((units.lower(), units.upper()))
        spelt = ["".join("\\u" + units[i:i + 4] for i in range(0, len(units), 4))]
        if char in SHORT:
            spelt.append(SHORT[char])
        if char >= " " and char not in '"\\':
            spelt.append(char)
        out += rng.choice(spelt)
    return f'"{out}"'


def spell_number(rng, digits, scale):
    """The digits, how many of them stand behind the point, and an exponent.  What an exponent has more
    than there are digits behind the point makes an integer larger."""
    exponent = 0
    if rng.random() < 0.3:
        return digits, scale, 0
    if scale:
        exponent = rng.randrange(-scale, 6)
        return digits, scale + exponent, exponent
    while len(digits) > 1 and digits[-1] == "0" and rng.random() < 0.7:
        digits, exponent = digits[:-1], exponent + 1
    behind = rng.randrange(4)
    return digits, behind, exponent + behind


def number_text(rng, number, scale):
    """The text of one spelling."""
    digits, behind, exponent = spell_number(rng, str(abs(number)), scale)
    digits = digits.rjust(behind + 1, "0")
    text = "-" if number < 0 or (number == 0 and rng.random() < 0.5) else ""
    text += digits[:-behind] + "." + digits[-behind:] if behind else digits
    if exponent or rng.random() < 0.2:
        mark = "-" if exponent < 0 else rng.choice(("", "+"))
        text += rng.choice("eE") + mark + rng.choice(("", "0")) + str(abs(exponent))
    return text


def spell(rng, tree):
    """One text of all that mean the same."""
    def gap():
        return rng.choice(("", "", " ", "\t", " \t "))
    kind, content = tree
    if kind == "literal":
        return content
    if kind == "text":
        return spell_text(rng, content)
    if kind == "number":
        return number_text(rng, *content)
    if kind == "list":
        return "[" + ",".join(gap() + spell(rng, item) + gap() for item in content) + "]"
    members = rng.sample(content, len(content))
    for key, _ in content:
        if rng.random() < 0.2:  # one that does not count, before the one that does
            last = next(i for i in reversed(range(len(members))) if members[i][0] == key)
            members.insert(rng.randrange(last + 1), (key, random_tree(rng, 4)))
    return "{" + ",".join(gap() + spell_text(rng, key) + gap() + ":" + gap() + spell(rng, value) +
                          gap() for key, value in members) + "}"


def change_here(rng, tree):
    """Another tree, by one change at its top."""
    kind, content = tree
    if kind == "literal":
        return kind, rng.choice(LITERALS)
    if kind == "text":
        return rng.choice(((kind, content.swapcase()), (kind, content + " "), (kind, content[1:]),
                           ("literal", "null")))
    if kind == "number":
        digits, scale = content
        return kind, rng.choice(((digits + 1, scale), (-digits, scale), (digits * 10, scale + 1),
                                 (digits * 10 ** 30 + 1, scale + 30)))
    if kind == "list":
        return kind, rng.choice((content + [("literal", "null")], content[1:], content[::-1]))
    return kind, rng.choice((content[1:], content[:-1] + [("+" + k, v) for k, v in content[-1:]],
                             [(k, v) for k, v in content if k != "+"] + [("+", ("literal", "null"))]))


def change(rng, tree):
    """Another tree, by one change somewhere in it."""
    kind, content = tree
    if kind in ("list", "object") and content and rng.random() < 0.8:
        i = rng.randrange(len(content))
        item = content[i]
        item = change(rng, item) if kind == "list" else (item[0], change(rng, item[1]))
        return kind, content[:i] + [item] + content[i + 1:]
    return change_here(rng, tree)


def another(rng, tree):
    """Changed, so that it means something else."""
    while True:
        changed = change(rng, tree)
        if meaning(changed) != meaning(tree):
            return changed


def main():
    """Three files."""
    rng, count, folder = random.Random(int(sys.argv[1])), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    trees = [random_tree(rng) for _ in range(count)]
    for name, made in (("one", trees), ("two", trees), ("changed", [another(rng, t) for t in trees])):
        with open(folder / f"{name}.jsonl", "w", encoding="utf-8", newline="\n") as file:
            for i, tree in enumerate(made):
                file.write(f'{{"position":{i + 1},"stream":"s-{i % 7}","version":{i // 7},'
                           f'"id":"id-{i + 1}","type":"T","data":{spell(rng, tree)}}}\n')


if __name__ == "__main__":
    main()
