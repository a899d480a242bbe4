"""`flask audit verify`: whether the record is whole, in sentences and an exit status."""

from collections.abc import Iterable
from itertools import chain

import click
from flask import current_app
from flask.cli import with_appcontext

from officeapp import audit, db
from officeapp.audit import Tally

SHOWN = 200  # sentences; more of them say nothing new
SHORTEST = 12  # characters of a copied hash


@click.group("audit")
def audited() -> None:
    """核对办理历程、管理和导出操作记录、登录记录。"""


@audited.command("verify")
@click.option("--files", is_flag=True, help="同时逐件核对正文、逐个核对附件内容（较慢）。")
@click.option("--seal", "copied", multiple=True, metavar="号:校验值", help="与抄存在别处的封存对照，可以写多次。")
@with_appcontext
def verify(files: bool, copied: tuple[str, ...]) -> None:
    """逐行核对全部记录；发现不符时逐条列出，退出码为1。"""
    tally, faults = Tally(), 0
    with db.reading() as session:
        found = (fault.sentence for fault in audit.verify(session, tally, _read_seals(copied)))
        if files:
            root = current_app.config["OFFICE"].data_dir
            found = chain(found, audit.verify_texts(session, tally), audit.verify_files(session, root, tally))
        for faults, sentence in enumerate(found, start=1):
            if faults <= SHOWN:
                click.echo(sentence)
    click.echo(walked(tally) + (contents(tally) if files else ""))
    if faults:
        click.echo(f"发现 {faults:,} 处不符。请保持现状，不要再改动数据库，报审计管理员处理。")
        raise click.exceptions.Exit(1)
    click.echo("未发现改动、缺失、插入或者调换。")


def walked(tally: Tally) -> str:
    return (f"核对 {tally.matters:,} 件事项的 {tally.lines:,} 行办理历程"
            f"、{tally.acts:,} 行管理和导出操作记录、{tally.books[audit.LOGINS]:,} 行登录记录、"
            f"{tally.seals:,} 次封存。")


def contents(tally: Tally) -> str:
    return f"核对 {tally.texts:,} 件事项的正文、{tally.files:,} 个附件。"


def _read_seals(copied: Iterable[str]) -> dict[int, str]:
    read = {}
    for text in copied:
        n, _, hash_ = text.strip().partition(":")
        if not (n.isascii() and n.isdecimal() and len(hash_) >= SHORTEST):
            raise click.ClickException(f"封存应写成“号:校验值”，如 88:3f9a0c2e71d4（至少{SHORTEST}位）：“{text[:80]}”")
        read[int(n)] = hash_.lower()
    return read
