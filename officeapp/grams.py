"""Which pairs of neighbouring characters stand in a matter's title and number: Chinese words have no spaces.

The database keeps them by triggers, whoever writes a matter. A word that few hold is found by its rarest pair without
reading every title; the words themselves are always compared afterwards, so pairs of an earlier title do no harm.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, String, func, literal, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from officeapp import db
from officeapp.db import Base

FEW = 1000  # matters that are looked at one by one
MOST_PAIRS = 12
LONGEST = 400  # characters of a title and a number


class Gram(Base):
    """One pair in one matter. No foreign key: triggers write it with the matter, and matters are never deleted."""

    __tablename__ = "matter_gram"
    __table_args__ = {"sqlite_with_rowid": False}
    gram: Mapped[str] = mapped_column(String(2), primary_key=True)
    matter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def holding(session: Session, words: Iterable[str]) -> Sequence[int] | None:
    """Every matter that holds the rarest pair of these words; None where each pair is common, or there is none."""
    pairs = list(dict.fromkeys(pair for word in words for pair in pairs_of(word)))[:MOST_PAIRS]
    counts = sorted((n, pair) for pair, n in db.rows(session, union_all(*map(_count, pairs)))) if pairs else []
    if not counts or counts[0][0] > FEW:
        return None
    return db.rows(session, select(Gram.matter_id).where(Gram.gram == counts[0][1])).scalars().all()


def pairs_of(word: str) -> list[str]:
    """Its pairs in order, without those whose case a database may read otherwise."""
    pairs = (word[n:n + 2] for n in range(len(word) - 1))
    return [pair for pair in pairs if pair.lower() == pair.upper()]


def _count(pair: str):
    some = select(Gram.matter_id).where(Gram.gram == pair).limit(FEW + 1).subquery()
    return select(literal(pair), select(func.count()).select_from(some).scalar_subquery())


def keep(connection: Connection) -> None:
    """Triggers that write the pairs of each new or renamed matter."""
    for statement in _KEEP[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def fill(connection: Connection) -> None:
    """The pairs of all matters that are there already."""
    connection.exec_driver_sql(f"INSERT INTO matter_gram {_FILL[connection.dialect.name]}")  # nosec B608 # words of ours


def _sqlite(row: str) -> str:
    places = ",".join(map(str, range(1, LONGEST)))
    return (f"SELECT DISTINCT substr(t.words, n.value, 2), t.id FROM (SELECT {row}.id AS id, "  # nosec B608 # words of ours
            f"{row}.title || char(10) || {row}.number AS words) AS t, json_each('[{places}]') AS n "
            f"WHERE n.value < length(t.words) AND instr(substr(t.words, n.value, 2), char(10)) = 0")


_WORDS = "{0}.title || chr(10) || {0}.number"
_KEEP = {
    "sqlite": (
        f"CREATE TRIGGER matter_gram_new AFTER INSERT ON matter BEGIN INSERT INTO matter_gram {_sqlite('NEW')}; END",
        "CREATE TRIGGER matter_gram_renamed AFTER UPDATE OF title, number ON matter BEGIN "
        f"INSERT OR IGNORE INTO matter_gram {_sqlite('NEW')}; END",
    ),
    "postgresql": (
        "CREATE FUNCTION pairs_in(words text) RETURNS SETOF varchar LANGUAGE sql IMMUTABLE AS $$ "
        "SELECT DISTINCT substr(words, n, 2) FROM generate_series(1, length(words) - 1) AS n "
        "WHERE strpos(substr(words, n, 2), chr(10)) = 0 $$",
        "CREATE FUNCTION keep_matter_gram() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"INSERT INTO matter_gram SELECT pairs_in({_WORDS.format('NEW')}), NEW.id ON CONFLICT DO NOTHING; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER matter_gram_kept AFTER INSERT OR UPDATE OF title, number ON matter "
        "FOR EACH ROW EXECUTE FUNCTION keep_matter_gram()",
    ),
}
_FILL = {
    "sqlite": _sqlite("m").replace(" AS words) AS t,", " AS words FROM matter AS m) AS t,"),
    "postgresql": f"SELECT pairs_in({_WORDS.format('m')}), m.id FROM matter AS m",  # nosec B608 # our own words
}
