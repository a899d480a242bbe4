"""What is wrong with the lines of a file when they are put beside each other and beside the directory."""

from collections.abc import Iterator

from officeapp.directory import SOLE_KINDS
from officeapp.people import ADMIN_KINDS, POST_KINDS, UNIT_KINDS
from officeapp.proposals import CHARGE
from officeapp.roster.columns import PEOPLE, POST_KIND_OF, POSTS, UNITS, Fault, Line, Table
from officeapp.roster.reading import Roster, clean
from officeapp.roster.standing import Standing

OUTSIDE = UNIT_KINDS["outside"]
RESTORE = "请先在“单位人员”里恢复，或者删去这一行。"


class Draft:
    """A file beside the directory: what there would be if the file went in."""

    def __init__(self, roster: Roster, now: Standing) -> None:
        self.roster, self.now = roster, now
        self.units = first_lines(roster.of(UNITS), "unit")
        self.people = first_lines(roster.of(PEOPLE), "account")
        self.spellings: dict[str, set[str]] = {}
        for account in (*now.people, *self.people):
            self.spellings.setdefault(account.lower(), set()).add(account)
        self.claims: dict[str, dict[tuple[str, str], Line]] = {}
        for line in roster.of(POSTS):
            kind, unit = POST_KIND_OF.get(line["post"], ""), self.unit_of_post(line)
            if kind and unit:
                self.claims.setdefault(line["account"], {}).setdefault((kind, unit), line)

    def has_unit(self, name: str) -> bool:
        return name in self.units or name in self.now.units

    def kind_of(self, unit: str) -> str:
        """The title of a unit's kind; "" for a new unit without one."""
        known = self.now.units.get(unit)
        return (self.units[unit]["kind"] if unit in self.units else "") or (UNIT_KINDS[known.kind] if known else "")

    def parent_of(self, unit: str) -> str:
        return (self.units[unit]["parent"] if unit in self.units else "") or self.now.parent_of(unit)

    def depth(self, unit: str) -> int:
        """How many units lie above; a circle ends where it began."""
        above, seen = self.parent_of(unit), {unit}
        while above and above not in seen:
            seen.add(above)
            above = self.parent_of(above)
        return len(seen) - 1

    def in_circle(self, unit: str) -> bool:
        above, seen = self.parent_of(unit), set()
        while above and above != unit and above not in seen:
            seen.add(above)
            above = self.parent_of(above)
        return above == unit

    def unit_of_post(self, line: Line) -> str:
        """Where a post stands: the unit that is named, else the person's own."""
        account = line["account"]
        person = self.now.people.get(account)
        own = self.people[account]["unit"] if account in self.people else clean(person.unit.name) if person else ""
        return line["unit"] or own

    def name_of(self, account: str) -> str:
        person = self.now.people.get(account)
        return clean(person.name) if person else self.people[account]["name"] if account in self.people else ""

    def kinds_of(self, account: str) -> set[str]:
        """The kinds of posts an account holds, is to be given, and is given in the file."""
        return self.now.kinds_of(account) | {kind for kind, _ in self.claims.get(account, ())}


def first_lines(lines: list[Line], key: str) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for line in lines:
        found.setdefault(line[key], line)
    found.pop("", None)
    return found


def faults_between(draft: Draft) -> Iterator[Fault]:
    """Every fault that no cell shows by itself, in the order of the lines."""
    for table, check in ((UNITS, _unit), (PEOPLE, _person), (POSTS, _post)):
        for line in draft.roster.of(table):
            for key, wrong, mend in check(draft, line):
                yield _fault(table, line, key, wrong, mend)


def warnings(draft: Draft) -> Iterator[Fault]:
    """What is no fault but worth a look: one person under two accounts, a post that the file leaves out."""
    seen: dict[tuple[str, str], str] = {}
    for account, person in draft.now.people.items():
        if person.active and account not in draft.people:
            seen[clean(person.name), clean(person.unit.name)] = account
    for account, line in draft.people.items():
        twin = seen.setdefault((line["name"], line["unit"]), account)
        if twin != account and line["name"]:
            yield _fault(PEOPLE, line, "name", f"与账号“{twin}”同单位、同姓名",
                         "如是同一人，请删去一行；确是两人，不必理会。")
    for account, claims in draft.claims.items():
        yield from _left_out(draft, account, claims)


def _left_out(draft: Draft, account: str, claims: dict[tuple[str, str], Line]) -> Iterator[Fault]:
    first = next(iter(claims.values()))
    for (kind, unit), title in draft.now.held.get(account, {}).items():
        if kind != CHARGE and (kind, unit) not in claims:
            yield _fault(POSTS, first, "post", f"表里没有写{draft.name_of(account)}现任的“{unit}{title}”",
                         "导入不免去岗位；要免去的，请安全管理员在“岗位与分管”里办理。")
        line = claims.get((kind, unit))
        if line and line["title"] and line["title"] != clean(title):
            yield _fault(POSTS, line, "title", f"现在的职务名称是“{title}”",
                         "导入不改职务名称；要改的，请安全管理员在“岗位与分管”里办理。")


def _fault(table: Table, line: Line, key: str, wrong: str, mend: str) -> Fault:
    return Fault(table.key, line.number, table.column(key).title, line[key][:60], wrong, mend)


Said = Iterator[tuple[str, str, str]]  # column, what is wrong, what to do


