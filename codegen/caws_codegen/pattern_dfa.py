"""From a pattern's tree to the smallest deterministic automaton of its language."""

from dataclasses import dataclass

from . import pattern_chars as chars
from .pattern_parse import Begin, Char, Choice, End, PatternUnsupported, Repeat, Sequence

# Bounds on the way to the automaton; a pattern that breaks one has too many states.
MAX_NODES = 20_000
MAX_CLOSURE_STEPS = 1_000_000
MAX_RAW_STATES = 8_000

DEAD, START = 0, 1


class TooLarge(Exception):
    pass


@dataclass
class Automaton:
    """Minimal, over classes of characters. States are numbered in the order in which a walk from
    the start meets them, class by class, so equal languages give equal automata."""

    intervals: list[tuple[int, int, int]]  # (first, last, class), all characters, in order
    class_count: int
    rows: list[list[int]]  # rows[state][class]
    accepting: list[bool]


def build(tree) -> Automaton:
    graph = _Graph(tree)
    intervals, members = _partition(graph.sets)
    rows, accepting = _determine(graph, members)
    rows, accepting = _number(*_minimise(rows, accepting))
    return _merge_classes(intervals, rows, accepting)


class _Graph:
    """The nondeterministic automaton. A node either consumes a character or branches without."""

    def __init__(self, tree):
        self.sets: list[chars.Ranges] = []  # distinct
        self._set_index: dict[chars.Ranges, int] = {}
        self.char: list[tuple[int, int] | None] = []  # (set, next node)
        self.branches: list[list[int]] = []
        self.begin: list[int | None] = []  # next node, if the value begins here
        self.end: list[int | None] = []  # next node, if the value ends here
        self.final = self._node()
        self.first = self._add(tree, self.final)
        self._steps = 0

    def _node(self, char=None, branches=(), begin=None, end=None) -> int:
        if len(self.char) >= MAX_NODES:
            raise TooLarge
        self.char.append(char)
        self.branches.append(list(branches))
        self.begin.append(begin)
        self.end.append(end)
        return len(self.char) - 1

    def _add(self, tree, following: int) -> int:
        """Adds the nodes of tree in front of the node following; returns the first of them."""
        if isinstance(tree, Char):
            ranges = chars.utf8(tree.ranges)
            index = self._set_index.setdefault(ranges, len(self.sets))
            if index == len(self.sets):
                self.sets.append(ranges)
            return self._node(char=(index, following))
        if isinstance(tree, Sequence):
            for item in reversed(tree.items):
                following = self._add(item, following)
            return following
        if isinstance(tree, Choice):
            return self._node(branches=[self._add(branch, following) for branch in tree.branches])
        if isinstance(tree, Begin):
            return self._node(begin=following)
        if isinstance(tree, End):
            return self._node(end=following)
        assert isinstance(tree, Repeat)
        return self._repeat(tree, following)

    def _repeat(self, tree: Repeat, following: int) -> int:
        copies = tree.low
        if tree.high is None:
            loop = self._node()
            item = self._add(tree.item, loop)
            self.branches[loop] = [item, following]
            first = item if copies else loop
            copies = max(copies - 1, 0)
        else:
            first = following
            for _ in range(tree.high - tree.low):
                first = self._node(branches=[self._add(tree.item, first), following])
        for _ in range(copies):
            first = self._add(tree.item, first)
        return first

    def closure(self, node: int, at_start: bool) -> tuple[list[int], bool]:
        """The consuming nodes reached from node without consuming; whether the value may end."""
        nodes, accepts = [], False
        seen, stack = set(), [(node, False)]
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            self._steps += 1
            if self._steps > MAX_CLOSURE_STEPS:
                raise TooLarge
            node, ended = place
            accepts = accepts or node == self.final
            char = self.char[node]
            if char and not ended:
                nodes.append(node)
            elif char and chars.intersect(self.sets[char[0]], chars.LINE_ENDS):
                # Java's $ also stands before a line end that ends the value.
                raise PatternUnsupported("line end after $")
            stack.extend((branch, ended) for branch in self.branches[node])
            if at_start and self.begin[node] is not None:
                stack.append((self.begin[node], ended))
            if self.end[node] is not None:
                stack.append((self.end[node], True))
        return nodes, accepts


def _partition(sets: list[chars.Ranges]) -> tuple[list[tuple[int, int, int]], list[list[int]]]:
    """Cuts all characters into intervals, and those into classes that no set tells apart. Returns
    the intervals and, for each class, the sets it is in."""
    changes: dict[int, int] = {0: 0}
    for index, ranges in enumerate(sets):
        for first, last in ranges:
            for edge in (first, last + 1):
                changes[edge] = changes.get(edge, 0) ^ (1 << index)
    changes.pop(chars.LAST + 1, None)
    edges = sorted(changes)
    intervals, classes, inside = [], {}, 0
    for edge, following in zip(edges, edges[1:] + [chars.LAST + 1]):
        inside ^= changes[edge]
        intervals.append((edge, following - 1, classes.setdefault(inside, len(classes))))
    members = [[i for i in range(len(sets)) if inside >> i & 1] for inside in classes]
    return intervals, members


