"""Who may open what: every address of the installation by every role, and none that is not listed here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import URLPattern

from cxsurvey.roles import ROLES, install_roles
from cxsurvey.uploads import Asked, preview
from recovery.followups import open_due
from recovery.models import FollowUp
from tests.pristine import Shared
from tests.staff import as_after
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_open_link
from tests.surveys.texting import text_us

pytestmark = pytest.mark.django_db
MANAGER, ANALYST, INTERVIEWER, ANYBODY = "CX manager", "Analyst", "Interviewer", "anybody"
EVERYONE = {MANAGER, ANALYST, INTERVIEWER, ANYBODY}

#: Name of an address -> who gets in; customers' pages need their token instead.
DOORS = {
    "customer-page": {MANAGER, INTERVIEWER},
    "customer-why": {MANAGER, INTERVIEWER},
    "competition": {MANAGER, ANALYST},
    "sending": {MANAGER},
    "sending-pause": {MANAGER},
    "sending-pause-some": {MANAGER},
    "sending-resume": {MANAGER},
    "sending-wave": {MANAGER},
    "sending-wave-pause": {MANAGER},
    "sending-wave-cancel": {MANAGER},
    "sending-unknown": {MANAGER},
    "customer-call": {MANAGER, INTERVIEWER},
    "customer-opt-out": {MANAGER, INTERVIEWER},
    "customer-same-person": {MANAGER},
    "customer-erase": {MANAGER},
    "customer-merge": {MANAGER},
    "customer-take-apart": {MANAGER},
    "proposal": {MANAGER},
    "proposal-different": {MANAGER},
    "customer-appointment": {MANAGER, INTERVIEWER},
    "customer-override": {MANAGER},
    "appointment-cancel": {MANAGER, INTERVIEWER},
    "calls": {MANAGER, INTERVIEWER},
    "call-next": {MANAGER, INTERVIEWER},
    "call": {MANAGER, INTERVIEWER},
    "call-take": {MANAGER, INTERVIEWER},
    "call-state": {MANAGER, INTERVIEWER},
    "call-hold": {MANAGER, INTERVIEWER},
    "call-release": {MANAGER, INTERVIEWER},
    "call-result": {MANAGER, INTERVIEWER},
    "follow-up": {MANAGER, INTERVIEWER},
    "follow-up-take": {MANAGER, INTERVIEWER},
    "follow-up-note": {MANAGER, INTERVIEWER},
    "follow-up-close": {MANAGER, INTERVIEWER},
    "reply": {MANAGER, INTERVIEWER},
    "reply-seen": {MANAGER, INTERVIEWER},
    "reply-answer": {MANAGER, INTERVIEWER},
    "reply-opt-out": {MANAGER, INTERVIEWER},
    "import-new": {MANAGER},
    "import": {MANAGER},
    "import-run": {MANAGER},
    "import-cancel": {MANAGER},
    "import-rejects": {MANAGER},
    "imports": {MANAGER},
    "imports-one": {MANAGER},
    "imports-run": {MANAGER},
    "imports-cancel": {MANAGER},
    "imports-rejects": {MANAGER},
    "policy-try": {MANAGER, ANALYST},
    "policy-publish": {MANAGER},
    "customers-at-risk": {MANAGER},
    "comments": {MANAGER, ANALYST},
    "comment-words": {MANAGER, ANALYST},
    "comment-correct": {MANAGER},
    "report": {MANAGER, ANALYST},
    "report-page": {MANAGER, ANALYST},
    "report-plotly": {MANAGER, ANALYST},
    "responses": {MANAGER, ANALYST},
    "scores": {MANAGER, ANALYST},
    "reports": {MANAGER, ANALYST},
    "eligibility": {MANAGER, INTERVIEWER},
    "eligibility-by-name": {MANAGER, INTERVIEWER},
    "exports": {MANAGER, ANALYST},
    "export-new": {MANAGER, ANALYST},
    "export-cancel": {MANAGER, ANALYST},
    "export-file": {MANAGER, ANALYST},
    "export-runs": {MANAGER, ANALYST},
    "export-run": {MANAGER, ANALYST},
    "export-run-cancel": {MANAGER, ANALYST},
    "export-run-file": {MANAGER, ANALYST},
    "export-run-manifest": {MANAGER, ANALYST},
    "export-unknown": {MANAGER, ANALYST},
    "dictionary": {MANAGER, ANALYST, INTERVIEWER},
    "export-customers": {MANAGER},
    "export-invitations": {MANAGER, ANALYST},
    "export-scores": {MANAGER, ANALYST},
    "export-responses": {MANAGER, ANALYST},
    "export-answers": {MANAGER, ANALYST},
    "export-touchpoints": {MANAGER, ANALYST},
    "export-contacts": {MANAGER, ANALYST},
    "export-decisions": {MANAGER, ANALYST},
    "policy": {MANAGER, ANALYST},
    "export-inclusion": {MANAGER, ANALYST},
    "start": EVERYONE,
    "health": EVERYONE,
    "feed-scores": EVERYONE,  # whoever has the secret
    "schema": EVERYONE,
    "api-docs": EVERYONE,
    "outbox": EVERYONE,
    "open-card": {MANAGER},
    "open-qr": {MANAGER},
    "open-link-receipts": {MANAGER},
    "export-open_responses": {MANAGER, ANALYST},
    "export-open_answers": {MANAGER, ANALYST},
    "preview": {MANAGER, ANALYST},
    "preview-mail": {MANAGER, ANALYST},
    "preview-test": {MANAGER},
    "translate": {MANAGER, ANALYST},
    "translate-save": {MANAGER},
    "translate-download": {MANAGER, ANALYST},
    "translate-upload": {MANAGER},
    "formats": {MANAGER, ANALYST},
    "formats-download": {MANAGER, ANALYST},
    "survey-import": {MANAGER},
    "survey-import-store": {MANAGER},
    "editor": {MANAGER, ANALYST},
    "editor-add": {MANAGER},
    "editor-save": {MANAGER},
    "editor-do": {MANAGER},
    "editor-pages": {MANAGER},
    "editor-words": {MANAGER},
    "editor-settings": {MANAGER},
    "editor-publish": {MANAGER},
    "survey": {MANAGER, ANALYST},
    "survey-new": {MANAGER},
    "survey-compare": {MANAGER, ANALYST},
    "survey-duplicate": {MANAGER},
    "version-next": {MANAGER},
    "version-discard": {MANAGER},
    "version-step": {MANAGER},
}
#: Under /s/, and what one of the messages of the outbox shows.
CUSTOMERS_OWN = {
    *("page", "change", "call", "thanks", "later", "less", "unsubscribe", "noted", "trial", "open", "look"),
    *("you", "you-prefer", "you-pause", "you-resume", "you-data", "you-erase"),
}
CUSTOMERS_OWN = {f"answers:{name}" for name in CUSTOMERS_OWN} | {"outbox-message"}
PROVIDERS_OWN = {"hook", "events-in", "cloudevents-in", "desk-in"}
POSTED = {
    *(
        "import-run",
        "import-cancel",
        "imports-run",
        "imports-cancel",
        "follow-up-take",
        "follow-up-note",
        "follow-up-close",
        "customer-take-apart",
    ),
    *("customer-call", "customer-opt-out", "customer-appointment", "customer-override", "appointment-cancel"),
    *("comment-correct", "policy-publish", "reply-seen", "reply-answer", "reply-opt-out", "preview-test"),
    *("call-next", "call-take", "call-hold", "call-release", "call-result"),
    *("sending-pause", "sending-pause-some", "sending-resume", "sending-wave-pause", "sending-wave-cancel"),
    *(
        "export-cancel",
        "export-run-cancel",
        "sending-unknown",
        "translate-save",
        "translate-upload",
        "survey-import-store",
    ),
    *("editor-add", "editor-save", "editor-do", "editor-pages", "editor-words", "editor-settings"),
    *("survey-duplicate", "version-next", "version-discard", "version-step", "proposal-different"),
}
MOVE_ON = {
    *("follow-up-take", "import-run", "import-cancel", "customer-take-apart", "reply-seen"),
    *("call-next", "call-take", "call-release", "survey-import-store"),
    *("editor-save", "editor-pages", "editor-words", "editor-publish"),
    *("survey-duplicate", "version-next", "version-discard", "version-step"),
}
#: Addresses of a row that is not there: who is told so got in.
ABSENT = {
    *("appointment-cancel", "sending-resume", "sending-wave", "sending-wave-pause", "sending-wave-cancel"),
    *("sending-unknown", "comment-correct", "feed-scores", "proposal", "proposal-different"),
    *("import-rejects", "imports-rejects", "export-cancel", "export-file", "export-unknown"),
    *("export-run", "export-run-cancel", "export-run-file", "export-run-manifest"),
}


def addresses(resolver: URLResolver, prefix: str = "/", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, pattern) of every address but the admin's tables."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from addresses(entry, prefix + str(entry.pattern), f"{entry.app_name}:" if entry.app_name else "")
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name or ''}", prefix + str(entry.pattern)


def client_of(role: str) -> Client:
    """Return a browser in which a member of the role is logged in; anybody is not. Roles must be installed."""
    client = Client()
    if role != ANYBODY:
        user = User.objects.create(username=role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
    return client


@pytest.fixture(scope="module")
def follow_up(shared: Shared) -> FollowUp:
    with shared():
        make_response(1)
        open_due(NOON)
        return FollowUp.objects.select_related("response__version").get()


@pytest.fixture(scope="module")
def logins(shared: Shared) -> dict[str, Client]:
    with shared():
        install_roles()
        return {role: client_of(role) for role in sorted(EVERYONE)}


@pytest.fixture
def clients(logins: Mapping[str, Client]) -> dict[str, Client]:
    """Return a browser of each role."""
    return {role: as_after(login) for role, login in logins.items()}


def test_every_address_is_listed_here() -> None:
    assert {name for name, _ in addresses(get_resolver())} - CUSTOMERS_OWN - PROVIDERS_OWN == set(DOORS)


def place(name: str, follow_up: FollowUp) -> str:
    """Return an address of this name at which there is something."""
    pattern = dict(addresses(get_resolver()))[name]
    url = pattern.replace("<int:customer_id>", str(follow_up.customer_id)).replace("<int:pk>", str(follow_up.pk))
    url = url.replace("<int:version_id>", str(follow_up.response.version_id)).replace("<int:question_id>", "0")
    url = url.replace("<int:survey_id>", str(follow_up.response.version.survey_id)).replace("<slug:name>", "close")
    url = url.replace("<str:name>", "touchpoints")
    if name.startswith("open-"):
        url = pattern.replace("<int:link_id>", str(make_open_link().pk)).replace("<slug:kind>", "svg")
    url = url.replace("<slug:key>", "json").replace("<slug:report_key>", "fatigue")
    if name.startswith("import"):
        run = preview([b"external_id\nc1\n"], Asked("customers", "csv", "list.csv"), at=NOON)
        url = pattern.replace("<int:pk>", str(run.pk))
    if name.startswith("reply"):
        url = pattern.replace("<int:pk>", str(text_us("9 or 10").pk))
    if name.startswith("call"):
        url = pattern.replace("<int:pk>", str(make_case().pk))
    return url.replace("<str:file_format>", "csv").replace("<int:other_id>", str(follow_up.customer_id))


@contextmanager
def undone() -> Iterator[None]:
    """Take back in the database whatever was done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(DOORS))
