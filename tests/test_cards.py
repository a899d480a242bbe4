"""Cards are drawn once: what is remembered can neither be old, nor another reader's, nor break out of its article."""

from sqlalchemy import select, update

from officeapp import cards, db, engine
from officeapp.matters import Matter
from officeapp.people import Unit
from tests.procedures.walking import BODY, DRAFT, Walk
from tests.test_boards import statements
from tests.test_moves_web import BOARD, enter, opened  # noqa: F401  (enter is a fixture)

SAID = tuple(column for column in cards._WORDS.selected_columns if column.name != "id")


def face(matter_id):
    """(version, everything that cards read once for each version)."""
    with db.reading() as session:
        version, *said = session.execute(select(Matter.version, *SAID).where(Matter.id == matter_id)).one()
    return version, tuple(said)


def test_a_matters_version_rises_with_everything_that_its_card_says(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    faces = [face(walk.id)]
    for actor, key in ((bureau.drafter, "submit"), (bureau.head, "unit_review_return_to_drafting"),
                       (bureau.drafter, "submit"), (bureau.head, "unit_pass_ordinary"),
                       (bureau.reviewer, "office_pass_ordinary"), (bureau.deputy, "sign")):
        walk.go(actor, key, "请按意见修改后再报。")
        faces.append(face(walk.id))
    walk.go(bureau.clerk, "number", series="临综法发", copies=6)
    faces.append(face(walk.id))
    said = dict(faces)
    assert len({words for _, words in faces}) >= 6 and all(said[version] == words for version, words in faces)


def test_an_edited_title_is_another_version(bureau, now):
    walk = Walk("lucheng-2019", bureau.drafter, now)
    before = face(walk.id)
    with db.transaction() as session:
        engine.edit(session, walk.id, bureau.drafter, DRAFT | {"title": "关于另一件事的通知"}, BODY,
                    version=before[0], now=now)
    after = face(walk.id)
    assert after[0] > before[0] and after[1] != before[1]


def test_a_card_is_read_once_and_again_when_it_has_changed(bureau, enter):  # noqa: F811
    one, client = opened(bureau.drafter), enter(bureau.clerk)
    reads = lambda asked: [sql for sql in asked if "matter.title" in sql]  # noqa: E731
    client.get(BOARD)
    with statements() as asked:
        assert "市容环境" in client.get(BOARD).text
    assert reads(asked) == []
    with db.transaction() as session:
        session.execute(update(Matter).where(Matter.id == one)
                        .values(title="关于防台的通知", version=Matter.version + 1))
    with statements() as asked:
        assert "关于防台的通知" in client.get(BOARD).text
    assert len(reads(asked)) == 1


def test_a_unit_that_is_renamed_stands_on_every_card_at_once(bureau, enter):  # noqa: F811
    opened(bureau.drafter)
    client = enter(bureau.clerk)
    assert "市容管理科</span>" in client.get(BOARD).text
    with db.transaction() as session:
        session.execute(update(Unit).where(Unit.id == bureau.units["appearance"]).values(name="市容科", short="市容科"))
    page = client.get(BOARD).text
    assert "<span>市容科</span>" in page and "<span>市容管理科</span>" not in page


def test_what_is_remembered_for_one_reader_is_not_shown_to_another(bureau, enter):  # noqa: F811
    one = opened(bureau.drafter)
    assert f'id="card-{one}"' in enter(bureau.clerk).get(BOARD).text
    assert f'id="card-{one}"' not in enter(bureau.officer).get(BOARD).text


def test_a_title_cannot_end_its_article(bureau, enter):  # noqa: F811
    opened(bureau.drafter, title="关于</article>的<b>通知</b>")
    opened(bureau.drafter)
    page = enter(bureau.clerk).get(BOARD).text
    assert page.count("</article>") == page.count("<article") == 2 and "关于&lt;/article&gt;的" in page


def test_a_column_whose_first_cards_are_the_same_still_tells_how_many_there_are(bureau, enter):  # noqa: F811
    for _ in range(50):
        opened(bureau.drafter)
    client = enter(bureau.clerk)
    before = client.get(BOARD).text
    opened(bureau.drafter)
    after = client.get(BOARD).text
    assert 'column__total">50<' in before and "显示更多" not in before
    assert 'column__total">51<' in after and "显示更多" in after


def test_the_navigation_tells_what_has_come_meanwhile(bureau, enter):  # noqa: F811
    client = enter(bureau.drafter)
    assert '<span>我的待办</span></a>' in client.get(BOARD).text
    opened(bureau.drafter)
    assert '<span>我的待办</span><span class="count count--urgent">1</span></a>' in client.get(BOARD).text
