"""What must hold of any matter at any time, read from the database alone or held against the model."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeapp import engine, matters, signatures, texts
from officeapp.attachments import attachments_of
from officeapp.matters import Event, Matter, Step
from officeapp.numbers import Counter, Number
from officeapp.procedures.clauses import Facts, settle
from officeapp.timing import CYCLE
from tests.rulebook_model import MEDIA, Model


def check_matter(session: Session, matter: Matter, model: Model, frozen: str) -> None:
    check_place(matter, model)
    check_history(session, matter)
    check_gates(session, matter, model)
    check_text(session, matter, frozen)
    assert signatures.altered(session, matter) == []
    check_desk(session, matter, model)
    check_clocks(session, matter)
    if matter.closed:
        check_closed(session, matter)


def check_place(matter: Matter, model: Model) -> None:
    assert (matter.stage, matter.visited) == (model.stage.key, model.visited)
    assert matter.returned_from == model.returned_from
    assert (bool(matter.frozen_hash), bool(matter.number)) == (model.signed, model.number)
    assert matter.values == model.values


def check_history(session: Session, matter: Matter) -> None:
    """The events tell the stored state, and each is sealed to the one before."""
    events = matters.history(session, matter.id)
    assert engine.replay(events) == engine.stored_state(matter)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert all(e.hash == matters.seal(e) for e in events)
    assert [e.previous for e in events] == ["", *(e.hash for e in events[:-1])]
    of_itself = ("reminded", "ended", "informed", "escalated")  # what follows of a clause, whoever set it going
    assert all(e.clause and (e.actor_id or e.what in of_itself or e.what == "opened" and e.note) for e in events)


def check_gates(session: Session, matter: Matter, model: Model) -> None:
    """FW-14: whoever brought a matter into a gated stage belonged to those the gate names, and came from there."""
    folk = {actor.id: actor for actor in model.actors.values()}
    for event in matters.history(session, matter.id):
        gate = matter.rules.stage(event.target).gate if event.what == "moved" else None
        if gate and not event.move.endswith("_withdraw"):
            assert event.source in gate.sources and model.among(folk[_in_whose_name(event)], gate.who)


def _in_whose_name(event: Event) -> int:
    """Who made a move, or for whom a stand-in made it; of a paper signature, who recorded it."""
    if "paper" in event.data:
        return event.data["paper"].get("recorded_for") or event.actor_id
    return event.principal_id or event.actor_id


def check_text(session: Session, matter: Matter, frozen: str) -> None:
    """FW-15: while a signature stands, the text is the signed one, word for word."""
    if not matter.frozen_hash:
        return
    final, draft = texts.latest(session, matter.id, "final"), texts.latest(session, matter.id, "draft")
    assert matter.frozen_hash == frozen == matter.text_hash == final.sha256
    assert final.body == draft.body
    attached = [a.sha256 for a in attachments_of(session, matter.id, "attachment")]
    form = {f.key: matter.values[f.key] for f in matter.rules.fields if not f.at}
    assert texts.fingerprint(matter.title, form | {"attachments": attached}, draft.body) == frozen


def check_desk(session: Session, matter: Matter, model: Model) -> None:
    """Only the present stage has tasks, one for each seat that must still act."""
    tasks = matters.open_tasks(session, matter.id)
    assert {t.stage for t in tasks} <= {matter.stage} and len(tasks) == len(model.desk)
    waiting = [t for t in tasks if t.state == "waiting"]
    assert len(waiting) == (max(len(tasks) - 1, 0) if matter.place.how == "in_turn" else 0)
    assert bool(matter.holder) == bool(tasks)


def check_clocks(session: Session, matter: Matter) -> None:
    """The limits in force are those of the present grade and stage; the cycle pauses where the stage says so."""
    running = matters.deadlines_of(session, matter.id, "open", "paused")
    by_scope = {d.scope: d for d in running}
    assert len(by_scope) == len(running) and set(by_scope) <= {CYCLE, matter.stage}
    facts = Facts(values=matter.values)
    if not matter.closed:
        limit = settle(matter.place.limit, facts)
        assert (matter.stage in by_scope) == bool(limit)
        assert not limit or by_scope[matter.stage].n == limit.n
        assert (CYCLE in by_scope) == (matter.place.clock != "ended")
    if cycle := by_scope.get(CYCLE):
        assert cycle.n == settle(matter.rules.cycle, facts).n
        assert (cycle.state == "paused") == matter.paused == (matter.place.clock == "pauses")
    nearest = min((d.due_at for d in running if d.state == "open"), default=None)
    assert matter.due_at == nearest


def check_closed(session: Session, matter: Matter) -> None:
    """A closed matter owes nothing; a voided one keeps its number as 作废."""
    assert not matters.open_tasks(session, matter.id)
    assert not matters.deadlines_of(session, matter.id, "open", "paused")
    assert not session.scalar(select(Step.id).where(Step.matter_id == matter.id, Step.state == "pending"))
    given = session.scalars(select(Number).where(Number.matter_id == matter.id)).all()
    voided = matter.stage == "voided"
    assert [n.text for n in given] == [matter.number] * bool(matter.number)
    assert all(bool(n.voided_at) == voided for n in given)


def check_numbers(session: Session) -> None:
    """FW-16: in each series and year 1, 2, 3 … without gap or twin, and the counter knows the last."""
    columns = (Number.series_id, Number.year, func.count(Number.n.distinct()), func.count(), func.max(Number.n))
    told = {(s, y): last for s, y, *last in session.execute(select(*columns).group_by(Number.series_id, Number.year))}
    assert all(distinct == count == last for distinct, count, last in told.values())
    counters = {(c.series_id, c.year): c.last for c in session.scalars(select(Counter))}
    assert {key: last[-1] for key, last in told.items()} == {key: n for key, n in counters.items() if n}


def check_offers(session: Session, matter: Matter, model: Model) -> None:
    """Offered is what is declared: for every person, every move, both media."""
    case = engine.case(session, matter)
    for actor in model.actors.values():
        offered = {(o.move.key, o.medium) for o in engine.decisions.offers(case, actor)}
        declared = {(m.key, medium) for m in matter.rules.moves for medium in MEDIA if model.open_to(actor, m, medium)}
        assert offered == declared, (actor.name, offered ^ declared)
