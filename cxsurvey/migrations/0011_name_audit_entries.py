from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cxsurvey", "0010_hash_session_keys"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"verbose_name_plural": "audit entries"},
        ),
    ]
