"""The shared libraries export what the headers declare, which is what the checked-in lists say."""

import re

import pytest

import symbols
from outside import ROOT

HEADERS = {"libcaws": ROOT / "runtime/include", "libcaws_logs": ROOT / "generated/logs/include"}
DECLARATION = re.compile(r"^(?:extern )?CAWS_API\s[^;(]*?\b(caws_\w+)\s*[(;]", re.MULTILINE)


@pytest.mark.parametrize("name", symbols.LIBRARIES)
def test_exports_equal_the_list(build_dir, name):
    lines = symbols.difference(name, symbols.exported(build_dir / f"{name}.so"))
    if lines:
        pytest.fail("\n".join([*lines, "If that is meant: python tests/consumers/symbols.py "
                                       f"{build_dir.relative_to(ROOT)} --update"]), pytrace=False)


@pytest.mark.parametrize("name", symbols.LIBRARIES)
def test_exports_equal_the_headers(build_dir, name):
    declared = {symbol for path in HEADERS[name].rglob("*.h")
                for symbol in DECLARATION.findall(path.read_text())}
    assert declared
    assert set(symbols.exported(build_dir / f"{name}.so")) == declared


@pytest.mark.parametrize("name", symbols.LIBRARIES)
def test_every_symbol_has_the_version_of_the_soname(build_dir, name):
    library = build_dir / f"{name}.so"
    number = re.fullmatch(rf"{name}\.so\.(\d+)", symbols.soname(library))[1]
    assert f"\nabi {number}\n" in (ROOT / "VERSION").read_text()
    version = f"{name.removeprefix('lib').upper()}_{number}"
    assert set(symbols.exported(library).values()) == {version}


def test_a_difference_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(symbols, "LISTS", tmp_path)
    (tmp_path / "libcaws.txt").write_text("caws_call\ncaws_wait\n")
    lines = symbols.difference("libcaws", {"caws_new": "CAWS_0", "caws_wait": "CAWS_0"})
    assert [line for line in lines if line[0] in "+-"] == [
        "--- symbols/libcaws.txt", "+++ libcaws.so", "-caws_call", "+caws_new"]
    assert symbols.difference("libcaws", {"caws_wait": "CAWS_0", "caws_call": "CAWS_0"}) == []
