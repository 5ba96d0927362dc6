#!/usr/bin/env python3
"""Do the includes keep to the layers?

base <- schemas <- judges <- filters <- {worker, coordinator} <- cli; worker and coordinator do not
know each other; no cycle between modules; third-party headers in their place. A module is foo.c,
foo.h and what is split off from them under a longer name (foo_bar.c, foo_bar.h).
"""

import collections
import re

import source

BELOW = {
    "base": [],
    "schemas": ["base"],
    "judges": ["base", "schemas"],
    "filters": ["base", "schemas", "judges"],
    "worker": ["base", "schemas", "judges", "filters"],
    "coordinator": ["base", "schemas", "judges", "filters"],
    "cli": ["base", "schemas", "judges", "filters", "worker", "coordinator"],
}
# header -> (folder it must be under, number of files that may include it)
PLACES = {
    "sqlite3.h": ("coordinator/store/", None),
    "curl/curl.h": ("worker/teacher/", None),
    "cJSON.h": ("base/", 1),
    "cjson/cJSON.h": ("base/", 1),
    "zmq.h": ("base/", 2),
    "yaml.h": ("base/", 1),
    "gmp.h": ("filters/answers/", None),
    "mpfr.h": ("filters/answers/", None),
    "mpfi.h": ("filters/answers/", None),
    "mpfi_io.h": ("filters/answers/", None),
    "pcre2.h": ("filters/answers/", 1),
}
# Plug-ins are named after what they are, but are modules of their own.
PLUGINS = (
    "judges/judge_",
    "filters/filter_",
    "filters/answers/checker_",
    "coordinator/imports/importer_",
    "coordinator/exports/exporter_",
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)


def includes(root, path):
    """(line, quote, name) of every include, comments left out."""
    text = source.read(root, path)
    code = source.code_only(text)
    for match in INCLUDE.finditer(text):
        if code[match.start() : match.end()].lstrip().startswith("#"):
            yield source.line_of(text, match.start(1)), match.group(1), match.group(2)


def edge_complaint(root, path, line, name):
    layer, target = path.parts[0], name.split("/")[0]
    where = f"{path}:{line}"
    if not (root / name).is_file():
        return f'{where}: "{name}" is no file of the repository; include by its path from the top'
    if target != layer and target not in BELOW[layer]:
        return f'{where}: {layer} must not include "{name}": {target} is not below it'
    return None


def family(module, modules):
    """The shortest module of the same folder that this one is split off from, or itself."""
    if module.startswith(PLUGINS):
        return module
    folder, _, name = module.rpartition("/")
    parts = name.split("_")
    for n in range(1, len(parts)):
        parent = f"{folder}/{'_'.join(parts[:n])}"
        if parent in modules:
            return parent
    return module


def module_edges(file_edges):
    """The edges between modules from those between files without suffix."""
    edges = {family(name, file_edges): set() for name in file_edges}
    for name, targets in file_edges.items():
        origin = family(name, file_edges)
        edges[origin] |= {family(target, file_edges) for target in targets} - {origin}
    return edges


def cycles(edges):
    """Modules that reach themselves, each cycle once, as lists that end where they begin."""
    found, state, trail = [], {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for target in sorted(edges[node]):
            if state.get(target) == "open":
                found.append(trail[trail.index(target) :] + [target])
            elif target not in state:
                visit(target)
        trail.pop()
        state[node] = "done"

    for node in sorted(edges):
        if node not in state:
            visit(node)
    return found


def check(root):
    complaints = []
    edges = collections.defaultdict(set)
    users = collections.defaultdict(list)
    for path in source.product_files(root):
        module = str(path.with_suffix(""))
        edges[module]
        for line, quote, name in includes(root, path):
            if name in PLACES:
                users[name].append((path, line))
            if quote == "<":
                continue
            complaint = edge_complaint(root, path, line, name)
            if complaint:
                complaints.append(complaint)
            target = name.rsplit(".", 1)[0]
            edges[module].add(target)
            edges[target]
    for header, (folder, most) in PLACES.items():
        for path, line in users[header]:
            if not str(path).startswith(folder):
                complaints.append(f"{path}:{line}: <{header}> belongs under {folder} only")
        files = sorted({str(path) for path, _ in users[header]})
        if most is not None and len(files) > most:
            complaints.append(
                f"<{header}> is in {len(files)} files, at most {most}: {', '.join(files)}"
            )
    complaints += [f"include cycle: {' -> '.join(cycle)}" for cycle in cycles(module_edges(edges))]
    return complaints


EMPTY = ""
CASES = [
    ("clean tree", {"base/a.h": EMPTY, "schemas/b.c": '#include "base/a.h"\n'}, None),
    (
        "upward edge",
        {"base/a.c": '#include "schemas/b.h"\n', "schemas/b.h": EMPTY},
        "schemas is not below it",
    ),
    (
        "worker knows coordinator",
        {"worker/a.c": '#include "coordinator/b.h"\n', "coordinator/b.h": EMPTY},
        "coordinator is not below it",
    ),
    (
        "coordinator knows worker",
        {"coordinator/a.c": '#include "worker/b.h"\n', "worker/b.h": EMPTY},
        "worker is not below it",
    ),
    (
        "two headers include each other",
        {"base/a.h": '#include "base/b.h"\n', "base/b.h": '#include "base/a.h"\n'},
        "include cycle",
    ),
    (
        "cycle over a source file",
        {
            "base/a.h": EMPTY,
            "base/a.c": '#include "base/b.h"\n',
            "base/b.h": '  #  include "base/a.h"\n',
        },
        "base/a -> base/b -> base/a",
    ),
    (
        "a module split in two",
        {
            "base/a.h": EMPTY,
            "base/a.c": '#include "base/a_parts.h"\n',
            "base/a_parts.h": '#include "base/a.h"\n',
        },
        None,
    ),
    (
        "a plug-in is no part of its contract",
        {
            "judges/judge.h": EMPTY,
            "judges/prompt.h": '#include "judges/judge.h"\n',
            "judges/judge_verdict.c": '#include "judges/prompt.h"\n',
        },
        None,
    ),
    ("sqlite outside the store", {"coordinator/a.c": "#include <sqlite3.h>\n"}, "sqlite3.h"),
    ("sqlite in the store", {"coordinator/store/a.c": "#include <sqlite3.h>\n"}, None),
    ("curl outside the teacher", {"worker/a.c": "#include <curl/curl.h>\n"}, "worker/teacher/"),
    (
        "cJSON twice",
        {"base/a.c": "#include <cjson/cJSON.h>\n", "base/b.c": "#include <cjson/cJSON.h>\n"},
        "at most 1",
    ),
    ("yaml in cli", {"cli/a.c": "#include <yaml.h>\n"}, "yaml.h"),
    ("include in a comment", {"base/a.c": '/*\n#include "cli/b.h"\n*/\n'}, None),
    ("unknown file", {"base/a.c": '#include "b.h"\n'}, "by its path from the top"),
]

if __name__ == "__main__":
    source.main(check, CASES, "the includes keep to the layers")
