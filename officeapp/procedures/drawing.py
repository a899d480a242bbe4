"""The flow of a procedure as SVG: stages from top to bottom, jumps at the right, returns told at the left.

Only presentation attributes, no style and no script, so that a strict CSP and an
<img> show the same picture.
"""

from dataclasses import dataclass
from html import escape

from officeapp.procedures.description import holder_words
from officeapp.procedures.grammar import Move, MoveKind, Procedure, Stage

LEFT, WIDE, HIGH, GAP, TOP = 216, 264, 58, 32, 14
LANE, STEP = 20, HIGH + GAP
LINE, INK, MUTED, BLUE, SOON = "#8793a2", "#1d2733", "#5b6776", "#1d4f91", "#8a5a00"
FONT = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True)
class Jump:
    """A forward move that does not lead to the next box: its rows and its lane."""

    move: Move
    start: int
    end: int
    lane: int


def drawn_flow(p: Procedure) -> str:
    """One <svg> element, as wide as its content asks."""
    stages = [s for s in p.stages if not _only_voided(p, s)]
    rows = {s.key: n for n, s in enumerate(stages)}
    jumps = _jumps(p, rows)
    lanes = max((j.lane for j in jumps), default=-1) + 1
    width = LEFT + WIDE + lanes * LANE + (190 if jumps else 24)
    height = TOP * 2 + STEP * len(stages) - GAP
    parts = [_defs()]
    parts += [_box(p, s, rows[s.key]) for s in stages]
    parts += [_next(rows[m.source]) for m in _forward(p) if rows[m.target] == rows[m.source] + 1]
    parts += [_jump(j) for j in jumps] + _labels(jumps, LEFT + WIDE + 16 + lanes * LANE)
    parts += [_returned(p, s, rows[s.key]) for s in stages]
    title = escape(f"{p.title}流程图（{p.rulebook_title}）")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img" aria-label="{title}" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}">'
            + "".join(parts) + "</svg>")


def _forward(p: Procedure) -> list[Move]:
    """One move for each pair of stages: two conditions for one way are one arrow."""
    return list({(m.source, m.target): m for m in reversed(p.moves) if m.kind is MoveKind.FORWARD}.values())[::-1]


def _only_voided(p: Procedure, s: Stage) -> bool:
    kinds = {m.kind for m in p.moves if m.target == s.key}
    return s.closed and kinds == {MoveKind.VOID}


def _jumps(p: Procedure, rows: dict[str, int]) -> list[Jump]:
    """Short jumps nearest to the boxes, none crossing another in its own lane."""
    far = [(rows[m.source], rows[m.target], m) for m in _forward(p) if rows[m.target] != rows[m.source] + 1]
    taken: list[list[tuple[int, int]]] = []
    found = []
    for start, end, m in sorted(far, key=lambda each: abs(each[1] - each[0])):
        low, high = min(start, end), max(start, end)
        free = (n for n, lane in enumerate(taken) if all(high < a or b < low for a, b in lane))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        found.append(Jump(m, start, end, lane))
    return found


def _defs() -> str:
    return (f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{BLUE}"/></marker></defs>')


def _y(row: int) -> int:
    return TOP + row * STEP


def _box(p: Procedure, s: Stage, row: int) -> str:
    middle, who = LEFT + WIDE // 2, holder_words(p, s)[:2]
    ink = SOON if s.clock == "pauses" else INK
    first = (36, 25, 20)[len(who)]
    name = _text(middle, _y(row) + first, s.title + _mark(p, s), 15, ink, 'font-weight="700"')
    lines = (_text(middle, _y(row) + (45, 36)[len(who) - 1] + 16 * n, _cut(words, 20), 12.5, MUTED, "", words)
             for n, words in enumerate(who))
    return _frame(s, row) + name + "".join(lines)


def _frame(s: Stage, row: int) -> str:
    pauses = s.clock == "pauses"
    fill = "#fdf3e0" if pauses else "#eceff3" if s.closed else "#ffffff"
    edge = SOON if pauses else LINE if s.clock == "ended" else BLUE
    dash = ' stroke-dasharray="6 4"' if pauses else ""
    return (f'<rect x="{LEFT}" y="{_y(row)}" width="{WIDE}" height="{HIGH}" rx="{HIGH // 2 if s.closed else 5}" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.5"{dash}/>')


def _mark(p: Procedure, s: Stage) -> str:
    if s.clock == "pauses":
        return "（暂停计时）"
    return "（签发定稿）" if any(m.signs for m in p.moves_from(s.key)) else ""


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[:longest - 1] + "…"


def _text(x: float, y: float, words: str, size: float, fill: str, more: str = "", whole: str = "",
          anchor: str = "middle") -> str:
    told = f"<title>{escape(whole)}</title>" if whole and whole != words else ""
    extra = f" {more}" if more else ""
    return (f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{extra}>'
            f"{escape(words)}{told}</text>")


def _next(row: int) -> str:
    x, y = LEFT + WIDE // 2, _y(row) + HIGH
    return f'<path d="M{x} {y}V{y + GAP - 1}" stroke="{BLUE}" stroke-width="1.5" fill="none" marker-end="url(#tip)"/>'


def _ends(j: Jump) -> tuple[int, int]:
    # Leaving below the middle and arriving above it keeps two jumps of one box apart.
    return _y(j.start) + 36 + 5 * (j.lane % 3), _y(j.end) + 12 + 5 * (j.lane % 3)


def _jump(j: Jump) -> str:
    right, x = LEFT + WIDE, LEFT + WIDE + 16 + j.lane * LANE
    start, end = _ends(j)
    return (f'<path d="M{right} {start}H{x}V{end}H{right + 1}" stroke="{BLUE}" stroke-width="1.3" fill="none" '
            f'marker-end="url(#tip)"/>')


def _labels(jumps: list[Jump], x: int) -> list[str]:
    """A numbered disc on each jump; its condition at the right, pushed down where two would touch."""
    lowest, found = 0, []
    for n, j in enumerate(sorted(jumps, key=lambda each: sum(_ends(each))), start=1):
        middle = sum(_ends(j)) // 2
        lowest = max(middle + 4, lowest + 18)
        words = j.move.when.title if j.move.when else j.move.title
        found += [_disc(LEFT + WIDE + 16 + j.lane * LANE, middle, n),
                  _text(x, lowest, f"{n}. {_cut(words, 13)}", 12.5, MUTED, "", f"{j.move.title}：{words}", "start")]
    return found


def _disc(x: int, y: int, n: int) -> str:
    return (f'<circle cx="{x}" cy="{y}" r="8.5" fill="#ffffff" stroke="{BLUE}"/>'
            + _text(x, y + 4, str(n), 12, BLUE))


def _returned(p: Procedure, s: Stage, row: int) -> str:
    titles = [p.stage(m.target).title for m in p.moves_from(s.key) if m.kind is MoveKind.RETURN]
    lines = _wrapped(titles, 15) if titles else []
    y = _y(row) + HIGH // 2 + 5 - 8 * (len(lines) - 1)
    return "".join(_text(LEFT - 14, y + 17 * n, line, 12.5, MUTED, "", "", "end") for n, line in enumerate(lines))


def _wrapped(titles: list[str], longest: int) -> list[str]:
    """「可退回：甲、乙、」 in lines that break between names."""
    lines = ["可退回："]
    for n, title in enumerate(titles):
        word = title + ("、" if n + 1 < len(titles) else "")
        if len(lines[-1] + word) > longest:
            lines.append("")
        lines[-1] += word
    return lines
