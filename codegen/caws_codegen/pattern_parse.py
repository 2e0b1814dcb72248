"""Reads a pattern into a tree.

The dialects are ECMA-262 with Unicode (what Smithy says) and Java (what most services run). Where
they read a pattern differently, the tree stands for the union of the readings. What has no place in
a regular language is either dropped, which only makes the language larger (and is noted), or
refused.
"""

import re
from dataclasses import dataclass, field

from . import pattern_chars as chars
from .pattern_chars import Class

MAX_DEPTH = 100


class PatternUnsupported(Exception):
    """The pattern cannot be compiled; the text is the reason."""


@dataclass
class Char:
    ranges: chars.Ranges


@dataclass
class Sequence:
    items: list = field(default_factory=list)


@dataclass
class Choice:
    branches: list


@dataclass
class Repeat:
    item: object
    low: int
    high: int | None  # None: no limit
    text: str  # as the pattern has it


@dataclass
class Begin:
    pass


@dataclass
class End:
    pass


_COUNT = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_NO_LOWER_BOUND = re.compile(r"\{,[0-9]+\}")
_BACK_REFERENCE = re.compile(r"[1-9]|k<")
_LOOK_AROUND = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
}
_GROUP_NAME = re.compile(r"\(\?P?<[A-Za-z_][A-Za-z0-9_]*>")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_HEX = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|[ux]\{([0-9A-Fa-f]{1,6})\}")
_LOW_SURROGATE = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_OCTAL = re.compile(r"0([0-7]{0,2})(?![0-7])")
_PROPERTY = re.compile(r"[pP](?:\{([^}]*)\}|([A-Z]))")
_CONTROLS = {"n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C}
_CLASSES = {"d": chars.DIGIT, "s": chars.SPACE, "w": chars.WORD}


class Parser:
    def __init__(self, pattern: str):
        self.text = pattern
        self.at = 0
        self.depth = 0
        self.ignore_case = False
        self.dot_all = False
        self.relaxed: list[str] = []

    def parse(self):
        tree = self._choice()
        if self.at < len(self.text):
            raise PatternUnsupported("unmatched )")
        return tree

    def _rest(self, prefix: str) -> bool:
        return self.text.startswith(prefix, self.at)

    def _take(self, prefix: str) -> bool:
        if self._rest(prefix):
            self.at += len(prefix)
            return True
        return False

    def _match(self, expression: re.Pattern):
        found = expression.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def _relax(self, note: str) -> None:
        if note not in self.relaxed:
            self.relaxed.append(note)

    def _choice(self):
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(branches)

    def _sequence(self) -> Sequence:
        sequence = Sequence()
        while self.at < len(self.text) and not self._rest("|") and not self._rest(")"):
            sequence.items.append(self._quantified(self._atom()))
        return sequence

    def _quantified(self, item):
        start = self.at
        if self._take("*"):
            low, high = 0, None
        elif self._take("+"):
            low, high = 1, None
        elif self._take("?"):
            low, high = 0, 1
        elif count := self._match(_COUNT):
            low = int(count[1])
            high = low if count[2] is None else int(count[3]) if count[3] else None
            if high is not None and high < low:
                raise PatternUnsupported(f"repetition {count[0]} out of order")
        else:
            return item
        text = self.text[start : self.at]
        self._take("?")  # lazy: the same language
        # Java's possessive {2}+ may match less than {2}; a lenient parser reads it as repetition.
        if self._rest("+"):
            raise PatternUnsupported("possessive quantifier")
        if self._rest("*") or self._rest("?") or _COUNT.match(self.text, self.at):
            raise PatternUnsupported("quantifier after quantifier")
        return Repeat(item, low, high, text)

    def _atom(self):
        if self._rest("("):
            return self._group()
        if self._take("["):
            return self._char(self._bracket())
        if self._take("\\"):
            return self._escaped_atom()
        if self._take("^"):
            return Begin()
        if self._take("$"):
            return End()
        if self._take("."):
            return Char((chars.DOT_ALL if self.dot_all else chars.DOT).may)
        if self.text[self.at] in "*+?" or _COUNT.match(self.text, self.at):
            raise PatternUnsupported("nothing to repeat")
        # Other braces and a bracket that closes nothing are literal in ECMA (Annex B); Java refuses
        # an open brace. {,9} is literal to ECMA and a repetition elsewhere.
        if _NO_LOWER_BOUND.match(self.text, self.at):
            raise PatternUnsupported("repetition without lower bound")
        self.at += 1
        return self._char(chars.point(ord(self.text[self.at - 1])))

    def _char(self, named: Class) -> Char:
        return Char((chars.ignore_case(named) if self.ignore_case else named).may)

    def _group(self):
        start, flags = self.at, (self.ignore_case, self.dot_all)
        look_around = next((p for p in _LOOK_AROUND if self._rest(p)), None)
        if look_around:
            self.at += len(look_around)
        elif self._rest("(?") and not self._match(_GROUP_NAME):
            found = self._match(_FLAGS)
            if not found:
                raise PatternUnsupported(f"group {self.text[self.at : self.at + 3]}")
            self._set_flags(found[1], True)
            self._set_flags(found[2] or "", False)
            if found[3] == ")":
                return Sequence()  # the flags hold until the group around them ends
        else:
            self._take("(")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternUnsupported("groups nested too deeply")
        outer_notes = list(self.relaxed)
        body = self._choice()
        if not self._take(")"):
            raise PatternUnsupported("missing )")
        self.depth -= 1
        self.ignore_case, self.dot_all = flags
        if not look_around:
            return body
        # An assertion only ever takes values away. There is no complement in the language outside
        # assertions, so without it the pattern matches all that it did, and more.
        self.relaxed = outer_notes
        self._relax(f"{_LOOK_AROUND[look_around]} {self.text[start : self.at]} dropped")
        return Sequence()

    def _set_flags(self, letters: str, on: bool) -> None:
        for letter in letters:
            if letter == "i":
                self.ignore_case = on
            elif letter == "s":
                self.dot_all = on
            elif letter != "u":  # Unicode in (?i): already in the larger reading
                raise PatternUnsupported(f"flag {letter}")

    def _escaped_atom(self):
        if self._take("A"):
            return Begin()
        if self._take("z") or self._take("Z"):
            return End()
        for boundary in "bB":
            if self._take(boundary):
                self._relax(f"word boundary \\{boundary} dropped")
                return Sequence()
        if _BACK_REFERENCE.match(self.text, self.at):
            raise PatternUnsupported("back reference")
        escaped = self._escape()
        return self._char(chars.point(escaped) if isinstance(escaped, int) else escaped)

    def _escape(self) -> int | Class:
        """What follows a backslash, inside a bracket or out: a code point or a class."""
        if self.at == len(self.text):
            raise PatternUnsupported("backslash at the end")
        if found := self._match(_HEX):
            return self._code_point(int(found[1] or found[2] or found[3], 16))
        if found := self._match(_OCTAL):
            return int(found[1] or "0", 8)
        if found := self._match(_PROPERTY):
            named = chars.property_class(found[1] or found[2] or "")
            if named is None:
                raise PatternUnsupported(f"property {found[0]}")
            return named.complement() if found[0][0] == "P" else named
        letter = self.text[self.at]
        self.at += 1
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter == "v":
            return chars.VERTICAL_TAB
        if letter.lower() in _CLASSES:
            named = _CLASSES[letter.lower()]
            return named.complement() if letter.isupper() else named
        if letter.isascii() and letter.isalnum():
            raise PatternUnsupported(f"escape \\{letter}")
        return ord(letter)

    def _code_point(self, value: int) -> int:
        if 0xD800 <= value <= 0xDBFF and (low := self._match(_LOW_SURROGATE)):
            return 0x10000 + ((value - 0xD800) << 10) + int(low[1], 16) - 0xDC00
        if value > chars.LAST:
            raise PatternUnsupported("code point out of range")
        return value

    def _bracket(self) -> Class:
        negated = self._take("^")
        if self._rest("]"):
            raise PatternUnsupported("empty class")  # to Java the ] is the first member
        named = chars.NOTHING
        while not self._take("]"):
            first = self._member()
            if isinstance(first, int) and self._rest("-") and not self._rest("-]"):
                self.at += 1
                last = self._member()
                if isinstance(last, int):
                    if last < first:
                        raise PatternUnsupported("class range out of order")
                    named = named.union(self._range(first, last))
                    continue
                # No range ends in a class: the hyphen stands for itself.
                named = named.union(chars.point(ord("-"))).union(last)
            named = named.union(chars.point(first) if isinstance(first, int) else first)
        if self.ignore_case:
            named = chars.ignore_case(named)
        return named.complement() if negated else named

    @staticmethod
    def _range(first: int, last: int) -> Class:
        """A range over all surrogates takes any character to who counts in UTF-16."""
        plain = chars.exactly([(first, last)])
        if first <= chars.SURROGATES[0] and last >= chars.SURROGATES[1]:
            return Class(plain.must, chars.merge(plain.may + ((0x10000, chars.LAST),)))
        return plain

    def _member(self) -> int | Class:
        if self.at == len(self.text):
            raise PatternUnsupported("missing ]")
        if self._rest("&&"):
            raise PatternUnsupported("class intersection")
        if self._rest("["):
            raise PatternUnsupported("class in a class")  # to ECMA the [ is a member
        if self._take("\\"):
            return self._escape()
        self.at += 1
        return ord(self.text[self.at - 1])
