"""partitions.json -> the table of AWS partitions."""

from pathlib import Path

from . import pattern
from .errors import Where
from .load import read_json
from .names import snake
from .tables import Pattern, c_string

_OUTPUTS = {
    "dnsSuffix": str, "dualStackDnsSuffix": str, "implicitGlobalRegion": str, "name": str,
    "supportsDualStack": bool, "supportsFIPS": bool,
}


def partition_files(path: Path, file: str) -> dict[str, tuple[str, dict]]:
    """{path under generated/: (template, context)}"""
    where = Where(file)
    data = read_json(path, file)
    _keys(where, data, {"partitions": list, "version": str})
    partitions, patterns = [], []
    for number, partition in enumerate(data["partitions"], 1):
        at = where.at(f"partition {number}")
        _keys(at, partition, {"id": str, "outputs": dict, "regionRegex": str, "regions": dict})
        at = where.at(f"partition {partition['id']}")
        outputs = partition["outputs"]
        _keys(at.at("outputs"), outputs, _OUTPUTS)
        if outputs["name"] != partition["id"]:
            at.at("outputs").fail("name must be the id, which stands for it")
        for region, data in partition["regions"].items():
            if not isinstance(data, dict) or set(data) - {"description"}:
                at.at(f"region {region}").fail("outputs of its own are not supported")
        try:
            dfa = pattern.compile(partition["regionRegex"])
        except pattern.PatternUnsupported as reason:
            at.at("regionRegex").fail(str(reason))
        base = snake(partition["id"])
        patterns.append(Pattern(f"{base}_pattern", True, c_string(partition["regionRegex"]), dfa))
        partitions.append({
            "base": base,
            "id": c_string(partition["id"]),
            "dns_suffix": c_string(outputs["dnsSuffix"]),
            "dual_stack_dns_suffix": c_string(outputs["dualStackDnsSuffix"]),
            "implicit_global_region": c_string(outputs["implicitGlobalRegion"]),
            "supports_fips": str(outputs["supportsFIPS"]).lower(),
            "supports_dual_stack": str(outputs["supportsDualStack"]).lower(),
            "regions": [c_string(region) for region in partition["regions"]
                        if not dfa.match(region)],
        })
    context = {"model": file, "partitions": partitions, "patterns": patterns}
    return {
        "partitions/partitions.h": ("partitions.h.j2", context),
        "partitions/partitions.c": ("partitions.c.j2", context),
    }


def _keys(where: Where, data, needed: dict[str, type]) -> None:
    if not isinstance(data, dict):
        where.fail("must be an object")
    for key in data:
        if key not in needed:
            where.fail(f"{key} is not known here; known are {', '.join(needed)}")
    for key, kind in needed.items():
        if not isinstance(data.get(key), kind):
            where.fail(f"{key} must be of type {kind.__name__}")
