"""The accounts that the login page shows, in demonstration mode only."""

from typing import NamedTuple

PASSWORD = "yanshi2026"  # nosec B105 # of the demonstration only, shown at its log-in


class DemoAccount(NamedTuple):
    account: str
    name: str
    unit_name: str
    posts_text: str


ACCOUNTS = (
    DemoAccount("linxiao", "林晓", "市容管理科", "工作人员（起草发文）"),
    DemoAccount("wangjianguo", "王建国", "市容管理科", "科长（科室核稿）"),
    DemoAccount("liuzhiqiang", "刘志强", "局领导", "副局长（审阅、签发普通件）"),
    DemoAccount("zhouzheng", "周正", "局领导", "局长（签发平急件、加急件）"),
    DemoAccount("gaoming", "高明", "办公室", "办公室主任"),
    DemoAccount("wumin", "吴敏", "办公室", "核稿（办公室审核）"),
    DemoAccount("chenwen", "陈文", "办公室", "文书（编号、校对、代录）"),
    DemoAccount("hejing", "何静", "办公室", "内勤（印发、归档）"),
    DemoAccount("qianli", "钱立", "政策法规科", "科长（合法性审查）"),
    DemoAccount("xuzong", "许宗", "综合科", "科长（汇总月度总结）"),
    DemoAccount("gaoyuan", "高原", "指挥中心", "督考组（看超期事项）"),
    DemoAccount("xitong", "童宁", "信息中心", "系统管理员（单位、账号）"),
    DemoAccount("anquan", "安谧", "信息中心", "安全管理员（授予岗位、确认口令）"),
    DemoAccount("shenji", "沈稽", "信息中心", "审计管理员（看办理记录和登录记录）"),
)
