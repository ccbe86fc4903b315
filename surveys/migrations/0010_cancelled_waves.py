from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0009_questionnaires")]

    operations = [
        migrations.AddField(
            model_name="wave",
            name="cancel_reason",
            field=models.CharField(blank=True, default="", max_length=180),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="wave",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
