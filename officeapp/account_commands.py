"""Commands about accounts at the machine: the last resort when administrators cannot help each other."""

import re

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from officeapp import admin_events, clock, db, logins, passwords, personal_notices
from officeapp.people import Person, hash_password

ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@click.command("password")
@click.argument("account", metavar="账号")
@with_appcontext
def reset(account: str) -> None:
    """给一个账号新口令并显示一次；只在管理员都登录不了时使用，记入管理和导出操作。"""
    now, fresh = clock.now(), passwords.half() + passwords.half()
    hashed = hash_password(fresh)
    with db.transaction() as session:
        person = _person(session, account)
        passwords.give(session, person, hashed, now)
        logins.forget(session, person.account)
        admin_events.record(session, None, "password_reset", person.name, now=now, person_id=person.id)
        personal_notices.about_account(session, person, "口令已重新发放", "您的口令在服务器上用命令重新发放。"
                              "不是您本人要的，请立即告诉审计管理员。", now=now)
    click.echo(f"{person.name}（{account}）的新口令：{fresh}\n只显示这一次，请当面交给本人；登录后须先改成自己的口令。")


@click.command("rename-account")
@click.argument("account", metavar="账号")
@click.argument("fresh", metavar="新账号")
@with_appcontext
def rename(account: str, fresh: str) -> None:
    """更换一个已经启用的账号名，记入管理和导出操作；口令不变，本人须重新登录的照常登录。"""
    if not ACCOUNT.fullmatch(fresh):
        raise click.ClickException("账号只用字母、数字、点、横线，最多40个。")
    with db.transaction() as session:
        person = _person(session, account)
        taken = session.scalar(select(Person.name).where(Person.account == fresh))
        if taken:
            raise click.ClickException(f"账号“{fresh}”已由{taken}使用，请换一个。")
        person.account = fresh
        admin_events.record(session, None, "account_renamed", person.name, now=clock.now(), person_id=person.id,
                            note=f"{account}→{fresh}")
    click.echo(f"{person.name}的账号已由{account}改为{fresh}。")


def _person(session: Session, account: str) -> Person:
    found = session.scalar(select(Person).where(Person.account == account, Person.active))
    if found is None:
        raise click.ClickException(f"没有在用的账号“{account}”。")
    return found
