"""The project with one more table, whose last row the database cannot work out."""

from importlib import import_module

from django.db import connection
from django.db.models.expressions import RawSQL
from django.urls import include, path

from cxsurvey.wsgi import application

LAST = "(SELECT max(id) FROM contacts_touchpoint)"
FAILS = {
    "postgresql": f"1 / (contacts_touchpoint.id - {LAST})",
    "sqlite": f"CASE WHEN contacts_touchpoint.id = {LAST} THEN json('{{') ELSE 1 END",
}


def failing() -> None:
    """Put the table beside the others."""
    exporting, models = import_module("contacts.exporting"), import_module("contacts.models")
    table = exporting.QueryTable(
        "failing",
        "Touchpoints, of which the last one fails.",
        "contacts.view_touchpoint",
        (exporting.Column("n", RawSQL(FAILS[connection.vendor], ()), "a number", exporting.INTEGER),),  # noqa: S611
        models.Touchpoint.objects.all,  # as they lie there: sorted they would all be worked out at first
        exporting.export_filters(models.Touchpoint, "occurred_at", "updated_at"),
    )
    doors = include([import_module("contacts.api").export_path(table)])
    import_module("cxsurvey.urls").urlpatterns.insert(0, path("api/v1/", doors))


failing()
__all__ = ["application"]
