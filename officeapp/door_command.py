"""`flask doors`: who may pass which door, every route and method, written to docs/权限表.md."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from officeapp.people import POST_KINDS, Actor, Seat

PAGE = Path(__file__).resolve().parent.parent / "docs" / "权限表.md"
METHODS = ("GET", "POST")
STRANGER = "未登录"
PASSES, OWN_MATTERS, TOKEN, SHUT = "●", "◐", "凭令牌", ""
HEAD = """# 权限表

由 `flask doors --write` 按程序里的路由和门生成，请勿手改。测试核对它是最新的，并逐格走过：该进的进得去，不该进的遭拒。

- ● 可以使用；空格为拒绝。
- ◐ 只能用于自己知悉范围内的事项（《知悉范围》）；别人的事项答“没有这件事项”，与不存在的一样。
- 一个人兼几个岗位的，有一个岗位可以就可以；三员除外：担任三员的一律不能查看事项。
- 进了门还要看能办什么：办理动作由所依据的规程决定（docs/procedures），不在本表。
- “演示模式下”的门，正式运行时全部关闭。
"""


@click.command("doors")
@click.option("--write", is_flag=True, help="写入 docs/权限表.md。")
@with_appcontext
def doors(write: bool) -> None:
    """列出每个地址、每种方法，各岗位能否使用。"""
    page = table(current_app)
    if write:
        PAGE.write_text(page, encoding="utf-8")
    click.echo(f"已写入 {PAGE.name}。" if write else page)


def table(app: Flask) -> str:
    """The whole page in Markdown; posts whose doors are all alike share one column."""
    routes = list(_routes(app))
    columns: dict[tuple[str, ...], list[str]] = {}
    for title, actor in _roles():
        columns.setdefault(tuple(_cell(who, actor) for _, _, who in routes), []).append(title)
    titles = ["地址", "方法", "门", *("、".join(named) for named in columns.values())]
    rows = [[f"`{path}`", method, who.title, *(cells[n] for cells in columns)]
            for n, (path, method, who) in enumerate(routes)]
    lines = [_line(row) for row in (titles, ["---"] * len(titles), *rows)]
    return "\n".join([HEAD, *lines, ""])


def _routes(app: Flask) -> Iterator[tuple[str, str, Any]]:
    rules = sorted((rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"), key=lambda r: r.rule)
    for method, rule in ((method, rule) for rule in rules for method in METHODS if method in rule.methods):
        yield rule.rule, method, app.view_functions[rule.endpoint].door


def _roles() -> Iterator[tuple[str, Actor | None]]:
    yield STRANGER, None
    for kind, title in POST_KINDS.items():
        yield title, Actor(0, title, kind, 0, "", (Seat(0, kind, 0, title),))


def _cell(who: Any, actor: Actor | None) -> str:
    if who.token:
        return TOKEN if actor is None else SHUT
    if actor is None:
        return PASSES if who.public else SHUT
    opens: Callable[[Actor], bool] = who.opens
    return SHUT if not opens(actor) else OWN_MATTERS if who.matter else PASSES


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
