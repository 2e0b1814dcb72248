"""Random values of botocore's shapes: valid inputs, answers as a service may send them, and texts
that match the patterns of models."""

import base64
import functools
import random
import re
import string

# The tree of a regular expression: private, but there is no other way to ask for a text that matches.
from re import _constants as op
from re import _parser as regex

from c_library import is_document

CHARACTERS = [chr(c) for c in range(1, 0x250)] + list("€ℵ漢字🙂\u2028\ufffd\U0010ffff")
LONGEST = 3000  # characters of a text, where its limit is more
MOST_ITEMS = 4  # of a list or map, where it need not have more
DEEPEST = 6  # levels of structures, of which optional members have more

# Java's classes that Python's regular expressions lack: some characters of each.
CLASSES = {r"\p{L}": "a-zA-ZßЖ漢ª", r"\p{Z}": " \u00a0\u2028", r"\p{N}": "0-9²Ⅷ٣"}


class Chooser(random.Random):
    """Chooses valid inputs."""

    def often(self, probability):
        return self.random() < probability

    def input(self, shape, level=0):
        """A valid value, as botocore's serializer takes it."""
        if is_document(shape):
            return self.document()
        return getattr(self, f"_{shape.type_name}")(shape, level)

    def _structure(self, shape, level):
        if shape.is_tagged_union:
            name = self.choice(list(shape.members))
            return {name: self.input(shape.members[name], level + 1)}
        probability = 0.6 if level < DEEPEST else 0
        return {name: self.input(member, level + 1) for name, member in shape.members.items()
                if name in shape.required_members or self.often(probability)}

    def _list(self, shape, level):
        return [self.input(shape.member, level + 1) for _ in range(self._count(shape))]

    def _map(self, shape, level):
        count, result = self._count(shape), {}
        if shape.key.enum:
            count = min(count, len(shape.key.enum))
        while len(result) < count:
            result[self.input(shape.key)] = self.input(shape.value, level + 1)
        return result

    def _count(self, shape):
        least = shape.metadata.get("min", 0)
        most = min(shape.metadata.get("max", MOST_ITEMS), max(MOST_ITEMS, least))
        return self.choice([least, self.randint(least, most), most])

    def _string(self, shape, level):
        if shape.enum:
            return self.choice(shape.enum)
        if shape.metadata.get("pattern"):
            return self.matching(shape.metadata)
        return "".join(self.choices(CHARACTERS, k=self._length(shape.metadata)))

    def _length(self, metadata):
        least = metadata.get("min", 0)
        most = max(least, min(metadata.get("max", 100), LONGEST))
        return self.choice([least, min(least + 1, most), self.randint(least, most), most])

    def _boolean(self, shape, level):
        return self.often(0.5)

    def _integer(self, shape, level):
        bits = 63 if shape.type_name == "long" else 31
        least = shape.metadata.get("min", -(2**bits))
        most = shape.metadata.get("max", 2**bits - 1)
        beyond_double = min(most, 2**bits // 512 + 1)  # 2^53 + 1 of a long has no double
        return self.choice([least, most, self.randint(least, most), max(least, beyond_double)])

    def _double(self, shape, level):
        least, most = shape.metadata.get("min", -1.7e308), shape.metadata.get("max", 1.7e308)
        value = self.choice([0.1, -0.0, 5e-324, 2.5, 1e21, 123456789.125, self.uniform(-1, 1),
                             self.uniform(-1, 1) * 10 ** self.randint(-300, 300), least, most])
        return float(min(max(value, least), most))

    _long = _integer
    _float = _double

    def _timestamp(self, shape, level):
        return self.randint(0, 2**32)

    def _blob(self, shape, level):
        return self.randbytes(self._length(shape.metadata))

    def document(self, level=0):
        """Anything that JSON can say."""
        simple = [None, True, 2**63 - 1, -0.5, "ü\n\"", ""]
        if level > 2 or self.often(0.5):
            return self.choice(simple)
        items = [self.document(level + 1) for _ in range(self.randint(0, 3))]
        return self.choice([items, {str(number): item for number, item in enumerate(items)}])

    def matching(self, metadata):
        """A text that matches the whole pattern, of a length within the limits."""
        pattern = translated(metadata["pattern"])
        tree = regex.parse(pattern, re.ASCII)
        least, most = metadata.get("min", 0), metadata.get("max", LONGEST)
        for _ in range(200):
            text = self._match(tree, self._length(metadata))
            if least <= len(text) <= most and re.fullmatch(pattern, text, re.ASCII):
                return text
        raise AssertionError(f"no text found of {least} to {most} characters for {pattern}")

    def _match(self, tree, room):
        """A text that matches the tree, of about so many characters as there is room."""
        text = ""
        for code, argument in tree:
            text += self._match_one(code, argument, room - len(text))
        return text

    def _match_one(self, code, argument, room):
        if code is op.AT:
            return ""
        if code is op.SUBPATTERN:
            return self._match(argument[-1], room)
        if code is op.MAX_REPEAT:
            least, most, tree = argument
            most = least + max(0, min(most - least, room - least))
            count = self.choice([least, most, most, self.randint(least, most)])
            each = 1 if len(tree) == 1 and tree[0][0] is not op.SUBPATTERN else room // (count or 1)
            return "".join(self._match(tree, each) for _ in range(count))
        return self.choice(alphabet(code, tuple(argument) if code is op.IN else argument))


@functools.cache
def alphabet(code, argument):
    """The characters that a node of a regular expression for one character matches. Those that
    most patterns are about are there three times."""
    usual = list(string.ascii_letters + string.digits + "Ж²Ⅷ٣") * 2
    return [c for c in CHARACTERS + usual if is_in(code, argument, c)]


def translated(pattern):
    """A model's pattern as Python reads it: classes that Java knows, and "-" behind a class."""
    for name, characters in CLASSES.items():
        pattern = pattern.replace(name, characters)
    return re.sub(r"(\\[wds])-(?=[^\]])", r"\1\\-", pattern)


def is_in(code, argument, character):
    """Whether a node of a regular expression that stands for one character matches this one."""
    point = ord(character)
    if code is op.IN:
        negated = argument[0][0] is op.NEGATE
        return negated != any(is_in(*item, character) for item in argument if item[0] is not op.NEGATE)
    if code is op.LITERAL:
        return point == argument
    if code is op.NOT_LITERAL:
        return point != argument
    if code is op.RANGE:
        return argument[0] <= point <= argument[1]
    if code is op.ANY:
        return character not in "\n\r\u0085\u2028\u2029"  # Java's line ends
    if code is op.CATEGORY:
        escape = {op.CATEGORY_WORD: r"\w", op.CATEGORY_DIGIT: r"\d", op.CATEGORY_SPACE: r"\s",
                  op.CATEGORY_NOT_WORD: r"\W", op.CATEGORY_NOT_DIGIT: r"\D",
                  op.CATEGORY_NOT_SPACE: r"\S"}[argument]
        return re.fullmatch(escape, character, re.ASCII) is not None
    raise NotImplementedError(code)


# --- answers -------------------------------------------------------------------------------------


class Answerer(Chooser):
    """Chooses what a service may send: no limits, enum values of tomorrow, members of tomorrow,
    nulls, members in any order."""

    def answer(self, shape, level=0):
        """A value as json.dumps takes it."""
        kind = shape.type_name
        if is_document(shape):
            return self.document()
        if kind == "structure":
            return self._answered_structure(shape, level)
        if kind == "list":
            return [self._item(shape.member, level) for _ in range(self._many(level))]
        if kind == "map":
            return {self.answer(shape.key): self._item(shape.value, level)
                    for _ in range(self._many(level))}
        if kind == "string":
            known = shape.enum and self.often(0.8)
            return self.choice(shape.enum) if known else self._any_text()
        if kind == "blob":
            return base64.b64encode(self.randbytes(self.randint(0, 50))).decode()
        return self.input(unlimited(shape))

    def _many(self, level):
        return self.choice([0, 1, 2, 3, 7] if level < 3 else [0, 1])

    def _any_text(self):
        return "".join(self.choices(CHARACTERS, k=self.choice([0, 1, 5, 60, 300])))

    def _item(self, shape, level):
        if shape.type_name == "string" and self.often(0.1):
            return None
        return self.answer(shape, level + 1)

    def _answered_structure(self, shape, level):
        if shape.is_tagged_union:
            name = self.choice(list(shape.members))
            return {name: self.answer(shape.members[name], level + 1)}
        probability = 0.7 if level < DEEPEST else 0.1
        values = {name: self.answer(member, level + 1) for name, member in shape.members.items()
                  if self.often(probability)}
        for name in shape.members:
            if name not in values and self.often(0.3):
                values[name] = None
        if self.often(0.3):
            values["ofTomorrow"] = self.document()
        names = list(values)
        if self.often(0.5):
            self.shuffle(names)
        return {name: values[name] for name in names}


class unlimited:
    """A shape of a number, of any value."""

    def __init__(self, shape):
        self.type_name, self.metadata = shape.type_name, {}


# --- comparison ----------------------------------------------------------------------------------


def same(a, b):
    """Equal as JSON is: 1 is 1.0, but not true."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and a == b
