"""What AWS's SDKs know of the retries of services and operations, and models do not tell.

Sources: "Retry behavior" in the AWS SDKs and Tools Reference
(https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html), and botocore's
retries/standard.py, against which tests/codegen/test_retries.py checks these tables. The SDKs mean
to replace the list of operations by a trait of models, aws.api#longPoll; the generator refuses
traits that it does not know, so the first model that has it will say so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceRetries:
    max_attempts: int  # unless the client is set to another number
    delay_ms: int  # the longest before the first retry of what was not throttled


# By serviceId.
SERVICES = {
    "DynamoDB": ServiceRetries(max_attempts=4, delay_ms=25),
    "DynamoDB Streams": ServiceRetries(max_attempts=4, delay_ms=25),
}

# Operations that wait at the service for something to happen. Their callers call again at once,
# whatever the answer, so the client holds failures back even when it has no retries left.
LONG_POLLING = {
    "Kinesis": {"ReceiveDeadLetterQueueRecords", "ReceiveQueueRecords"},
    "SFN": {"GetActivityTask"},
    "SQS": {"ReceiveMessage"},
    "SWF": {"PollForActivityTask", "PollForDecisionTask"},
}


def is_long_polling(service_id: str, operation: str) -> bool:
    return operation in LONG_POLLING.get(service_id, ())
