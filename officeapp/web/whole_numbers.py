"""A field for a whole number, as a person types one."""

from wtforms import IntegerField

from officeapp.numerals import LARGEST


class WholeNumber(IntegerField):
    """What no database holds is no number: NumberRange would fail on it instead of refusing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > LARGEST:
            self.data = None
            raise ValueError("请填写整数。")
