"""Comments: what generated headers say in words, for readers of the header and for Doxygen."""

import re
import textwrap

from .load import SIZED, Model, Ref, Shape
from .tables import compile_pattern

WIDTH = 100
_LONGEST_PATTERN = 120
# To Doxygen: commands, tags, links, entities, emphasis, names that are not to be links, code.
_SPECIAL = re.compile(r"[\\@`]|<(?=[A-Za-z/!?])|#(?=\w)|&(?=#?\w+;)|[*%](?=\w)|(?<!\w)_(?=\w)")


def sanitize(text: str) -> str:
    """Text that can stand in a comment: one line, printable, no end and no start of a comment."""
    text = " ".join(text.split())
    text = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in text)
    return text.replace("*/", "* /").replace("/*", "/ *")


def field_comment(text: str, indent: int = 4) -> str:
    """/** One line */, or several with the end after the last word. The caller indents the first."""
    if not text:
        return ""
    lines = _wrap(text, WIDTH - indent - 7)
    return "/** " + ("\n" + " " * indent + " * ").join(lines) + " */"


def block_comment(paragraphs: list[str]) -> str:
    """A comment of several lines before a function or type; paragraphs that are empty are left
    out. One that begins with a newline stands directly under the one before it; one that begins with
    "- " is an item of a list."""
    lines: list[str] = []
    for paragraph in filter(None, paragraphs):
        if lines and not paragraph.startswith("\n"):
            lines.append("")
        text = paragraph.removeprefix("\n")
        lines += _wrap(text.removeprefix("- "), WIDTH - 3, "- " if text.startswith("- ") else "")
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */"


def _wrap(text: str, width: int, lead: str = "") -> list[str]:
    return textwrap.wrap(sanitize(text), width, initial_indent=lead,
                         subsequent_indent=" " * len(lead), break_long_words=False,
                         break_on_hyphens=False)


def items(texts: list[str], head: str = "") -> list[str]:
    """For block_comment: a list, an item a text, under its head if there is one. Nothing if there
    are no texts."""
    lines = [f"- {text}" for text in texts]
    if lines and head:
        lines.insert(0, head)
    return lines[:1] + [f"\n{line}" for line in lines[1:]]


def escape(text: str) -> str:
    """Text in which Doxygen sees no command, HTML tag, link, entity or emphasis, but what is between
    backticks."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if number % 2 else _SPECIAL.sub(r"\\\g<0>", part)
                   for number, part in enumerate(parts))


def code(text: str) -> str:
    """A code span. One that has a quote or backtick in it needs two backticks on each side."""
    if "`" in text or "'" in text:
        return f"`` {text} ``" if "`" in (text[0], text[-1]) else f"``{text}``"
    return f"`{text}`"


def prose(text: str) -> str:
    """A documentation text of the model as sentences."""
    return sentence(escape(text))


def sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text + "."


def listed(items: list[str], last: str = "and") -> str:
    return ", ".join(items[:-1]) + f" {last} {items[-1]}" if len(items) > 1 else "".join(items)


def _bounds(low, high, unit: str) -> str:
    """1 to 512 characters."""
    def count(number):
        if not unit:
            return f"{number:,}"
        plural = unit[:-1] + "ies" if unit.endswith("y") else unit + "s"
        return f"{number:,} {unit if number == 1 else plural}"

    if low is not None and high is not None:
        return count(high) if low == high else f"{low:,} to {count(high)}"
    if low is not None:
        return f"at least {count(low)}"
    return f"at most {count(high)}" if high is not None else ""


_UNITS = {"string": "character", "blob": "byte", "list": "item", "map": "entry"}


def constraint_words(model: Model, shape: Shape, depth: int = 0) -> str:
    """1 to 512 characters, matching [a-z]+; empty if there is none."""
    parts = []
    low, high = shape.get("min"), shape.get("max")
    if shape.type in SIZED and low == 0:
        low = None
    bounds = _bounds(low, high, _UNITS.get(shape.type, ""))
    if bounds:
        parts.append(bounds)
    if shape.get("maxBytes") is not None:
        parts.append(f"at most {shape.get('maxBytes'):,} bytes of UTF-8")
    pattern = shape.get("pattern")
    if pattern and not shape.get("enum") and compile_pattern(pattern) != (None, ""):
        parts.append(_pattern_words(shape.name, pattern))
    if shape.item is not None and depth < 2:
        inner = constraint_words(model, model.shapes[shape.item.shape], depth + 1)
        if inner:
            parts.append(f"each {inner}")
    return ", ".join(parts)


def _pattern_words(name: str, pattern: str) -> str:
    checked = "" if compile_pattern(pattern)[0] else " (which the service alone checks)"
    if (len(pattern) <= _LONGEST_PATTERN and pattern.isascii() and pattern.isprintable()
            and not any(text in pattern for text in ("``", "*/", "/*"))):
        return f"matching {code(pattern)}{checked}"
    return f"in the form of {name} (a pattern){checked}"


def member_words(model: Model, owner: Shape, name: str, ref: Ref, is_input: bool,
                 enum_prefix: str | None) -> str:
    """The comment of a struct's member."""
    shape = model.shapes[ref.shape]
    text = ref.get("documentation")
    if not text and shape.type not in ("structure", "list", "map") and "enum" not in shape.traits:
        text = shape.get("documentation")  # it has no type in C that could say it
    parts = [prose(text or "")]
    if enum_prefix is not None:
        parts.append(f"{'Each one' if shape.type == 'list' else 'One'} of {enum_prefix}...")
    if shape.type == "document":
        parts.append("A document: the text of one JSON value.")
    elif any(model.shapes[part.shape].type == "document"
             for part in (shape.item, shape.value) if part is not None):
        parts.append("Documents: each is the text of one JSON value.")
    if shape.type == "timestamp":
        parts.append("Milliseconds since 1970-01-01 00:00 UTC.")
    if ref.get("deprecated") or shape.get("deprecated"):
        parts.append("Deprecated.")
    if is_input:
        if name in owner.get("required", ()):
            parts.append("Required.")
        if ref.get("idempotencyToken"):
            parts.append("A random one is made when absent.")
        words = constraint_words(model, shape)
        if "`" in words and not any(parts):
            # Doxygen takes the first sentence apart at a dot in a pattern.
            parts.append(f"{shape.name}.")
        parts.append(sentence(words))
    return " ".join(filter(None, parts))
