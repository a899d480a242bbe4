"""docs/procedures/*.md and their drawings, written from the rulebooks and from nothing else."""

from collections.abc import Iterable, Iterator

from officeapp.procedures import description
from officeapp.procedures.clauses import Clause
from officeapp.procedures.drawing import drawn_flow
from officeapp.procedures.grammar import Procedure


def slug(p: Procedure) -> str:
    return f"{p.kind.replace('_', '-')}-{p.rulebook}"


def handbook(procedures: Iterable[Procedure]) -> dict[str, str]:
    """File name → content, for every rulebook one page and one drawing, and an index."""
    procedures = list(procedures)
    pages = {"README.md": _index(procedures)}
    for p in procedures:
        pages[f"{slug(p)}.md"] = _page(p)
        pages[f"{slug(p)}.svg"] = drawn_flow(p) + "\n"
    return pages


def _index(procedures: list[Procedure]) -> str:
    rows = ([f"[{p.title}·{p.rulebook_title}]({slug(p)}.md)", f"`{p.kind}/{p.rulebook}`", str(p.edition), p.source]
            for p in procedures)
    return _joined("# 办理规程", "由 `flask procedures docs` 从规程数据生成，请勿手工修改。",
                   _table(("规程", "标识", "版次", "依据"), rows))


def _page(p: Procedure) -> str:
    return _joined(
        f"# {p.title}：{p.rulebook_title}",
        f"依据：{p.source}。版次：第{p.edition}版。由 `flask procedures docs` 生成，请勿手工修改。",
        f"全周期时限：{'；'.join(description.cycle_words(p))}。",
        f"![{p.title}流程图]({slug(p)}.svg)",
        "## 环节", _stages(p), "## 办理动作", _moves(p), "## 退回、撤回、作废", _backs(p),
        "## 谁可以报送到哪里", _gates(p), "## 不予办理的情形", _refusals(p),
        "## 提醒和催办", _rungs(p), "## 填写内容", _fields(p), "## 依据原文", *_clauses(p))


def _stages(p: Procedure) -> str:
    rows = ([str(r.number), r.stage.title, "<br>".join(r.who) or "—", "<br>".join(r.limit) or "—",
             "<br>".join(r.medium) or "—", "、".join(r.marks), _cites(r.clauses)] for r in description.stage_rows(p))
    return _table(("序", "环节", "谁办", "时限", "线上/纸质", "说明", "依据"), rows)


def _moves(p: Procedure) -> str:
    rows = ([r.source, r.move.title, r.target, r.who, r.when or "—", "；".join((*r.needs, *r.marks)) or "—",
             r.move.clause.force.value, _cites((r.move.clause,))] for r in description.forward_rows(p))
    return _table(("环节", "动作", "转到", "谁办", "适用于", "要求", "约束", "依据"), rows)


def _backs(p: Procedure) -> str:
    rows = ([r.stage, "、".join(r.returns) or "—", "可以" if r.straight_back else "—", "可以" if r.withdraw else "—",
             "、".join(r.voiders) or "—", _cites(r.clauses)] for r in description.back_rows(p))
    return _table(("环节", "可退回到", "修改后直送退回人", "送出人撤回", "谁可作废", "依据"), rows)


def _gates(p: Procedure) -> str:
    rows = ([stage, who, places, gate.sentence, _cites((gate.clause,))]
            for stage, who, places, gate in description.gates(p))
    return _table(("环节", "只能由", "从", "否则提示", "依据"), rows)


def _refusals(p: Procedure) -> str:
    rows = ([r.breaks.title, r.sentence, r.clause.force.value, _cites((r.clause,))] for r in description.refusals(p))
    return _table(("情形", "提示", "约束", "依据"), rows)


def _rungs(p: Procedure) -> str:
    rows = ([scope, rung.title, f"{rung.offset:+d}个工作日" if rung.offset else "到期当日", who, _cites((rung.clause,))]
            for scope, rung, who in description.rungs(p))
    return _table(("时限", "提醒", "与到期日相差", "提醒谁", "依据"), rows)


def _fields(p: Procedure) -> str:
    rows = ([f.label, stage, "必填" if f.required else "选填", "、".join(label for _, label in f.choices) or "—",
             f.hint or "—"] for f, stage in description.field_rows(p))
    return _table(("内容", "在哪个环节填", "要求", "选项", "说明"), rows)


def _clauses(p: Procedure) -> Iterator[str]:
    for source, found in description.clauses(p).items():
        yield f"### {source}"
        yield "\n".join(f"- {c.place}（{c.force.value}；{c.rule}）：{c.text}" for c in found)


def _cites(clauses: tuple[Clause, ...]) -> str:
    return "<br>".join(dict.fromkeys(f"{c.source} {c.place}" for c in clauses))


def _table(head: tuple[str, ...], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _joined(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
