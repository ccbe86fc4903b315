"""Databases of old versions: those with all of their migrations are up to date, those in between are refused."""

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from cxsurvey.migrating import unapplied_migrations

pytestmark = pytest.mark.django_db


def test_a_database_that_all_of_the_old_migrations_made_lacks_none() -> None:
    MigrationRecorder.Migration.objects.filter(name__contains="_squashed_").delete()
    assert unapplied_migrations() == 0


@pytest.mark.parametrize("name", ["contacts.0019_holdout", "recovery.0003_webhooks"])
def test_one_in_between_is_refused_with_the_way_out(name: str) -> None:
    app, step = name.split(".")
    MigrationRecorder.Migration.objects.filter(app=app, name=step).delete()
    with pytest.raises(
        CommandError, match=rf"before {name}\. .* git checkout cee73b9 && make setup && python manage\.py"
    ):
        call_command("migrate", verbosity=0)
    assert unapplied_migrations() == 1
