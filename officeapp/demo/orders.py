"""Supervision orders and liaison slips of the demonstration: the real engine, driven at past moments."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from officeapp import calendars, circulars, clock, db, deadlines, engine, matters, offshoots, people, supervision
from officeapp.people import Actor, Person, Unit
from officeapp.procedures import book
from officeapp.supervision import Contact

CHAIN = (("wangjianguo", "head_pass"), ("liuzhiqiang", "vet_pass"), ("wumin", "office_pass"))


class Clerk:
    """Tells the courses: who does what on which morning before `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        with db.reading() as session:
            self.calendar = calendars.current(session)
            ids = dict(session.execute(select(Person.account, Person.id)).all())
            self.actors: dict[str, Actor] = {name: people.actor(session, n) for name, n in ids.items()}
            self.units = dict(session.execute(select(Unit.short, Unit.id)).all())

    def day(self, workdays_ago: int) -> date:
        """That many working days before today; negative is to come."""
        day, step = self.now.astimezone(clock.ZONE).date(), timedelta(days=1 if workdays_ago < 0 else -1)
        for _ in range(abs(workdays_ago)):
            day += step
            while not self.calendar.is_workday(day):
                day += step
        return day

    def moment(self, day: date, minutes: int = 0) -> datetime:
        at = datetime.combine(day, time(9, 10), clock.ZONE) + timedelta(minutes=minutes)
        return min(at, self.now)


class Told:
    """One matter on its way; between its moves the mornings' sweeps run for it and what came of it."""

    def __init__(self, clerk: Clerk, kind: str, drafter: str, ago: int, **values: Any) -> None:
        self.clerk, self.kind, self.minutes = clerk, kind, 0
        self.on = clerk.day(ago)
        with db.transaction() as session:
            self.id = engine.open_matter(session, kind, clerk.actors[drafter], values, now=clerk.moment(self.on)).id

    def go(self, account: str, key: str, ago: int, note: str = "", of: int | None = None, **values: Any) -> "Told":
        self.until(ago)
        self.minutes += 7
        with db.transaction() as session:
            matter = matters.find(session, of or self.id)
            note = note or matter.rules.move(key).default_note
            engine.move(session, matter.id, key, self.clerk.actors[account], version=matter.version, note=note,
                        values=values, now=self.clerk.moment(self.on, self.minutes))
        return self

    def until(self, ago: int = 0) -> "Told":
        """Let the days pass to so many working days before today."""
        last = self.clerk.day(ago)
        while self.on < last:
            self.on, self.minutes = self.on + timedelta(days=1), 0
            self._sweep(self.clerk.moment(self.on, -20))
        return self

    def _sweep(self, now: datetime) -> None:
        with db.transaction() as session:
            for matter in (matters.find(session, self.id), *offshoots.children(session, self.id)):
                deadlines.remind(session, matter.id, now)
                if not matter.closed and matter.place.monthly:
                    offshoots.owe_report(session, matter, now)

    def report(self) -> int:
        """The id of the monthly report that is owed first."""
        with db.reading() as session:
            found = [c.id for c in offshoots.children(session, self.id) if c.kind == "progress_report" and not c.closed]
            return found[0]

    def call(self, account: str, ago: int, whom: str, said: str, next_step: str) -> "Told":
        self.until(ago)
        with db.transaction() as session:
            supervision.contact(session, self.id, self.clerk.actors[account], Contact("phone", whom, said, next_step),
                                now=self.clerk.moment(self.on, 60))
        return self


def tell_all(now: datetime) -> None:
    """Orders, slips and citizens' matters in every state; each course in its own transactions."""
    clerk = Clerk(now)
    # The longest ago first, so that the numbers follow the days.
    for course in (_tracked, _silent, _closed, _noticed, _prompted, _extended, _before_the_chief, _due_today, _on_time,
                   _waiting, _slips, _citizens, _circular):
        course(clerk)


def _order(clerk: Clerk, ago: int, due: int, title: str, lead: str = "市容科", assisting: tuple[str, ...] = (),
           source: str = "instruction", **more: Any) -> Told:
    said = {"instruction": "周正局长批示：请抓紧落实，按时报办公室。", "meeting": "局党组会议议定事项。",
            "assignment": "刘志强副局长交办。"}[source]
    told = Told(clerk, "supervision_order", "chenwen", ago, title=title, source=source, content=f"{title}，明确专人负责。",
                instruction=said, ordered_on=clerk.day(ago).isoformat(), due_on=clerk.day(due).isoformat(),
                lead_unit=clerk.units[lead], assisting=[clerk.units[each] for each in assisting],
                demands="按时反馈，情况真实，有数字、有照片。", **more)
    return told.go("chenwen", "assign", ago, assigned_on=clerk.day(ago).isoformat())


def _received(clerk: Clerk, told: Told, ago: int, *heads: tuple[str, str]) -> Told:
    for head, person in heads or (("wangjianguo", "linxiao"),):
        told.go(head, "receive", ago, responsible=clerk.actors[person].id)
    return told


def _reviewed(told: Told, ago: int, of: int | None = None) -> Told:
    for account, key in CHAIN:
        told.go(account, key, ago, of=of)
    return told


def _tracked(clerk: Clerk) -> None:
    """In its third month: two monthly reports filed, the third being written; the first report was returned once."""
    told = _order(clerk, 75, 66, "农贸市场周边环境综合整治", assisting=("南门中队", "法规科"), source="meeting")
    _received(clerk, told, 74, ("wangjianguo", "linxiao"), ("wangyong", "hejun"), ("qianli", "zhouming"))
    told.go("hejun", "contribute", 70, contribution="已取缔流动摊贩31处，每日早晚高峰定点值守。")
    told.go("zhouming", "contribute", 70, contribution="已审核整治通告，建议明确申诉渠道。")
    told.go("linxiao", "report", 69, report="四个市场已完成首轮清理。")
    told.go("wangjianguo", "head_pass", 69).go("liuzhiqiang", "vet_pass", 68)
    told.go("wumin", "office_review_return_to_handling", 68, "缺少具体数字和完成时间，请补充后重报。")
    told.go("linxiao", "report", 67, report="四个市场清理占道23处、拆除违建棚11个，余3处11月底前完成。")
    _reviewed(told, 67).go("zhouzheng", "track", 66)
    for ago in (46, 24):
        one = told.until(ago).report()
        told.go("linxiao", "submit", ago, of=one, progress="又完成1处，群众投诉比上月下降四成。", next_step="下月完成剩余点位。")
        _reviewed(told, ago, one).go("zhouzheng", "keep_tracking", ago, of=one)
    told.until()


def _silent(clerk: Clerk) -> None:
    """In its second month, the monthly report missing: urged, then noticed."""
    told = _received(clerk, _order(clerk, 45, 38, "户外广告设施安全隐患排查"), 44)
    told.go("linxiao", "report", 39, report="排查大型广告设施86处，发现隐患9处。")
    _reviewed(told, 39).go("zhouzheng", "track", 38).until()


def _on_time(clerk: Clerk) -> None:
    told = _order(clerk, 3, -6, "元旦期间市容环境保障", assisting=("江滨中队",), source="assignment")
    _received(clerk, told, 2, ("wangjianguo", "linxiao"), ("liqiang", "liqiang"))
    told.go("liqiang", "contribute", 1, contribution="已排定值班表，重点路段定人定岗。").until()


def _extended(clerk: Clerk) -> None:
    told = _received(clerk, _order(clerk, 9, 1, "窗口单位门前停车秩序整治"), 8)
    with db.transaction() as session:
        asked = {"new_due": clerk.day(-8).isoformat(), "reason": "停车位划线须等道路养护完工，预计下周具备条件。"}
        told.until(5)
        one = engine.open_from(session, told.id, "extension_request", clerk.actors["linxiao"], asked,
                               now=clerk.moment(told.on)).id
    for account, key in (("linxiao", "submit"), ("wangjianguo", "head_pass"), ("liuzhiqiang", "vet_pass"),
                         ("zhouzheng", "grant")):
        told.go(account, key, 4, of=one)
    told.until()


def _due_today(clerk: Clerk) -> None:
    _received(clerk, _order(clerk, 7, 0, "社区流动摊点疏导点选址", "南门中队"), 6, ("wangyong", "hejun")).until()


def _prompted(clerk: Clerk) -> None:
    told = _received(clerk, _order(clerk, 14, 4, "渣土运输夜间巡查机制落实", "江滨中队"), 13, ("liqiang", "liqiang"))
    told.call("gaoming", 2, "江滨中队李强", "人手紧张，本周内报。", "周五前再问一次。").until()


def _noticed(clerk: Clerk) -> None:
    """Ignored to the end of the ladder: two of the three units have signed for the notice."""
    told = _received(clerk, _order(clerk, 22, 11, "犬只收容场所整改", "养犬办"), 21, ("sunyue", "sunyue")).until()
    with db.reading() as session:
        notice = next((c.id for c in offshoots.children(session, told.id) if c.kind == "supervision_notice"), None)
    for account in ("gaoyuan", "dengkao") if notice else ():
        told.go(account, "receive", 0, of=notice)


def _waiting(clerk: Clerk) -> None:
    _order(clerk, 1, -9, "寒潮应急物资清点", "应急科", assisting=("市容科",)).until()


def _before_the_chief(clerk: Clerk) -> None:
    told = _received(clerk, _order(clerk, 8, -2, "沿江步道占道经营清理"), 7)
    told.go("linxiao", "report", 2, report="沿江3.2公里步道清理占道点41处，建立每日巡查表。")
    _reviewed(told, 1).until()


def _closed(clerk: Clerk) -> None:
    told = _received(clerk, _order(clerk, 30, 22, "中高考期间噪声管控", source="meeting"), 29)
    told.go("linxiao", "report", 24, report="考点周边工地全部停工，未接到投诉。")
    _reviewed(told, 24).go("zhouzheng", "close", 23)
    told.go("gaoming", "sign_off", 22, result="按时完成，考试期间零投诉。", conclusion="closed")
    told.go("hejing", "archive", 21, archived_on=clerk.day(21).isoformat(), period="D10")


def _slip(clerk: Clerk, ago: int, title: str, to: str = "南门中队", due: int | None = None) -> Told:
    told = Told(clerk, "liaison_slip", "linxiao", ago, title=title, content=f"{title}，请协助办理并反馈结果。",
                to_unit=clerk.units[to], due_on=clerk.day(due).isoformat() if due is not None else "")
    return told.go("linxiao", "submit", ago).go("wangjianguo", "send", ago)


def _accepted(clerk: Clerk, told: Told, ago: int) -> Told:
    return told.go("wangyong", "accept", ago, received_by="system", received_on=clerk.day(ago).isoformat(),
                   responsible=clerk.actors["hejun"].id)


def _slips(clerk: Clerk) -> None:
    _slip(clerk, 1, "请协助提供夜市摊位底数").until()
    _accepted(clerk, _slip(clerk, 3, "请协助清理南门路早餐摊点"), 2).until()
    _slip(clerk, 6, "请协助核查油烟投诉", "法规科").go("qianli", "refuse", 5, "不属本科职责，请商市生态环境部门。").until()
    told = _accepted(clerk, _slip(clerk, 12, "请协助拆除人行道违规立柱"), 11)
    told.go("hejun", "explain", 8, explanation="涉及电力杆线，须供电公司到场。", plan="已约下周三联合施工。").until()
    answered = _accepted(clerk, _slip(clerk, 7, "请协助校园周边秩序维护"), 6)
    answered.go("hejun", "answer", 3, feedback="三所学校上下学时段已安排值守。", done_on=clerk.day(3).isoformat())
    answered.go("wangyong", "reply", 2).until()
    done = _accepted(clerk, _slip(clerk, 20, "请协助开展门前责任宣传"), 19)
    done.go("hejun", "answer", 17, feedback="已发放责任书210份。", done_on=clerk.day(17).isoformat())
    done.go("wangyong", "reply", 17).go("wangjianguo", "judge", 16, outcome="early")
    done.go("linxiao", "archive", 15, archived_on=clerk.day(15).isoformat(), period="D10")


def _brought(clerk: Clerk, ago: int, title: str, clock_key: str, unit: str = "南门中队", **more: Any) -> Told:
    given = {"way": "visit", "citizen": "张先生", "phone": "13900000000", "content": f"{title}，请帮助解决。"} | more
    return Told(clerk, "public_matter", "hejun", ago, title=title, clock=clock_key, unit=clerk.units[unit], **given)


def _handled(clerk: Clerk, told: Told, ago: int) -> Told:
    told.go("hejun", "assign", ago).go("wangyong", "accept", ago, responsible=clerk.actors["hejun"].id)
    return told.until(ago - 2).go("hejun", "report", ago - 2, result="已责令整改，现场已恢复。",
                                  explanation="已说明整改要求和复查时间。")


def _citizens(clerk: Clerk) -> None:
    """Settled at the counter, answered, objected to and reviewed by another, waiting, and late."""
    told = _brought(clerk, 2, "询问犬证办理地点", "at_once", way="call", citizen="李女士")
    told.go("hejun", "settle", 2, answer="已告知养犬办地址和所需材料。")
    answered = _handled(clerk, _brought(clerk, 9, "楼下夜宵摊油烟扰民", "agreed"), 9)
    answered.go("wangyong", "pass", 6).go("hejun", "answer", 6, answered_by="phone", answered_on=clerk.day(6).isoformat())
    objected = _handled(clerk, _brought(clerk, 7, "店招遮挡二楼窗户", "agreed", citizen="王先生"), 7)
    objected.go("wangyong", "pass", 4)
    objected.go("hejun", "object", 3, answered_by="face", answered_on=clerk.day(3).isoformat(), objection="只移了半米，仍遮光。")
    objected.go("wangyong", "appoint", 3, reviewer=clerk.actors["wangyong"].id).until()
    _brought(clerk, 1, "小区门口共享单车堆放", "agreed", "市容科", citizen="").go("hejun", "assign", 1).until()
    _brought(clerk, 8, "工地夜间渣土车噪声", "agreed", "江滨中队", citizen="赵女士").go("hejun", "assign", 8).until()


def _circular(clerk: Clerk) -> None:
    """Last month's, signed today and sent to every unit; the dispatch clerk has yet to file it."""
    with db.reading() as session:
        form = circulars.begun(session, book.current("circular"), circulars.months(clerk.now)[0], clerk.now)
    told = Told(clerk, "circular", "chenwen", 0, **form, good="市容科牵头的市场整治按月报告，数字具体，值得推广。",
                causes="超期的主要是责任人没有提前与协办单位商量。请有关单位三日内补报，负责人向办公室说明原因。")
    told.go("chenwen", "submit", 0).go("gaoming", "pass", 0).go("zhouzheng", "issue", 0)
