"""The admin by keyboard alone: everything that can be used is reached by Tab, in order, seen, named, and left again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.shortcuts import resolve_url
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from contacts.models import Customer, EventMeaning, EventSource, ImportRun, Proposal
from recovery.models import WebhookEndpoint
from tests.browsing import log_in
from tests.canaries import make_world
from tests.staff import member_of

pytestmark = pytest.mark.django_db(transaction=True)
UNNAMED = {"RootWebArea", "generic", "none", "Iframe"}
"""Roles in the browser's tree for readers that take the focus and need no name: the page, and what can be scrolled."""

BEFORE = """() => {
  const still = document.createElement('style');
  still.textContent = '* { transition: none !important }';
  document.head.append(still);
  const around = one => [one, one.nextElementSibling, one.parentElement, one.parentElement?.parentElement]
    .filter(Boolean);
  const look = one => around(one).map(each => {
    const style = getComputedStyle(each);
    const outline = style.outlineStyle === 'none' ? '' : style.outlineWidth + style.outlineColor;
    return outline + style.boxShadow + style.borderColor + style.backgroundColor + style.color + style.textDecoration;
  }).join();
  const radio = one => one.type !== 'radio' || one.checked || one.form?.querySelector(
    `input[type=radio][name="${CSS.escape(one.name)}"]:checked`) === null && one.form.querySelector(
    `input[type=radio][name="${CSS.escape(one.name)}"]`) === one;
  const words = one => `${one.tagName} ${one.name || one.id || one.className} ${one.innerText || ''}`.slice(0, 80);
  const used = [...document.querySelectorAll(
    '#content :is(a[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable])')];
  window.expected = used.filter(one => one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && radio(one)
    && one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]'));
  window.looks = new Map(expected.map(one => [one, look(one)]));
  window.focused = () => {
    const one = document.activeElement, place = expected.indexOf(one);
    if (place < 0) return {place, words: words(one), inside: document.querySelector('#content').contains(one),
      scrolls: one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight};
    const box = one.getBoundingClientRect(), points = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]];
    const hit = points.some(([x, y]) => {
      const top = document.elementFromPoint(box.x + x * box.width, box.y + y * box.height);
      return top && (one.contains(top) || top.contains(one) || top.closest('label')?.control === one);
    });
    return {place, words: words(one), inside: true, seen: look(one) !== looks.get(one), hit};
  };
  return expected.map(words);
}"""
"""Keeps in the page what Tab should reach in `#content`, in this order, and how it looks without the focus."""


def addresses() -> Iterator[str]:
    """Yield the pages that no other test uses by keyboard."""
    customer, source = Customer.objects.earliest("pk"), EventSource.objects.earliest("pk")
    proposal, user = Proposal.objects.earliest("pk"), User.objects.earliest("pk")
    yield from map(resolve_url, ("import-new", "exports", "retention", "holdout"))
    yield resolve_url("import", ImportRun.objects.latest("pk").pk)
    yield resolve_url("customer-same-person", customer.pk)
    yield resolve_url("customer-merge", proposal.first_id, proposal.second_id)
    yield from (resolve_url(name, customer.pk) for name in ("customer-erase", "customer-data"))
    yield resolve_url("webhook-secret", WebhookEndpoint.objects.earliest("pk").pk)
    yield from (resolve_url("user-login", user.pk), resolve_url("your-login"), resolve_url("admin:password_change"))
    for row in (WebhookEndpoint.objects.earliest("pk"), source, EventMeaning.objects.earliest("pk"), user):
        yield resolve_url(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", row.pk)
    for table in (
        "cxsurvey_auditentry",
        "contacts_importrun",
        "recovery_webhookdelivery",
        "contacts_proposal",
        "contacts_event",
    ):
        yield resolve_url(f"admin:{table}_changelist")
    for table in ("cxsurvey_apitoken", "analytics_feed", "analytics_scheduledreport", "surveys_program"):
        yield resolve_url(f"admin:{table}_add")


def walk(page: Page) -> list[str]:
    """Go through the page's content by Tab; return what is wrong."""
    page.get_by_role("link", name="Skip the menu").press("Enter")
    expected: list[str] = page.evaluate(BEFORE)
    wrong, place = list[str](), -1
    for _ in range(3 * len(expected) + 10):  # a field for a day has three stops
        page.keyboard.press("Tab")
        at: dict[str, Any] = page.evaluate("focused()")
        if not at["inside"]:
            break
        if at["place"] == place or (at["place"] < 0 and at["scrolls"]):
            continue
        if at["place"] != place + 1:
            wrong.append(f"{at['words']} comes after {expected[place] if place >= 0 else 'the menu'}")
        if at["place"] >= 0:
            wrong += [
                f"{at['words']}: {what}"
                for what, ok in (("focus not seen", at["seen"]), ("covered", at["hit"]))
                if not ok
            ]
            place = at["place"]
    else:
        wrong.append("there is no way out")
    return wrong + [f"{one} is not reached" for one in expected[place + 1 :]]


def without_name(page: Page) -> list[str]:
    """Return the roles of what takes the focus and has no name for who does not see it."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return [
        node["role"]["value"]
        for node in tree["nodes"]
        if any(one["name"] == "focusable" for one in node.get("properties", ()))
        and not node.get("name", {}).get("value", "").strip()
        and node["role"]["value"] not in UNNAMED
    ]


def test_every_page_is_used_by_keyboard(context: BrowserContext, page: Page, live_server: LiveServer) -> None:
    make_world(member_of("CX manager"))
    log_in(context, live_server)
    page.set_viewport_size({"width": 1280, "height": 800})
    found = list[str]()
    for address in addresses():
        page.goto(f"{live_server.url}{address}")
        found += [f"{address}: {wrong}" for wrong in (*walk(page), *without_name(page))]
    assert not found, "\n".join(found)
