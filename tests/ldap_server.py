"""A real LDAP server for tests (ldaptor over TCP): `python -m tests.ldap_server` with a folder that holds its papers.

In the folder: people.ldif; with TLS also key.pem and cert.pem. The port is written to `port`, each bind to `binds`.
"""

import sys
from pathlib import Path

from ldaptor.inmemory import fromLDIFFile
from ldaptor.interfaces import IConnectedLDAPEntry
from ldaptor.protocols import pureldap
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from twisted.internet import protocol, reactor, ssl
from twisted.python.components import registerAdapter

START_TLS = b"1.3.6.1.4.1.1466.20037"


class Server(LDAPServer):
    """Keeps who tried to bind, and takes STARTTLS, which ldaptor's own leaves out."""

    def handle_LDAPBindRequest(self, request, controls, reply):
        with (self.factory.folder / "binds").open("a") as kept:
            kept.write(f"{request.dn.decode()}\t{request.auth.decode()}\t{bool(self.transport.TLS)}\n")
        return super().handle_LDAPBindRequest(request, controls, reply)

    def handle_LDAPExtendedRequest(self, request, controls, reply):
        if request.requestName != START_TLS or self.factory.context is None:
            return super().handle_LDAPExtendedRequest(request, controls, reply)
        reply(pureldap.LDAPExtendedResponse(resultCode=0, responseName=START_TLS))
        self.transport.startTLS(self.factory.context)
        return None


class Factory(protocol.ServerFactory):
    protocol = Server

    def __init__(self, root, folder: Path, context) -> None:
        self.root, self.folder, self.context = root, folder, context

    def buildProtocol(self, address):
        built = self.protocol()
        built.factory, built.debug = self, False
        return built


def serve(folder: Path, wrapped: bool) -> None:
    context = None
    if (folder / "key.pem").exists():
        context = ssl.DefaultOpenSSLContextFactory(str(folder / "key.pem"), str(folder / "cert.pem"))
    with (folder / "people.ldif").open("rb") as ldif:
        reading = fromLDIFFile(ldif)
    reading.addCallback(_listen, folder, context, wrapped)
    reactor.run()


def _listen(root, folder: Path, context, wrapped: bool) -> None:
    registerAdapter(lambda factory: factory.root, Factory, IConnectedLDAPEntry)
    factory = Factory(root, folder, context)
    port = (reactor.listenSSL(0, factory, context, interface="127.0.0.1") if wrapped
            else reactor.listenTCP(0, factory, interface="127.0.0.1"))
    (folder / "port.new").write_text(str(port.getHost().port))
    (folder / "port.new").rename(folder / "port")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), wrapped=sys.argv[2] == "wrapped")
