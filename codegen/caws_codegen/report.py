"""What ./dev update-model says before it writes."""

import textwrap

from .diff import BREAKS_BINARY, BREAKS_SOURCE, COMPATIBLE, GROUPS, Finding
from .update import Plan, ServicePlan
from .version import MAJOR, MINOR, PATCH, Version

_WIDTH = 100
_REASONS = {
    MAJOR: "programs have to be changed or compiled again",
    MINOR: "programs can tell, and need nothing",
    PATCH: "nothing that programs can tell",
}


def step(findings: list[Finding]) -> str:
    if breaks(findings):
        return MAJOR
    return MINOR if any(finding.shows for finding in findings) else PATCH


def breaks(findings: list[Finding]) -> bool:
    return any(finding.verdict != COMPATIBLE for finding in findings)


def report(plan: Plan, version: Version) -> list[str]:
    lines = []
    for service in plan.services:
        lines += _service(service)
    findings = [finding for service in plan.services for finding in service.findings]
    kind = step(findings)
    following = version.after(kind)
    lines.append(f"suggested step: {kind} ({_REASONS[kind]})")
    abi = f"abi {version.abi} -> {following.abi}" if following.abi != version.abi \
        else f"abi {version.abi} stays"
    note = "; while it is 0.x, a break alone raises the minor number" if version.major == 0 else ""
    lines.append(f"in VERSION: {version} -> {following}, {abi}{note}")
    return lines + [f"    {line}" for line in following.lines()]


def _service(service: ServicePlan) -> list[str]:
    lines = [f"{service.name}: {service.source}", ""]
    for group in GROUPS:
        found = [finding.line() for finding in service.findings if finding.group == group]
        if found:
            lines += [f"{group}:", *found, ""]
    rest = [("operations added", service.rest.added), ("operations removed", service.rest.removed),
            ("operations changed", service.rest.changed)]
    if any(names for _, names in rest):
        lines.append("not generated:")
        for words, names in rest:
            if names:
                lines += textwrap.wrap(f"{words} ({len(names)}): {', '.join(names)}", _WIDTH,
                                       subsequent_indent="    ", break_long_words=False,
                                       break_on_hyphens=False)
        lines.append("")
    if service.by_hand:
        lines += ["to do by hand first:", *service.by_hand, ""]
    counts = [sum(finding.verdict == verdict for finding in service.findings)
              for verdict in (BREAKS_SOURCE, BREAKS_BINARY, COMPATIBLE)]
    lines.append(f"{service.name}: {counts[0]} that break source, {counts[1]} that break binary, "
                 f"{counts[2]} compatible")
    return lines
