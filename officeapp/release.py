"""Which release this is."""

import tomllib

from officeapp.settings import ROOT

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
