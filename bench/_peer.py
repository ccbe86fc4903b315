"""django-survey-and-report as its documentation sets it up, with the same three questions on one page.

On a database configured like ours. Run as `python -m bench._peer` it makes the database and prints the form.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import django
import environ
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from cxsurvey.environment import database

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

MIDDLEWARE = ["security.Security", "common.Common", "csrf.CsrfView", "clickjacking.XFrameOptions"]
PAGE = "/1/"
QUESTIONS = [
    ("How likely is it that you would recommend us to a friend or colleague?", "radio", ",".join(map(str, range(11)))),
    ("What is the main reason for your score?", "text", ""),
    ("May we call you about this?", "radio", "Yes,No"),
]


def configure() -> None:
    """Give Django what it needs for the peer alone."""
    url = environ.Env().db_url("PEER_DATABASE_URL")
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[
            *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages", "staticfiles")),
            "survey",
        ],
        MIDDLEWARE=[
            *(f"django.middleware.{name}Middleware" for name in MIDDLEWARE),
            *("django.contrib.sessions.middleware.SessionMiddleware",),
            *("django.contrib.auth.middleware.AuthenticationMiddleware",),
            *("django.contrib.messages.middleware.MessageMiddleware",),
        ],
        ROOT_URLCONF="survey.urls",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={"default": database(url, Path.cwd())},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        STATIC_URL="static/",
        USE_TZ=True,
        CHOICES_SEPARATOR=",",
        USER_DID_NOT_ANSWER="Left blank",
        DEFAULT_SURVEY_PUBLISHING_DURATION=7,
    )


def server() -> "WSGIHandler":
    """Return the peer; gunicorn calls this."""
    configure()
    return get_wsgi_application()


def make() -> str:
    """Make the survey; return the form of an answer to it."""
    configure()
    django.setup()
    call_command("migrate", verbosity=0)
    models = import_module("survey.models")
    survey = models.Survey.objects.create(name="How was it?", description="", need_logged_user=False)
    category = models.Category.objects.create(name="Your visit", survey=survey)
    for order, (text, kind, choices) in enumerate(QUESTIONS):
        common = {"survey": survey, "category": category, "required": order == 0}
        models.Question.objects.create(text=text, type=kind, choices=choices, order=order, **common)
    return "question_1=9&question_2=Friendly+and+quick&question_3="


if __name__ == "__main__":
    print(make())
