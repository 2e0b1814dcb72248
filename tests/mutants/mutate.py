"""Small faults for C source text: operators, bounds, constants, conditions and statements.

It reads text as .clang-format leaves it (a binary operator has a space on both sides, a pointer's star
does not) and knows just enough C to leave strings, comments, declarations and the preprocessor alone.
What does not compile all the same is dropped by those who compile it.
"""

import dataclasses
import re

OPERATORS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
    "&": ["|"], "|": ["&"], "^": ["|"], "<<": [">>"], ">>": ["<<"],
    "+=": ["-=", "="], "-=": ["+=", "="], "|=": ["&=", "="], "&=": ["|="],
}
STEPS = {"++": "--", "--": "++"}
WORDS = {"true": "false", "false": "true"}
NUMBER = re.compile(r"(?<![\w.])(0x[0-9A-Fa-f]+|\d+)(?![\w.])")
NOISE = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
                   r"""|^[ \t]*\#(?:\\\n|[^\n])*""", re.DOTALL | re.MULTILINE)
HEADER = re.compile(r"(?:\}\s*)?(?:else\b|do\b|default\s*:|case\b[^:;]*:|\w+:(?!:))\s*")
GUARD = re.compile(r"(?:if|while|for|switch)\s*\(")
DECLARATION = re.compile(r"(?:const|static|struct|enum|union|typedef|extern|unsigned|volatile)\b"
                         r"|\w+\s+\**\w+|\w+\s*\*+\s*\w+\s*(?:=|;|,|\[)")
KEPT = re.compile(r"return\b|goto\b|static_assert\b|_Static_assert\b|\}?$")


@dataclasses.dataclass(frozen=True, order=True)
class Mutant:
    file: str  # name
    start: int  # of what is replaced
    end: int
    replacement: str
    line: int
    kind: str

    def apply(self, text):
        return text[:self.start] + self.replacement + text[self.end:]

    def describe(self, text):
        old = " ".join(text[self.start:self.end].split())
        return f"{old} -> {self.replacement or 'nothing'}"


def blanked(text):
    """The text with blanks where strings, comments and preprocessor lines are."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def mutants(name, text):
    """All mutants of a file, in the order of the text."""
    code = blanked(text)
    found = []

    def add(start, end, replacement, kind):
        found.append(Mutant(name, start, end, replacement, text.count("\n", 0, start) + 1, kind))

    for match in re.finditer(r"(?<= )([<>=!&|+\-*/%^]{1,2})(?=[ \n])", code):
        for other in OPERATORS.get(match[1], []):
            add(match.start(1), match.end(1), other, "operator")
    for match in re.finditer(r"\+\+|--", code):
        add(match.start(), match.end(), STEPS[match[0]], "operator")
    for match in re.finditer(r"(?<=[(=,&|] )!(?=[\w(])|(?<=\()!(?=[\w(])", code):
        add(match.start(), match.end(), "", "condition")
    for match in re.finditer(r"\b(true|false)\b", code):
        add(match.start(), match.end(), WORDS[match[1]], "constant")
    for match in NUMBER.finditer(code):
        value = int(match[1], 0)
        for other in (value + 1, value - 1) if value > 0 else (1,):
            add(match.start(), match.end(), str(other), "constant")
    for match in re.finditer(r"\b(?:if|while) \(", code):
        end = closing(code, match.end() - 1)
        add(match.end(), end, f"!({text[match.end():end]})", "condition")
    for start, end in statements(code):
        add(start, end, "", "statement")
    return sorted(set(found))


def closing(code, start):
    """Where the parenthesis at start is closed."""
    depth = 0
    for match in re.finditer(r"[()]", code[start:]):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return start + match.start()
    raise ValueError(f"a parenthesis is never closed: {code[start:start + 40]!r}")


def statements(code):
    """Start and end, before its semicolon, of each statement that may go: calls, assignments,
    break and continue."""
    begin, round_depth = 0, 0
    for match in re.finditer(r"[(){};]", code):
        sign = match[0]
        if sign in "()":
            round_depth += 1 if sign == "(" else -1
        elif round_depth == 0:
            if sign == ";":
                start = first_of_statement(code, begin, match.start())
                rest = code[start:match.start()]
                if code[begin:begin + 1] != "" and not KEPT.match(rest) and \
                        not DECLARATION.match(rest):
                    yield start, match.start()
            begin = match.end()


def first_of_statement(code, start, end):
    """Behind the heads that a statement has before it: else, case, if (...) and the like."""
    while True:
        blank = re.compile(r"\s*").match(code, start, end)
        start = blank.end()
        guard = GUARD.match(code, start, end)
        if guard:
            start = closing(code, guard.end() - 1) + 1
            continue
        head = HEADER.match(code, start, end)
        if not head or head.end() == start:
            return start
        start = head.end()
