import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def mark_what_may_be_on_its_way(apps, schema_editor):  # noqa: ARG001
    """What was reserved for the instant of its last change may have been claimed by a delivery already."""
    contacts = apps.get_model("contacts", "Contact").objects
    contacts.filter(outcome__in=["reserved", "deferred"], at__lte=F("updated_at")).update(
        handed_over_at=F("updated_at")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_import_contacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "any_hour",
                    models.BooleanField(
                        default=False, help_text="The customer asked for it, even outside contact hours."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("kept", "Kept"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="wish",
            name="wish_has_its_value",
        ),
        migrations.AddField(
            model_name="contact",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who made the contact, where a person did.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="expires_at",
            field=models.DateTimeField(blank=True, help_text="Until when it is worth asking.", null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="handed_over_at",
            field=models.DateTimeField(
                blank=True, help_text="Since when it may be on its way: its place is not taken any more.", null=True
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="priority",
            field=models.IntegerField(default=0, help_text="Of the reservation: a larger one may take its place."),
        ),
        migrations.AddField(
            model_name="wish",
            name="hours",
            field=models.JSONField(blank=True, help_text='As in a policy, e.g. {"mon-fri": "17:00-20:00"}.', null=True),
        ),
        migrations.AlterField(
            model_name="decision",
            name="stage",
            field=models.CharField(
                choices=[
                    ("plan", "Planning"),
                    ("hand_over", "Hand-over"),
                    ("call", "Call"),
                    ("person", "Asked for by a person"),
                    ("give_way", "Gave way to a higher priority"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="wish",
            name="kind",
            field=models.CharField(
                choices=[
                    ("pause", "Pause until"),
                    ("once_in_days", "At most once in so many days"),
                    ("channel", "Preferred channel"),
                    ("hours", "Preferred hours"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("handed_over_at", None), ("outcome", "reserved"), ("override", None)),
                fields=["customer", "priority"],
                name="contact_place_to_take",
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "pause"), ("pause_until__isnull", False)),
                    models.Q(("kind", "once_in_days"), ("once_in_days__gt", 0)),
                    models.Q(("kind", "channel"), models.Q(("channel", ""), _negated=True)),
                    models.Q(("hours__isnull", False), ("kind", "hours")),
                    _connector="OR",
                ),
                name="wish_has_its_value",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="appointments", to="contacts.customer"
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="touchpoint",
            field=models.ForeignKey(
                blank=True,
                help_text="About which experience; empty for a call about any.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="appointments",
                to="contacts.touchpoint",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["customer"], name="appointment_open_of_customer"
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["starts_at"], name="appointment_open_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="appointment_ends_after_start"
            ),
        ),
        migrations.RunPython(mark_what_may_be_on_its_way, migrations.RunPython.noop),
    ]