def test_the_door_opens_for_whom_it_should(name: str, follow_up: FollowUp, clients: Mapping[str, Client]) -> None:
    url = place(name, follow_up)
    for role, client in clients.items():
        with undone():
            status = (client.post(url) if name in POSTED else client.get(url)).status_code
        moved_on = status in {302, 303} and (name == "start" or (name in MOVE_ON and role != ANYBODY))
        let_in = status in {200, 202, 400, 503} or moved_on or (name in ABSENT and status == 404)
        # A result without the proof that the case was given out, a translation of what is published: who is told so
        # got in.
        let_in = let_in or (name in {"call-result", "translate-save"} and status == 409)
        assert let_in == (role in DOORS[name]), f"{role}: {status}"
        assert status != 500


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_admins_tables_follow_the_roles_rights(role: str, clients: Mapping[str, Client]) -> None:
    client = clients[role]
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        seen = client.get(f"/admin/{app}/{name}/").status_code == 200
        added = client.get(f"/admin/{app}/{name}/add/").status_code == 200
        assert seen == (f"{app}.view_{name}" in ROLES[role]), f"{role} sees {name}"
        assert not added or f"{app}.add_{name}" in ROLES[role], f"{role} adds {name}"


def test_nobody_but_people_of_the_house_enters_the_admin() -> None:
    assert Client().get("/admin/").status_code == 302
    outsider = Client()
    outsider.force_login(User.objects.create(username="outsider"))
    assert outsider.get("/admin/").status_code == 302


def test_rights_are_put_back_as_the_table_says() -> None:
    install_roles()
    group = Group.objects.get(name=ANALYST)
    group.permissions.clear()
    install_roles()
    assert group.permissions.count() == len(ROLES[ANALYST])


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_start_page_shows_each_role_what_it_may_see(
    role: str, follow_up: FollowUp, clients: Mapping[str, Client]
) -> None:
    page = clients[role].get("/admin/").content.decode()
    assert ("NPS, the last 7 days" in page) == (role in {MANAGER, ANALYST})
    assert ("Unhappy, and nobody owns it" in page) == (role in {MANAGER, INTERVIEWER})
