"""endpoint-rule-set-1.json -> the tables of endpoint rules in <caws/schema.h>.

All that can be wrong with a rule set is found here: names, types, scopes and depth. The runtime
evaluates what it is given.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Where
from .load import check_keys, near, read_json
from .tables import c_string

FILE = "endpoint-rule-set-1.json"
MAX_VALUES = 64  # CAWS_RULES_MAX_VALUES
MAX_ARGUMENTS = 12  # CAWS_RULES_MAX_ARGUMENTS
MAX_DEPTH = 8  # of expressions in each other
_LONGEST_LITERAL = 4000  # C compilers need not take string literals over 4,095 characters

# Types of expressions. What has fields is an array to the runtime, and a field is an item of it.
STRING, BOOLEAN, INTEGER, STRINGS = "string", "boolean", "integer", "stringArray"
_FIELDS = {
    "partition": {"name": STRING, "dnsSuffix": STRING, "dualStackDnsSuffix": STRING,
                  "supportsFIPS": BOOLEAN, "supportsDualStack": BOOLEAN,
                  "implicitGlobalRegion": STRING},
    "url": {"scheme": STRING, "authority": STRING, "path": STRING, "normalizedPath": STRING,
            "isIp": BOOLEAN},
    "arn": {"partition": STRING, "service": STRING, "region": STRING, "accountId": STRING,
            "resourceId": STRINGS},
}
_OPERATORS = {  # name: (kind of node, types of the arguments; None: any)
    "isSet": ("CAWS_RULE_IS_SET", (None,)),
    "not": ("CAWS_RULE_NOT", (BOOLEAN,)),
    "stringEquals": ("CAWS_RULE_EQUAL", (STRING, STRING)),
    "booleanEquals": ("CAWS_RULE_EQUAL", (BOOLEAN, BOOLEAN)),
}
_FUNCTIONS = {  # name: (C, types of the arguments, of the result)
    "aws.isVirtualHostableS3Bucket":
        ("caws_rule_is_virtual_hostable_s3_bucket", (STRING, BOOLEAN), BOOLEAN),
    "aws.parseArn": ("caws_rule_parse_arn", (STRING,), "arn"),
    "aws.partition": ("caws_rule_partition", (STRING,), "partition"),
    "isValidHostLabel": ("caws_rule_is_valid_host_label", (STRING, BOOLEAN), BOOLEAN),
    "parseURL": ("caws_rule_parse_url", (STRING,), "url"),
    "substring": ("caws_rule_substring", (STRING, INTEGER, INTEGER, BOOLEAN), STRING),
    "uriEncode": ("caws_rule_uri_encode", (STRING,), STRING),
}
_SOURCES = {
    None: ("CAWS_RULE_CONTEXT", None),
    "AWS::Region": ("CAWS_RULE_REGION", STRING),
    "AWS::UseFIPS": ("CAWS_RULE_USE_FIPS", BOOLEAN),
    "AWS::UseDualStack": ("CAWS_RULE_USE_DUAL_STACK", BOOLEAN),
    "SDK::Endpoint": ("CAWS_RULE_CUSTOM_ENDPOINT", STRING),
    "AWS::Auth::AccountId": ("CAWS_RULE_ACCOUNT_ID", STRING),
    "AWS::Auth::AccountIdEndpointMode": ("CAWS_RULE_ACCOUNT_ID_MODE", STRING),
    # Settings for one service each, which caws does not have: as if nobody set them.
    "AWS::S3::Accelerate": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::S3::DisableMultiRegionAccessPoints": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::S3::ForcePathStyle": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::S3::UseArnRegion": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::S3::UseGlobalEndpoint": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::S3Control::UseArnRegion": ("CAWS_RULE_CONTEXT", BOOLEAN),
    "AWS::STS::UseGlobalEndpoint": ("CAWS_RULE_CONTEXT", BOOLEAN),
}
_TYPES = {"string": STRING, "boolean": BOOLEAN, "stringarray": STRINGS}
_SCHEME_KEYS = {"name": str}
_SCHEME_OPTIONS = {"signingName": str, "signingRegion": str, "signingRegionSet": list,
                   "disableDoubleEncoding": bool}
_TEMPLATE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ATTRIBUTE = re.compile(r"([A-Za-z][A-Za-z0-9]*)?(?:\[(\d+)\])?")


@dataclass(frozen=True)
class Expression:
    """nodes: (kind, count, value) in the order of the table, values that are texts as str."""

    type: str
    nodes: tuple[tuple[str, int, object], ...]
    words: str  # for a comment
    depth: int = 1


@dataclass
class Parameter:
    name: str
    source: str
    type: str
    required: bool
    default: int  # index of a node; 0: none


@dataclass
class EndpointRules:
    """The compiled tables of one service."""

    file: str
    parameters: list[Parameter] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # of nodes, as C
    conditions: list[int] = field(default_factory=list)
    rules: list[tuple[int, int, int, int]] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    value_count: int = 0
    text: bytes = b""
    texts: dict[str, int] = field(default_factory=dict)

    def find(self, where: Where, name: str) -> tuple[int, Parameter]:
        for index, parameter in enumerate(self.parameters):
            if parameter.name == name:
                return index, parameter
        where.fail(f"{self.file} has no parameter {name}"
                   + near(name, [parameter.name for parameter in self.parameters]))

    def context(self) -> dict:
        """For the template."""
        pieces = [f"{c_string(text)[:-1]}\\0\" /* {place} */" for text, place in self.texts.items()]
        if len(self.text) > _LONGEST_LITERAL:
            pieces = []
        return {
            "rules_model": self.file,
            "text_pieces": pieces,
            "text_bytes": [", ".join(map(str, self.text[start:start + 20])) + ","
                           for start in range(0, len(self.text), 20)],
            "lines": self.lines,
            "condition_lines": [", ".join(map(str, self.conditions[start:start + 20])) + ","
                                for start in range(0, len(self.conditions), 20)] or ["0,"],
            "rules": self.rules,
            "parameters": [
                {"name": self.texts[parameter.name], "source": parameter.source,
                 "flags": "CAWS_RULE_REQUIRED" if parameter.required else "0",
                 "default": parameter.default, "words": parameter.name}
                for parameter in self.parameters],
            "functions": self.functions,
            "value_count": self.value_count,
        }


def load_endpoint_rules(path: Path, file: str) -> EndpointRules | None:
    """None if there is no such file."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.exists():
            return check_endpoint_rules(read_json(candidate, file), file)
    return None


