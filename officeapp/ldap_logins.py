"""The bureau's directory, asked whether a password is right: one bind as the person. Only here LDAP is known.

The directory answers for the password alone; who the person is and what he may stands in our own register.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from officeapp import late
from officeapp.outside_logins import Ldap

ldap3 = late.module("ldap3")
PATIENCE = 5  # seconds to connect, and for each answer
NOBODY = "cn=nobody"  # an entry that no directory has: whoever is not found is refused as slowly as others
UNABLE = ("operationsError", "busy", "unavailable", "other")  # says nothing about the password
PORTS = {"ldap": 389, "ldap+starttls": 389, "ldaps": 636}


class DirectoryAway(Exception):
    """The directory cannot be asked, or does not let its reader in."""


def fits(ldap: Ldap, account: str, password: str) -> bool:
    """Whether the directory knows this account by this password. DirectoryAway: nobody can say."""
    if not password:  # a bind without one is anonymous, and every directory lets it in
        return False
    server = _server(ldap)
    try:
        return _binds(ldap, server, _entry(ldap, server, account), password)
    except (ldap3.core.exceptions.LDAPException, OSError) as fault:
        raise DirectoryAway from fault


def _entry(ldap: Ldap, server: "ldap3.Server", account: str) -> str:
    """The name of the account's entry, by the template or by a search as the reader."""
    if ldap.user_dn:
        return ldap.user_dn.replace("{account}", ldap3.utils.dn.escape_rdn(account))
    with _opened(ldap, server, ldap.reader_dn, ldap.reader_password) as reader:
        if not reader.bind():
            raise DirectoryAway
        wanted = ldap.filter.replace("{account}", ldap3.utils.conv.escape_filter_chars(account))
        reader.search(ldap.base, wanted, ldap3.SUBTREE, attributes=["1.1"], size_limit=2, time_limit=PATIENCE)
        found = [each["dn"] for each in reader.response or () if each["type"] == "searchResEntry"]
    return found[0] if len(found) == 1 else NOBODY


def _binds(ldap: Ldap, server: "ldap3.Server", entry: str, password: str) -> bool:
    with _opened(ldap, server, entry, password) as connection:
        if connection.bind():
            return True
        if connection.result["description"] in UNABLE:
            raise DirectoryAway
        return False


@contextmanager
def _opened(ldap: Ldap, server: "ldap3.Server", entry: str, password: str) -> Iterator["ldap3.Connection"]:
    """A connection that is encrypted before anything secret goes over it."""
    connection = ldap3.Connection(server, user=entry or None, password=password or None, receive_timeout=PATIENCE,
                                  read_only=True)
    connection.open()
    try:
        if ldap.url.startswith("ldap+starttls:") and not connection.start_tls(read_server_info=False):
            raise DirectoryAway
        yield connection
    finally:
        connection.unbind()


def _server(ldap: Ldap) -> "ldap3.Server":
    parts = urlsplit(ldap.url)
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(ldap.ca_file) if ldap.ca_file else None)
    return ldap3.Server(parts.hostname, port=parts.port or PORTS[parts.scheme], use_ssl=parts.scheme == "ldaps",
                        tls=tls, get_info=ldap3.NONE, connect_timeout=PATIENCE)
