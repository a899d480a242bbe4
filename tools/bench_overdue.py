"""What the overdue board costs: some thousand late matters alone, and the same among all that a bureau ever had."""

from tools import bench

VIEWS = {"by days": "/boards/overdue", "by ladder": "/boards/overdue?by=ladder"}
MOST, QUERIES = 1.3, 12
Costs = dict[tuple[str, str], bench.Cost]


def costs(meter: bench.Meter, visitors: dict[str, bench.Visitor]) -> Costs:
    """What each view costs each reader now."""
    bench.note_backends()
    return {(view, account): meter.of(visitor.look(path)) for view, path in VIEWS.items()
            for account, visitor in visitors.items()}


def compare(few: Costs, many: Costs, words: tuple[str, str]) -> None:
    """Print both, each view and reader by itself."""
    for key, cost in many.items():
        ratio, name = cost.ms / few[key].ms, f"overdue board {key[0]}, {key[1]}"
        bench.line(f"{name}, {words[0]}", few[key])
        bench.line(f"{name}, {words[1]}", cost, f"{ratio:5.2f} times", ratio > MOST or cost.queries > QUERIES)
