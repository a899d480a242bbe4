"""`flask backup` and `flask restore`: one file for everything; what came back is walked line by line.

Other tools may do the copying, as PostgreSQL's do; what comes after it is the same.
"""

from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from officeapp import audit, backup, clock, db, resumption, schedule, schema
from officeapp.audit import Tally
from officeapp.audit_commands import contents, walked
from officeapp.backup import Manifest, Unfit
from officeapp.settings import Settings

ARCHIVE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("target", metavar="文件", type=ARCHIVE, required=False)
@click.option("--done", is_flag=True, help="只记下：刚用别的工具（如 pg_dump）备份完毕。")
@with_appcontext
def take(target: Path | None, done: bool) -> None:
    """把数据库和全部附件备份成一个文件，不必停机；内部资料，请妥善保管。"""
    if (target is None) is not done:
        raise click.UsageError("请写明备份到哪个文件；用别的工具备份的，只写 --done。")
    if target:
        _take(target)
    schedule.mark("backup", clock.now())


def _take(target: Path) -> None:
    settings = current_app.config["OFFICE"]
    try:
        manifest = backup.take(target, settings.database_url, settings.data_dir, clock.now())
    except Unfit as unfit:
        raise click.ClickException(str(unfit)) from None
    click.echo(f"已备份到 {target}（{target.stat().st_size:,} 字节）：{_held(manifest)}")
    if manifest.missing:
        click.echo(f"有 {len(manifest.missing)} 个附件的内容已不在存储中，备份里也没有：")
        for sha256 in manifest.missing:
            click.echo(f"  {sha256}")
        raise click.exceptions.Exit(1)


@click.command("restore")
@click.argument("archive", metavar="文件", type=ARCHIVE, required=False)
@click.option("--done", is_flag=True, help="刚用别的工具（如 pg_restore）恢复完毕：只升级表结构、核对、留下邮件。")
@with_appcontext
def put_back(archive: Path | None, done: bool) -> None:
    """把备份恢复到空的数据文件夹（DATA_DIR），随后逐行核对；可能已经寄出的邮件不再自动寄。"""
    if (archive is None) is not done:
        raise click.UsageError("请写明从哪个文件恢复；用别的工具恢复的，只写 --done。")
    settings = current_app.config["OFFICE"]
    came_back = _put_back(archive, settings) if archive else "用别的工具恢复的备份"
    _upgrade()
    sound = _check(settings.data_dir)
    aside = resumption.resume(clock.now(), settings.base_url, came_back)
    if aside:
        click.echo(f"有 {aside} 封邮件在恢复以前可能已经寄出，没有自动再寄，列在“邮件发送”的“未送达”里，"
                   "核实后需要的再重发。")
    if not sound:
        raise click.exceptions.Exit(1)


def _put_back(archive: Path, settings: Settings) -> str:
    """Which backup it is, in words."""
    if not archive.is_file():
        raise click.ClickException(f"没有备份文件 {archive}。")
    try:
        manifest = backup.restore(archive, settings.database_url, settings.data_dir)
    except Unfit as unfit:
        raise click.ClickException(f"{unfit}{_left(settings.data_dir)}") from None
    made = datetime.fromisoformat(manifest.made_at).astimezone(clock.ZONE)
    click.echo(f"已恢复 {made:%Y-%m-%d %H:%M} 的备份：{_held(manifest)}")
    return f"{made:%Y-%m-%d %H:%M}的备份"


def _left(root: Path) -> str:
    """What stands in an otherwise empty folder although nothing was restored: the demonstration's own key."""
    alone = [path.name for path in root.iterdir()] == ["secret_key"] if root.exists() else False
    return "数据文件夹里只有启动时自动生成的 secret_key，可以直接再次恢复。" if alone else ""


def _upgrade() -> None:
    try:
        schema.upgrade()
    except schema.UnknownMigration as fault:
        raise click.ClickException("备份来自更新的版本，请换用那个版本，再执行 restore --done。") from fault


def _check(root: Path) -> bool:
    tally = Tally()
    with db.reading() as session:
        faults = [fault.sentence for fault in audit.verify(session, tally)]
        faults += [*audit.verify_texts(session, tally), *audit.verify_files(session, root, tally)]
    click.echo(walked(tally) + contents(tally))
    for sentence in faults:
        click.echo(sentence)
    if not faults:
        click.echo("与备份时一致，未发现改动、缺失。")
    return not faults


def _held(manifest: Manifest) -> str:
    matters, events = manifest.rows.get("matter", 0), manifest.rows.get("event", 0)
    return f"{matters:,} 件事项、{events:,} 行办理历程、{manifest.attachments:,} 个附件。"
