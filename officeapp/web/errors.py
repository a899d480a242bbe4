"""Pages for what went wrong outside a procedure: a sentence and what to do, never a trace."""

from flask import Flask, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from officeapp.web import journal
from officeapp.web.access import came_from
from officeapp.web.request import close_session, is_fragment

SENTENCES = {
    400: ("请求不完整", "提交的内容不完整，请返回上一页，核对后再提交一次。"),
    403: ("您不能使用这个页面", "这个页面不在您的岗位职责内。如有需要，请联系系统管理员。"),
    404: ("没有这个页面", "可能链接有误，或者您不在它的知悉范围内。"),
    405: ("不能这样打开", "请从页面上的按钮进入，不要直接输入地址。"),
    413: ("文件太大", "上传的文件超过了上限，请压缩或拆分后再上传。"),
    429: ("操作太频繁", "短时间内尝试次数过多，请等一分钟后再试。"),
    500: ("系统出了故障", "刚才的操作不一定办成。请先查看事项的最新状态，再决定是否重办；仍打不开请联系系统管理员。"),
}
EXPIRED = ("页面停留太久", "为了安全，这个页面已经失效，您的操作没有提交。请返回上一页复制好已填的内容，刷新后再提交。")


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(500, _unknown)


def _expired(error: CSRFError):
    # An expired login lost its token too: log in, come back to the form, draft.js puts the typed text in again.
    if current_user.is_authenticated or is_fragment():
        return _page(400, *EXPIRED)
    flash("登录已过期，请重新登录后接着办理。", "warning")
    return redirect(url_for("session.login", next=came_from()), 303)


def _known(error: HTTPException):
    if isinstance(error, SecurityError):  # an address that is not ours: no page of ours can be linked from it
        return "请按本系统的正式网址打开。\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    code = error.code or 500
    title, sentence = SENTENCES.get(code, SENTENCES[500] if code >= 500 else SENTENCES[400])
    said = error.description or ""
    ours = any("\u4e00" <= character <= "\u9fff" for character in said)
    return _page(code, title, said if ours else sentence)


def _unknown(error: Exception):
    # The page's session may lie in a failed transaction or the database be gone: this page asks it nothing.
    close_session()
    title, sentence = SENTENCES[500]
    if is_fragment():
        page, headers = current_app.jinja_env.get_template("_refusal.html"), {"X-Refusal": "1"}
        return page.render(refused_sentence=f"{sentence}问题编号：{journal.number()}", refused_clause=""), 500, headers
    said = {"bureau": current_app.config["OFFICE"].bureau_name, "title": title, "sentence": sentence,
            "number": journal.number()}
    return current_app.jinja_env.get_template("broken.html").render(said), 500


def _page(code: int, title: str, sentence: str):
    if is_fragment():
        answer = render_template("_refusal.html", refused_sentence=sentence, refused_clause="")
        return answer, code, {"X-Refusal": "1"}
    error = {"code": code, "title": title, "sentence": sentence, "clause": "", "next": []}
    return render_template("error.html", error=error), code
