"""Models that lead to each other are created by one step that makes each class once, and dropped by it."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState
from django.db.models.signals import class_prepared

from contacts.many_models import CreateModels


def leading_to(other: str) -> list[tuple[str, "models.Field[Any, Any]"]]:
    return [("id", models.AutoField(primary_key=True)), ("to", models.ForeignKey(other, models.CASCADE, null=True))]


@pytest.mark.django_db(transaction=True)
def test_two_that_lead_to_each_other_come_and_go() -> None:
    step = CreateModels(CreateModel("Hen", leading_to("farm.egg")), CreateModel("Egg", leading_to("farm.hen")))
    before, after = ProjectState(), ProjectState()
    assert not after.apps.get_models(), "there are classes from here on, which further ones could renew"
    made: Counter[str] = Counter()

    def note(sender: type[models.Model], **_: object) -> None:
        made[sender.__name__] += 1

    class_prepared.connect(note)
    step.state_forwards("farm", after)
    with connection.schema_editor() as editor:
        step.database_forwards("farm", editor, before, after)
    class_prepared.disconnect(note)
    assert made == {"Hen": 1, "Egg": 1}
    assert {"farm_hen", "farm_egg"} <= set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        step.database_backwards("farm", editor, after, before)
    assert not {"farm_hen", "farm_egg"} & set(connection.introspection.table_names())
