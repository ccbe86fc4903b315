from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_scheduled_reports"),
        # What the triggers of `analytics.month_triggers` are on, which `manage.py migrate` makes when all is in place.
        ("contacts", "0010_erasing"),
        ("surveys", "0013_open"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(unique=True)),
                ("ends_at", models.DateTimeField(help_text="The first instant that is not in it.")),
                (
                    "scores",
                    models.JSONField(
                        help_text="By metric: kind of touchpoint, counts, customers, worth. Empty: being counted.",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="counted_month_has_length"
                    )
                ],
            },
        ),
    ]
