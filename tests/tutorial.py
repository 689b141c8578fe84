#!/usr/bin/env python3
"""Follow a section of a document word for word, in the current folder.

    tutorial.py DOCUMENT HEADING
    tutorial.py --json DOCUMENT

Blocks of code are indented by four blanks. One that begins with "$ " holds commands for bash, each
with what it prints below it. One behind a paragraph that ends with "`NAME`:" is the file NAME.
Others are passed over. How long something took, how well it was compressed and where a server is
differ from run to run: they are not compared.

With --json: print each block of the document that is a JSON object, or members of one, in a line.
"""
import json
import re
import subprocess
import sys


def section(path, heading):
    """The lines below a heading, up to the next one that is not below it."""
    lines, depth = [], 0
    for line in open(path, encoding='utf-8').read().splitlines():
        found = re.match('(#+) (.*)', line)
        if found and found.group(2) == heading:
            depth = len(found.group(1))
        elif found and depth and len(found.group(1)) <= depth:
            break
        elif depth:
            lines.append(line)
    if not lines:
        sys.exit(f'{path}: has no heading {heading!r}')
    return lines


def blocks(lines):
    """Pairs of the last line of text before a block, and the lines of the block."""
    before, block = '', []
    for line in [*lines, 'the end']:
        if line.startswith('    ') or (block and not line):
            block.append(line[4:])
            continue
        if block:
            yield before, '\n'.join(block).rstrip('\n') + '\n'
            block = []
        before = line or before


def steady(text):
    text = re.sub(r'\d+\.\d s\b', 'N s', text)
    text = re.sub(r'\d[\d.]* (B|KiB) as \d[\d.]* (B|KiB)', 'N as N', text)
    return re.sub(r'postgres://\S*/', 'postgres:///', text)


def run(command, wanted):
    print(f'$ {command}', flush=True)
    done = subprocess.run(['bash', '-c', command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, encoding='utf-8', check=False)
    print(done.stdout, end='', flush=True)
    if steady(done.stdout) != steady(wanted):
        sys.exit(f'the document says:\n{wanted}')


def follow(path, heading):
    steps = 0
    for before, block in blocks(section(path, heading)):
        name = re.search(r'`([^`/]+\.\w+)`:$', before)
        if name:
            with open(name.group(1), 'w', encoding='utf-8') as out:
                out.write(block)
        elif block.startswith('$ '):
            for command, wanted in re.findall(r'^\$ (.*)\n((?:(?!\$ ).*\n)*)', block, re.M):
                run(command, wanted)
                steps += 1
    if not steps:
        sys.exit(f'{heading}: shows no command')


def print_json(path):
    for _, block in blocks(open(path, encoding='utf-8').read().splitlines()):
        if block[0] in '{"':
            text = block if block[0] == '{' else '{' + block + '}'
            print(json.dumps(json.loads(text), ensure_ascii=False))


if sys.argv[1] == '--json':
    print_json(sys.argv[2])
else:
    follow(sys.argv[1], sys.argv[2])
