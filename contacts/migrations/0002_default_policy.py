from django.db import migrations
from django.utils import timezone

from contacts.frequency import DEFAULT_POLICY


def put_default_in_force(apps, schema_editor):  # noqa: ARG001
    versions = apps.get_model("contacts", "PolicyVersion").objects
    if not versions.filter(in_force=True).exists():
        policy = apps.get_model("contacts", "Policy").objects.create(slug="default", name="Default")
        why = "New installation"
        versions.create(policy=policy, number=1, document=DEFAULT_POLICY, in_force=True, at=timezone.now(), why=why)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]

    operations = [migrations.RunPython(put_default_in_force, migrations.RunPython.noop)]
