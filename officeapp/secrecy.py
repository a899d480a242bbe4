"""Marks of state secrets, which a non-secret system must not take in.

Rule C01; 保守国家秘密法 §31(3). Finding a mark never quotes the text around it,
because the log of a refusal may hold who, when and the rule, and nothing else.
"""

import re

HEADER_LINES = 12
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\ufff9-\ufffc]"
)
# What no keyboard types, beside the ends of lines: it turns a title round, hides letters, breaks a printer.
UNTYPED = re.compile(f"[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|{INVISIBLE.pattern}")

_LEVEL = r"([绝机秘])\s*密"
_STAR = r"[★☆✩✭⭐✪*＊﹡]"
_TERM = r"(?:[0-9０-９一二三四五六七八九十]{1,4}\s*(?:年|个月|月|天|日)|长期|解密前|启用前)"
_STARRED = re.compile(rf"{_LEVEL}\s*(?:级|件)?\s*{_STAR}")
_ALONE = re.compile(
    rf"^[0-9０-９\s]{{0,10}}(?:(?:密\s*级|保密等级)\s*[:：])?\s*[【\[(（〔［「《]?\s*{_LEVEL}\s*(?:级|件|文件)?"
    rf"\s*[】\])）〕］」》]?[\s:：·]*{_TERM}?[\s·]*(?:特急|加急|特提|平急|急件)?[\s。]*$"
)
_SEPARATORS = re.compile(r"[\s_\-—–.．·+,，、~～()（）【】\[\]［］〔〕「」《》<>]+")
_NAMED = re.compile(rf"^[0-9]*([绝机秘])密(?:级|件|文件|公文|材料|资料)?(?:{_TERM})?(?:$|(?=关于))")


def secrecy_marks(text: str) -> list[str]:
    """Marks in a text, in reading order: 「机密★」 anywhere, 「机密」 alone on one of the first 12 lines.

    Rule C01. Not a mark: 商业秘密, 保守国家秘密, 保密承诺书.
    """
    text = INVISIBLE.sub("", text)
    return list(dict.fromkeys([*marks_in_header(text), *_starred(text)]))


def marks_in_header(text: str) -> list[str]:
    """Marks in the first 12 lines that carry anything: there a mark refuses the text outright.

    Further down a mark may be quoted by training material (domain caveat 1 to rule C01).
    """
    lines = [line.strip() for line in INVISIBLE.sub("", text).splitlines() if line.strip()]
    found = []
    for line in lines[:HEADER_LINES]:
        alone = _ALONE.match(line)
        found += [f"{alone[1]}密"] if alone else _starred(line)
    return list(dict.fromkeys(found))


def secrecy_marks_in_name(name: str) -> list[str]:
    """Marks in a file name: starred, or a level standing as a word of its own. Rule C01."""
    name = INVISIBLE.sub("", name)
    words = [_NAMED.match(word) for word in _SEPARATORS.split(name)]
    return list(dict.fromkeys([*_starred(name), *(f"{word[1]}密" for word in words if word)]))


def _starred(text: str) -> list[str]:
    return [f"{mark[1]}密★" for mark in _STARRED.finditer(text)]
