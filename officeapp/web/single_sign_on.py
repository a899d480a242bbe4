"""Single sign-on by OpenID Connect: the bureau's provider says who it is, our register says whether he may in.

The authorization code flow with PKCE, state and nonce, all by Authlib. Nobody is created by coming in this way.
"""

from flask import Blueprint, Flask, abort, current_app, request, session, url_for
from flask.typing import ResponseReturnValue

from officeapp import db, entrance, late
from officeapp.outside_logins import Oidc
from officeapp.settings import Settings
from officeapp.web.access import door, local_path, public
from officeapp.web.admission import let_in
from officeapp.web.request import moment, whence
from officeapp.web.session import login_page

errors = late.module("authlib.common.errors")
flask_client = late.module("authlib.integrations.flask_client")
jose = late.module("joserfc.errors")
requests = late.module("requests")
blueprint = Blueprint("single_sign_on", __name__, url_prefix="/login/single-sign-on")
PATIENCE = 5  # seconds that the provider may take for each answer
AWAY = "{}暂时连不上。请稍后再试，或者用账号、口令登录。"
UNPROVEN = "没有通过{}。请重新登录；仍不行请联系系统管理员。"
UNKNOWN = "{}已通过，但本系统没有与之对应的在岗账号，或者这个账号须用口令登录。请联系系统管理员。"
_TARGET = "single_sign_on_target"


def install(app: Flask, settings: Settings) -> None:
    """Nothing is asked of the provider before somebody wants to come in."""
    if settings.oidc is None:
        return
    oauth = flask_client.OAuth(app)
    oauth.register(
        "provider", client_id=settings.oidc.client_id, client_secret=settings.oidc.client_secret,
        server_metadata_url=f"{settings.oidc.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": PATIENCE})
    app.extensions["single_sign_on"] = oauth


@blueprint.get("")
@door(public)
def go() -> ResponseReturnValue:
    """To the provider, who sends the browser back to `come`; the address is ours whatever the Host header says."""
    oidc = _oidc()
    back = current_app.config["OFFICE"].base_url + url_for("single_sign_on.come")
    try:
        answer = _provider().authorize_redirect(back)
    except requests.RequestException:
        return login_page(AWAY.format(oidc.title), status=503)
    session[_TARGET] = local_path(request.args.get("next"))
    return answer


@blueprint.get("/return")
@door(public)
def come() -> ResponseReturnValue:
    """Back from the provider: the code is exchanged, the token checked, the account looked up."""
    oidc = _oidc()
    try:
        account = _account(oidc)
    except requests.RequestException:
        return login_page(AWAY.format(oidc.title), status=503)
    except (errors.AuthlibBaseError, jose.JoseError):
        return login_page(UNPROVEN.format(oidc.title), status=403)
    with db.transaction() as writer:
        person = entrance.recognised(writer, account, administrators=oidc.administrators)
        if person is None:
            entrance.turn_away(writer, account, way="oidc", whence=whence(), now=moment())
    answer = person and let_in(entrance.first_step(person.id, person.password_hash, "oidc"), session.get(_TARGET))
    return answer or login_page(UNKNOWN.format(oidc.title), status=403)


def _account(oidc: Oidc) -> str:
    """The account that the provider vouches for; empty if it names none."""
    token = _provider().authorize_access_token(claims_options={"iss": {"essential": True, "value": oidc.issuer}})
    claims = token.get("userinfo") or {}
    if claims and oidc.claim not in claims:
        asked = _provider().userinfo(token=token)
        claims = asked if asked.get("sub") == claims["sub"] else {}
    return str(claims.get(oidc.claim, ""))


def _oidc() -> Oidc:
    return current_app.config["OFFICE"].oidc or abort(404)


def _provider():
    return current_app.extensions["single_sign_on"].provider
