"""The mutants are the faults that are meant, and nothing that is no code is changed."""

import pathlib

import pytest

import mutate

ROOT = pathlib.Path(__file__).resolve().parents[2]


def changes(code):
    """What becomes of the body of a function, by mutant."""
    text = f"int f(int a)\n{{\n{code}\n}}\n"
    return {mutant.apply(text)[len("int f(int a)\n{\n"):-len("\n}\n")]
            for mutant in mutate.mutants("f.c", text)}


@pytest.mark.parametrize(("code", "expected"), [
    ("    return a < b;", {"    return a <= b;", "    return a >= b;"}),
    ("    return a && b;", {"    return a || b;"}),
    ("    return p->x << c;", {"    return p->x >> c;"}),
    ("    return !a;", set()),  # only conditions lose their negation
    ("    return true;", {"    return false;"}),
    ("    return 7;", {"    return 8;", "    return 6;"}),
    ("    return x + 0x10;", {"    return x - 0x10;", "    return x + 17;", "    return x + 15;"}),
    ("    call(a);", {"    ;"}),
    ("    a = b;", {"    ;"}),
    ("    if (a)\n        call(b);", {"    if (!(a))\n        call(b);", "    if (a)\n        ;"}),
    ("    for (;;)\n        break;", {"    for (;;)\n        ;"}),
    ("    int a = b;", set()),
    ("    const char *a = b;", set()),
    ("    caws_buffer *a;", set()),
    ("    return a;", set()),
    ("    /* a < 1 */ // b > 2", set()),
    ('    return "a < 1" == b;', {'    return "a < 1" != b;'}),
    ("#define A (b < 1)", set()),
    ("    char c = '<';", set()),
])
def test_mutants(code, expected):
    assert changes(code) == expected


def test_statement_of_several_lines():
    assert changes("    call(a,\n         b);") == {"    ;"}


def test_all_of_the_runtime_can_be_mutated():
    for path in (ROOT / "runtime/src").glob("*.c"):
        text = path.read_text()
        found = mutate.mutants(path.name, text)
        assert found or path.name == "version.c", path.name
        lines = text.splitlines()
        for mutant in found:
            assert mutant.apply(text) != text
            assert not lines[mutant.line - 1].lstrip().startswith(("#", "//", "/*", "* "))
