from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def make_jobs(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ended imports are ended jobs; a preview lay in the database and has to be uploaded again."""
    runs = apps.get_model("contacts", "ImportRun").objects
    again = "Upload the file again: uploads are kept elsewhere since this version."
    runs.filter(state="previewed").update(state="cancelled", problem=again, finished_at=F("asked_at"))
    for run in runs.filter(state="unreadable"):
        problem = run.rejects[-1]["expected"] if run.rejects else ""
        runs.filter(pk=run.pk).update(state="failed", problem=problem)
    runs.filter(finished_at=None).update(finished_at=F("asked_at"))
    rows = F("created") + F("updated") + F("unchanged") + F("rejected")
    runs.update(started_at=F("asked_at"), rows_done=rows, rows=rows)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_desks_and_proposals"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RenameField("importrun", "started_at", "asked_at"),
        migrations.RemoveField("importrun", "content"),
        *(
            migrations.AddField("importrun", name, field)
            for name, field in {
                "started_at": models.DateTimeField(null=True),
                "alive_at": models.DateTimeField(null=True),
                "deaths": models.PositiveSmallIntegerField(default=0),
                "problem": models.TextField(blank=True, default=""),
                "rows_done": models.PositiveBigIntegerField(default=0),
                "rows": models.PositiveBigIntegerField(null=True),
                "file": models.CharField(blank=True, default="", editable=False, max_length=60),
                "file_size": models.PositiveBigIntegerField(default=0, verbose_name="bytes"),
                "digest": models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256"),
                "sheet": models.CharField(blank=True, default="", help_text="Of a workbook.", max_length=100),
                "time_zone": models.CharField(
                    blank=True, default="", help_text="Of times that the file gives without an offset.", max_length=64
                ),
                "place": models.PositiveBigIntegerField(default=0, verbose_name="bytes done"),
                "line": models.PositiveBigIntegerField(default=0, verbose_name="lines done"),
                "blank": models.PositiveIntegerField(default=0),
                "rejects_size": models.PositiveBigIntegerField(default=0, editable=False),
                "taken_from": models.CharField(
                    blank=True, default="", max_length=400, verbose_name="taken from the folder"
                ),
                "request_key": models.CharField(blank=True, default="", editable=False, max_length=100),
            }.items()
        ),
        migrations.RunPython(make_jobs, migrations.RunPython.noop),
        *(
            migrations.AlterField("importrun", name, field)
            for name, field in {
                "state": models.CharField(
                    choices=[
                        ("previewed", "Previewed"),
                        ("waiting", "Waiting"),
                        ("running", "Running"),
                        ("done", "Done"),
                        ("cancelled", "Cancelled"),
                        ("failed", "Failed"),
                    ],
                    max_length=10,
                ),
                "finished_at": models.DateTimeField(null=True),
                "problem": models.TextField(blank=True),
                "file": models.CharField(blank=True, editable=False, max_length=60),
                "digest": models.CharField(blank=True, max_length=64, verbose_name="SHA-256"),
                "sheet": models.CharField(blank=True, help_text="Of a workbook.", max_length=100),
                "time_zone": models.CharField(
                    blank=True, help_text="Of times that the file gives without an offset.", max_length=64
                ),
                "taken_from": models.CharField(blank=True, max_length=400, verbose_name="taken from the folder"),
                "request_key": models.CharField(blank=True, editable=False, max_length=100),
            }.items()
        ),
        migrations.AddConstraint(
            "importrun",
            models.UniqueConstraint(condition=~Q(request_key=""), fields=("by", "request_key"), name="import_once"),
        ),
        migrations.AddConstraint(
            "importrun",
            models.CheckConstraint(
                condition=Q(finished_at__isnull=False, state__in=["done", "cancelled", "failed"])
                | ~Q(state__in=["done", "cancelled", "failed"]) & Q(finished_at=None),
                name="importrun_ended",
            ),
        ),
        migrations.AddConstraint(
            "importrun",
            models.CheckConstraint(
                condition=~Q(state="running") | Q(alive_at__isnull=False, started_at__isnull=False),
                name="importrun_alive",
            ),
        ),
    ]
