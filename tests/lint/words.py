#!/usr/bin/env python3
"""Does the product use a banned function, leave a note to do, or have a drawer for everything?"""

import re

import source

BANNED = {
    "strcpy": "snprintf or struct buf",
    "strcat": "snprintf or struct buf",
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "strtok": "struct slice",
    "atoi": "the parsers of base/text",
    "atol": "the parsers of base/text",
    "sscanf": "the parsers of base/text",
    "gets": "base/lines",
    "localtime": "base/clock",
    "rand": "base/rng",
    "srand": "base/rng",
    "time": "base/clock",
    "setlocale": "nothing: the program is locale-free",
}
# A call is a name before "(" that is no member; a definition or declaration counts too.
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
NOTE = re.compile(r"\b(TODO|FIXME|XXX)\b")
DRAWER = re.compile(r"^(util|utils|common|misc|helper|helpers)$")


def check(root):
    complaints = []
    for path in source.product_files(root):
        text = source.read(root, path)
        code = source.code_only(text)
        for match in CALL.finditer(code):
            name = match.group(1)
            line = source.line_of(code, match.start())
            complaints.append(f"{path}:{line}: {name}() is banned; use {BANNED[name]}")
        for match in NOTE.finditer(text):
            line = source.line_of(text, match.start())
            complaints.append(f"{path}:{line}: {match.group(1)}: do it, or file an issue")
        for part in path.with_suffix("").parts:
            if DRAWER.match(part):
                complaints.append(
                    f'{path}: "{part}" says nothing about what is inside; name it by its noun'
                )
    return complaints


CASES = [
    ("clean", {"base/a.c": 'void f(void) { g("sprintf(x) TOD0"); /* strcpy(a) */ }\n'}, None),
    (
        "longer names",
        {"base/a.c": "x = my_time(1) + clock_time (2) + strftime(3) + c->time(4);\n"},
        None,
    ),
    (
        "call of time",
        {"base/a.c": "long f(void)\n{\n    return time(0);\n}\n"},
        "base/a.c:3: time()",
    ),
    ("note in a comment", {"cli/a.h": "/* TODO: later */\n"}, "TODO"),
    ("mkstemp template", {"base/a.c": 'char t[] = "fileXXXXXX";\n'}, None),
    ("drawer", {"base/util.c": "int x;\n"}, '"util" says nothing'),
] + [(f"call of {name}", {"judges/a.c": f"{name} (x);\n"}, f"{name}()") for name in BANNED]

if __name__ == "__main__":
    source.main(check, CASES, "no banned word in the product")
