"""The review list: what an import or a reader found wrong with an entry."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReaderProblem(models.TextChoices):
    """What somebody who reads an entry can say is wrong with it: the code of their problem."""

    WORDS = "says_wrong", _("What it says is wrong")
    CONTACT = "contact_wrong", _("The phone number or e-mail does not work")
    CLOSED = "has_closed", _("It has closed or moved")
    TIMES = "times_wrong", _("The days or times are wrong")
    PRICE = "price_wrong", _("It costs something else")
    WHO = "who_wrong", _("They said it is not for people like us")
    OTHER = "other", _("Something else")


class ProblemQuerySet(models.QuerySet["Problem"]):
    """The questions asked of the review list."""

    def open(self) -> "ProblemQuerySet":
        """Return what nobody has settled yet."""
        return self.filter(is_open=True)


class Problem(models.Model):
    """One thing wrong with one entry of one source."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(_("where from"), max_length=100)
    source_id = models.CharField(_("entry there"), max_length=100)
    code = models.CharField(_("kind"), max_length=40)
    sentence = models.CharField(_("what is wrong"), max_length=500)
    service = models.ForeignKey(
        "cms.Service",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("service"),
    )
    organisation = models.ForeignKey(
        "cms.Organisation",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("organisation"),
        help_text=_("Whose editors work through it."),
    )
    is_open = models.BooleanField(_("open"), default=True)
    found_at = models.DateTimeField(_("found"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=64, blank=True)
    answer = models.CharField(
        _("what was done"), max_length=500, blank=True, help_text=_("Whoever told us reads this.")
    )

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("review list")
        ordering = ["-is_open", "source", "source_id", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id", "code"], name="cms_problem_once_an_entry"
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, settled_at__isnull=True)
                | models.Q(is_open=False, settled_at__isnull=False),
                name="cms_problem_settled_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
