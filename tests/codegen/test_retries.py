"""What services and operations have of retries: the tables against botocore's, and what the
generator makes of them."""

import re

import botocore.retries.standard as standard
import pytest
from botocore import xform_name
from botocore.model import ServiceId

from caws_codegen.cli import build_service
from caws_codegen.installed import botocore_sources
from caws_codegen.retries import LONG_POLLING, SERVICES
from conftest import ROOT


def by_botocore(names) -> dict:
    """botocore's names of services, which are hyphenated ids."""
    return {ServiceId(name).hyphenize(): name for name in names}


def test_services_are_botocores():
    assert set(by_botocore(SERVICES)) == set(standard._SERVICE_MAX_ATTEMPTS)
    backoff = standard.ExponentialBackoff._SERVICE_BACKOFF_CONFIG
    assert set(by_botocore(SERVICES)) == set(backoff)
    for theirs, ours in by_botocore(SERVICES).items():
        assert SERVICES[ours].max_attempts == standard._SERVICE_MAX_ATTEMPTS[theirs]
        assert SERVICES[ours].delay_ms == 1000 * backoff[theirs]["non_throttling_base_scale"]


def test_long_polling_is_botocores():
    assert {theirs: LONG_POLLING[ours] for theirs, ours in by_botocore(LONG_POLLING).items()} \
        == standard.RetryHandler._LONG_POLLING_OPERATIONS


def generated(service: str, *operations: str) -> dict[str, str]:
    source = next(source for source in botocore_sources() if source.name == service)
    return build_service(ROOT, source, operations, "folder")[0]


@pytest.mark.parametrize(("service", "operation"), [("dynamodb", "ListTables"),
                                                    ("dynamodbstreams", "ListStreams")])
def test_tables_of_services(service, operation):
    text = generated(service, operation)["src/service.c"]
    assert re.findall(r"\.max_attempts = (\d+),", text) == ["4"]
    assert re.findall(r"\.retry_delay_ms = (\d+),", text) == ["25"]


@pytest.mark.parametrize(("service", "polling", "other"), [
    ("sqs", "ReceiveMessage", "SendMessage"),
    ("stepfunctions", "GetActivityTask", "ListActivities"),
    ("swf", "PollForActivityTask", "CountPendingActivityTasks"),
    ("swf", "PollForDecisionTask", "CountPendingDecisionTasks"),
])
def test_tables_of_operations(service, polling, other):
    files = generated(service, polling, other)
    assert "CAWS_OPERATION_LONG_POLLING" in files[f"src/{xform_name(polling)}.c"]
    assert "CAWS_OPERATION_LONG_POLLING" not in files[f"src/{xform_name(other)}.c"]
    assert "max_attempts" not in files["src/service.c"]
    assert "retry_delay_ms" not in files["src/service.c"]
