"""Forms: what their library says by itself, which only a forged or overtaken form hears, in Chinese."""

from flask_wtf import FlaskForm

NOT_LISTED = "请从列出的选项中选择；页面停留太久的，请刷新后重试。"
NO_NUMBER = "请填写整数。"


class OfficeForm(FlaskForm):
    """Every field has sentences of its own; the library's are about choices off the list and numbers that are none."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> "Sentences":
            return Sentences()


class Sentences:
    """What gettext asks for."""

    def gettext(self, words: str) -> str:
        return NOT_LISTED if "choice" in words.lower() else NO_NUMBER

    def ngettext(self, one: str, _many: str, _number: int) -> str:
        return self.gettext(one)
