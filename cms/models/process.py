"""What a service needs: its steps, who can have it, what its application asks, when it is on."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey


class Step(models.TextChoices):
    """The processes behind the rungs of the ladder (report 5.4.2)."""

    CHECK_ELIGIBILITY = "check_eligibility", _("check eligibility")
    TAKE_APPLICATION = "take_application", _("take the application")
    DECIDE_ELIGIBILITY = "decide_eligibility", _("decide eligibility")
    ASSESS = "assess", _("assess how much")
    DIAGNOSE = "diagnose", _("diagnose")
    COMMISSION = "commission", _("commission")
    BOOK = "book", _("book")


# What may be done in one interaction: money and times are agreed with the family, each by itself.
TOGETHER = (
    Step.CHECK_ELIGIBILITY,
    Step.TAKE_APPLICATION,
    Step.DECIDE_ELIGIBILITY,
    Step.ASSESS,
    Step.DIAGNOSE,
)


class Process(models.Model):
    """One step that a service needs; a step without a row is not needed.

    Steps with the same number of an interaction are one appointment or one page (report 5.4.2:
    "addressed through a single interaction").
    """

    service = ParentalKey("cms.Service", on_delete=models.CASCADE, related_name="processes")
    step = models.CharField(_("step"), max_length=20, choices=Step.choices)
    interaction = models.PositiveSmallIntegerField(
        _("done together"),
        null=True,
        blank=True,
        help_text=_("Steps with the same number are one appointment. Empty: by itself."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        verbose_name = _("step of its process")
        verbose_name_plural = _("steps of its process")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "step"],
                name="cms_process_step_once_a_service",
                violation_error_message=_("Name each step once."),
            ),
            models.CheckConstraint(
                condition=models.Q(step__in=Step.values), name="cms_process_step_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(interaction__isnull=True) | models.Q(step__in=TOGETHER),
                name="cms_process_money_and_times_stand_alone",
                violation_error_message=_(
                    "Setting money aside and agreeing a time are not done together with others."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of service {self.service_id}"


class CriterionOperator(models.TextChoices):
    """How a fact is compared."""

    BETWEEN = "between", _("is between")
    AT_LEAST = "at_least", _("is at least")
    AT_MOST = "at_most", _("is at most")
    IS = "is", _("is")
    ONE_OF = "one_of", _("is one of")


class Criterion(models.Model):
    """One thing that must be so for somebody to have a service."""

    service = ParentalKey("cms.Service", on_delete=models.CASCADE, related_name="criteria")
    fact = models.SlugField(
        _("fact"), max_length=50, help_text=_("For example age, district or attends_school.")
    )
    operator = models.CharField(
        _("comparison"),
        max_length=10,
        choices=CriterionOperator.choices,
        default=CriterionOperator.IS,
    )
    value = models.JSONField(
        _("value"),
        default=list,
        blank=True,
        help_text=_("A number, true or false, words in quotation marks, or a list: [11, 17]."),
    )
    sentence = models.CharField(
        _("sentence"),
        max_length=255,
        help_text=_("What people read: “For young people aged 11 to 17.”"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        verbose_name = _("who can have this")
        verbose_name_plural = _("who can have this")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(operator__in=CriterionOperator.values),
                name="cms_criterion_operator_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    def clean(self) -> None:
        """Refuse a value that its comparison cannot use."""
        shape = value_problem(operator=self.operator, value=self.value)
        if shape:
            raise ValidationError({"value": shape})


def value_problem(*, operator: str, value: object) -> str:
    """Return what is wrong with a criterion's value, or nothing."""

    def is_number(item: object) -> bool:
        return isinstance(item, int | float) and not isinstance(item, bool)

    if operator == CriterionOperator.BETWEEN:
        if not isinstance(value, list) or len(value) != 2 or not all(map(is_number, value)):
            return str(_("Give two numbers in a list, the lower one first: [11, 17]."))
        if value[0] > value[1]:
            return str(_("Put the lower number first."))
    if operator in (CriterionOperator.AT_LEAST, CriterionOperator.AT_MOST) and not is_number(value):
        return str(_("Give one number."))
    if operator == CriterionOperator.ONE_OF and (not isinstance(value, list) or not value):
        return str(_('Give a list: ["Charnwood", "Blaby"].'))
    if operator == CriterionOperator.IS and isinstance(value, list | dict):
        return str(_("Give one value: true, false, a number or words in quotation marks."))
    return ""


class QuestionKind(models.TextChoices):
    """What kind of answer a question takes."""

    TEXT = "text", _("words")
    YES_NO = "yes_no", _("yes or no")
    DATE = "date", _("a date")
    NUMBER = "number", _("a number")
    CHOICE = "choice", _("one of these")


class Question(models.Model):
    """What a service's application asks; two services with the same key ask it once."""

    service = ParentalKey("cms.Service", on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(_("key"), max_length=60)
    text = models.CharField(_("question"), max_length=255)
    help_text = models.CharField(_("help"), max_length=255, blank=True)
    kind = models.CharField(
        _("answer"), max_length=10, choices=QuestionKind.choices, default=QuestionKind.TEXT
    )
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_("A list, for one of these.")
    )
    is_required = models.BooleanField(_("must be answered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "key"],
                name="cms_question_key_once_a_service",
                violation_error_message=_("Ask each question once: two have the same key."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=QuestionKind.values),
                name="cms_question_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_choice(self) -> bool:
        """Say whether it is answered by picking one of its choices."""
        return self.kind == QuestionKind.CHOICE

    def clean(self) -> None:
        """Refuse a choice with nothing to choose from."""
        if not isinstance(self.choices, list) or (self.is_choice and len(self.choices) < 2):
            sentence = _('Give two or more, as a list: ["Yes", "Not yet"].')
            raise ValidationError({"choices": sentence})


class Weekday(models.IntegerChoices):
    """Days of the week, as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Schedule(models.Model):
    """When a service is on."""

    service = ParentalKey("cms.Service", on_delete=models.CASCADE, related_name="schedules")
    place = models.ForeignKey(
        "cms.Place",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="schedules",
        verbose_name=_("place"),
    )
    weekday = models.PositiveSmallIntegerField(
        _("day"), choices=Weekday.choices, null=True, blank=True
    )
    opens_at = models.TimeField(_("from"), null=True, blank=True)
    closes_at = models.TimeField(_("until"), null=True, blank=True)
    description = models.CharField(
        _("in words"), max_length=255, blank=True, help_text=_("For example: in term time.")
    )

    class Meta:
        verbose_name = _("time it is on")
        verbose_name_plural = _("times it is on")
        ordering = ["weekday", "opens_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__range=(0, 6)),
                name="cms_schedule_weekday_is_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="cms_schedule_closes_after_it_opens",
                violation_error_message=_("Put the end after the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"schedule {self.pk} of service {self.service_id}"
