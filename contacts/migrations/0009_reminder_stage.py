from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_faster_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="stage",
            field=models.CharField(
                choices=[
                    ("plan", "Planning"),
                    ("hand_over", "Hand-over"),
                    ("call", "Call"),
                    ("person", "Asked for by a person"),
                    ("remind", "Reminder of a program"),
                    ("give_way", "Gave way to a higher priority"),
                ],
                max_length=10,
            ),
        ),
    ]
