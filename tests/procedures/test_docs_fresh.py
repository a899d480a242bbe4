"""docs/procedures says what the rulebooks say, and the commands say so."""

from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from officeapp import procedure_commands
from officeapp.procedures import book
from officeapp.procedures.drawing import drawn_flow
from officeapp.procedures.grammar import MoveKind
from officeapp.procedures.handbook import handbook

EACH = pytest.mark.parametrize("p", book.PROCEDURES, ids=lambda p: f"{p.kind}/{p.rulebook}")


def test_the_generated_docs_are_fresh():
    written = {path.name: path.read_text(encoding="utf-8") for path in procedure_commands.DOCS.iterdir()}
    assert written == handbook(book.PROCEDURES), "Run: flask procedures docs"


def test_docs_writes_every_page_and_removes_those_of_rulebooks_that_are_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(procedure_commands, "DOCS", tmp_path)
    (tmp_path / "gone.md").write_text("旧规程", encoding="utf-8")
    assert CliRunner().invoke(procedure_commands.procedures, ["docs"]).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == set(handbook(book.PROCEDURES))


def test_check_names_every_rulebook():
    result = CliRunner().invoke(procedure_commands.procedures, ["check"])
    assert result.exit_code == 0
    assert all(f"{p.kind}/{p.rulebook}" in result.output for p in book.PROCEDURES)


@EACH
def test_the_drawing_is_well_formed_and_free_of_script_and_style(p):
    tags = {each.tag.split("}")[1] for each in ElementTree.fromstring(drawn_flow(p)).iter()}
    assert tags.isdisjoint({"script", "style", "foreignObject"})
    assert "style=" not in drawn_flow(p)


@EACH
def test_the_drawing_names_every_stage_that_can_be_reached_without_voiding(p):
    words = "".join(ElementTree.fromstring(drawn_flow(p)).itertext())
    voided = {m.target for m in p.moves if m.kind is MoveKind.VOID}
    assert all(s.title in words for s in p.stages if s.key not in voided or not s.closed)
