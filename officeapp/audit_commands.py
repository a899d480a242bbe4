"""`flask audit verify` and `flask audit heads`: whether the record is whole, in sentences and an exit status."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import with_appcontext

from officeapp import audit, db, sheets
from officeapp.audit import Head, Tally

COLUMNS = ("事项编号", "行", "校验值")
SHOWN = 200  # sentences; more of them say nothing new


@click.group("audit")
def audited() -> None:
    """核对办理历程、管理员操作记录和登录记录。"""


@audited.command("verify")
@click.option("--files", is_flag=True, help="同时逐个核对附件内容（较慢）。")
@click.option("--heads", "kept", type=click.File("r", encoding="utf-8-sig"), help="与先前另存的校验值文件对照。")
@with_appcontext
def verify(files: bool, kept: TextIO | None) -> None:
    """逐行核对全部记录；发现不符时逐条列出，退出码为1。"""
    tally, faults = Tally(), 0
    with db.reading() as session:
        found = (fault.sentence for fault in audit.verify(session, tally))
        if kept:
            found = chain(found, (fault.sentence for fault in audit.compare(session, _read_heads(kept))))
        if files:
            found = chain(found, audit.verify_files(session, current_app.config["OFFICE"].data_dir, tally))
        for faults, sentence in enumerate(found, start=1):
            if faults <= SHOWN:
                click.echo(sentence)
    click.echo(walked(tally) + (f"核对附件 {tally.files:,} 个。" if files else ""))
    if faults:
        click.echo(f"发现 {faults:,} 处不符。请保持现状，不要再改动数据库，报审计管理员处理。")
        raise click.exceptions.Exit(1)
    click.echo("未发现改动、缺失、插入或者调换。")


@audited.command("heads")
@click.argument("target", metavar="文件", type=click.Path(dir_okay=False, path_type=Path))
def heads(target: Path) -> None:
    """另存各条记录链末行的校验值，交审计管理员离线保管，以后用 verify --heads 对照。"""
    with db.reading() as session, target.open("wb") as file:
        audit.hold_still(session)
        for some in sheets.csv_bytes(COLUMNS, audit.heads(session)):
            file.write(some)
    click.echo(f"已另存到 {target}。请交审计管理员保管在本系统以外。")


def walked(tally: Tally) -> str:
    return (f"核对 {tally.matters:,} 件事项的 {tally.lines:,} 行办理历程"
            f"、{tally.acts:,} 行管理员操作记录、{tally.books[audit.LOGINS]:,} 行登录记录。")


def _read_heads(kept: TextIO) -> Iterator[Head]:
    next(kept, None)
    for line in kept:
        try:
            matter_id, n, hash_ = line.strip().split(",")
            yield Head(int(matter_id), int(n), hash_)
        except ValueError:
            raise click.ClickException(f"校验值文件里有一行不成格式：{line.strip()[:60]}") from None
