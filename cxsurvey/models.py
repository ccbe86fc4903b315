"""The tables of the composition root."""

from django.conf import settings
from django.db import models

from contacts.models.jobs import Job
from cxsurvey.login.tables import AuthenticatorApp, Guesses, LoginSession, Passkey, RecoveryCode

__all__ = ["AuthenticatorApp", "Guesses", "LoginSession", "Passkey", "RecoveryCode"]


class Heartbeat(models.Model):
    """When something last showed that it works: the worker's canary job, the installation of the schedules."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at.isoformat()}"


class ApiToken(models.Model):
    """What a program proves with that it calls for a user: with the user's rights, as far as the scopes go.

    Only the hash is kept. A token that has ended or was revoked stays, so that the audit's rows have a name.
    """

    name = models.CharField(max_length=80, help_text="What uses it: the nightly export, the till in the shop.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    scopes = models.JSONField(default=list, help_text="What it may do, as far as its user may: contacts/scopes.py.")
    hash = models.CharField(max_length=128, unique=True, help_text="SHA-512 of the token, in hexadecimal digits.")
    begins_with = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, help_text="From then on it opens nothing; empty: it does not end.")
    last_used_at = models.DateTimeField(null=True, help_text="To within some minutes.")
    revoked_at = models.DateTimeField(null=True)
    text = ""
    """What its program sends: known to whoever has just made it, and kept nowhere."""

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.begins_with}…)"


class AuditEntry(models.Model):
    """That somebody saw, changed or took away something: ids only, never a personal value.

    The database refuses to change and to delete a row (`cxsurvey.audit_triggers`), so what it points to may be gone.
    """

    class Action(models.TextChoices):
        SAW = "saw", "Saw"
        SEARCHED = "searched", "Searched"
        EXPORTED = "exported", "Exported"
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"
        REFUSED = "refused", "Was refused"
        LOGGED_IN = "logged_in", "Logged in"
        LOGIN_FAILED = "login_failed", "Login failed"
        LOCKED = "locked", "Was locked out"
        UNLOCKED = "unlocked", "Unlocked"
        CONFIRMED = "confirmed", "Confirmed who it is"
        LOGGED_OUT = "logged_out", "Logged out"

    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    token = models.ForeignKey(
        ApiToken, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    action = models.CharField(max_length=12, choices=Action)
    subject_type = models.CharField(max_length=100, help_text="A table, e.g. contacts.customer, or the name of a page.")
    subject_id = models.CharField(max_length=255, blank=True, help_text="Which row of it; empty for a list.")
    details = models.JSONField(default=dict, help_text="Of an export: format, days, and the names of other filters.")

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["by", "-at"], name="audit_by"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.subject_type} {self.subject_id}".strip()


class SampleState(models.Model):
    """That the sample is loaded, and how far its days have been run; no row or one.

    The row is written in the transaction that loads the sample, so that there is never half of it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    weeks = models.PositiveIntegerField(help_text="By so many weeks all dates of the data are moved.")
    until = models.DateTimeField(help_text="The first run's now: the days are run up to it.")
    reached = models.DateTimeField(help_text="So far the days have been run.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sample_state_single")]

    def __str__(self) -> str:
        return f"Sample until {self.until:%Y-%m-%d}"

    @property
    def is_whole(self) -> bool:
        """Whether all days have been run."""
        return self.reached >= self.until


class Retention(models.Model):
    """For how many days a kind of data is kept (`cxsurvey.retention`), where somebody has decided otherwise than usual.

    Empty `days`: it is kept for good.
    """

    kind = models.CharField(max_length=40, unique=True)
    days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "retention"
        constraints = [models.CheckConstraint(condition=~models.Q(days=0), name="retention_of_a_day_or_more")]

    def __str__(self) -> str:
        return f"{self.kind}: {f'{self.days} days' if self.days else 'for good'}"


class ExportRun(Job):
    """A table that somebody asked for as a file: written by a worker, kept for some days, then deleted.

    `asked` is what an address would ask for (filters, columns, shape). `file` is its name in the folder of exports,
    empty before it is whole and after it was deleted; `columns`, `size` and `sha256` are those of the file, and
    `as_of` is the instant of which its rows are. `brands` are the ids of those whose rows it holds, null for all.
    """

    table = models.CharField(max_length=40)
    format = models.CharField(max_length=8)
    asked = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    personal = models.BooleanField(help_text="Who asked may see personal data, so it may hold some.")
    as_of = models.DateTimeField(null=True)
    next_changes_since = models.TextField(blank=True)
    file = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    brands = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        indexes = [models.Index(fields=["by", "-asked_at"], name="export_of_whom")]

    def __str__(self) -> str:
        return f"{self.table}.{self.format}"


class ExportPace(models.Model):
    """How far a user's exports have used up what is allowed (`cxsurvey.export_pace`)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    next_at = models.DateTimeField(help_text="When the next export may begin, at the rate that is allowed.")

    def __str__(self) -> str:
        return f"Exports of user {self.user_id}"
