"""What this person may do now, as buttons; and for everybody else, why not."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from officeapp import decisions, refusals
from officeapp.decisions import ONWARD, Case, Offer
from officeapp.people import Actor
from officeapp.procedures.clauses import settle
from officeapp.procedures.grammar import Medium, MoveKind, Stage
from officeapp.web.dossier import Dossier
from officeapp.web.matter_history import Hop, last_return
from officeapp.web.spoken import cited

ON_PAPER = "这件按纸质签发流程办理：在纸质稿纸上签字以后，由您把签字人、日期和意见录进来。"
EITHER_WAY = "这一步可以由{holder}在网上办理；在纸质件上签了字的，由您把签字人、日期和意见录进来。"
SIGNED = ("同意。", "拟同意。", "请按所提意见修改后再报。")
SENT = ("已按意见修改，请审核。", "已补充材料。")


@dataclass(frozen=True)
class Button:
    """One offer: `direct` is sent with the opinion beside it, the rest opens its own form."""

    key: str
    title: str
    target: str
    kind: MoveKind
    paper: bool
    direct: bool
    default_note: str = ""
    clause: str = ""
    face: Actor | None = None

    @property
    def query(self) -> str:
        return query_of(self.paper, self.face)


@dataclass(frozen=True)
class Actions:
    """The panel: one primary, other ways on, ways back behind one menu, then withdraw and void.

    Where somebody acts online, what is only signed on paper and `recorded` here waits behind one fold.
    """

    title: str
    version: int
    primary: Button | None = None
    others: tuple[Button, ...] = ()
    returns: tuple[Button, ...] = ()
    outlined: tuple[Button, ...] = ()
    recorded: tuple[Button, ...] = ()
    note: str = ""
    phrases: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    why: str = ""
    why_clause: str = ""
    missing: str = ""
    hint: str = ""
    face: Actor | None = None
    returned: Hop | None = field(default=None)

    @property
    def writes_here(self) -> bool:
        """Whether an opinion is written on the page itself."""
        return any(b.direct for b in (self.primary, *self.others) if b)

    @property
    def any(self) -> bool:
        return bool(self.primary or self.others or self.returns or self.outlined)


def actions_of(dossier: Dossier) -> Actions:
    """The offers of decisions, laid out; nothing is offered here that the engine refuses."""
    case, title, face = dossier.case, dossier.matter.place.title, dossier.face
    offered = [_button(case, offer, face) for offer in distinct(decisions.offers(case, dossier.actor))]
    recorded = _put_by(offered)
    buttons = [button for button in offered if button not in recorded]
    returned = bool(dossier.matter.returned_from)
    onward = sorted((b for b in buttons if b.kind in ONWARD), key=lambda b: _rank(b, returned))
    why, clause = ("", "") if onward else _why_not(dossier)
    first = next((b for b in onward if decisions.holds(case, face) or not _halts(dossier, b)), None)
    return Actions(
        title, dossier.matter.version, first, tuple(b for b in onward if b is not first),
        tuple(b for b in buttons if b.kind is MoveKind.RETURN),
        tuple(b for b in buttons if b.kind not in (*ONWARD, MoveKind.RETURN)),
        recorded=recorded, note=first.default_note if first and first.direct else "", phrases=phrases_for(dossier),
        clauses=tuple(dict.fromkeys(b.clause for b in onward if b.clause))[:2], why=why, why_clause=clause,
        missing=_missing(case, onward), hint=_hint(case) if first and first.paper else "", face=face,
        returned=last_return(dossier) if onward else None,
    )


def _put_by(offered: list[Button]) -> tuple[Button, ...]:
    """Signatures on paper, where the same person goes on online: else every way would stand there twice."""
    online = any(button.kind in ONWARD and not button.paper for button in offered)
    return tuple(button for button in offered if button.paper) if online else ()


def _hint(case: Case) -> str:
    """What the recording clerk is told: paper is the only way, or one of two."""
    if settle(case.stage.medium, case.facts) is Medium.PAPER:
        return ON_PAPER
    return EITHER_WAY.format(holder=case.matter.holder or "办理人")


def phrases_for(dossier: Dossier) -> tuple[str, ...]:
    """常用意见: the person's own, then the stage's, then the office's."""
    onward = (m for m in dossier.rules.moves_from(dossier.matter.stage) if m.kind in ONWARD)
    own = tuple(m.default_note for m in onward if m.default_note)
    return tuple(dict.fromkeys((*dossier.actor.phrases, *own, *common_phrases(dossier.matter.place))))


