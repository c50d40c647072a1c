"""How long each kind of row is kept, as data, and what the nights did about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RetentionAct(models.TextChoices):
    """What happens once the time is over."""

    ERASE = "erase", _("Blank what is personal; the row and its sums stand")
    ERASE_TEXT = "erase_text", _("Blank what was written; the rest stands")
    DELETE = "delete", _("Delete the row")


class RetentionRule(models.Model):
    """One kind of row: when its clock starts, for how many months it is kept, and by which source.

    Where `is_duty` holds, the law or a public duty keeps it so long, whoever asks for its erasure.
    """

    code = models.SlugField(unique=True)
    label = models.CharField(_("kind of row"), max_length=60)
    clock = models.CharField(_("the date it counts from"), max_length=60)
    months = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=16, choices=RetentionAct.choices)
    is_duty = models.BooleanField(default=False)
    words = models.CharField(_("what it is"), max_length=150)
    source = models.TextField(_("where the rule comes from"))

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=RetentionAct.values), name="rights_rule_act_known"
            ),
            models.CheckConstraint(condition=Q(months__gt=0), name="rights_rule_lasts_a_month"),
            models.CheckConstraint(condition=~Q(source=""), name="rights_rule_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"retention rule {self.code}"


class RetentionRun(models.Model):
    """What one rule did in one night: how many rows, and how many a hold or a concern kept."""

    rule = models.ForeignKey(RetentionRule, models.PROTECT, related_name="runs")
    at = models.DateTimeField()
    done = models.PositiveIntegerField()
    kept_back = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done__gt=0) | Q(kept_back__gt=0), name="rights_run_did_something"
            ),
        ]

    def __str__(self) -> str:
        return f"retention run {self.pk}"
