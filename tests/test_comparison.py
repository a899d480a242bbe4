"""What changed between two texts: every place found, nothing lost, hostile texts in a moment."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from officeapp.comparison import compare, count_spots


def test_a_comparison_names_each_place_that_changed():
    old = "一、要求\n发文周期一般控制在5天以内。\n各科室落实。\n特此通知。"
    new = "一、要求\n发文周期一般控制在3天以内，不得拖延。\n各科室落实。\n请遵照执行。\n特此通知。"
    changes = compare(old, new)
    assert [change.kind for change in changes] == ["same", "changed", "same", "added", "same"]
    assert count_spots(changes) == 3
    assert [(run.kind, run.text) for run in changes[1].runs] == [
        ("same", "发文周期一般控制在"),
        ("del", "5"),
        ("ins", "3"),
        ("same", "天以内"),
        ("ins", "，不得拖延"),
        ("same", "。"),
    ]


def test_equal_texts_have_no_change_and_blank_lines_do_not_count():
    changes = compare("甲\n\n乙", "甲\n乙\n")
    assert count_spots(changes) == 0
    assert [change.kind for change in changes] == ["same"]
    assert compare("", "") == []


LINES = st.lists(st.text(alphabet="甲乙丙丁，。", min_size=1, max_size=12), max_size=12)


@settings(max_examples=300, deadline=None)
@given(LINES, LINES)
def test_either_text_can_be_read_back_from_a_comparison(old, new):
    changes = compare("\n".join(old), "\n".join(new))
    assert _read(changes, "ins", "added") == old
    assert _read(changes, "del", "removed") == new
    assert (count_spots(changes) == 0) == (old == new)


def test_a_long_paragraph_without_rest_is_still_compared_by_its_clauses():
    old = "".join(f"第{n}项工作由办公室负责，按时办结，" for n in range(60))
    changes = compare(old, old.replace("第30项工作由办公室", "第30项工作由督考组"))
    assert [(run.kind, run.text) for run in changes[0].runs if run.kind != "same"] == [
        ("del", "办公室"),
        ("ins", "督考组"),
    ]


def test_a_repetitive_text_is_held_fast_at_what_occurs_once():
    old = "日期\n签字\n" * 60 + "附则\n" + "日期\n签字\n" * 60
    new = "签字\n日期\n日期\n" * 50 + "附则\n" + "签字\n日期\n日期\n" * 50
    changes = compare(old, new)
    assert any(change.kind == "same" and "附则" in change.paragraphs for change in changes)
    assert _read(changes, "ins", "added") == old.split()
    assert _read(changes, "del", "removed") == new.split()


def _read(changes, skipped_run, skipped_kind):
    lines = []
    for change in changes:
        if change.kind == "same":
            lines += change.paragraphs
        elif change.kind != skipped_kind:
            lines.append("".join(run.text for run in change.runs if run.kind != skipped_run))
    return lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("甲" * 20_000, "乙" + "甲" * 19_990 + "丙甲甲"),
        ("甲乙" * 10_000, "乙甲丙" * 6_600),
        ("甲\n" * 10_000, "乙\n甲\n" * 7_000),
        ("\n".join("甲乙丙" * n for n in range(1, 115)), "\n".join("乙丙" * n for n in range(1, 140))),
        ("甲，乙。" * 5_000, "甲，丙。" * 5_000),
        ("甲乙丙" * 6_666, "丙乙甲" * 6_666),
        *[tuple("\n".join((word * 100)[k : k + 290] for k in range(66)) for word in ("甲乙丙", "丙乙甲"))],
        ("甲\n乙\n丙\n" * 3_333, "丙\n乙\n甲\n" * 3_333),
        ("甲\n乙\n丙\n" * 330, "丙\n乙\n甲\n" * 330),
    ],
)
def test_a_text_of_twenty_thousand_characters_is_compared_in_a_moment(old, new):
    started = time.monotonic()
    assert count_spots(compare(old, new)) > 0
    assert time.monotonic() - started < 5


def test_the_comparison_counts_marks_and_folds():
    partials = Environment(loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True)
    partial = partials.get_template("texts/_comparison.html")
    same = "\n".join(f"第{n}段" for n in range(5))
    page = partial.render(changes=compare(f"{same}\n限5天<i>", f"{same}\n限3天<i>"))
    assert "1处改动" in page
    assert "限<del>5</del><ins>3</ins>天&lt;i&gt;" in page
    assert "<summary>未改动 5 段</summary>" in page
    assert "两稿文字一致" in partial.render(changes=compare(same, same))
