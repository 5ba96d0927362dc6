#!/usr/bin/env python3
"""Is every function of the product at most 70 lines long and every file at most 500?

A function is counted from the line its declaration begins on to its closing brace.
"""

import re

import source

FUNCTION_LINES = 70
FILE_LINES = 500


def without_directives(code):
    """Preprocessor lines blanked (with their continuations): their braces are not code."""
    return re.sub(
        r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.M
    )


def functions(code):
    """(name, first line, last line) of every function definition."""
    code = without_directives(code)
    depth = 0
    begin = 0  # where the current top-level declaration begins
    opened = None  # (name, first line) while inside a function
    for position, char in enumerate(code):
        if char == "{":
            if depth == 0:
                opened = definition(code[begin:position], source.line_of(code, begin))
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                if opened:
                    yield (*opened, source.line_of(code, position))
                    begin = position + 1
                opened = None
        elif char == ";" and depth == 0:
            begin = position + 1


def definition(head, line):
    """(name, first line) if the text before a brace is a function's, else None."""
    stripped = head.lstrip()
    first = line + head.count("\n", 0, len(head) - len(stripped))
    if "=" in stripped or not stripped.rstrip().endswith(")"):
        return None
    name = re.search(r"(\w+)\s*\(", stripped)
    return (name.group(1), first) if name else None


def check(root):
    complaints = []
    for path in source.product_files(root):
        text = source.read(root, path)
        lines = text.count("\n") + (not text.endswith("\n") and text != "")
        if lines > FILE_LINES:
            complaints.append(f"{path}: {lines} lines, at most {FILE_LINES}; split it by noun")
        for name, first, last in functions(source.code_only(text)):
            length = last - first + 1
            if length > FUNCTION_LINES:
                complaints.append(
                    f"{path}:{first}: {name}() has {length} lines, at most {FUNCTION_LINES}"
                )
    return complaints


def long_function(lines, head="static int f(int a,\n             int b)\n"):
    body = lines - head.count("\n") - 2
    return head + "{\n" + "    g(\"}\", '{');\n" * body + "}\n"


CASES = [
    ("just short enough", {"base/a.c": "int x;\n" + long_function(70)}, None),
    (
        "one line too long",
        {"base/a.c": "int x;\n" + long_function(71)},
        "base/a.c:2: f() has 71 lines",
    ),
    ("after another", {"base/a.c": long_function(9) + "\n" + long_function(75)}, "has 75 lines"),
    (
        "a table is no function",
        {"base/a.c": "static const int t[] = {\n" + "    1,\n" * 90 + "};\n"},
        None,
    ),
    ("a struct is no function", {"base/a.h": "struct s {\n" + "    int a;\n" * 90 + "};\n"}, None),
    (
        "braces in directives and comments",
        {"base/a.c": "#define OPEN {\n/* { */ // {\n" + long_function(10)},
        None,
    ),
    (
        "after a table with braces",
        {"base/a.c": "static struct s t[] = {{1}, {2}};\n" + long_function(80)},
        "has 80 lines",
    ),
    ("file of 500 lines", {"base/a.h": "\n" * 500}, None),
    ("file of 501 lines", {"base/a.h": "\n" * 501}, "501 lines"),
]

if __name__ == "__main__":
    source.main(check, CASES, "functions and files keep to their limits")
