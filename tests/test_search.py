"""Finding documents again, closed ones too, and never what a person may not see."""

from sqlalchemy import delete, select

from officeapp import db, grams, search
from officeapp.grams import Gram
from officeapp.matters import Matter
from tests import conftest
from tests.procedures.walking import Walk


def titles(actor, words):
    with db.reading() as session:
        return [line.title for line in search.found(session, actor, words)]


def test_an_archived_document_is_found_by_its_number_and_by_words_of_its_title(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now, title="关于冬季市容保障的通知")
    for actor, key in ((bureau.drafter, "submit"), (bureau.head, "unit_pass_ordinary"),
                       (bureau.reviewer, "office_pass_ordinary"), (bureau.deputy, "sign")):
        walk.go(actor, key)
    walk.go(bureau.clerk, "number", series="临综法发", copies=6)
    Walk("lucheng-2019", bureau.drafter, now, title="关于养犬登记的通知")
    assert titles(bureau.chief, "〔2026〕1号") == ["关于冬季市容保障的通知"]
    assert titles(bureau.chief, "通知 市容") == ["关于冬季市容保障的通知"]
    assert titles(bureau.chief, "100%") == []


def test_nobody_finds_what_he_may_not_see(bureau, now):
    Walk("lucheng-2019", bureau.drafter, now, title="关于冬季市容保障的通知")
    assert titles(bureau.colleague, "市容") and not titles(bureau.officer, "市容") and not titles(bureau.admin, "市容")


def pairs_kept():
    with db.reading() as session:
        return set(session.execute(select(Gram.gram, Gram.matter_id)).all())


def pairs_wanted():
    with db.reading() as session:
        rows = session.execute(select(Matter.id, Matter.title, Matter.number)).all()
    return {(text[n:n + 2], key) for key, *texts in rows for text in texts for n in range(len(text) - 1)}


def test_every_pair_of_a_title_and_a_number_is_kept_when_it_is_given_and_when_it_changes(either_database, now):
    bureau = conftest.seeded()
    walk = Walk("lucheng-2019", bureau.drafter, now, title="关于养犬养犬登记的通知")
    Walk("lucheng-2019", bureau.drafter, now, title="关于夜市")
    assert pairs_kept() == pairs_wanted() and ("养犬", walk.id) in pairs_kept()
    with db.transaction() as session:
        matter = session.get_one(Matter, walk.id)
        matter.title, matter.number = "关于露天烧烤的通知", "临综法发〔2026〕1号"
    assert pairs_kept() > pairs_wanted() and ("烧烤", walk.id) in pairs_kept()
    assert titles(bureau.chief, "烧烤") == ["关于露天烧烤的通知"] and titles(bureau.chief, "养犬") == []


def test_what_was_there_before_is_filled_in_once(either_database, now):
    bureau = conftest.seeded()
    Walk("lucheng-2019", bureau.drafter, now, title="关于养犬登记的通知")
    kept = pairs_kept()
    with db.engine().begin() as connection:
        connection.execute(delete(Gram))
        grams.fill(connection)
    assert pairs_kept() == kept == pairs_wanted()


def test_a_rare_word_is_looked_for_among_the_few_that_hold_its_rarest_pair(either_database, now):
    bureau = conftest.seeded()
    walk = Walk("lucheng-2019", bureau.drafter, now, title="关于养犬登记的通知")
    Walk("lucheng-2019", bureau.drafter, now, title="关于夜市的通知")
    with db.reading() as session:
        assert grams.holding(session, ["通知", "养犬登记"]) == [walk.id]
        assert grams.holding(session, ["没有"]) == []
        assert grams.holding(session, ["犬"]) is None and grams.holding(session, ["ab"]) is None
    for words in ("养犬", "通知 养犬", "犬", "记的通"):
        assert titles(bureau.chief, words) == ["关于养犬登记的通知"], words
    assert titles(bureau.chief, "犬养") == titles(bureau.chief, "养犬 夜市") == []


def test_what_everything_holds_is_looked_for_from_the_newest_back(bureau, now, monkeypatch):
    monkeypatch.setattr(grams, "FEW", 1)
    for title in ("关于养犬登记的通知", "关于夜市的通知"):
        Walk("lucheng-2019", bureau.drafter, now, title=title)
    with db.reading() as session:
        assert grams.holding(session, ["通知"]) is None
    assert titles(bureau.chief, "通知") == ["关于夜市的通知", "关于养犬登记的通知"]
