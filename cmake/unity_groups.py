#!/usr/bin/env python3
"""Says which source files can be compiled as one: cmake/unity_groups.py SIZE FILE...

Prints a line `FILE=GROUP` for each. Two files are never together if both declare a name (at the start of a line, as
clang-format leaves what is in a namespace), or take it from different places: one of them may be local to its file.
"""
import os
import re
import sys

NOTHING_DECLARED = ("TEST", "INSTANTIATE", "static_assert", "namespace", "template")
WORDS = {"const", "noexcept", "override", "void"}
TYPE = re.compile(r"^(?:struct|class|enum class|enum|union|using) (\w+)\b(?!::)", re.M)
DECLARED = re.compile(r"(?<![:\w])([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*[=({]")
PLAIN = re.compile(r"([A-Za-z_]\w*);$")
FURTHER = re.compile(r"^ +(k[A-Z]\w*) = ", re.M)  # constants that have a line below the first of them
USING = re.compile(r"^using ((?:[\w:]+::)?(\w+));$", re.M)
# What follows would be read with it.
LEAKS = re.compile(r"^(?:#define|using enum|using namespace) ", re.M)


def declared_in(line):
    if line[:1] in (" ", "}", "/", "#", "") or line.startswith(NOTHING_DECLARED):
        return []
    kind = TYPE.match(line)
    names = [kind.group(1)] if kind else DECLARED.findall(line) or PLAIN.findall(line)
    return [name for name in names if name not in WORDS]


def names_in(text):
    """Each name that a file declares, and what it stands for: None for itself, else what it was taken from."""
    names = {name: full for full, name in USING.findall(text)}
    names.update({name: None for name in FURTHER.findall(text)})
    for line in text.splitlines():
        names.update({name: None for name in declared_in(line) if name not in names})
    return names


def types_in_headers(files):
    """A file with a type of its own that is called as one of a header goes alone: its neighbours may mean that one."""
    names = set()
    for folder, _, entries in os.walk(os.path.commonpath([os.path.dirname(file) for file in files])):
        for entry in entries:
            if entry.endswith(".h"):
                with open(os.path.join(folder, entry), encoding="utf-8") as header:
                    names.update(TYPE.findall(header.read()))
    return names


class Group:
    def __init__(self, closed=False):
        self.files, self.names, self.closed = [], {}, closed

    def takes(self, names, size):
        def agrees(name, full):
            return name not in self.names or (full is not None and self.names[name] == full)

        return not self.closed and len(self.files) < size and all(agrees(*each) for each in names.items())

    def add(self, file, names):
        self.files.append(file)
        self.names.update(names)


def groups_of(files, size):
    groups, taken = [], types_in_headers(files)
    for file in files:
        with open(file, encoding="utf-8") as source:
            text = source.read()
        names = names_in(text)
        alone = LEAKS.search(text) is not None or not taken.isdisjoint(TYPE.findall(text))
        group = None if alone else next((each for each in groups if each.takes(names, size)), None)
        if group is None:
            group = Group(closed=alone)
            groups.append(group)
        group.add(file, names)
    return groups


def main():
    size, files = int(sys.argv[1]), sorted(sys.argv[2:])
    for number, group in enumerate(groups_of(files, size)):
        for file in group.files:
            print(f"{file}={number}")


if __name__ == "__main__":
    main()
