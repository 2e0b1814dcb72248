"""What a C program can see of generated headers, read from the headers' own text: the witness for
the verdicts of ./dev update-model, that knows nothing of models."""

import re
import subprocess
from pathlib import Path

from conftest import ROOT

FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'runtime' / 'include'}"]


def _field(text: str) -> tuple[str, str]:
    """A member's declaration with @ in place of its name, and the name."""
    function = re.fullmatch(r"(.*\(\*)(\w+)(\)\(.*\))", text)
    before, name, behind = (function or re.fullmatch(r"(.*?)(\w+)()", text)).groups()
    return f"{before}@{behind}", name


class Headers:
    def __init__(self, include: Path):
        text = "\n".join(path.read_text() for path in sorted(include.rglob("*.h")))
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
        self.macros = re.findall(r'^#define (\w+) +"', text, re.MULTILINE)
        text = " ".join(re.sub(r"^#.*$", "", text, flags=re.MULTILINE).split())
        self.structs = {
            name: [_field(field.strip()) for field in body.split(";") if field.strip()]
            for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", text)
        }
        self.constants = [name for body in re.findall(r"typedef enum \w+ \{(.*?)\}", text)
                          for name in re.findall(r"(\w+) =", body)]
        self.functions = re.findall(r"CAWS_API ([^;(]*?)(\w+)\(([^;]*)\);", text)
        self.aliases = re.findall(r"typedef (\w+) (\w+);", text)

    def program(self) -> str:
        """Uses every name, each with the type that it has here."""
        parts = []
        for name, fields in self.structs.items():
            fields = [(kind, field) for kind, field in fields if field != "unused_"]
            body = " ".join(f"{{ {kind.replace('@', '*p')} = &s->{field}; (void)p; }}"
                            for kind, field in fields)
            parts.append(f"void use_{name}({name} *s) {{ (void)s; {body} }}")
        for result, name, arguments in self.functions:
            parts.append(f"{result}(*use_{name})({arguments}) = {name};")
        for name in self.constants:
            parts.append(f"int use_{name} = {name};")
        for name in self.macros:
            parts.append(f"const char *use_{name} = {name};")
        for target, name in self.aliases:
            parts.append(f"{name} *alias_{name}({target} *s) {{ return s; }}")
        return "#include <caws/zoo.h>\n" + "\n".join(parts) + "\n"

    def probe(self) -> str:
        """Prints every number that a compiler takes from these headers into a program. The size of a
        structure is one of them where programs allocate it or index an array of it."""
        lines = []
        for name, fields in self.structs.items():
            for _, field in fields:
                if field != "unused_":
                    lines.append(f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));')
        for name in sorted(self._allocated() | self._indexed()):
            lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for name in self.constants:
            lines.append(f'printf("{name} %d\\n", (int){name});')
        for name in self.macros:
            lines.append(f'printf("{name} %s\\n", {name});')
        return ("#include <caws/zoo.h>\n#include <stddef.h>\n#include <stdio.h>\nint main(void)\n{\n"
                + "\n".join(lines) + "\nreturn 0;\n}\n")

    def _allocated(self) -> set[str]:
        aliases = {name: target for target, name in self.aliases}
        todo = [name for _, _, arguments in self.functions
                for name in re.findall(r"const (\w+) \*input\b", arguments)]
        found = set()
        while todo:
            name = aliases.get(todo[-1], todo[-1])
            todo.pop()
            if name in self.structs and name not in found:
                found.add(name)
                todo += [word for kind, _ in self.structs[name] for word in re.findall(r"\w+", kind)]
        return found

    def _indexed(self) -> set[str]:
        return {word for fields in self.structs.values() for kind, field in fields
                if field == "items" for word in re.findall(r"\w+", kind) if word in self.structs}


def compiles(text: str, include: Path) -> tuple[bool, str]:
    result = subprocess.run(["gcc", *FLAGS, f"-I{include}", "-fsyntax-only", "-xc", "-"], input=text,
                            text=True, capture_output=True, check=False)
    return result.returncode == 0, result.stderr


def run(text: str, include: Path, folder: Path) -> str:
    binary = folder / "probe"
    subprocess.run(["gcc", *FLAGS, f"-I{include}", "-xc", "-", "-o", str(binary)], input=text,
                   text=True, check=True)
    return subprocess.run([str(binary)], capture_output=True, text=True, check=True).stdout
