"""A deployment examined from its own settings (`flask check`): a finding a thing, with what to do. Changes nothing."""

import os
import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis, RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from officeapp import attachments, calendars, clock, db, late, ldap_logins, logs, mail, schedule, schema
from officeapp.outside_logins import Ldap, Oidc
from officeapp.people import ADMIN_KINDS, POST_KINDS, Holding, Person, Post
from officeapp.settings import ROOT, Settings

requests = late.module("requests")
FINE, MIND, WRONG = "正常", "注意", "有误"
SKEW = timedelta(seconds=5)
BACKUP = timedelta(days=2)
FREE = 5 * 1024**3  # bytes
OPEN_FILES = 1024
FRONT_END = ("vendor.js", "vendor.css")


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `said` names the mend unless it is fine."""

    state: str
    about: str
    said: str


def examined(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Everything, in the order in which one would mend it."""
    yield from (look(settings) for look in OF_MACHINE)
    database = _database(settings)
    yield database
    if database.state == FINE:
        with db.reading() as session:
            yield from _of_database(session, settings, now)
    yield _redis(settings)
    yield _mail(settings)
    if settings.ldap:
        yield _directory(settings.ldap)
    if settings.oidc:
        yield _single_sign_on(settings.oidc)


def _of_database(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    tables = _tables(session)
    yield tables
    if tables.state != WRONG:  # else there may be no such table
        yield from (look(session, settings, now) for look in OF_OFFICE)


def _address(settings: Settings) -> Finding:
    secure = settings.base_url.startswith("https:")
    if not settings.demo and not secure:
        return Finding(MIND, "网址", f"{settings.base_url} 不加密，口令会明文传送："
                                   "请由反向代理提供 https，再把 BASE_URL 改成 https 网址。")
    if secure and not settings.trusted_proxies:
        return Finding(WRONG, "网址", "BASE_URL 是 https，TRUSTED_PROXIES 却是 0：请填反向代理的层数（一层填 1），"
                                    "否则认不出用户的地址和 https。")
    return Finding(FINE, "网址", settings.base_url)


def _secret(settings: Settings) -> Finding:
    if len(set(settings.secret_key)) < 10:
        return Finding(WRONG, "SECRET_KEY", "不像随机字符串：请用 openssl rand -hex 32 另生成一个。")
    return Finding(FINE, "SECRET_KEY", "已设置")


def _front_end(settings: Settings) -> Finding:
    missing = [name for name in FRONT_END if not (ROOT / "static" / "vendor" / name).exists()]
    if missing:
        return Finding(WRONG, "网页文件", "static/vendor 里缺少 " + "、".join(missing)
                       + "：有网络的执行 make setup，离线的用安装包里的 static/vendor。")
    return Finding(FINE, "网页文件", "齐全")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    if not attachments.is_writable(folder):
        return Finding(WRONG, "附件目录", f"{folder}/attachments 不能写入：请查磁盘是否已满、只读，属主是否本账户。")
    if os.stat(folder).st_mode & 0o007:
        return Finding(MIND, "附件目录", f"本机其他账户可以进入 {folder}：请执行 chmod 750 {folder}。")
    return Finding(FINE, "附件目录", f"{folder} 可以写入")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    said = f"剩余 {free / 1024**3:.1f} GB"
    return Finding(FINE, "磁盘", said) if free >= FREE else Finding(MIND, "磁盘", f"{said}：请清理或者扩容。")


def _open_files(settings: Settings) -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        return Finding(MIND, "文件句柄", f"上限只有 {soft}：请在服务单元里写 LimitNOFILE=4096。")
    return Finding(FINE, "文件句柄", f"上限 {soft}")


OF_MACHINE: tuple[Callable[[Settings], Finding], ...] = (
    _address, _secret, _front_end, _folder, _space, _open_files)


def _database(settings: Settings) -> Finding:
    try:
        with db.reading() as session:
            dialect = session.get_bind().dialect
            session.scalar(select(1))
            version = ".".join(map(str, dialect.server_version_info))
    except SQLAlchemyError as fault:
        words = logs.words_of(fault)
        return Finding(WRONG, "数据库", f"连接不上（{words}）：请核对 DATABASE_URL、口令和 pg_hba.conf。")
    name = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[dialect.name]
    return Finding(FINE, "数据库", f"{name} {version}")


def _tables(session: Session) -> Finding:
    standing, here = schema.standing(session), schema.revision(session)
    if here is None:
        return Finding(WRONG, "表结构", "还没有建表：请执行 flask --app app prepare。")
    if standing == "behind":
        return Finding(WRONG, "表结构", f"现为 {here}，程序需要 {schema.revisions()[0]}："
                                     "请先备份，再执行 flask --app app prepare。")
    if standing == "ahead":
        return Finding(MIND, "表结构", f"数据库已由更新的版本升级到 {here}：请把本机的程序也升级。")
    return Finding(FINE, "表结构", here)


def _clock(session: Session, settings: Settings, now: datetime) -> Finding:
    if session.get_bind().dialect.name == "sqlite":
        return Finding(FINE, "时钟", "与数据库同在一台机器")
    gap = abs(session.scalar(select(func.clock_timestamp())) - clock.machine_now())
    said = f"与数据库相差 {gap.total_seconds():.1f} 秒"
    if gap > SKEW:
        return Finding(WRONG, "时钟", f"{said}：请在各台机器上启用时间同步（chrony）。")
    return Finding(FINE, "时钟", said)


def _calendar(session: Session, settings: Settings, now: datetime) -> Finding:
    missing = calendars.missing_year(calendars.current(session), now.astimezone(clock.ZONE).date())
    return Finding(MIND, "工作日历", f"{missing}。") if missing else Finding(FINE, "工作日历", "所需年份已载入")


def _administrators(session: Session, settings: Settings, now: datetime) -> Finding:
    query = (select(Post.kind).distinct().join(Holding, Holding.post_id == Post.id)
             .join(Person, Person.id == Holding.person_id).where(Post.kind.in_(ADMIN_KINDS), Person.active))
    missing = [POST_KINDS[kind] for kind in ADMIN_KINDS if kind not in set(session.scalars(query))]
    if missing:
        return Finding(WRONG, "三员", f"没有{'、'.join(missing)}：新装的请执行 flask --app app administrators，"
                                    "以后的在“单位人员”“岗位与分管”里办理。")
    return Finding(FINE, "三员", "系统、安全、审计管理员各有其人")


def _reminders(session: Session, settings: Settings, now: datetime) -> Finding:
    last = schedule.heartbeats(session).get("reminders")
    if last is None or now - last >= schedule.STALE:
        since = f"上次是 {last.astimezone(clock.ZONE):%m-%d %H:%M}" if last else "还没有运行过"
        return Finding(MIND, "提醒", f"没有在运行（{since}）：请启动后台任务和定时表。")
    return Finding(FINE, "提醒", "正在运行")


def _backup(session: Session, settings: Settings, now: datetime) -> Finding:
    last = schedule.heartbeats(session).get("backup")
    if last and now - last < BACKUP:
        return Finding(FINE, "备份", f"{last.astimezone(clock.ZONE):%m-%d %H:%M}")
    since = f"上次备份是 {last.astimezone(clock.ZONE):%Y-%m-%d}" if last else "还没有备份过"
    return Finding(MIND, "备份", f"{since}：请按《运维手册》“备份和恢复”安排每天的备份。")


OF_OFFICE: tuple[Callable[[Session, Settings, datetime], Finding], ...] = (
    _clock, _administrators, _calendar, _reminders, _backup)


def _redis(settings: Settings) -> Finding:
    try:
        with Redis.from_url(settings.redis_address, socket_timeout=5, socket_connect_timeout=5) as redis:
            redis.ping()
    except RedisError as fault:
        return Finding(WRONG, "Redis", f"连接不上（{logs.words_of(fault)}）：请启动 Redis，或核对 REDIS_URL。"
                                       "这期间提醒和邮件停着，恢复后自动补发。")
    return Finding(FINE, "Redis", "应答")


def _mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        state = FINE if settings.demo else MIND
        return Finding(state, "邮件", "SMTP_URL 是 local：邮件只写入本机文件夹，不会送到任何人。")
    try:
        mail.try_out(settings)
    except mail.Undelivered as fault:
        return Finding(WRONG, "邮件", f"{fault}。请核对 SMTP_URL 的主机、端口、加密方式、用户和密码，以及 MAIL_FROM。")
    return Finding(FINE, "邮件", "服务器肯收本系统的来信（没有发出邮件）")


def _directory(ldap: Ldap) -> Finding:
    try:
        ldap_logins.fits(ldap, "officeapp-check", "officeapp-check")  # whom no directory knows
    except ldap_logins.DirectoryAway:
        return Finding(WRONG, "目录", "问不到目录服务器：请核对 LDAP_URL、证书（LDAP_CA_FILE）和查找所用的账户。")
    return Finding(FINE, "目录", "应答")


def _single_sign_on(oidc: Oidc) -> Finding:
    try:
        said = requests.get(f"{oidc.issuer}/.well-known/openid-configuration", timeout=5).json()
        issuer = said["issuer"] if isinstance(said, dict) else ""
    except (requests.RequestException, ValueError, KeyError):
        return Finding(WRONG, "统一身份认证", "取不到它的说明文件：请核对 OIDC_ISSUER、证书和网络。")
    if issuer.rstrip("/") != oidc.issuer.rstrip("/"):
        return Finding(WRONG, "统一身份认证", f"它自称 {issuer}：请把 OIDC_ISSUER 改成一样的网址。")
    return Finding(FINE, "统一身份认证", "应答")
