"""办文设置: which rulebook, which media, which lights, which 代字. Kept by the office director."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from officeapp import db
from officeapp.numbers import Series
from officeapp.options import RULEBOOK, choose, options
from officeapp.procedures import book
from officeapp.web.access import door, posts
from officeapp.web.forms import OfficeForm
from officeapp.web.request import page_session
from officeapp.web.whole_numbers import WholeNumber

blueprint = Blueprint("bureau_options", __name__, url_prefix="/options")
KEEPER = posts("office_director")


class OptionsForm(OfficeForm):
    important_grades_online = BooleanField(
        "平急件、加急件也可线上办理", description="不勾选时按温鹿综法发〔2019〕20号走纸质签发，由文书代录"
    )
    digest = BooleanField(
        "提醒邮件每人每个工作日合并为一封", description="加急件、平急件的提醒不等合并，随到随发；站内通知不受影响"
    )
    soon_days = WholeNumber("黄灯：剩余天数不多于", [InputRequired("请填写天数。"), NumberRange(0, 10, "请填0到10。")])
    attachment_limit_mb = WholeNumber(
        "单个附件上限（MB）", [InputRequired("请填写大小。"), NumberRange(1, 100, "请填1到100。")]
    )


class SeriesForm(OfficeForm):
    word = StringField(
        "发文代字",
        [
            InputRequired("请填写代字。"),
            Length(max=30, message="代字最多30个字。"),
            Regexp(r"^[\u4e00-\u9fff]+$", message="代字只用汉字，如“临综法发”。"),
        ],
    )
    note = StringField("用途", [Length(max=100, message="用途最多100个字。")])


@blueprint.route("", methods=["GET", "POST"])
@door(KEEPER)
def index():
    chosen = options(page_session())
    form = OptionsForm(data=chosen)
    if form.validate_on_submit():
        with db.transaction() as session:
            for key in ("important_grades_online", "digest", "soon_days", "attachment_limit_mb"):
                choose(session, key, form[key].data)
            _choose_rulebooks(session)
        flash("已保存设置。规程的改变只影响今后新起草的公文，在办的仍按原规程办完。", "notice")
        return redirect(url_for("bureau_options.index"), 303)
    return _page(form, SeriesForm(formdata=None), 422 if form.errors else 200)


@blueprint.post("/series")
@door(KEEPER)
def add_series():
    form = SeriesForm()
    if not form.validate_on_submit():
        return _page(OptionsForm(formdata=None, data=options(page_session())), form, 422)
    with db.transaction() as session:
        found = session.scalar(select(Series).where(Series.word == form.word.data))
        if found is None:
            session.add(Series(word=form.word.data, note=form.note.data or "", position=100))
        else:
            found.active, found.note = True, form.note.data or found.note
    flash(f"已增加代字“{form.word.data}”。", "notice")
    return redirect(url_for("bureau_options.index"), 303)


@blueprint.post("/series/<int:series_id>/retirement")
@door(KEEPER)
def retire_series(series_id: int):
    with db.transaction() as session:
        series = session.get(Series, series_id)
        if series is not None:
            series.active = False
    flash("已停用。已编的文号仍在登记簿中。", "notice")
    return redirect(url_for("bureau_options.index"), 303)


def _choose_rulebooks(session) -> None:
    """Only rulebooks that are shipped can be chosen."""
    for kind in book.kinds():
        wanted = request.form.get(RULEBOOK + kind)
        if wanted in {p.rulebook for p in book.editions(kind)}:
            choose(session, RULEBOOK + kind, wanted)


def _page(form: OptionsForm, series_form: SeriesForm, status: int):
    session = page_session()
    series = session.scalars(select(Series).order_by(Series.active.desc(), Series.position, Series.id)).all()
    shelves = [(kind, book.editions(kind)) for kind in book.kinds()]
    page = render_template(
        "bureau_options/index.html",
        form=form,
        series_form=series_form,
        series=series,
        shelves=shelves,
        chosen=options(session),
    )
    return page, status
