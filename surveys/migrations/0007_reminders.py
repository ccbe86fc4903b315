import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0005_replies"),
    ]

    operations = [
        migrations.AddField(
            model_name="program",
            name="reminded_message",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="program",
            name="reminded_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="attempt",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outbox_message",
                to="surveys.attempt",
            ),
        ),
    ]
