"""What changed between two texts, in paragraphs and then in characters (清样对照定稿).

difflib alone is cubic on repetitive text, so a text is cut down first: common ends,
then paragraphs, then clauses, then characters; where much repeats, at what occurs once.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, groupby

ALIKE = 0.35  # share of common letter pairs from which two paragraphs are one, changed
PAIRED_CELLS = 4_000  # above this many candidates, paragraphs are paired in order
MATCHES = 5_000  # above this many equal pairs, difflib's time grows with their number times the length

_CLAUSE = re.compile(r"[^，。；：！？、,;:!?]*[，。；：！？、,;:!?]|[^，。；：！？、,;:!?]+")

Block = tuple[bool, Sequence, Sequence]


@dataclass(frozen=True)
class Run:
    """A stretch of one paragraph; kind is "same", "del" or "ins"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """kind "same" (paragraphs holds them, to be folded), "changed", "added" or "removed".

    runs makes up the one paragraph of the other kinds; spots counts its 改动.
    """

    kind: str
    paragraphs: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    spots: int = 0


def compare(old: str, new: str) -> list[Change]:
    """Every paragraph of both texts in reading order; blank lines do not count."""
    before, after = _lines(old), _lines(new)
    changes: list[Change] = []
    for same, group in groupby(_blocks(before, after), key=lambda block: block[0]):
        a, b = (list(chain.from_iterable(parts)) for parts in list(zip(*group, strict=True))[1:])
        changes += _replaced(a, b) if not same else [Change("same", tuple(a))] if a else []
    return changes


def count_spots(changes: Sequence[Change]) -> int:
    """How many places differ, for 「3处改动」."""
    return sum(change.spots for change in changes)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _blocks(a: Sequence, b: Sequence) -> Iterator[Block]:
    """(same, part of a, part of b) in order; their parts make up a and b."""
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    end_a, end_b = len(a) - tail, len(b) - tail
    yield True, a[:head], b[:head]
    middle_a, middle_b = a[head:end_a], b[head:end_b]
    yield from (_aligned if _matches(middle_a, middle_b) <= MATCHES else _anchored)(middle_a, middle_b)
    yield True, a[end_a:], b[end_b:]


def _matches(a: Sequence, b: Sequence) -> int:
    counts = Counter(b)
    return sum(n * counts[item] for item, n in Counter(a).items())


def _aligned(a: Sequence, b: Sequence) -> Iterator[Block]:
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        yield kind == "equal", a[a1:a2], b[b1:b2]


def _anchored(a: Sequence, b: Sequence) -> Iterator[Block]:
    """Hold fast to what occurs once in both, in rising order (patience diff); align between."""
    i = j = 0
    for x, y in [*_anchors(a, b), (len(a), len(b))]:
        small = _matches(a[i:x], b[j:y]) <= MATCHES
        yield from _aligned(a[i:x], b[j:y]) if small else [(False, a[i:x], b[j:y])]
        yield True, a[x : x + 1], b[y : y + 1]
        i, j = x + 1, y + 1


def _anchors(a: Sequence, b: Sequence) -> list[tuple[int, int]]:
    once_a, once_b = ({item for item, n in Counter(side).items() if n == 1} for side in (a, b))
    place = {item: y for y, item in enumerate(b) if item in once_b}
    piles: list[int] = []  # the lowest y that ends a rising run of each length
    ends: list[tuple | None] = []  # (x, y, the run before), for the same lengths
    for x, item in enumerate(a):
        if item in once_a and item in place:
            n = bisect_left(piles, place[item])
            piles[n : n + 1] = [place[item]]
            ends[n : n + 1] = [(x, place[item], ends[n - 1] if n else None)]
    return _unrolled(ends[-1] if ends else None)


def _unrolled(run: tuple | None) -> list[tuple[int, int]]:
    pairs = []
    while run:
        x, y, run = run
        pairs.append((x, y))
    return pairs[::-1]


def _common(a: Sequence, b: Sequence) -> int:
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


def _replaced(a: Sequence[str], b: Sequence[str]) -> list[Change]:
    changes, i, j = [], 0, 0
    for x, y in [*_pairs(a, b), (len(a), len(b))]:
        changes += [Change("removed", runs=(Run("del", line),), spots=1) for line in a[i:x]]
        changes += [Change("added", runs=(Run("ins", line),), spots=1) for line in b[j:y]]
        if x < len(a) and y < len(b):
            changes.append(_changed(a[x], b[y]))
        i, j = x + 1, y + 1
    return changes


def _pairs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Which old paragraph became which new one, in order, with the greatest likeness in all."""
    if len(a) * len(b) > PAIRED_CELLS:
        return [(n, n) for n in range(min(len(a), len(b)))]
    likeness = [[_likeness(x, y) for y in map(_letter_pairs, b)] for x in map(_letter_pairs, a)]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1])
    return list(_path(best, likeness))


def _path(best: list[list[float]], likeness: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(likeness) and j < len(likeness[i]):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _letter_pairs(text: str) -> Counter[str]:
    return Counter(text[n : n + 2] for n in range(max(1, len(text) - 1)))


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    share = 2 * (a & b).total() / (a.total() + b.total())
    return share if share >= ALIKE else 0.0


def _changed(old: str, new: str) -> Change:
    runs = tuple(_tidied(_letters(old, new)))
    spots = sum(key for key, _ in groupby(run.kind != "same" for run in runs))
    return Change("changed", runs=runs, spots=spots)


def _letters(old: str, new: str) -> Iterator[Run]:
    if _matches(old, new) <= MATCHES:
        yield from _cut(old, new)
        return
    for same, a, b in _blocks(_CLAUSE.findall(old), _CLAUSE.findall(new)):
        x, y = "".join(a), "".join(b)
        yield from _whole(same, x, y) if same else _cut(x, y)


def _cut(old: str, new: str) -> Iterator[Run]:
    for same, a, b in _blocks(old, new):
        yield from _whole(same, a, b)


def _whole(same: bool, old: str, new: str) -> Iterator[Run]:
    if same:
        yield Run("same", old)
    else:
        yield from (Run("del", old), Run("ins", new))


def _tidied(runs: Iterator[Run]) -> Iterator[Run]:
    """Whole edits instead of confetti: a single kept letter between two edits joins them."""
    kept = [run for run in runs if run.text]
    for n, run in enumerate(kept):
        island = run.kind == "same" and len(run.text) == 1 and 0 < n < len(kept) - 1
        if island and kept[n - 1].kind != "same" and kept[n + 1].kind != "same":
            kept[n] = Run("both", run.text)
    for same, group in groupby(kept, key=lambda run: run.kind == "same"):
        group = list(group)
        if same:
            yield Run("same", "".join(run.text for run in group))
            continue
        for kind, skipped in (("del", "ins"), ("ins", "del")):
            if text := "".join(run.text for run in group if run.kind != skipped):
                yield Run(kind, text)
