import django.db.models.deletion
from django.conf import settings
from django.db import connection, migrations, models

OLD_TABLE = "knox_authtoken"
ALL = '["scores", "export", "personal", "write", "receipts", "policy"]'


def take_over_tokens(apps, schema_editor):
    """Let tokens that were made before there were scopes do what they could do, and let go of their old table."""
    if OLD_TABLE in connection.introspection.table_names():
        schema_editor.execute(
            "INSERT INTO cxsurvey_apitoken (hash, begins_with, user_id, name, scopes, created_at, expires_at) "
            f"SELECT digest, substr(token_key, 1, 8), user_id, 'Made before tokens had names', '{ALL}', created, expiry FROM {OLD_TABLE}"
        )
        schema_editor.execute(f"DROP TABLE {OLD_TABLE}")
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="knox").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("cxsurvey", "0004_export_pace"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="What uses it: the nightly export, the till in the shop.", max_length=80
                    ),
                ),
                (
                    "scopes",
                    models.JSONField(
                        default=list, help_text="What it may do, as far as its user may: contacts/scopes.py."
                    ),
                ),
                (
                    "hash",
                    models.CharField(
                        help_text="SHA-512 of the token, in hexadecimal digits.", max_length=128, unique=True
                    ),
                ),
                ("begins_with", models.CharField(max_length=8)),
                ("created_at", models.DateTimeField()),
                (
                    "expires_at",
                    models.DateTimeField(help_text="From then on it opens nothing; empty: it does not end.", null=True),
                ),
                ("last_used_at", models.DateTimeField(help_text="To within some minutes.", null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "API token"},
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("saw", "Saw"),
                            ("searched", "Searched"),
                            ("exported", "Exported"),
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("deleted", "Deleted"),
                            ("refused", "Was refused"),
                            ("logged_in", "Logged in"),
                            ("login_failed", "Login failed"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(
                        help_text="A table, e.g. contacts.customer, or the name of a page.", max_length=100
                    ),
                ),
                (
                    "subject_id",
                    models.CharField(blank=True, help_text="Which row of it; empty for a list.", max_length=255),
                ),
                (
                    "details",
                    models.JSONField(
                        default=dict, help_text="Of an export: format, days, and the names of other filters."
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cxsurvey.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit",
                "indexes": [
                    models.Index(fields=["-at"], name="audit_at"),
                    models.Index(fields=["by", "-at"], name="audit_by"),
                    models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
                ],
            },
        ),
        migrations.RunPython(take_over_tokens, migrations.RunPython.noop),
    ]
