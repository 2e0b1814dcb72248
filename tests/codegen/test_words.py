"""Comments: what is escaped, wrapped and listed."""

import pytest

from caws_codegen.words import block_comment, code, escape, field_comment, items, prose


@pytest.mark.parametrize(("text", "escaped"), [
    ("plain, with 5 % and a < b & c * d", "plain, with 5 % and a < b & c * d"),
    ("@param", r"\@param"),
    (r"a\b", r"a\\b"),
    ("<b>bold</b>", r"\<b>bold\</b>"),
    ("&lt;", r"\&lt;"),
    ("#Anchor *strong* %Word _soft_", r"\#Anchor \*strong* \%Word \_soft_"),
    ("snake_case_name", "snake_case_name"),
    ("the field `@ptr` of a@b", r"the field `@ptr` of a\@b"),
    ("one ` alone", r"one \` alone"),
])
def test_escape(text, escaped):
    assert escape(text) == escaped


@pytest.mark.parametrize(("text", "span"), [
    ("[^:*]*", "`[^:*]*`"),
    ("it's", "``it's``"),
    ("a`b", "``a`b``"),
    ("`", "`` ` ``"),
])
def test_code(text, span):
    assert code(text) == span


def test_prose():
    assert prose("  takes an animal in ") == "Takes an animal in."
    assert prose("") == ""


def test_lists_and_paragraphs():
    long = "word " * 30
    comment = block_comment(["Brief.", "", *items(["one", long]), *items(["three"], "Head:"),
                             *items([], "Head:"), "\nunder it"])
    assert comment == (
        "/**\n * Brief.\n *\n * - one\n * - " + " ".join(["word"] * 19) + "\n *   "
        + " ".join(["word"] * 11) + "\n *\n * Head:\n * - three\n * under it\n */")


def test_no_comment_ends_early():
    for made in (field_comment("a */ b /* c"), block_comment(["a */ b", "- /* c"])):
        assert made.startswith("/**")
        assert made.count("*/") == 1
        assert "/*" not in made[2:]
