"""Which brands somebody of the house reads, where it is not all of them."""

from django.conf import settings
from django.db import models

from contacts.models.customers import Brand


class BrandLimit(models.Model):
    """That a user reads this brand, and of all others only those that further rows name; without a row all brands.

    A brand that somebody is limited to cannot be deleted: without its row that user would read all of them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="brand_limits")
    brand = models.ForeignKey(
        Brand,
        on_delete=models.PROTECT,
        related_name="limits",
        help_text="Of others nothing is read then, nor of customers without a brand. Administrators read all.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "brand"], name="brand_limit_once")]

    def __str__(self) -> str:
        return str(self.brand)
