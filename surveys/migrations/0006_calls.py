import surveys.models.programs
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0005_replies"),
    ]

    operations = [
        migrations.AddField(
            model_name="callattempt",
            name="late",
            field=models.CharField(
                blank=True, help_text="Why its result changes nothing, or should not be.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="callcase",
            name="answers",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="callcase",
            name="claimed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="callattempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("completed", "Completed"),
                    ("no_answer", "No answer"),
                    ("busy", "Busy"),
                    ("voicemail", "Voicemail"),
                    ("not_now", "Not now, in a meeting"),
                    ("soft_refusal", "Does not feel like it"),
                    ("refused", "Never call again"),
                    ("wrong_number", "Wrong number"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="program",
            name="contact_channels",
            field=models.JSONField(
                default=surveys.models.programs.default_contact_channels,
                help_text="How to ask, in order of preference: email, sms; or phone alone.",
            ),
        ),
    ]
