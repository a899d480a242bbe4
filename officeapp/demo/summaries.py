"""Monthly summaries of the demonstration: two months gathered, the newest with some missing and one sent back."""

from datetime import date, datetime, time

from sqlalchemy import select

from officeapp import calendars, clock, db, engine, gatherings, prompts, workdays
from officeapp.demo.orders import Clerk
from officeapp.matters import Matter
from officeapp.people import Unit
from officeapp.procedures import book

# By the section's short name: its head, what was done, what comes next.
SECTIONS = {
    "办公室": ("gaoming", "办理来文86件、发文31件，按期办结率98%。\n组织局长办公会2次，督办事项按月通报。", "完成年度文件归档目录。\n修订值班制度，月底前报局长办公会。"),
    "综合科": ("xuzong", "汇总各科室总结，编印工作简报2期。\n完成全局固定资产盘点。", "起草年度工作要点征求意见稿。\n组织各科室报送信息不少于10条。"),
    "法规科": ("qianli", "审核合同6份、规范性文件1件，参加行政复议案件2件。", "开展案卷评查，抽查案卷40份。\n举办执法规范培训1期。"),
    "市容科": ("wangjianguo", "清理占道经营41处，拆除违规广告12块。\n办结群众投诉31件，满意率96%。", "完成沿江步道巡查机制，王建国负责。\n整治店招店牌23块，月底前完成。"),
    "应急科": ("zhaolin", "开展应急演练1次，补充融雪剂8吨。", "组织冬季防火检查，覆盖全部驻点。"),
    "考核科": ("dengkao", "通报督办事项办理情况，开展作风检查3次。", "汇总年度考核数据，25日前反馈各单位。"),
    "机关纪委": ("jiji", "开展廉政谈话5人次，组织警示教育1次。", "完成节前纪律提醒，抽查公车使用。"),
    "指挥中心": ("gaoyuan", "受理热线工单412件，按期办结率97.3%。", "优化派单规则，缩短平均派单时间。"),
}
LATE, RETURNED = "应急科", "考核科"  # of the months gone by
SENT, REWORK, WRITTEN = ("办公室", "法规科", "机关纪委", "综合科"), "机关纪委", "市容科"  # of the newest
NUMBERS = "缺少具体数字，请补充后重报。"


class Month:
    """One month's, told on the days around the one on which it is due."""

    def __init__(self, clerk: Clerk, first: date) -> None:
        self.clerk, self.rules = clerk, book.gathered()[0]
        calendar, gathering = clerk.calendar, self.rules.gathering
        self.opens = gatherings.opens_on(calendar, gathering, first)
        self.due = gatherings.due_day(calendar, gathering, first)
        self.late = calendar.next_workday(self.due)
        prompts.sweep(self.at(self.opens))
        with db.reading() as session:
            query = (select(Unit.short, Matter.id).join(Matter, Matter.unit_id == Unit.id)
                     .where(Matter.kind == self.rules.kind, Matter.period == gatherings.period_of(first)))
            self.ids = dict(session.execute(query).all())

    def at(self, day: date) -> datetime:
        return min(datetime.combine(day, time(9, 20), clock.ZONE), self.clerk.now)

    def go(self, section: str, account: str, key: str, day: date, note: str = "", **values: object) -> None:
        """Unless that day is still to come."""
        if day > self.clerk.now.astimezone(clock.ZONE).date() or section not in self.ids:
            return
        with db.transaction() as session:
            matter = session.get_one(Matter, self.ids[section])
            engine.move(session, matter.id, key, self.clerk.actors[account], version=matter.version, values=values,
                        note=note or matter.rules.move(key).default_note, now=self.at(day))

    def send(self, section: str, day: date, key: str = "sign_off") -> None:
        head, summary, plan = SECTIONS[section]
        self.go(section, head, key, day, summary=summary, plan=plan)


def tell_all(now: datetime) -> None:
    """The three newest months whose prompt has gone out."""
    clerk, this = Clerk(now), now.astimezone(clock.ZONE).date().replace(day=1)
    gathering = book.gathered()[0].gathering
    with db.reading() as session:
        opens = gatherings.opens_on(calendars.current(session), gathering, this)
    newest = this if opens <= now.astimezone(clock.ZONE).date() else workdays.add_months(this, -1)
    for back in (2, 1):
        _gathered(Month(clerk, workdays.add_months(newest, -back)))
    _under_way(Month(clerk, newest))


def _gathered(month: Month) -> None:
    before = month.clerk.calendar.previous_workday(month.due)
    for section in SECTIONS:
        month.send(section, month.late if section == LATE else before)
    month.go(RETURNED, "xuzong", "collection_return", month.due, NUMBERS)
    month.send(RETURNED, month.late, "sign_again")
    for section in SECTIONS:
        month.go(section, "xuzong", "accept", month.late)


def _under_way(month: Month) -> None:
    """Some in, one sent back, one before its head, the others not yet written."""
    head, summary, plan = SECTIONS[WRITTEN]
    month.go(WRITTEN, head, "name_reporter", month.opens, reporter=month.clerk.actors["linxiao"].id)
    for section in SENT:
        month.send(section, month.opens)
    month.go(REWORK, "xuzong", "collection_return", month.clerk.calendar.next_workday(month.opens), NUMBERS)
    month.go(WRITTEN, "linxiao", "submit", month.clerk.calendar.next_workday(month.opens), summary=summary, plan=plan)
    month.send(LATE, month.late)
