"""Install the pages' third-party files into static/vendor, which is never committed.

Two files instead of five keep a page within its budget of requests.
"""

import re

from tools.node import ROOT, install_packages

VENDOR = ROOT / "static" / "vendor"
FILES = {
    "vendor.js": (
        "htmx.org/dist/htmx.min.js",
        "idiomorph/dist/idiomorph-ext.min.js",
        "sortablejs/Sortable.min.js",
    ),
    "vendor.css": ("bootstrap/dist/css/bootstrap.min.css",),
}


def main() -> None:
    """npm ci, then join the files wanted."""
    install_packages("--omit=dev")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, sources in FILES.items():
        (VENDOR / name).write_text(_join(sources), encoding="utf-8")


def _join(sources: tuple[str, ...]) -> str:
    texts = [(ROOT / "node_modules" / source).read_text(encoding="utf-8") for source in sources]
    separator = ";\n" if sources[0].endswith(".js") else "\n"
    return separator.join(map(_without_map, texts))


def _without_map(text: str) -> str:
    # The maps are not served; naming them only fills the log with 404.
    return re.sub(r"/[/*]# sourceMappingURL=\S+(\s*\*/)?", "", text)


if __name__ == "__main__":
    main()
