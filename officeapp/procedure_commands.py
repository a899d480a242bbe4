"""`flask procedures check` and `flask procedures docs`."""

from pathlib import Path

import click

from officeapp.procedures import book
from officeapp.procedures.faults import faults_in
from officeapp.procedures.handbook import handbook

DOCS = Path(__file__).resolve().parent.parent / "docs" / "procedures"


@click.group("procedures")
def procedures() -> None:
    """核对办理规程，写出规程说明。"""


@procedures.command("check")
def check() -> None:
    """列出各部规程里的差错；有差错的退出码为1。"""
    faulty = False
    for each in book.PROCEDURES:
        faults = faults_in(each)
        faulty = faulty or bool(faults)
        words = "；".join(faults) or "未发现问题"
        click.echo(f"{each.kind}/{each.rulebook} 第{each.edition}版 "
                   f"{len(each.stages)}个环节、{len(each.moves)}个动作：{words}")
    if faulty:
        raise click.exceptions.Exit(1)


@procedures.command("docs")
def docs() -> None:
    """按规程重写 docs/procedures；已经没有的规程，其说明一并删去。"""
    pages = handbook(book.PROCEDURES)
    DOCS.mkdir(parents=True, exist_ok=True)
    for path in DOCS.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, content in pages.items():
        (DOCS / name).write_text(content, encoding="utf-8")
    click.echo(f"已生成 {len(pages)} 个文件：{DOCS}")
