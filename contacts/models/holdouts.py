from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Holdout(models.Model):
    """What was chosen about the holdout and another limit from `at` on, until the next row; never changed afterwards.

    `salt` stays the same from the first row of a holdout to its end. `cap`: the rule of which `limit_share` of the
    customers have the `limit`, as the policy in force wrote it; empty where nobody has.
    """

    salt = models.CharField(max_length=32)
    share = models.FloatField(help_text="Share of the customers who are held out; 0 is nobody.")
    limit_share = models.FloatField(default=0.0, help_text="Share of the customers with another limit; 0 is nobody.")
    cap = models.JSONField(default=dict, blank=True)
    limit = models.PositiveIntegerField(default=0)
    in_force = models.BooleanField(default=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gte=0, limit_share__gte=0, share__lte=1 - F("limit_share")),
                name="holdout_shares_are_shares",
            ),
            models.CheckConstraint(
                condition=Q(limit_share=0, limit=0, cap={}) | Q(limit_share__gt=0, limit__gt=0) & ~Q(cap={}),
                name="holdout_limit_is_of_a_rule",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="holdout_has_a_reason"),
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="holdout_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{100 * self.share:g}% held out" if self.share else "Nobody is held out"
