"""Everything the site is put together from, in order."""

from flask import Flask

from officeapp.settings import Settings
from officeapp.web import (
    access,
    account,
    answers,
    attachments,
    audit,
    boards,
    briefing,
    bureau_options,
    calendar,
    cards,
    delegations,
    delivery,
    errors,
    first_passwords,
    frame,
    gatherings,
    handovers,
    health,
    journal,
    ledgers,
    login_rules,
    matters,
    messages,
    metrics,
    moves,
    notebook,
    notices,
    overdue,
    password_requests,
    people,
    phrases,
    presence,
    procedures,
    proposals,
    readings,
    request,
    roster,
    safety,
    saved_filters,
    search,
    second_factor,
    second_step,
    session,
    single_sign_on,
    sittings,
    supervision,
    templates,
    todo,
)

PAGES = (
    todo,
    briefing,
    search,
    overdue,
    boards,
    ledgers,
    saved_filters,
    gatherings,
    moves,
    matters,
    supervision,
    attachments,
    phrases,
    notebook,
    notices,
    account,
    sittings,
    second_factor,
    second_step,
    single_sign_on,
    presence,
    delegations,
    handovers,
    procedures,
    calendar,
    people,
    roster,
    proposals,
    first_passwords,
    password_requests,
    login_rules,
    bureau_options,
    messages,
    audit,
    health,
    metrics,
)


def install(app: Flask, settings: Settings) -> None:
    """The journal, delivery and safety first, then the pages, then the guard that refuses a route without a door."""
    app.config["OFFICE"] = settings
    app.ensure_sync = lambda view: view  # none is asynchronous; Flask would look seventeen times a request
    templates.install(app)
    journal.install(app)
    delivery.install(app)
    safety.install(app, settings)
    request.install(app)
    session.install(app)
    single_sign_on.install(app, settings)
    frame.install(app)
    cards.install(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    answers.install(app)
    errors.install(app)
    access.guard(app)
    presence.install(app)
    readings.install(app)
