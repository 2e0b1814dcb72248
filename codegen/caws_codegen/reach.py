"""Which shapes an operation needs, which operations need a shape, and in which order."""

from collections.abc import Iterable

from .load import Model, Operation

EXCEPTIONS = "exceptions"  # stands for them among the operations that need a shape


def closure(model: Model, roots: Iterable[str]) -> list[str]:
    """The roots and every shape they lead to, in the order of a walk."""
    found, todo = {}, list(roots)[::-1]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            todo += [ref.shape for ref in model.shapes[name].refs()][::-1]
    return list(found)


class Reach:
    """What a set of operations needs."""

    def __init__(self, model: Model, operations: list[Operation]):
        self.users: dict[str, set[str]] = {}  # of a shape: operations, or EXCEPTIONS
        self.validated: set[str] = set()  # shapes that inputs have
        self.exceptions: list[str] = sorted({e for op in operations for e in op.exceptions()})
        for operation in operations:
            for root in operation.roots():
                found = closure(model, [root])
                for shape in found:
                    self.users.setdefault(shape, set()).add(operation.name)
                if root == operation.input:
                    self.validated.update(found)
        for exception in self.exceptions:
            if has_detail(model, exception):
                for shape in closure(model, [exception]):
                    self.users.setdefault(shape, set()).add(EXCEPTIONS)
        # In the model's order.
        self.shapes = [name for name in model.shapes if name in self.users]

    def only_user(self, shape: str) -> str | None:
        """The one operation that needs the shape; None if it is shared."""
        users = self.users[shape]
        user = next(iter(users))
        return user if len(users) == 1 and user != EXCEPTIONS else None


def has_detail(model: Model, exception: str) -> bool:
    """Whether an exception says more than its message."""
    return bool(set(model.shapes[exception].members) - {"message", "Message"})


def components(nodes: list[str], edges: dict[str, list[str]]) -> list[list[str]]:
    """The strongly connected components (Tarjan's algorithm), what is pointed at first. Iterative:
    models nest deeper than Python's stack."""
    index, low, on_stack = {}, {}, set()
    stack, result = [], []
    for root in nodes:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                    on_stack.difference_update(component)
                    result.append(component[::-1])
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(edges[target])))
            elif target in on_stack:
                low[node] = min(low[node], index[target])
    return result
