"""The manuals say what the pages say: buttons by their exact words, refusals by their sentences, with pictures."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MANUALS = ("docs/使用手册.md", "docs/运维手册.md")
# Words that a page puts together from a move's or a procedure's own.
COMPOSED = {
    "代录签字：签发…": "代录签字：", "代录签字：通过，报主要领导签发…": "通过，报主要领导签发",
    "代录签字：通过，报分管领导审阅…": "通过，报分管领导审阅", "保存为草稿": "为草稿",
    "填写督办单": "填写", "填写联系单": "填写", "填写群众事务": "填写", "退回办理": "退回{titles[target]}",
    "打印发文稿纸": "打印{{ form_title }}", "起草并送科室核稿": "送科室核稿", "登记并当场办结": "当场办结",
    "登记并交承办单位": "交承办单位", "填写督办通报": "填写", "拟稿并送办公室主任审核": "送办公室主任审核",
    "打印督办通报": "打印{{ form_title }}",
}


@cache
def said() -> str:
    """Everything a page may say, as it stands in code, templates and scripts."""
    found = [*ROOT.glob("officeapp/**/*.py"), *ROOT.glob("templates/**/*.*"), *ROOT.glob("static/*.js")]
    return "".join(path.read_text("utf-8") for path in found)


def manual(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", MANUALS)
def test_every_quoted_button_stands_on_a_page(name):
    quoted = {word for word in re.findall("「([^」]+)」", manual(name)) if word.strip("…")}
    missing = [word for word in quoted if COMPOSED.get(word, word).rstrip("…") not in said()]
    assert not missing, f"{name} quotes words that no page has; write the button's exact words: {missing}"


def test_every_refusal_explained_is_one_that_the_pages_give():
    spoken = said() + re.sub(r"\{[^{}]*\}", "", said())  # also with what is filled in left out
    rows = re.findall(r"^\| ([^|]+) \|", manual(MANUALS[0]).partition("## 八")[2], flags=re.MULTILINE)
    parts = {part.strip(" …，。") for row in rows for part in re.split("……|「|」|／", row)}
    parts -= {"屏幕上的话", "还没有科室负责人"}  # the head of the table, and a role that is filled in
    missing = [part for part in parts if len(part) > 3 and part not in spoken]
    assert not missing, f"使用手册 explains sentences that nobody will see: {missing}"


@pytest.mark.parametrize("name", [*MANUALS, "README.md", "docs/architecture.md"])
def test_every_link_and_picture_leads_somewhere(name):
    targets = re.findall(r"\]\(([^)#:]+)\)", manual(name))
    missing = [target for target in targets if not (ROOT / name).parent.joinpath(target).exists()]
    assert not missing, f"{name} links to what is not there: {missing}"


def test_every_picture_is_shown_and_small():
    texts = "".join(manual(name) for name in (*MANUALS, "README.md"))
    shown = {Path(target).name for target in re.findall(r"\]\(([^)]+\.png)\)", texts)}
    pictures = list((ROOT / "docs/pictures").glob("*.png"))
    assert {picture.name for picture in pictures} == shown, "take or drop it in tools/pictures.py"
    assert all(picture.stat().st_size <= 200_000 for picture in pictures), "tools.camera reduces them"
