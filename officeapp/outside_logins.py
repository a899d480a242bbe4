"""What the environment says of the bureau's own identity services: single sign-on and a directory. Off by default."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from officeapp.variables import VARIABLES, SettingsError


class Environment(Protocol):
    """The environment as settings read it."""

    def read(self, name: str, default: str = "") -> Any: ...


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID Connect provider. `claim` names what carries our account; `administrators` lets the three in too."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str
    title: str
    administrators: bool


@dataclass(frozen=True, slots=True)
class Ldap:
    """A directory. A person's entry is `user_dn` with {account} in it, or found by `filter` below `base`."""

    url: str
    user_dn: str
    base: str
    filter: str
    reader_dn: str
    reader_password: str
    ca_file: Path | None


def oidc_of(env: Environment) -> Oidc | None:
    issuer, claim = env.read("OIDC_ISSUER"), env.read("OIDC_CLAIM", "preferred_username")
    title, administrators = env.read("OIDC_TITLE", "统一身份认证"), env.read("OIDC_ADMINISTRATORS", "0")
    if issuer is None:
        return None
    return Oidc(issuer, _needed(env, "OIDC_CLIENT_ID", "OIDC_ISSUER"),
                _needed(env, "OIDC_CLIENT_SECRET", "OIDC_ISSUER"), claim, title, administrators)


def ldap_of(env: Environment) -> Ldap | None:
    url, user_dn, ca_file = env.read("LDAP_URL"), env.read("LDAP_USER_DN") or "", env.read("LDAP_CA_FILE")
    searched, reader = env.read("LDAP_FILTER", "(uid={account})"), env.read("LDAP_READER_DN") or ""
    if url is None:
        return None
    base = "" if user_dn else _needed(env, "LDAP_BASE", "LDAP_URL")
    password = _needed(env, "LDAP_READER_PASSWORD", "LDAP_READER_DN") if reader else ""
    return Ldap(url, user_dn, base, searched, reader, password, ca_file)


def _needed(env: Environment, name: str, because: str) -> Any:
    found = env.read(name)
    if found is None:
        variable = VARIABLES[name]
        raise SettingsError(
            f"缺少环境变量 {name}：设置了 {because} 就必须设置，{variable.rule}，例如 {name}={variable.example}。")
    return found
