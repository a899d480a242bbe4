"""A browser in a few words, so that one knows one's own again in a list. Not proof of anything."""

# The first that is found counts: most browsers also call themselves Chrome, and Chrome calls itself Safari.
_NAMES = (("Edg/", "Edge"), ("QIHU", "360浏览器"), ("360SE", "360浏览器"), ("QAX", "奇安信浏览器"),
          ("Redcore", "红莲花浏览器"), ("UOS", "UOS浏览器"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
          ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
            ("Mac OS", "macOS"), ("Kylin", "麒麟"), ("Linux", "Linux"))


def words(agent: str) -> str:
    """Like “Chrome · Windows”, from a User-Agent header."""
    name, system = _first(_NAMES, agent), _first(_SYSTEMS, agent)
    return " · ".join(filter(None, (name, system))) or "其他浏览器"


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((said for mark, said in table if mark in agent), "")