def check_endpoint_rules(data, file: str) -> EndpointRules:
    return _Compiler(data, file).result


class _Compiler:
    def __init__(self, data, file: str):
        self.where = Where(file)
        self.result = EndpointRules(file)
        self.slots: dict[str, int] = {}
        self.placed: dict[tuple, int] = {}
        self.node_count = 1  # node 0 is nothing
        self.result.lines.append("{CAWS_RULE_NONE, 0, 0},")
        check_keys(self.where, data, {"version": str, "parameters": dict, "rules": list},
                   {"serviceId": str, "documentation": str})
        if not data["version"].startswith("1."):
            self.where.fail(f"version {data['version']} is not known, only 1.0")
        scope = {}
        for name, parameter in data["parameters"].items():
            scope[name] = self._parameter(self.where.at(f"parameter {name}"), name, parameter)
        self._rules(self.where, data["rules"], scope, True)
        self.result.value_count = len(self.slots)
        if self.result.value_count > MAX_VALUES:
            self.where.fail(f"{self.result.value_count} parameters and variables; caws has room for "
                            f"{MAX_VALUES}")
        for what, size in (("nodes", self.node_count), ("bytes of text", len(self.result.text)),
                           ("conditions", len(self.result.conditions)),
                           ("rules", len(self.result.rules))):
            if size > 0xFFFF:
                self.where.fail(f"{size} {what}; caws can count to {0xFFFF}")

    def _parameter(self, where: Where, name: str, data) -> str:
        check_keys(where, data, {"type": str}, {
            "builtIn": str, "required": bool, "documentation": str,
            "default": (str, bool, list), "deprecated": dict})
        if data["type"].lower() not in _TYPES:
            where.fail(f"type {data['type']} is not known; known are {', '.join(_TYPES)}")
        kind = _TYPES[data["type"].lower()]
        if data.get("builtIn") not in _SOURCES:
            where.fail(f"builtIn {data['builtIn']} is not known")
        source, wanted = _SOURCES[data.get("builtIn")]
        if wanted not in (None, kind):
            where.fail(f"builtIn {data['builtIn']} is of type {wanted}")
        default = 0
        if "default" in data:
            value = self._constant(where.at("default"), data["default"])
            if value.type != kind:
                where.at("default").fail(f"is of type {value.type}; it must be {kind}")
            default = self._place(value)
        self._text(name)
        self.slots[name] = len(self.slots)
        self.result.parameters.append(
            Parameter(name, source, kind, data.get("required", False), default))
        return kind

    def _constant(self, where: Where, value) -> Expression:
        if isinstance(value, list):
            items = [self._constant(where, item) for item in value]
            if any(item.type != STRING for item in items):
                where.fail("must be a list of strings")
            return _call(where, "CAWS_RULE_ARRAY", 0, items, STRINGS, "[{}]")
        if isinstance(value, bool):
            return Expression(BOOLEAN, (("CAWS_RULE_BOOLEAN", 0, int(value)),),
                              str(value).lower())
        return _text_expression(value)

    # Rules. One that does not match is followed by the rule at its last number, and a tree that
    # matches by its first child. There is no way back out of a tree.

    def _rules(self, where: Where, rules: list, scope: dict, is_outer: bool) -> None:
        if not rules:
            where.at("rules").fail("has no rules")
        for number, rule in enumerate(rules, 1):
            at = where.at(f"rule {number}")
            kind = rule.get("type") if isinstance(rule, dict) else None
            parts = {"endpoint": dict, "error": (str, dict), "tree": list}
            if kind not in parts:
                at.fail(f"type must be one of {', '.join(parts)}")
            part = "rules" if kind == "tree" else kind
            check_keys(at, rule, {"type": str, "conditions": list, part: parts[kind]},
                       {"documentation": str})
            inner = dict(scope)
            conditions = [self._condition(at.at(f"condition {n}"), condition, inner)
                          for n, condition in enumerate(rule["conditions"], 1)]
            if len(conditions) > 0xFF:
                at.fail(f"{len(conditions)} conditions; caws can count to {0xFF}")
            first = self._conditions(conditions)
            index = len(self.result.rules)
            self.result.rules.append((0, 0, 0, 0))
            outcome = 0
            if kind == "tree":
                self._rules(at, rule["rules"], inner, False)
            elif kind == "error":
                text = self._expression(at.at("error"), rule["error"], inner, STRING)
                outcome = self._place(
                    _call(at, "CAWS_RULE_ERROR", 0, [text], kind, "error {}"))
            else:
                outcome = self._place(self._endpoint(at.at("endpoint"), rule["endpoint"], inner))
            after = len(self.result.rules) if number < len(rules) else 0
            self.result.rules[index] = (first, len(conditions), outcome, after)

    def _conditions(self, wanted: list[int]) -> int:
        """Where these stand one after the other; they may be part of another rule's."""
        have = self.result.conditions
        for start in range(len(have) - len(wanted) + 1):
            if have[start:start + len(wanted)] == wanted:
                return start
        have += wanted
        return len(have) - len(wanted)

    def _condition(self, where: Where, data, scope: dict) -> int:
        check_keys(where, data, {"fn": str, "argv": list}, {"assign": str})
        expression = self._function(where, data, scope)
        name = data.get("assign")
        if name is not None:
            if name in scope:
                where.at("assign").fail(f"{name} has a value already")
            scope[name] = expression.type
            slot = self.slots.setdefault(name, len(self.slots))
            expression = _call(where, "CAWS_RULE_ASSIGN", slot, [expression], expression.type,
                               f"{name} = {{}}")
        return self._place(expression)

    def _endpoint(self, where: Where, data: dict, scope: dict) -> Expression:
        check_keys(where, data, {"url": (str, dict)},
                   {"properties": dict, "headers": dict, "documentation": str})
        parts = [self._expression(where.at("url"), data["url"], scope, STRING)]
        parts += self._properties(where.at("properties"), data.get("properties", {}), scope)
        for name, values in data.get("headers", {}).items():
            at = where.at("headers", name)
            if not isinstance(values, list):
                at.fail("must be a list")
            for value in values:
                parts.append(_call(at, "CAWS_RULE_HEADER", name,
                                   [self._expression(at, value, scope, STRING)], STRING,
                                   f"{name}: {{}}"))
        return _call(where, "CAWS_RULE_ENDPOINT", 0, parts, "endpoint", "endpoint {}")

    def _properties(self, where: Where, data: dict, scope: dict) -> list[Expression]:
        """What caws makes of them: authSchemes, of which it takes the first that it can sign with.
        Others are for other SDKs: metricValues, backend."""
        if "authSchemes" not in data:
            return []
        where = where.at("authSchemes")
        schemes = data["authSchemes"]
        if not isinstance(schemes, list) or not schemes:
            where.fail("must be a list of at least one")
        for number, scheme in enumerate(schemes, 1):
            check_keys(where.at(f"scheme {number}"), scheme, _SCHEME_KEYS, _SCHEME_OPTIONS)
        found = next((scheme for scheme in schemes if scheme["name"] == "sigv4"), None)
        if found is None:
            return [_call(where, "CAWS_RULE_UNSUPPORTED_AUTH", 0,
                          [_text_expression(schemes[0]["name"])], STRING, "unsupported {}")]
        return [
            _call(where, kind, 0, [self._expression(where.at(key), found[key], scope, STRING)],
                  STRING, f"{key} {{}}")
            for key, kind in (("signingName", "CAWS_RULE_SIGNING_NAME"),
                              ("signingRegion", "CAWS_RULE_SIGNING_REGION"))
            if key in found
        ]

    # Expressions.

    def _expression(self, where: Where, data, scope: dict, wanted: str | None) -> Expression:
        if isinstance(data, bool):
            found = self._constant(where, data)
        elif isinstance(data, int):
            if not 0 <= data <= 0xFFFF:
                where.fail(f"{data} is not possible; numbers are from 0 to {0xFFFF}")
            found = Expression(INTEGER, (("CAWS_RULE_INTEGER", 0, data),), str(data))
        elif isinstance(data, str):
            found = self._template(where, data, scope)
        elif isinstance(data, dict) and "ref" in data:
            check_keys(where, data, {"ref": str}, {})
            found = self._reference(where, data["ref"], scope)
        elif isinstance(data, dict) and "fn" in data:
            check_keys(where, data, {"fn": str, "argv": list}, {})
            found = self._function(where, data, scope)
        else:
            where.fail("must be a text, a number, a boolean, a ref or a fn")
        if found.depth > MAX_DEPTH:
            where.fail(f"expressions are nested deeper than {MAX_DEPTH}")
        if wanted not in (None, found.type):
            where.fail(f"{found.words} is of type {found.type}; it must be {wanted}")
        return found

    def _reference(self, where: Where, name: str, scope: dict) -> Expression:
        if name not in scope:
            where.fail(f"{name} has no value here{near(name, scope)}")
        return Expression(scope[name], (("CAWS_RULE_REF", 0, self.slots[name]),), name)

    def _function(self, where: Where, data: dict, scope: dict) -> Expression:
        name, arguments = data["fn"], data["argv"]
        where = where.at(name)
        if name == "getAttr":
            if len(arguments) != 2 or not isinstance(arguments[1], str):
                where.fail("needs a value and the name of its attribute")
            return self._attribute(where, self._expression(where, arguments[0], scope, None),
                                   arguments[1])
        if name in _OPERATORS:
            kind, types = _OPERATORS[name]
            value, result = 0, BOOLEAN
        elif name in _FUNCTIONS:
            function, types, result = _FUNCTIONS[name]
            if function not in self.result.functions:
                self.result.functions.append(function)
            kind, value = "CAWS_RULE_CALL", self.result.functions.index(function)
        else:
            known = sorted([*_OPERATORS, *_FUNCTIONS, "getAttr"])
            where.fail(f"is not known; known are {', '.join(known)}")
        if len(arguments) != len(types):
            where.fail(f"has {len(arguments)} arguments; it must have {len(types)}")
        return _call(where, kind, value, [
            self._expression(where.at(f"argument {number}"), argument, scope, wanted)
            for number, (argument, wanted) in enumerate(zip(arguments, types), 1)
        ], result, f"{name}({{}})")

    @staticmethod
    def _attribute(where: Where, value: Expression, path: str) -> Expression:
        match = _ATTRIBUTE.fullmatch(path)
        if match is None or not path:
            where.fail(f"attribute {path!r} is not possible")
        name, index = match.groups()
        if name is not None:
            fields = _FIELDS.get(value.type, {})
            if name not in fields:
                where.fail(f"{value.words}, of type {value.type}, has no attribute {name}"
                           + near(name, fields))
            value = _call(where, "CAWS_RULE_ITEM", list(fields).index(name), [value],
                          fields[name], f"{{}}#{name}")
        if index is not None:
            if value.type != STRINGS:
                where.fail(f"{value.words} is of type {value.type}; only a list has [{index}]")
            if int(index) > 0xFFFF:
                where.fail(f"[{index}] is more than {0xFFFF}")
            value = _call(where, "CAWS_RULE_ITEM", int(index), [value], STRING,
                          f"{{}}[{index}]")
        return value

    def _template(self, where: Where, text: str, scope: dict) -> Expression:
        """A text with {Name} or {Name#attribute} in it; {{ and }} stand for braces."""
        parts, literal, end = [], "", 0
        for match in _TEMPLATE.finditer(text):
            literal += text[end:match.start()]
            end = match.end()
            if match[0] in ("{{", "}}"):
                literal += match[0][0]
            elif match[1] is None:
                where.fail(f"{text!r} has a brace alone")
            else:
                if literal:
                    parts.append(_text_expression(literal))
                literal = ""
                name, mark, attribute = match[1].partition("#")
                part = self._reference(where, name, scope)
                if mark:
                    part = self._attribute(where, part, attribute)
                if part.type != STRING:
                    where.fail(f"{match[0]} is of type {part.type}; it must be {STRING}")
                parts.append(part)
        literal += text[end:]
        if literal or not parts:
            parts.append(_text_expression(literal))
        if len(parts) == 1:
            return parts[0]
        return _call(where, "CAWS_RULE_JOIN", 0, parts, STRING, c_string(text))

    # The pool of texts and the table of nodes.

    def _text(self, text: str) -> int:
        if "\0" in text:
            self.where.fail(f"{text!r} has a NUL character")
        if text not in self.result.texts:
            self.result.texts[text] = len(self.result.text)
            self.result.text += text.encode() + b"\0"
        return self.result.texts[text]

    def _place(self, expression: Expression) -> int:
        """The index of the expression's first node; equal expressions stand there once."""
        if expression.nodes in self.placed:
            return self.placed[expression.nodes]
        index = self.placed[expression.nodes] = self.node_count
        words = re.sub(r"\*/|/\*|[^ -~]", "?", expression.words)
        self.result.lines.append(f"/* {index}: {words} */")
        for kind, count, value in expression.nodes:
            number = self._text(value) if isinstance(value, str) else value
            self.result.lines.append(f"{{{kind}, {count}, {number}}},")
        self.node_count += len(expression.nodes)
        return index


def _text_expression(text: str) -> Expression:
    return Expression(STRING, (("CAWS_RULE_TEXT", 0, text),), c_string(text))


def _call(where: Where, kind: str, value, arguments: list[Expression], result: str,
          words: str) -> Expression:
    if len(arguments) > MAX_ARGUMENTS:
        where.fail(f"{len(arguments)} parts; caws has room for {MAX_ARGUMENTS}")
    nodes = ((kind, len(arguments), value),)
    for argument in arguments:
        nodes += argument.nodes
    inner = ", ".join(argument.words for argument in arguments)
    return Expression(result, nodes, words if kind == "CAWS_RULE_JOIN" else
                      words.replace("{}", inner, 1),
                      1 + max((argument.depth for argument in arguments), default=0))