def _determine(graph: _Graph, members: list[list[int]]) -> tuple[list[list[int]], list[bool]]:
    """The subset construction. A subset is an int: bit 0 for "accepts", the others for nodes."""
    bit_of: dict[int, int] = {}
    consuming = [node for node, char in enumerate(graph.char) if char]
    for bit, node in enumerate(consuming, start=1):
        bit_of[node] = bit

    def subset(node: int, at_start: bool) -> int:
        nodes, accepts = graph.closure(node, at_start)
        return sum((1 << bit_of[n] for n in nodes), int(accepts))

    follow: dict[int, int] = {}  # by node
    after = [0] * (len(consuming) + 1)  # by bit
    set_bits = [0] * len(graph.sets)
    for node in consuming:
        set_index, following = graph.char[node]
        set_bits[set_index] |= 1 << bit_of[node]
        if following not in follow:
            follow[following] = subset(following, False)
        after[bit_of[node]] = follow[following]
    class_bits = []
    for sets in members:
        bits = 0
        for index in sets:
            bits |= set_bits[index]
        class_bits.append(bits)

    moves: dict[int, int] = {0: 0}
    subsets = [0, subset(graph.first, True)]
    # The start is no other state's equal here: ^ holds in it alone.
    state_of = {0: DEAD}
    rows = []
    for state in subsets:  # grows as it goes
        row = []
        for bits in class_bits:
            moving = state & bits
            if moving not in moves:
                reached, left = 0, moving
                while left:
                    lowest = left & -left
                    reached |= after[lowest.bit_length() - 1]
                    left ^= lowest
                moves[moving] = reached
            reached = moves[moving]
            if reached not in state_of:
                if len(subsets) >= MAX_RAW_STATES:
                    raise TooLarge
                state_of[reached] = len(subsets)
                subsets.append(reached)
            row.append(state_of[reached])
        rows.append(row)
    return rows, [bool(state & 1) for state in subsets]


def _minimise(rows: list[list[int]], accepting: list[bool]):
    """Hopcroft's algorithm. Returns the rows over blocks, which blocks accept, and the blocks of
    the dead state and the start."""
    class_count = len(rows[0])
    sources: list[dict[int, list[int]]] = [{} for _ in range(class_count)]
    for state, row in enumerate(rows):
        for index, target in enumerate(row):
            sources[index].setdefault(target, []).append(state)
    blocks = [{s for s, a in enumerate(accepting) if a is kind} for kind in (False, True)]
    blocks = [block for block in blocks if block]
    block_of = [int(accepting[state]) if len(blocks) == 2 else 0 for state in range(len(rows))]
    waiting = {min(range(len(blocks)), key=lambda b: len(blocks[b]))}
    while waiting:
        splitter = list(blocks[waiting.pop()])
        for by_target in sources:
            touched: dict[int, set[int]] = {}
            for target in splitter:
                for state in by_target.get(target, ()):
                    touched.setdefault(block_of[state], set()).add(state)
            for block, inside in touched.items():
                if len(inside) == len(blocks[block]):
                    continue
                blocks[block] -= inside
                new = len(blocks)
                blocks.append(inside)
                for state in inside:
                    block_of[state] = new
                if block in waiting or len(inside) <= len(blocks[block]):
                    waiting.add(new)
                else:
                    waiting.add(block)
    examples = [next(iter(block)) for block in blocks]
    return (
        [[block_of[target] for target in rows[example]] for example in examples],
        [accepting[example] for example in examples],
        block_of[DEAD],
        block_of[START],
    )


def _number(rows, accepting, dead: int, start: int) -> tuple[list[list[int]], list[bool]]:
    if start == dead:
        raise PatternUnsupported("matches no value")
    order = [dead, start]
    number = {dead: DEAD, start: START}
    at = START
    while at < len(order):
        for target in rows[order[at]]:
            if target not in number:
                number[target] = len(order)
                order.append(target)
        at += 1
    return (
        [[number[target] for target in rows[state]] for state in order],
        [accepting[state] for state in order],
    )


def _merge_classes(intervals, rows, accepting) -> Automaton:
    """Makes one class of those that the states do not tell apart either. Class 0 is the one with
    the most intervals beyond ASCII, for characters in no range of the table have class 0."""
    columns = list(zip(*rows))
    pieces: list[tuple[int, int, tuple[int, ...]]] = []
    for first, last, index in intervals:
        if pieces and pieces[-1][2] == columns[index]:
            pieces[-1] = (pieces[-1][0], last, columns[index])
        else:
            pieces.append((first, last, columns[index]))
    beyond: dict[tuple[int, ...], int] = {}
    for _, last, column in pieces:
        if last >= 0x80:
            beyond[column] = beyond.get(column, 0) + 1
    numbers = {max(beyond, key=beyond.__getitem__): 0}
    for _, _, column in pieces:
        numbers.setdefault(column, len(numbers))
    return Automaton(
        [(first, last, numbers[column]) for first, last, column in pieces],
        len(numbers),
        [list(row) for row in zip(*numbers)],
        accepting,
    )
