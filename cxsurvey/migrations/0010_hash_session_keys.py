"""Keys of sessions become hashes. Those from before were readable, so they end: everybody logs in once more."""

from typing import Any

from django.db import migrations, models


def end_all(apps: Any, _: Any) -> None:
    """End every session."""
    apps.get_model("cxsurvey", "LoginSession").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("cxsurvey", "0009_personal_exports"),
    ]

    operations = [
        migrations.RunPython(end_all, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="loginsession",
            name="session_key",
            field=models.CharField(
                help_text="As `stored_key` makes it.", max_length=64, primary_key=True, serialize=False
            ),
        ),
    ]
