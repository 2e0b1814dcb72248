"""AWS's tests of endpoint rules, out of the source distribution of botocore; the rule sets that they
are for are those of the installed botocore, which is of the same version.

A case has `params` by name, and `expect`: an `endpoint` with url, properties and headers, or an
`error`. It may have `operationInputs`: operations with input and built-in parameters that come to the
same.
"""

import dataclasses
import functools
import json
import re
import tarfile

import suites
from caws_codegen.installed import Source, botocore_sources, metadata
from caws_codegen.load import read_json
from caws_codegen.update import strip_prose

RULES = "endpoint-rule-set-1.json"
_SERVICE = re.compile(r"[^/]+/tests/functional/endpoint-rules/([^/]+)/endpoint-tests-1\.json")
_UNIT = re.compile(r"[^/]+/tests/unit/data/endpoints/(valid-rules|test-cases)/([^/]+)\.json")


@dataclasses.dataclass(frozen=True)
class Suite:
    """The cases of one rule set. is_json: of a service that caws has the protocol of."""

    name: str
    rules: dict
    cases: list[dict]
    is_json: bool
    source: Source | None  # None: no service's, but of the functions' own tests

    @property
    def c_name(self):
        return re.sub(r"\W", "_", self.name)


@functools.cache
def load() -> tuple[dict[str, Suite], str]:
    """The suites; and if there are none, why they cannot be had."""
    try:
        place = suites.distribution()
    except suites.Unavailable as reason:
        return {}, f"AWS's tests of endpoint rules cannot be fetched: {reason}"
    services, unit = {}, {"valid-rules": {}, "test-cases": {}}
    with tarfile.open(place) as archive:
        for member in archive:
            if match := _SERVICE.fullmatch(member.name):
                services[match[1]] = json.load(archive.extractfile(member))
            elif match := _UNIT.fullmatch(member.name):
                unit[match[1]][match[2]] = json.load(archive.extractfile(member))
    found = {}
    for source in botocore_sources():
        if source.name in services:
            found[source.name] = _suite(source, services[source.name]["testCases"])
    for name, rules in unit["valid-rules"].items():
        cases = unit["test-cases"].get(name, {}).get("testCases", [])
        found[f"unit/{name}"] = Suite(f"unit/{name}", rules, cases, False, None)
    return found, ""


def _suite(source: Source, cases: list[dict]) -> Suite:
    path = source.folder / RULES
    path = path if path.exists() else path.with_name(path.name + ".gz")
    data = metadata(source)
    is_json = "json" in (data.get("protocols") or [data["protocol"]])
    return Suite(source.name, strip_prose(read_json(path, source.label + RULES)), cases, is_json,
                 source)


def operation_inputs(suite: Suite) -> list[tuple[dict, dict]]:
    """(case, operation input) pairs."""
    return [(case, operation) for case in suite.cases
            for operation in case.get("operationInputs", ())]
