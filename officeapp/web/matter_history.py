"""办理历程: who had it, when it came, when it went, what was said. Newest first."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from officeapp.matters import Event, Task
from officeapp.procedures.grammar import Move, MoveKind
from officeapp.web.dossier import Dossier
from officeapp.web.spoken import day_words, moment_words, took_words

KINDS = {MoveKind.RETURN: "退回", MoveKind.WITHDRAW: "撤回", MoveKind.VOID: "作废"}
SIDE = {"edited": "修改稿纸或正文", "proof_saved": "录入清样", "attached": "添加附件", "detached": "移除附件",
        "recounted": "重新计算时限", "reminded": "催办提醒", "contacted": "督催记录", "urged": "催办",
        "escalated": "督办", "informed": "抄送", "extended": "延期批准", "handed_over": "工作移交", "begot": "关联事项",
        "ended": "办结"}


@dataclass(frozen=True)
class Hop:
    """One line: a stage left, or (state 未读/已读) a desk it lies on, or something done on the side."""

    title: str
    who: str = ""
    move: str = ""
    state: str = ""
    tone: str = ""
    opinion: str = ""
    received: str = ""
    done: str = ""
    took: str = ""
    paper_words: str = ""
    side: bool = False


def history_of(dossier: Dossier) -> list[Hop]:
    """Desks it lies on now, then everything that happened, newest first."""
    return _desks(dossier) + _past(dossier)[::-1]


def last_return(dossier: Dossier) -> Hop | None:
    """The hop that sent the matter back here, while it has not gone on since."""
    if not dossier.matter.returned_from:
        return None
    returned = [hop for hop in _past(dossier) if hop.state == "退回"]
    return returned[-1] if returned else None


def _desks(dossier: Dossier) -> list[Hop]:
    pending = [t for t in dossier.tasks if t.state in ("open", "waiting")]
    return [_desk(dossier, task) for task in pending if not dossier.matter.closed or task.purpose == "read"]


def _desk(dossier: Dossier, task: Task) -> Hop:
    who = "、".join(w.at_the_desk for w in dossier.holders.get(task.id, ()))
    title = "待阅" if task.purpose == "read" else dossier.rules.stage(task.stage).title
    if task.state == "waiting":
        return Hop(title, who, state="待前一位办理", tone="idle")
    seen = f"已读 {moment_words(task.seen_at, dossier.now)}" if task.seen_at else "未读"
    return Hop(title, who, state=seen, tone="well" if task.seen_at else "soon",
               received=moment_words(task.opened_at, dossier.now))


def _past(dossier: Dossier) -> list[Hop]:
    hops: list[Hop] = []
    came = dossier.matter.opened_at
    for event in dossier.events:
        if event.what in ("moved", "signed"):
            hops.append(_hop(dossier, event, came))
            came = event.at if event.what == "moved" else came
        elif event.what in SIDE:
            _add_side(hops, dossier, event)
    return hops


def _hop(dossier: Dossier, event: Event, came: datetime) -> Hop:
    move = dossier.rules.move(event.move)
    kind = move.kind if move else MoveKind.FORWARD
    signer = dossier.signed(event)
    return Hop(
        dossier.rules.stage(event.source).title, signer.name, _move_words(dossier, event, move), KINDS.get(kind, ""),
        "late" if kind in KINDS else "", dossier.discreet(event.note), moment_words(came, dossier.now),
        moment_words(event.at, dossier.now), took_words(event.at - came), _paper(dossier, event),
    )


def _move_words(dossier: Dossier, event: Event, move: Move | None) -> str:
    if move is None:
        return ""
    target = dossier.rules.stage(event.target).title
    if move.kind is MoveKind.STRAIGHT_BACK:
        return f"修改后直送{target}"
    return f"撤回到{target}" if move.kind is MoveKind.WITHDRAW else move.title


def _paper(dossier: Dossier, event: Event) -> str:
    paper = event.data.get("paper")
    if not paper:
        return ""
    told = f"，依据：{paper['instruction']}" if paper.get("instruction") else ""
    on = day_words(date.fromisoformat(paper["on"]))
    return f"纸质·{on}签字，{dossier.recorder(event)}代录{told}"


def _days_of(event: Event) -> str:
    """「：原时限2026年11月20日，现时限2026年12月4日」 of an extension granted."""
    days = event.data.get("due") if event.what == "extended" else None
    if not days or not all(days):
        return ""
    was, now = (day_words(date.fromisoformat(day)) for day in days)
    return f"：原时限{was}，现时限{now}"


def _add_side(hops: list[Hop], dossier: Dossier, event: Event) -> None:
    """Ten small corrections by one hand are one line, or they would bury the course."""
    title, who = SIDE[event.what], dossier.signed(event).name
    title += _days_of(event)
    hop = Hop(title, who, opinion=dossier.discreet(event.note), done=moment_words(event.at, dossier.now), side=True)
    last = hops[-1] if hops else None
    if last and last.side and event.what == "edited" and last.title.startswith(title) and last.who == who:
        times = int(last.took or 1) + 1
        hops[-1] = replace(hop, move=f"共{times}次", took=str(times))
        return
    hops.append(hop)