def common_phrases(stage: Stage) -> tuple[str, ...]:
    """Approval where the form has a box to sign; elsewhere what goes with a paper sent on."""
    return SIGNED if stage.box else SENT


def distinct(offers: list[Offer]) -> list[Offer]:
    """Going straight back to where the ordinary way leads anyway is not a second button."""
    leads = {(o.target, o.actor) for o in offers if o.move.kind is MoveKind.FORWARD}
    return [o for o in offers if o.move.kind is not MoveKind.STRAIGHT_BACK or (o.target, o.actor) not in leads]


def query_of(paper: bool, face: Actor | None) -> str:
    """What the address of a move's form says besides the move: the medium, and in whose name."""
    asked = {"medium": "paper" if paper else "", "for": face.on_behalf_of if face else None}
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"?{said}" if said else ""


def _button(case: Case, offer: Offer, face: Actor) -> Button:
    """One sent from the page itself is in the name that the page acts in."""
    move, paper = offer.move, offer.medium is Medium.PAPER
    own = decisions.holds(case, offer.actor) and not offer.actor.delegate
    target = case.matter.rules.stage(offer.target).title if offer.target else ""
    title = f"修改后直送{target}" if move.kind is MoveKind.STRAIGHT_BACK else move.title
    title += f"（代{offer.actor.name}）" if offer.actor.delegate else ""
    direct = (move.kind in ONWARD and not paper and not move.needs.fields and not move.needs.attachment
              and offer.actor is face)
    recorded = "登记本人签字：" if own else "代录：" if move.kind is MoveKind.RETURN else "代录签字："
    return Button(move.key, f"{recorded}{title}" if paper else title, target, move.kind, paper, direct,
                  move.default_note, move.clause.cite, offer.actor)


def _rank(button: Button, returned: bool) -> tuple[bool, bool]:
    """A corrected matter first of all goes back to whoever asked for the correction."""
    straight = button.kind is MoveKind.STRAIGHT_BACK
    return (button.paper, straight != returned)


def _halts(dossier: Dossier, button: Button) -> bool:
    """Whether it stops somebody else's work: offered, but never as what comes next."""
    move = dossier.rules.move(button.key)
    return bool(move.target) and dossier.rules.stage(move.target).clock == "pauses"


def _missing(case: Case, onward: list[Button]) -> str:
    """What has to be there before the first way on: said before the press, not after it."""
    written = any(case.matter.rules.stage(key).text_due for key in case.matter.visited)
    if onward and written and not case.facts.text_length:
        return "正文还是空的，请先写好正文再送审。"
    return ""


def _why_not(dossier: Dossier) -> tuple[str, str]:
    """The sentence for somebody who may not go on with it, and the clause behind it."""
    matter, case, actor = dossier.matter, dossier.case, dossier.face
    if matter.closed:
        return f"{refusals.closed_words(matter)}。", ""
    if decisions.holds(case, actor):
        refused = [decisions.refusal(case, m, actor) for m in matter.rules.moves_from(matter.stage) if m.kind in ONWARD]
        first = next((r for r in refused if r), None)
        if first:
            return first.sentence, cited(first.clause)
    return f"现在由 {matter.holder or '其他人'} 办理。", ""
