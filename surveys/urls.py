"""The addresses of this room."""

from django.urls import URLPattern, path

from surveys import outbox_views, trial_views, views


def answer_pages(aftercare: views.FindAftercare) -> tuple[list[URLPattern], str]:
    """Return what lies under /s/ for `include()`; `aftercare` finds what a customer is told after an answer."""
    return [
        path("t/<str:token>", trial_views.trial, name="trial"),
        path("t/<str:token>/<slug:step>", trial_views.trial, name="trial"),
        path("<str:token>", views.page, name="page"),
        path("<str:token>/<int:number>", views.page, name="page"),
        path("<str:token>/change", views.change, name="change"),
        path("<str:token>/call", views.call, name="call"),
        path("<str:token>/thanks", views.thanks, {"aftercare": aftercare}, name="thanks"),
        path("<str:token>/later", views.later, name="later"),
        path("<str:token>/less", views.less, name="less"),
        path("<str:token>/unsubscribe", views.unsubscribe, name="unsubscribe"),
        path("<str:token>/noted", views.noted, name="noted"),
    ], "answers"


outbox_pages = [
    path("", outbox_views.messages, name="outbox"),
    path("<int:message_id>/", outbox_views.message_html, name="outbox-message"),
]
