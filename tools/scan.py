"""wapiti, logged in, over a demonstration of our own: `python -m tools.scan WAPITI FOLDER [--seconds 300]`.

WAPITI is the program of a virtual environment of its own (wapiti3 is no dependency of ours). FOLDER receives
the demonstration's data, one report for each account, and the server's log, in which no fault may stand.
"""

import argparse
import json
import os
import socket
import subprocess  # nosec B404 # starts our own programs only
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from officeapp.demo_accounts import PASSWORD
from tests.demo_site import Page

ROOT = Path(__file__).resolve().parent.parent
ACCOUNTS = {"staff": "linxiao", "director": "gaoming", "system": "xitong", "audit": "shenji", "security": "anquan"}
AGENT = "Mozilla/5.0 (X11; Linux x86_64) scan"  # a session belongs to one browser, so both log-in and scan name it
MODULES = ("cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,log4shell,methods,permanentxss,redirect,"
           "shellshock,spring4shell,sql,ssrf,timesql,upload,xss,xxe")  # backup breaks off at an address with a port
# What would end the scan's own session.
LEFT_ALONE = ("/logout", "/login*", "/account", "/account/sittings*", "/account/second-factor*", "/people/persons*")


@contextmanager
def demonstration(folder: Path, port: int) -> Iterator[str]:
    """The whole system on this machine; its address."""
    base = f"http://127.0.0.1:{port}"
    own = {"DATA_DIR": str(folder / "data"), "PORT": str(port), "BASE_URL": base, "BIND": "127.0.0.1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | own,  # nosec B603 # ours
                                  stdout=log, stderr=log)
        try:
            _wait_for(base)
            yield base
        finally:
            server.terminate()
            server.wait(30)


def cookie_of(base: str, account: str) -> str:
    """Log in by the form, as a browser does; the session's cookie."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.addheaders = [("User-Agent", AGENT)]
    page = Page(browser.open(f"{base}/login").read().decode())
    token = next(value for tag, name, value in page.attributes if name == "hx-headers" and "X-CSRFToken" in value)
    form = {"account": account, "password": PASSWORD, "csrf_token": json.loads(token)["X-CSRFToken"]}
    browser.open(f"{base}/login", urlencode(form).encode())
    browser.open(f"{base}/account").close()  # the session gets the secret of its forms' tokens with the first one
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def scan(wapiti: str, base: str, account: str, folder: Path, seconds: int) -> dict:
    """One account's report."""
    report = folder / f"{account}.json"
    left_alone = [word for path in LEFT_ALONE for word in ("-x", base + path)]
    command = [wapiti, "-u", f"{base}/", "-m", MODULES, "-H", f"Cookie: {cookie_of(base, account)}",
               "-A", AGENT, "--scope", "domain", *left_alone, "--max-scan-time", str(seconds),
               "--max-attack-time", str(max(20, seconds // 8)), "--tasks", "4", "--flush-session", "--no-bugreport",
               "--store-session", str(folder / "wapiti"), "-f", "json", "-o", str(report), "-v", "1"]
    with (folder / f"{account}.log").open("wb") as log:
        subprocess.run(command, stdout=log, stderr=log, timeout=4 * seconds + 120)  # nosec B603 # named by the caller
    return json.loads(report.read_text("utf-8"))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("wapiti")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seconds", type=int, default=300, help="to crawl, and again for all attacks, each account")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with demonstration(given.folder, _free_port()) as base:
        for role, account in ACCOUNTS.items():
            found = scan(given.wapiti, base, account, given.folder, given.seconds)
            kinds = Counter({kind: len(hits) for part in ("vulnerabilities", "anomalies", "additionals")
                             for kind, hits in found[part].items() if hits})
            print(f"{role} ({account}): {found['infos']['crawled_pages_nbr']} pages; {dict(kinds) or 'nothing found'}")
    said = (given.folder / "server.log").read_text("utf-8", "replace")
    faults = said.partition("正在停止")[0].count("Traceback")  # while it answered
    print(f"faults in the server's log: {faults}")
    return 1 if faults else 0


def _wait_for(base: str, seconds: int = 120) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2).close()  # nosec B310 # our own loopback address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise RuntimeError("The demonstration has not begun to answer; see server.log.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
