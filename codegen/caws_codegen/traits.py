"""Which keys a service model may have, and of what kind. A key that is in no table is refused: a
trait that the generator does not know may change what has to be sent."""

from .errors import Where

# What a value may be: the words for a message, the test.
_KINDS = {
    "text": ("a string", lambda v: isinstance(v, str)),
    "flag": ("true or false", lambda v: isinstance(v, bool)),
    "number": ("a number", lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)),
    "whole": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "object": ("an object", lambda v: isinstance(v, dict)),
    "list": ("a list", lambda v: isinstance(v, list)),
    "texts": (
        "a list of strings",
        lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
    ),
    "any": ("anything", lambda v: True),
}

# Known, and ignored; each for its reason.
_PROSE = {
    "deprecatedMessage": "any",  # prose
    "deprecatedSince": "any",
}
_RULES = {
    "clientContextParams": "object",  # inputs of the endpoint rules, which the runtime does not
    "contextParam": "object",  # evaluate
    "staticContextParams": "object",
    "operationContextParams": "object",
}
_XML = {
    "resultWrapper": "text",  # of the query and XML protocols
    "wrapper": "flag",
    "xmlOrder": "texts",
    "xmlNamespace": "any",
    "synthetic": "flag",  # added for the sake of the query protocol's error codes
}

MODEL = {
    "version": "text",
    "metadata": "object",
    "operations": "object",
    "shapes": "object",
    "documentation": "text",
    "examples": "object",  # ignored: prose
    "clientContextParams": _RULES["clientContextParams"],
}

METADATA = {
    "apiVersion": "text",
    "endpointPrefix": "text",
    "jsonVersion": "text",
    "protocol": "text",
    "protocols": "texts",
    "serviceFullName": "text",
    "serviceId": "text",
    "signatureVersion": "text",
    "signingName": "text",
    "targetPrefix": "text",
    "awsQueryCompatible": "object",
    # Ignored:
    "auth": "texts",  # signatureVersion says the same
    "protocolSettings": "object",  # whether HTTP/2 is used is for libcurl and the server
    "ripServiceName": "text",  # names outside the protocol
    "serviceAbbreviation": "text",
    "uid": "text",
    "xmlNamespace": _XML["xmlNamespace"],
}

OPERATION = {
    "name": "text",
    "http": "object",
    "input": "object",
    "output": "object",
    "errors": "list",
    "documentation": "text",
    "deprecated": "flag",
    "idempotent": "flag",
    "authtype": "text",
    "auth": "texts",
    "endpoint": "object",
    "unsignedPayload": "flag",
    # Ignored:
    "readonly": "flag",  # says nothing about the wire
    "documentationUrl": "text",  # prose
    "requestcompression": "object",  # allowed, not demanded
    "endpointdiscovery": "object",  # the caller gives the discovered endpoint as endpoint_url
    "endpointoperation": "flag",
    "staticContextParams": _RULES["staticContextParams"],
    "operationContextParams": _RULES["operationContextParams"],
    **_PROSE,
}

REF = {
    "shape": "text",
    "documentation": "text",
    "deprecated": "flag",
    "idempotencyToken": "flag",
    "location": "text",
    "locationName": "text",
    "timestampFormat": "text",
    "hostLabel": "flag",
    "jsonvalue": "flag",
    "streaming": "flag",
    "eventheader": "flag",
    "eventpayload": "flag",
    "xmlAttribute": "flag",
    "xmlNamespace": _XML["xmlNamespace"],
    # Ignored:
    "box": "flag",  # every member is optional in C
    "flattened": "flag",  # on a member it has no meaning but in XML
    "contextParam": _RULES["contextParam"],
    **_PROSE,
}

_ANY_SHAPE = {
    "type": "text",
    "documentation": "text",
    "deprecated": "flag",
    "sensitive": "flag",
    "box": "flag",  # ignored: every member is optional in C
    "locationName": "text",  # ignored: in JSON a shape has no name of its own
    **_PROSE,
}
_NUMBER = {**_ANY_SHAPE, "min": "number", "max": "number"}
_SIZED = {**_ANY_SHAPE, "min": "whole", "max": "whole"}

SHAPES = {
    "structure": {
        **_ANY_SHAPE,
        "members": "object",
        "required": "texts",
        "payload": "text",
        "exception": "flag",
        "fault": "flag",
        "error": "object",
        "retryable": "object",
        "union": "flag",
        "document": "flag",
        "event": "flag",
        "eventstream": "flag",
        **_XML,
    },
    "list": {**_SIZED, "member": "object", "flattened": "flag"},
    "map": {**_SIZED, "key": "object", "value": "object", "flattened": "flag"},
    "string": {**_SIZED, "enum": "list", "pattern": "text", "maxBytes": "whole"},
    "blob": {**_SIZED, "streaming": "flag"},
    "boolean": _ANY_SHAPE,
    "timestamp": {**_ANY_SHAPE, "timestampFormat": "text"},
    "byte": _NUMBER,
    "short": _NUMBER,
    "integer": _NUMBER,
    "long": _NUMBER,
    "float": _NUMBER,
    "double": _NUMBER,
}
NEEDED = {"structure": ("members",), "list": ("member",), "map": ("key", "value")}

PARTS = {
    "http": {"method": "text", "requestUri": "text", "responseCode": "whole"},
    "input": {"shape": "text", "documentation": "text", "locationName": "text"},
    "output": {"shape": "text", "documentation": "text", "resultWrapper": _XML["resultWrapper"]},
    "endpoint": {"hostPrefix": "text"},
    "errors": {"shape": "text", "documentation": "text", "exception": "flag", "fault": "flag"},
    "error": {"code": "text", "httpStatusCode": "whole", "senderFault": "flag", "fault": "flag"},
    "retryable": {"throttling": "flag"},
}

# Traits with few values: the trait, then what it may be.
VALUES = {
    "location": ("header", "headers", "uri", "querystring", "statusCode"),
    "timestampFormat": ("unixTimestamp", "iso8601", "rfc822"),
    "authtype": ("none", "v4", "v4-unsigned-body"),
}


def check(where: Where, data, known: dict[str, str]) -> None:
    """Refuses a key that is not known, and a value of the wrong kind."""
    if not isinstance(data, dict):
        where.fail("must be an object")
    for key, value in data.items():
        if key not in known:
            where.fail(f"the trait {key} is not known here; known are {', '.join(sorted(known))}")
        words, test = _KINDS[known[key]]
        if not test(value):
            where.fail(f"{key} must be {words}")
        if key in VALUES and value not in VALUES[key]:
            where.fail(f"{key} {value} is not known; known are {', '.join(VALUES[key])}")
