"""Finding documents again, closed ones too, and never what a person may not see."""

from officeapp import db, search
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
