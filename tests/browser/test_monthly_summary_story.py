"""June 2026, whose 20th is a rest day: the sections are asked, write, are urged, and 综合科 gathers (JH-1, TL12)."""

import re

import pytest
from playwright.sync_api import expect

from officeapp import clock, db, people, prompts
from officeapp.people import Person
from tests.browser.conftest import PASSWORD
from tests.browser.hands import press, return_to
from tests.summaries import TEXT, collector

PAGE = "/gatherings/monthly-summary"
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def gatherer(site):
    """Somebody who gathers, with a password."""
    found = collector(site.bureau)
    with db.transaction() as session:
        session.get_one(Person, found.id).password_hash = people.hash_password(PASSWORD)
    return found


def morning(days, day, hour=9):
    days.begin(2026, 6, day, hour)
    prompts.sweep(clock.now())


def card(page):
    """The way from 我的待办 to the section's summary."""
    page.goto("/")
    return page.get_by_role("link", name=re.compile("2026年6月工作总结和7月工作计划")).get_attribute("href")


def row(page, unit):
    return page.locator("table.gathering tbody tr", has=page.get_by_text(unit, exact=True))


def test_JH_1_a_month_whose_20th_is_a_rest_day_from_the_prompt_to_the_text(days, gatherer):
    morning(days, 11)
    head = days.at("head")
    path = card(head)
    head.goto(path)
    expect(head.locator("#moves")).to_contain_text("签字，报综合科")
    expect(head.locator(".paper")).to_contain_text("2026年6月18日")  # Thursday; 端午 begins on Friday
    press(head, path, "指定撰写人", reporter=str(days.site.bureau.drafter.id))

    morning(days, 16)
    press(days.at("drafter"), card(days.at("drafter")), "报科室负责人审签", **TEXT)
    press(days.at("head"), path, "审签，报综合科")
    legal = card(days.at("lawyer"))
    press(days.at("lawyer"), legal, "签字，报综合科", summary="审核合同。", plan="开展评查。")
    days.at("collector").goto(PAGE)
    return_to(days.at("collector"), legal, "退回重报", "没有数字，请补充。")

    morning(days, 22)
    page = days.at("collector")
    page.goto(PAGE)
    expect(page.locator("h1")).to_have_text("2026年6月工作总结和7月工作计划")
    expect(row(page, "市容管理科")).to_contain_text("已报送")
    expect(row(page, "政策法规科")).to_contain_text("退回重报中")
    expect(row(page, "指挥中心")).to_contain_text("逾期未报")
    page.get_by_role("button", name="催报指挥中心").click()
    expect(row(page, "指挥中心")).to_contain_text("今天已催")
    page.get_by_role("button", name="催报全部未报的（2个科室）").click()
    expect(page.get_by_role("button", name="今天都已催过")).to_be_disabled()
    page.get_by_role("button", name="全部收入汇总（1件）").click()
    expect(row(page, "市容管理科")).to_contain_text("已汇总")


def test_JH_1_the_text_of_the_month_is_copied_whole(days, gatherer):
    morning(days, 16)
    path = card(days.at("head"))
    press(days.at("head"), path, "签字，报综合科", **TEXT)
    page = days.at("collector")
    page.goto(f"{PAGE}/texts")
    page.get_by_role("button", name="复制全文").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    chosen = page.evaluate("window.getSelection().toString()")
    assert "一、市容管理科" in chosen and TEXT["plan"] in chosen and "返回报送情况" not in chosen


def test_the_collector_s_page_is_read_on_a_telephone_and_works_without_scripts(days, gatherer):
    morning(days, 16)
    page = days.site.page("collector", viewport=NARROW, java_script_enabled=False)
    page.goto(PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_role("button", name=re.compile("催报全部未报的")).click()
    expect(page.locator("#flash, .sentence").first).to_contain_text("已催报4个科室。")
