"""The commands of `flask …`, and nothing but their wiring."""

import re

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from officeapp import administrators, calendars, checkup, clock, db, outbox, password_requests, people, schema
from officeapp.account_commands import rename, reset
from officeapp.administrators import Named
from officeapp.audit_commands import audited
from officeapp.backup_commands import put_back, take
from officeapp.demo import load as demo
from officeapp.demo_accounts import ACCOUNTS, PASSWORD
from officeapp.directory import Unfit
from officeapp.door_command import doors
from officeapp.due_command import due
from officeapp.people import Person
from officeapp.procedure_commands import procedures
from officeapp.settings import Settings


def install(app: Flask) -> None:
    for command in (prepare, appoint, demonstrate, due, procedures, audited, check, doors, take,
                    put_back, reset, rename):
        app.cli.add_command(command)


@click.command("prepare")
def prepare() -> None:
    """建立或者升级数据库；演示模式第一次还写入演示数据。"""
    settings = current_app.config["OFFICE"]
    outbox.set_bell(None)  # Redis is not up yet; the first beat of the timetable finds what is owed
    schema.upgrade()
    if settings.demo and demo.is_half_told():
        schema.reset()
    with db.transaction() as session:
        calendars.ensure_seeded(session, clock.now())
    if settings.demo and demo.is_empty():
        click.echo("正在写入演示数据（只在第一次，约半分钟）……")
        demo.load(clock.now(), settings.data_dir)
        _forget_a_password(settings)
    if settings.demo:
        _show_accounts()


def _named(text: str | Named) -> Named:
    if isinstance(text, Named):  # click reads what it has asked for a second time
        return text
    account, _, name = text.replace("：", ":").partition(":")
    named = Named(account.strip(), name.strip())
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", named.account) or not 0 < len(named.name) <= 40:
        raise click.BadParameter("请写成“账号:姓名”，账号只用字母、数字、点、横线，如 zhangmin:张敏。")
    return named


@click.command("administrators")
@click.option("--unit", default="信息中心", show_default=True, help="三员所在单位。")
@click.option("--system", prompt="系统管理员（账号:姓名）", type=_named, metavar="账号:姓名", help="系统管理员。")
@click.option("--security", prompt="安全管理员（账号:姓名）", type=_named, metavar="账号:姓名", help="安全管理员。")
@click.option("--audit", prompt="审计管理员（账号:姓名）", type=_named, metavar="账号:姓名", help="审计管理员。")
def appoint(unit: str, system: Named, security: Named, audit: Named) -> None:
    """任命首批三员：只用于还没有人员的数据库，初始口令显示一次。"""
    named = {"system_admin": system, "security_admin": security, "audit_admin": audit}
    schema.upgrade()
    try:
        with db.transaction() as session:
            appointed = administrators.appoint(session, unit.strip(), named, clock.now())
    except Unfit as unfit:
        raise click.ClickException(str(unfit)) from None
    click.echo("初始口令只显示这一次，请分别当面交给本人；登录后须先修改口令。")
    for each in appointed:
        click.echo(f"  {each.title}  {each.name}  账号 {each.account}  初始口令 {each.password}")


@click.command("check")
@with_appcontext
def check() -> None:
    """检查这一套部署：逐项说明是否正常、该怎么办；有误的退出码为1。不改动任何东西，不发邮件。"""
    found = []
    for each in checkup.examined(current_app.config["OFFICE"], clock.now()):
        click.echo(f"{each.state}  {each.about}：{each.said}")
        found.append(each.state)
    if checkup.WRONG in found:
        raise click.exceptions.Exit(1)


@click.command("demo")
@click.option("--reset", is_flag=True, help="先清空数据库，再写入演示数据。")
@click.option("--matters", "count", default=200, show_default=True, help="事项数。")
@click.option("--seed", default=20260213, show_default=True, help="随机种子，同一种子得到同样的数据。")
def demonstrate(reset: bool, count: int, seed: int) -> None:
    """写入演示数据；只用于演示模式。"""
    if not current_app.config["OFFICE"].demo:
        raise click.ClickException("只有演示模式（DEMO=1）可以写入演示数据。")
    if not reset and not demo.is_empty():
        raise click.ClickException("数据库里已有数据。确要清空重来，请加 --reset。")
    if reset:
        schema.reset()
    with db.transaction() as session:
        calendars.ensure_seeded(session, clock.now())
    demo.load(clock.now(), current_app.config["OFFICE"].data_dir, count=count, seed=seed)
    _forget_a_password(current_app.config["OFFICE"])
    _show_accounts()


def _forget_a_password(settings: Settings) -> None:
    """Somebody has forgotten his: the security administrator of the demonstration finds one to confirm."""
    with db.transaction() as session:
        keeper, person = (session.scalar(select(Person).where(Person.account == name)) for name in ("xitong", "hejun"))
        password_requests.ask(session, person, key=settings.secret_key, by=people.actor(session, keeper.id),
                              now=clock.now())


def _show_accounts() -> None:
    click.echo(f"演示账号（口令均为 {PASSWORD}）：")
    for each in ACCOUNTS:
        click.echo(f"  {each.account:<12} {each.name} · {each.unit_name} · {each.posts_text}")
