from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0007_reminders")]

    operations = [
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(condition=models.Q(("state", "unknown")), fields=["due_at"], name="invitation_unknown"),
        ),
    ]
