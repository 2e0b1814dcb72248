"""Compiles constraint patterns to tables that the runtime runs (struct caws_pattern in schema.h).

The public library for this, greenery, takes seconds to minutes for repetitions like {1,1024} and
does not read the dialect of AWS models, hence our own few hundred lines.

The rule over all others: the validator must not refuse a value that the service takes. Where
dialects differ the larger reading holds (pattern_chars.py and pattern_parse.py say where), and what
is too much for a table is relaxed to a larger language. The whole value must match, whether or not
the pattern says so with ^ and $: services written in Java match like that, and models are full of
unanchored patterns.
"""

import bisect
from dataclasses import dataclass, field

from . import pattern_dfa
from .pattern_chars import LAST
from .pattern_parse import Char, Choice, Parser, PatternUnsupported, Repeat, Sequence

__all__ = ["Dfa", "PatternUnsupported", "compile"]

MAX_STATES = 2_000
MAX_TABLE_BYTES = 16 * 1024
MAX_CLASSES = 256  # caws_pattern_range has 8 bits for them


@dataclass(frozen=True)
class Dfa:
    """The members of struct caws_pattern, and how they came about."""

    source: str
    state_count: int
    class_count: int
    ascii: list[int]  # the class of each ASCII character
    ranges: list[tuple[int, int, int]]  # (first, last, class); sorted, not ASCII, class not 0
    next: list[int]  # state_count * class_count
    accept: bytes  # bit s % 8 of byte s / 8 for state s
    relaxed: list[str] = field(default_factory=list)  # what makes the language larger; for a report

    @property
    def accepts_everything(self) -> bool:
        """Whether there is nothing to check."""
        return self.class_count == 1 and self.next[1] == 1 and self.accept[0] == 0b10

    @property
    def table_bytes(self) -> int:
        """The size of the constants in C, without the struct itself and the source text."""
        return len(self.ascii) + 8 * len(self.ranges) + 2 * len(self.next) + len(self.accept)

    def match(self, text: str) -> bool:
        """What caws_pattern_match does in C."""
        state = 1
        for character in text:
            state = self.next[state * self.class_count + self._class_of(ord(character))]
        return bool(self.accept[state // 8] >> state % 8 & 1)

    def _class_of(self, code_point: int) -> int:
        if code_point < 128:
            return self.ascii[code_point]
        index = bisect.bisect_right(self.ranges, (code_point, LAST, MAX_CLASSES)) - 1
        if index < 0 or self.ranges[index][1] < code_point:
            return 0
        return self.ranges[index][2]


def compile(pattern: str) -> Dfa:
    """The tables of a pattern. Raises PatternUnsupported, whose text is the reason."""
    parser = Parser(pattern)
    tree = parser.parse()
    while True:
        try:
            automaton = pattern_dfa.build(tree)
        except pattern_dfa.TooLarge:
            automaton = None
        if automaton is not None and _fits(automaton):
            return _tables(pattern, automaton, parser.relaxed)
        parser.relaxed.append(_relax_largest_count(tree))


def _fits(automaton: pattern_dfa.Automaton) -> bool:
    states = len(automaton.rows)
    return (
        states <= MAX_STATES
        and automaton.class_count <= MAX_CLASSES
        and 2 * states * automaton.class_count <= MAX_TABLE_BYTES
    )


def _weight(tree) -> int:
    """How many characters the tree spells out once its repetitions are written in full."""
    if isinstance(tree, Char):
        return 1
    if isinstance(tree, Sequence):
        return sum(map(_weight, tree.items))
    if isinstance(tree, Choice):
        return sum(map(_weight, tree.branches))
    if isinstance(tree, Repeat):
        return _weight(tree.item) * max(tree.low, tree.high or 1)
    return 0


def _counted_repeats(tree) -> list[Repeat]:
    if isinstance(tree, Repeat):
        inner = _counted_repeats(tree.item)
        return [tree, *inner] if max(tree.low, tree.high or 0) > 1 else inner
    parts = tree.items if isinstance(tree, Sequence) else getattr(tree, "branches", [])
    return [repeat for part in parts for repeat in _counted_repeats(part)]


def _relax_largest_count(tree) -> str:
    """Lets the heaviest counted repetition of the tree go on without limit; says so in a note."""
    repeats = _counted_repeats(tree)
    if not repeats:
        raise PatternUnsupported("too many states")
    heaviest = max(repeats, key=_weight)
    heaviest.low, heaviest.high = min(heaviest.low, 1), None
    return f"repetition {heaviest.text} read as {{{heaviest.low},}}"


def _tables(pattern: str, automaton: pattern_dfa.Automaton, relaxed: list[str]) -> Dfa:
    ascii_classes = [0] * 128
    ranges = []
    for first, last, index in automaton.intervals:
        for code_point in range(first, min(last, 127) + 1):
            ascii_classes[code_point] = index
        if last >= 128 and index != 0:
            ranges.append((max(first, 128), last, index))
    accept = bytearray((len(automaton.accepting) + 7) // 8)
    for state, accepting in enumerate(automaton.accepting):
        accept[state // 8] |= accepting << state % 8
    return Dfa(
        source=pattern,
        state_count=len(automaton.rows),
        class_count=automaton.class_count,
        ascii=ascii_classes,
        ranges=ranges,
        next=[state for row in automaton.rows for state in row],
        accept=bytes(accept),
        relaxed=relaxed,
    )
