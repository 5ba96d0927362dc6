"""What the lint scripts share: the product's files, their code without comments, planted trees."""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "schemas", "judges", "filters", "worker", "coordinator", "cli"]

TOKEN = re.compile(
    r"""//(?:\\\n|[^\n])*"""  # line comment
    r"""|/\*.*?\*/"""  # block comment
    r'''|"(?:\\.|[^"\\\n])*"'''
    r"""|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)


def product_files(root):
    """All .c and .h files of the layers, sorted, as paths relative to root."""
    found = []
    for layer in LAYERS:
        for path in (root / layer).rglob("*"):
            if path.suffix in (".c", ".h"):
                found.append(path.relative_to(root))
    return sorted(found)


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def code_only(text):
    """The text with comments and the contents of literals blanked; line numbers stay."""

    def blank(match):
        kept = re.sub(r"[^\n]", " ", match.group())
        quote = match.group()[0]
        return quote + kept[1:-1] + quote if quote in "\"'" else kept

    return TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def self_test(check, cases):
    """cases: (what is planted, {path: text}, part of the complaint or None when it must pass)."""
    failed = 0
    for name, files, complaint in cases:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                target = pathlib.Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            complaints = check(pathlib.Path(folder))
        expected = complaint is not None
        if bool(complaints) != expected or (expected and complaint not in "\n".join(complaints)):
            failed += 1
            print(f"self-test: {name}: expected {complaint!r}, got {complaints}")
    print(f"self-test: {len(cases) - failed} of {len(cases)} planted cases are seen")
    return failed == 0


def main(check, cases, passed):
    """Runs check(root) or, with --self-test, the planted cases; the exit status is 0 or 1."""
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test(check, cases) else 1)
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:
        sys.exit(f"usage: {sys.argv[0]} [ROOT | --self-test]")
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else ROOT
    complaints = check(root)
    for complaint in complaints:
        print(complaint)
    print(passed if not complaints else f"{len(complaints)} to mend")
    sys.exit(1 if complaints else 0)
