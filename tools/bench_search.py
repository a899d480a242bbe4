"""What finding one matter among a million costs: words of a title, several words, a number, nothing at all."""

from tools import bench

ASKED = {"a word of many": "市容", "two words": "市容 节后", "a word of few": "养犬", "a number": "〔2026〕1号",
         "nothing there": "没有这样的标题"}


def measure(meter: bench.Meter, visitors: dict[str, bench.Visitor], words: str) -> None:
    bench.note_backends()
    for account, visitor in visitors.items():
        for name, asked in ASKED.items():
            cost = meter.of(visitor.look(f"/search?q={asked}"), times=5)
            bench.line(f"search for {name}, {account}, {words}", cost)
