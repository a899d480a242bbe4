"""In red on every page, to those who answer for it: what stands still and would else be noticed by nobody."""

from datetime import datetime, timedelta

from flask_login import current_user
from sqlalchemy import func, select

from officeapp import schedule
from officeapp.matters import Step
from officeapp.outbox import MAIL, Message
from officeapp.people import Actor
from officeapp.web import messages
from officeapp.web.request import moment, page_session
from officeapp.web.spoken import moment_words

KEEPERS = (*messages.MENDERS, "inspection_group")
# job → how long it may be quiet, and what stands still then
OTHERS = {
    "mail": (timedelta(minutes=10), "邮件已停止发出"), "digests": (timedelta(minutes=10), "每日提醒已停止合并发出"),
    "seals": (timedelta(hours=2), "记录封存已停止"),
    "progress": (timedelta(hours=3), "每月的进展报告已停止发起"), "prompts": (timedelta(hours=3), "月度总结已停止发起"),
}
SILENT = timedelta(minutes=30)  # a reminder may be late by so much
STUCK = timedelta(hours=1)  # and a mail that was tried already


def alarms(actor: Actor) -> list[str]:
    """Sentences; two small queries, and nobody else pays for one."""
    if not actor.has(*KEEPERS):
        return []
    last = schedule.heartbeats(page_session())
    if _since(last.get("reminders")) >= schedule.STALE:
        return [f"提醒和催办已停止运行（{_ran(last.get('reminders'))}），到点的提醒、邮件都不会发出。"
                "请系统管理员检查后台任务和定时表。"]
    return [f"{words}（{_ran(last[job])}）。请系统管理员检查后台任务。"
            for job, (patience, words) in OTHERS.items() if job in last and _since(last[job]) >= patience] + _late()


def _late() -> list[str]:
    """Reminders that fail at every sweep, and mails that the server does not take."""
    silent = Step.state == "pending", Step.fire_at <= moment() - SILENT
    stuck = (Message.channel == MAIL, Message.state == "pending", Message.attempts > 0,
             Message.created_at <= moment() - STUCK)
    count, first, mails = page_session().execute(select(
        select(func.count(Step.matter_id.distinct())).where(*silent).scalar_subquery(),
        select(func.min(Step.matter_id)).where(*silent).scalar_subquery(),
        select(func.count()).select_from(Message).where(*stuck).scalar_subquery(),
    )).one()
    found = []
    if count:
        found.append(f"有{count}件事项的提醒到点后没能发出（如事项编号{first}）。请系统管理员查看后台任务的日志。")
    if mails and current_user.has(*messages.MENDERS):
        found.append(f"有{mails}封邮件超过1小时没能发出，原因见“邮件发送”的“待发”。请系统管理员检查发信服务器。")
    return found


def _since(last: datetime | None) -> timedelta:
    return moment() - last if last else timedelta.max


def _ran(last: datetime | None) -> str:
    return f"上次运行在{moment_words(last, moment())}" if last else "还没有运行过"