def _unit(draft: Draft, line: Line) -> Said:
    name, known = line["unit"], draft.now.units.get(line["unit"])
    if not name:
        return
    yield from _twice(draft.units[name], line, "unit")
    if known and not known.active:
        yield "unit", "这个单位已停用", RESTORE
    if not known and not line["kind"]:
        yield "kind", "新单位没有写类别", f"请写{'、'.join(UNIT_KINDS.values())}中的一种。"
    outside = draft.kind_of(name) == OUTSIDE
    if line["relation"] and not outside:
        yield "relation", "本局单位不填与本局关系", "请清空这一格；如是外单位，请把类别改为“外单位”。"
    staffed = [p for p in draft.now.people.values() if known and p.unit_id == known.id and p.active]
    if outside and staffed:
        yield "kind", f"这个单位里有{len(staffed)}人，不能改为外单位", "请改回原来的类别。"
    yield from _above(draft, line)
    yield from _deputy(draft, line, outside)


def _above(draft: Draft, line: Line) -> Said:
    if line["parent"] and not draft.has_unit(line["parent"]):
        yield "parent", "没有这个上级单位", "请写全称，或者在“单位”表里加上它。"
    elif line["parent"] and draft.in_circle(line["unit"]):
        yield "parent", "上级单位绕回了自己", "一个单位不能是自己的上级或者上级的上级，请改正。"


def _deputy(draft: Draft, line: Line, outside: bool) -> Said:
    account = line["deputy"]
    if not account:
        return
    if outside:
        yield "deputy", "外单位不设分管领导", "请清空这一格。"
    elif not draft.name_of(account):
        yield "deputy", "没有这个账号", "请写副局长的账号；新来的，请在“人员”表里加上。"
    elif "deputy" not in draft.kinds_of(account):
        yield "deputy", f"{draft.name_of(account)}不是副局长，不能分管", (
            "请改为副局长的账号，或者在“岗位”表里写上副局长。")


def _person(draft: Draft, line: Line) -> Said:
    account, known = line["account"], draft.now.people.get(line["account"])
    if account:
        yield from _twice(draft.people[account], line, "account")
    if known and not known.active:
        yield "account", f"{known.name}的账号已停用", RESTORE
    elif known and line["name"] and clean(known.name) != line["name"]:
        yield "account", f"这是{known.name}的账号", "账号写错的请改正；本人改名的，请先在“单位人员”里改，再导入。"
    near = draft.spellings.get(account.lower(), set()) - {account}
    if near:
        yield "account", f"与账号“{min(near)}”只差大小写", "请改用同一个写法，或者换一个账号。"
    yield from _home(draft, line)


def _home(draft: Draft, line: Line) -> Said:
    unit = line["unit"]
    if not unit:
        return
    if not draft.has_unit(unit):
        yield "unit", "没有这个单位", "请写全称；新单位请在“单位”表里加上，或者先导入单位。"
    elif draft.kind_of(unit) == OUTSIDE:
        yield "unit", "这是外单位，不设账号", "请改为本局单位。"
    elif unit in draft.now.units and not draft.now.units[unit].active:
        yield "unit", "这个单位已停用", "请改为在用的单位，或者先在“单位人员”里恢复。"


def _post(draft: Draft, line: Line) -> Said:
    account, kind = line["account"], POST_KIND_OF.get(line["post"], "")
    known = draft.now.people.get(account)
    if account and not draft.name_of(account):
        yield "account", "没有这个账号", "账号写错的请改正；新来的，请在“人员”表里加上。"
    elif known and not known.active:
        yield "account", f"{known.name}的账号已停用", RESTORE
    elif account and line["name"] and line["name"] != draft.name_of(account):
        yield "name", f"账号“{account}”是{draft.name_of(account)}的", "请核对账号和姓名，改正写错的一个。"
    if line["unit"]:
        yield from _home(draft, line)
    if kind:
        yield from _claimed(draft, line, kind)


def _claimed(draft: Draft, line: Line, kind: str) -> Said:
    account, unit = line["account"], draft.unit_of_post(line)
    yield from _twice(draft.claims.get(account, {}).get((kind, unit), line), line, "post")
    kinds = draft.kinds_of(account)
    admin = kind in ADMIN_KINDS or draft.now.kinds_of(account).intersection(ADMIN_KINDS)
    if admin and len(kinds) > 1:
        others = "、".join(POST_KINDS[k] for k in POST_KINDS if k in kinds and k != kind)
        yield "post", f"三员不得兼任其他岗位（另有{others}）", "系统、安全、审计三员须由专人担任，请另选人员。"
    if kind not in SOLE_KINDS:
        return
    others = [p.name for p in draft.now.holders_of(kind) if p.account != account]
    others += [draft.name_of(a) for a, claims in draft.claims.items() if a != account and any(
        k == kind and each.number < line.number for (k, _), each in claims.items())]
    if others:
        yield "post", f"{POST_KINDS[kind]}只能有一人，已有{others[0]}", (
            "请只留一人；换人的，请安全管理员在“岗位与分管”里办理。")


def _twice(first: Line, line: Line, key: str) -> Said:
    if first is not line:
        two = "；确是两个人的，请给其中一人另设账号" if line.table == PEOPLE.key else ""
        yield key, f"与第{first.number}行重复", f"请只留一行{two}。"
