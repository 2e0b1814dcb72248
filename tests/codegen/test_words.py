"""Comments: what is escaped, wrapped and listed."""

import pytest

from caws_codegen.load import Model, Ref, Shape, load_model
from caws_codegen.words import (block_comment, code, escape, field_comment, items, member_words,
                                prose)
from conftest import ROOT


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


def test_logs_has_words_of_ours():
    """Every operation, and every type that has no name of its operation's."""
    model = load_model(ROOT / "model" / "logs" / "2014-03-28" / "service-2.json", "logs")
    operations = model.operations.values()
    ends = {end for operation in operations for end in (operation.input, operation.output)}
    types = [shape for shape in model.shapes.values()
             if (shape.type == "structure" or shape.get("enum")) and shape.name not in ends
             and not shape.get("exception") and not shape.get("eventstream")]
    assert operations
    assert types
    assert [part.name for part in (*operations, *types) if not part.get("documentation")] == []


@pytest.mark.parametrize(("kind", "of_member", "of_type", "words"), [
    ("string", "its own", "the type's", "Its own."),
    ("string", None, "the type's", "The type's."),
    ("string", None, None, ""),
    ("structure", None, "the type's", ""),  # its struct says it
    ("list", None, "the type's", ""),
])
def test_member_without_words_has_those_of_its_type(kind, of_member, of_type, words):
    item = Ref("Cage") if kind == "list" else None
    shapes = {"Cage": Shape("Cage", kind, {"documentation": of_type}, {}, item, None, None)}
    ref = Ref("Cage", {"documentation": of_member})
    owner = Shape("Zoo", "structure", {}, {"cage": ref}, None, None, None)
    assert member_words(Model(None, {}, {}, shapes), owner, "cage", ref, False, None) == words


@pytest.mark.parametrize(("kind", "words"), [("string", "One of X_..."),
                                             ("list", "Each one of X_...")])
def test_member_with_enum(kind, words):
    """The enum's own words stand at the enum."""
    enum = Shape("E", "string", {"enum": ["A"], "documentation": "words"}, {}, None, None, None)
    shapes = {"E": enum, "Es": Shape("Es", "list", {}, {}, Ref("E"), None, None)}
    ref = Ref("Es" if kind == "list" else "E")
    owner = Shape("Zoo", "structure", {}, {"cage": ref}, None, None, None)
    assert member_words(Model(None, {}, {}, shapes), owner, "cage", ref, False, "X_") == words
