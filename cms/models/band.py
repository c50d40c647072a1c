"""How much a service gives by need: bands, each with the criterion that earns it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from cms.models.process import CriterionOperator, value_problem


class Band(models.Model):
    """An amount that a service gives where one criterion is met; the first that is met counts.

    Where none is met, everybody gets the standard offer (report 5.4.2: assessment).
    """

    service = ParentalKey("cms.Service", on_delete=models.CASCADE, related_name="bands")
    fact = models.SlugField(_("fact"), max_length=50)
    operator = models.CharField(
        _("comparison"),
        max_length=10,
        choices=CriterionOperator.choices,
        default=CriterionOperator.IS,
    )
    value = models.JSONField(_("value"), default=list, blank=True)
    units = models.PositiveSmallIntegerField(
        _("how much"), help_text=_("In units of the price: sessions, hours or days.")
    )
    sentence = models.CharField(
        _("sentence"),
        max_length=255,
        help_text=_("What people read: “Twelve sessions where a home could be lost.”"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        verbose_name = _("how much by need")
        verbose_name_plural = _("how much by need")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(operator__in=CriterionOperator.values),
                name="cms_band_operator_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(units__gte=1),
                name="cms_band_gives_something",
                violation_error_message=_("Give at least one."),
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    def clean(self) -> None:
        """Refuse a value that its comparison cannot use."""
        shape = value_problem(operator=self.operator, value=self.value)
        if shape:
            raise ValidationError({"value": shape})
