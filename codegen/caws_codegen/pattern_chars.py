"""Sets of characters as patterns name them.

A set is a sorted tuple of (first, last) pairs of code points, merged where they touch. What a
pattern names is a Class: two sets, since the dialects disagree on some names. A character in `must`
belongs to the class in every dialect, one in `may` in at least one. The validator refuses nothing
that some dialect takes, so it compiles `may`; `must` is there because a complement turns the two
round.
"""

import bisect
import functools
import itertools
import unicodedata
from dataclasses import dataclass

LAST = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]

ALL: Ranges = ((0, LAST),)
SURROGATES = (0xD800, 0xDFFF)


def merge(ranges) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    result, start = [], 0
    for first, last in ranges:
        if start < first:
            result.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def intersect(a: Ranges, b: Ranges) -> Ranges:
    return complement(merge(complement(a) + complement(b)))


def contains(ranges: Ranges, point: int) -> bool:
    index = bisect.bisect_right(ranges, (point, LAST))
    return index > 0 and point <= ranges[index - 1][1]


@dataclass(frozen=True)
class Class:
    must: Ranges
    may: Ranges

    def complement(self) -> "Class":
        return Class(complement(self.may), complement(self.must))

    def union(self, other: "Class") -> "Class":
        return Class(merge(self.must + other.must), merge(self.may + other.may))


def exactly(ranges) -> Class:
    merged = merge(ranges)
    return Class(merged, merged)


def point(code_point: int) -> Class:
    return exactly([(code_point, code_point)])


NOTHING = exactly([])
DIGIT = exactly([(0x30, 0x39)])
WORD = exactly([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])

# Java's \s is ASCII; ECMA's is Unicode white space with U+FEFF. U+0085 is white space to Unicode,
# and to Java once it is told to read classes by Unicode.
_ASCII_SPACE: Ranges = ((0x09, 0x0D), (0x20, 0x20))
SPACE = Class(
    _ASCII_SPACE,
    merge(
        _ASCII_SPACE
        + ((0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029))
        + ((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF))
    ),
)

# ECMA's \v is U+000B, Java's is every vertical white space.
VERTICAL_TAB = Class(((0x0B, 0x0B),), ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)))

# Java's dot stops at U+0085 too, ECMA's does not.
LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029))
DOT = Class(complement(LINE_ENDS), complement(((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))))
DOT_ALL = exactly(ALL)

_CATEGORIES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn"
).split()

# Pictographs: Unicode puts nothing but symbols here, so an emoji need not be taken for a letter
# even where its version of Unicode is unknown. (U+1F100 to U+1F10F are numbers.)
_PICTOGRAPHS: Ranges = ((0x1F000, 0x1F0FF), (0x1F110, 0x1FAFF))


def _possible_categories(code_point: int) -> frozenset[str] | None:
    """The categories that a character has in one version of Unicode or another; None: any.

    Services run on versions of Unicode that we do not know. A character that Unicode 3.2 (2002)
    had has the category of then or of now; a later one may belong anywhere, for a service may not
    know it, or know it better than this Python. That also keeps the output the same under every
    Python.
    """
    character = chr(code_point)
    then = unicodedata.ucd_3_2_0.category(character)
    if then == "Cn":
        if contains(_PICTOGRAPHS, code_point):
            return frozenset(("Sm", "Sc", "Sk", "So", "Cn"))
        return None
    return frozenset((then, unicodedata.category(character)))


@functools.cache
def _category_runs() -> list[tuple[int, int, frozenset[str] | None]]:
    runs = []
    for categories, points in itertools.groupby(range(LAST + 1), key=_possible_categories):
        points = list(points)
        runs.append((points[0], points[-1], categories))
    return runs


@functools.cache
def _in_categories(names: frozenset[str]) -> Class:
    must, may = [], []
    for first, last, categories in _category_runs():
        if categories is not None and categories <= names:
            must.append((first, last))
        if categories is None or categories & names:
            may.append((first, last))
    return Class(merge(must), merge(may))


def _categories(prefixes: str) -> Class:
    return _in_categories(
        frozenset(name for name in _CATEGORIES if name.startswith(tuple(prefixes.split())))
    )


def property_class(name: str) -> Class | None:
    """What \\p{name} stands for: general categories, and the names of Java that models use."""
    if name in _CATEGORIES or name in ("L", "M", "N", "P", "S", "Z", "C"):
        return _categories(name)
    if name == "LD":
        return _categories("L Nd")
    if name == "ASCII":
        return exactly([(0, 0x7F)])
    if name == "Print":
        return exactly([(0x20, 0x7E)])
    if name == "Alnum":
        return exactly([(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)])
    if name == "Alpha":
        # ASCII in Java; in ECMA the property Alphabetic: letters, some marks, numbers and symbols.
        return Class(((0x41, 0x5A), (0x61, 0x7A)), _categories("L M Nl So").may)
    if name == "Punct":
        # Java counts ASCII symbols, others go by the category.
        ascii_marks = merge([(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)])
        marks = _categories("P")
        return Class(intersect(ascii_marks, marks.must), merge(ascii_marks + marks.may))
    return None


@functools.cache
def _case_variants() -> dict[int, frozenset[int]]:
    groups: dict[int, frozenset[int]] = {}
    for code_point in range(0x20000):  # no letter with case is above
        character = chr(code_point)
        for variant in (character.lower(), character.upper(), character.casefold()):
            if len(variant) == 1 and variant != character:
                both = [code_point, ord(variant)]
                group = frozenset(both).union(*(groups.get(c, ()) for c in both))
                for member in group:
                    groups[member] = group
    return groups


@functools.cache
def ignore_case(named: Class) -> Class:
    """The class with the other case of its letters; Java goes beyond ASCII only when told to."""
    must, may = list(named.must), list(named.may)
    for code_point, group in _case_variants().items():
        ascii_other = code_point ^ 0x20
        if code_point < 0x80 and contains(named.must, code_point):
            must.append((ascii_other, ascii_other))
        if contains(named.may, code_point):
            may.extend((other, other) for other in group)
    return Class(merge(must), merge(may))


def utf8(ranges: Ranges) -> Ranges:
    """The set as it shows in UTF-8, where surrogates do not occur and so may stand on either side:
    they go with the character before them, which keeps ranges whole."""
    before, (first, last) = SURROGATES[0] - 1, SURROGATES
    if contains(ranges, before):
        return merge(ranges + (SURROGATES,))
    return intersect(ranges, ((0, first - 1), (last + 1, LAST)))
