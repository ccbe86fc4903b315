"""A number that does not work says nothing about whether a named customer is eligible: its cases are unknown ones."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

UNKNOWN = {"4.30": "3.91", "4.41": "3.92"}


def count_as_unknown(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    cases = apps.get_model("surveys", "CallCase").objects
    for before, now in UNKNOWN.items():
        cases.filter(disposition=before).update(disposition=now)


def count_as_not_eligible(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    cases = apps.get_model("surveys", "CallCase").objects
    for before, now in UNKNOWN.items():
        cases.filter(disposition=now).update(disposition=before)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0010_cancelled_waves")]

    operations = [migrations.RunPython(count_as_unknown, count_as_not_eligible)]
