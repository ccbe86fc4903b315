from django.conf import settings
from django.db import models
from django.db.models import Q


class Policy(models.Model):
    """A named frequency policy; what it says is in its versions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """What a policy said from `at` on: never changed afterwards. At most one version of all policies is in force."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField(help_text="The policy object of the file format (docs/frequency.md).")
    in_force = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number"),
            models.UniqueConstraint(
                fields=["in_force"], condition=Q(in_force=True), name="policy_version_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"
