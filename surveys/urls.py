"""The addresses of this room."""

from django.urls import URLPattern, path

from contacts.guarded import admin_page
from surveys import look_views, open_views, outbox_views, own_views, trial_views, views
from surveys.own_pages import OwnSteps


def answer_pages(aftercare: views.FindAftercare, own: OwnSteps) -> tuple[list[URLPattern], str]:
    """Return what lies under /s/ for `include()`.

    `aftercare` finds what a customer is told after an answer, `own` what she may know and do on her own page.
    """
    return [
        # First, because it is looked for the most often; no other address is a single name.
        path("<str:token>", views.page, name="page"),
        path("look/<slug:name>.<slug:kind>", look_views.logo, name="look"),
        path("o/<str:token>", open_views.place, {"aftercare": aftercare}, name="open"),
        path("o/<str:token>/<str:key>", open_views.place, {"aftercare": aftercare}, name="open"),
        path("o/<str:token>/<str:key>/<slug:step>", open_views.place, {"aftercare": aftercare}, name="open"),
        path("t/<str:token>", trial_views.trial, name="trial"),
        path("t/<str:token>/<slug:step>", trial_views.trial, name="trial"),
        path("<str:token>/<int:number>", views.page, name="page"),
        path("<str:token>/change", views.change, name="change"),
        path("<str:token>/call", views.call, name="call"),
        path("<str:token>/thanks", views.thanks, {"aftercare": aftercare}, name="thanks"),
        path("<str:token>/later", views.later, name="later"),
        path("<str:token>/less", views.less, name="less"),
        path("<str:token>/unsubscribe", views.unsubscribe, name="unsubscribe"),
        path("<str:token>/noted", views.noted, name="noted"),
        path("<str:token>/you", own_views.you, {"own": own}, name="you"),
        path("<str:token>/you/prefer", own_views.prefer, name="you-prefer"),
        path("<str:token>/you/pause", own_views.pause, {"own": own}, name="you-pause"),
        path("<str:token>/you/resume", own_views.resume, name="you-resume"),
        path("<str:token>/you/data", own_views.data, {"own": own}, name="you-data"),
        path("<str:token>/you/erase", own_views.erase, {"own": own}, name="you-erase"),
    ], "answers"


outbox_pages = [
    admin_page("", outbox_views.messages, "outbox", *outbox_views.MAY),
    admin_page("<int:message_id>/", outbox_views.message_html, "outbox-message", *outbox_views.MAY),
]
