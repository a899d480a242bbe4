"""/metrics for Prometheus: read from the database and Redis when asked, so that any process of any machine answers."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, current_app
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from officeapp import schedule, vitals
from officeapp.procedures import book
from officeapp.release import VERSION
from officeapp.vitals import UNSENT, Vitals
from officeapp.web.access import door, monitor
from officeapp.web.request import moment, page_session

blueprint = Blueprint("metrics", __name__)
OF_PROCESSES = ("process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds")


@blueprint.get("/metrics")
@door(monitor)
def show():
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Office())
    return generate_latest(registry), 200, {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}


class _Office(Collector):
    """One scrape."""

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("officeapp", "本系统的版本", {"version": VERSION})
        free = shutil.disk_usage(current_app.config["OFFICE"].data_dir).free
        yield GaugeMetricFamily("officeapp_data_free_bytes", "数据文件夹所在磁盘的剩余空间", free)
        yield from _queue()
        yield from _database()
        yield from _processes()


def _queue() -> Iterator[Metric]:
    found = current_app.config["QUEUE"]()
    yield GaugeMetricFamily("officeapp_redis_up", "Redis 是否应答", int(found is not None))
    if found is None:
        return
    yield _labelled("officeapp_queue_jobs", "队列里等待的和一天内失败的任务数", "state",
                    {state: found[state] for state in ("waiting", "failed")})
    yield GaugeMetricFamily("officeapp_workers", "正在运行的后台任务进程数", found["workers"])


def _database() -> Iterator[Metric]:
    try:
        found = vitals.measured(page_session(), moment())
    except SQLAlchemyError:
        found = None
    yield GaugeMetricFamily("officeapp_database_up", "数据库是否应答", int(found is not None))
    if found is None:
        return
    yield GaugeMetricFamily("officeapp_database_bytes", "数据库占用的空间", found.database_bytes)
    yield from _mails(found)
    yield from _heartbeats(found)
    yield from _matters(found)


def _mails(found: Vitals) -> Iterator[Metric]:
    by_state = {row.state: row for row in found.mails}
    owed = [row for row in found.mails if row.state in ("pending", "leased")]
    yield _labelled("officeapp_mails", "未送达（dead）、待发（pending）、正在发（leased）、等每日合并（held）的邮件数",
                    "state", {state: by_state[state].count if state in by_state else 0 for state in UNSENT})
    yield GaugeMetricFamily("officeapp_mails_retried", "试过而没有发出、还要再试的邮件数",
                            sum(row.retried for row in owed))
    yield GaugeMetricFamily("officeapp_oldest_unsent_mail_seconds", "最早一封待发邮件写下以来的秒数，没有待发的为0",
                            _oldest(row.oldest for row in owed))
    yield GaugeMetricFamily("officeapp_oldest_due_mail_seconds", "最早一封早该发出而未发的邮件已迟的秒数",
                            _oldest(row.due for row in owed))


def _heartbeats(found: Vitals) -> Iterator[Metric]:
    ages = {name: _age(at) for name, at in found.heartbeats.items()}
    backup = ages.pop("backup", None)
    yield _labelled("officeapp_periodic_age_seconds", "定时任务距上次做完的秒数", "name", ages)
    stale = ages.get("reminders", float("inf")) > schedule.STALE.total_seconds()
    yield GaugeMetricFamily("officeapp_reminders_stalled", "提醒和催办是否已停（页面顶部有红色横幅）", int(stale))
    if backup is not None:
        yield GaugeMetricFamily("officeapp_backup_age_seconds", "距上次备份的秒数", backup)


def _matters(found: Vitals) -> Iterator[Metric]:
    none = dict.fromkeys(book.kinds(), 0)
    yield _labelled("officeapp_open_matters", "在办事项数", "kind",
                    none | {row.kind: row.open for row in found.matters})
    yield _labelled("officeapp_overdue_matters", "其中已经超期的", "kind",
                    none | {row.kind: row.overdue for row in found.matters})


def _processes() -> Iterator[Metric]:
    """Memory, CPU time and open files of each web process of this machine: of the server's children, by pid."""
    pids = _siblings()
    found: dict[str, Metric] = {}
    for pid in pids:
        for family in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():
            if family.name in OF_PROCESSES:
                mine = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    mine.add_sample(sample.name, {"pid": pid}, sample.value)
    yield from found.values()


def _siblings() -> list[str]:
    parent = os.getppid()
    try:
        return Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    except OSError:  # not on Linux
        return []


def _labelled(name: str, words: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _oldest(moments: Iterator[datetime | None]) -> float:
    return max((_age(at) for at in moments if at is not None), default=0)


def _age(at: datetime) -> float:
    return max(moment() - at, timedelta(0)).total_seconds()
