"""Event streams: an operation whose output has a stream answers with events, one callback each."""

from dataclasses import dataclass, replace

from .errors import Where
from .load import Model, Operation, Shape
from .names import Registry, member_name

INITIAL_RESPONSE = "initial-response"  # the event that has the other members of the output
_HEADER_TYPES = {"boolean", "byte", "short", "integer", "long", "blob", "string", "timestamp"}
_PAYLOAD_TYPES = {"blob", "string", "structure"}


@dataclass(frozen=True)
class Event:
    name: str  # on the wire
    shape: str
    exception: bool

    @property
    def callback(self) -> str:
        return member_name(self.name.replace("-", "_"))


def split_streams(model: Model) -> Model:
    """The same model, in which an output has no stream any more and its operation has events."""
    shapes, operations = dict(model.shapes), dict(model.operations)
    streams = {name: found for name, shape in shapes.items() if (found := _stream(model, shape))}
    for name, operation in operations.items():
        member = streams.get(operation.output)
        if member is None:
            continue
        output = shapes[operation.output] = _without(model.shapes[operation.output], member)
        union = model.shapes[model.shapes[operation.output].members[member].shape]
        events = [Event(event, ref.shape, bool(model.shapes[ref.shape].get("exception")))
                  for event, ref in union.members.items()]
        if output.members:
            events.insert(0, Event(INITIAL_RESPONSE, output.name, False))
        operations[name] = replace(operation, events=tuple(events),
                                   output=output.name if output.members else None)
    return replace(model, shapes=shapes, operations=operations)


def check_streams(model: Model, original: Model, operation: Operation) -> None:
    """Refuses what the runtime cannot read. original: the model as it was before split_streams."""
    where = model.where.at(f"operation {operation.name}")
    if not operation.events:
        return
    shape = original.shapes[original.operations[operation.name].output]
    streams = [ref.shape for ref in shape.members.values()
               if original.shapes[ref.shape].get("eventstream")]
    if len(streams) > 1:
        where.fail(f"the output has {len(streams)} event streams; it can have one")
    fields = Registry()
    for field in ("context", "keep_going"):
        fields.claim(field, f"the handler's {field}", where)
    for event in operation.events:
        at = model.where.at(f"shape {streams[0]}", f"member {event.name}")
        target = model.shapes[event.shape]
        if target.type != "structure":
            at.fail(f"{target.name} is of type {target.type}; an event must be a structure")
        if not event.exception:
            fields.claim(event.callback, f"event {event.name}", where)
            _check_event(model, target)


def _check_event(model: Model, shape: Shape) -> None:
    payloads = []
    for name, ref in shape.members.items():
        at: Where = model.where.at(f"shape {shape.name}", f"member {name}")
        kind = model.shapes[ref.shape].type
        if ref.get("eventheader") and kind not in _HEADER_TYPES:
            at.fail(f"an eventheader cannot be of type {kind}")
        if ref.get("eventpayload"):
            payloads.append(name)
            if kind not in _PAYLOAD_TYPES:
                at.fail(f"an eventpayload cannot be of type {kind}")
    if len(payloads) > 1:
        model.where.at(f"shape {shape.name}").fail(
            f"{' and '.join(payloads)} are both eventpayload; one member can be")


def _stream(model: Model, shape: Shape) -> str | None:
    """The member of a structure that is an event stream."""
    return next((name for name, ref in shape.members.items()
                 if model.shapes[ref.shape].get("eventstream")), None)


def _without(shape: Shape, member: str) -> Shape:
    members = {name: ref for name, ref in shape.members.items() if name != member}
    required = [name for name in shape.get("required", ()) if name != member]
    traits = {**shape.traits, "required": required}
    return replace(shape, members=members, traits=traits)
