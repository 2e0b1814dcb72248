"""C identifiers, against botocore's naming of every JSON service it has."""

import gzip
import json
from pathlib import Path

import botocore
import pytest

from caws_codegen.names import constant_part, constant_parts, member_name, snake, xform_name

DATA = Path(botocore.__file__).parent / "data"


def every_name():
    names = set()
    for path in DATA.glob("*/*/service-2.json.gz"):
        model = json.loads(gzip.decompress(path.read_bytes()))
        if "json" in [model["metadata"]["protocol"], *model["metadata"].get("protocols", ())]:
            names.update(model["operations"], model["shapes"])
            for shape in model["shapes"].values():
                names.update(shape.get("members", ()))
    return names


def test_like_botocore():
    names = every_name()
    assert len(names) > 20_000
    # What botocore keeps together is in its table whether or not a JSON service has it.
    names.update(name for name, _ in botocore._xform_cache)
    different = {name: (xform_name(name), botocore.xform_name(name)) for name in names
                 if xform_name(name) != botocore.xform_name(name)}
    assert different == {}


@pytest.mark.parametrize(("name", "expected"), [
    ("CreateExportTask", "create_export_task"),
    ("logGroupArn", "log_group_arn"),
    ("logGroupARNs", "log_group_arns"),
    ("Foo_BarBaz", "foo_bar_baz"),
    ("a.b-c", "a_b_c"),
    ("__x__", "x"),
])
def test_snake(name, expected):
    assert snake(name) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("class", "class_"),  # C++
    ("typeof", "typeof_"),  # C23
    ("Default", "default_"),
    ("errno", "errno_"),  # a macro
    ("3D", "n3_d"),
    ("from", "from"),
    ("to", "to"),
])
def test_member(name, expected):
    assert member_name(name) == expected


@pytest.mark.parametrize(("value", "expected"), [
    ("PENDING_CANCEL", "PENDING_CANCEL"),
    ("aws:kms", "AWS_KMS"),
    ("us-east-1", "US_EAST_1"),
    ("CreateFailed", "CREATE_FAILED"),
    ("", "EMPTY"),
    (">=", "X3E3D"),
])
def test_constant(value, expected):
    assert constant_part(value) == expected


def test_constants_that_collide():
    assert constant_parts(["a:b", "a-b", "a.b"]) == ["A_B", "A_B_2", "A_B_3"]
    # A number that another value has by nature is passed over, wherever that value stands.
    assert constant_parts(["a-b", "a:b", "a-b-2"]) == ["A_B", "A_B_3", "A_B_2"]
    assert constant_parts(["UNRECOGNIZED"], ("UNRECOGNIZED",)) == ["UNRECOGNIZED_2"]
