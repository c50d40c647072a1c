"""How a support ended in the family's own words: was the goal met, why it ends, what comes next.

Services stop when they think that a goal was met, and families felt that nothing had changed
(report §3.2.3). So the family's word stands beside the service's, and is asked for always.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.referrals.models.referral import YesHow


class GoalMet(models.TextChoices):
    """Whether what the family wanted has come about, as it says."""

    MET = "met", _("It helped a lot")
    PARTLY = "partly", _("It helped a bit")
    NOT_MET = "not_met", _("It did not help")


class WhyEnds(models.TextChoices):
    """Why it ends, as the family says."""

    AS_PLANNED = "as_planned", _("We did all of it")
    ENOUGH = "enough", _("We had enough help before the end")
    NOT_RIGHT = "not_right", _("It was not right for us")
    LIFE_CHANGED = "life_changed", _("Something else in our life changed")
    THEY_STOPPED = "they_stopped", _("They could not go on")


class WhatNext(models.TextChoices):
    """What comes next, as the family says."""

    NOTHING = "nothing", _("Nothing more for now")
    ON_OUR_OWN = "on_our_own", _("We go on by ourselves")
    MORE = "more", _("More of the same")
    SOMETHING_ELSE = "something_else", _("Something else")
    TALK = "talk", _("We want to talk about it first")


EARLY = (WhyEnds.ENOUGH, WhyEnds.NOT_RIGHT, WhyEnds.LIFE_CHANGED, WhyEnds.THEY_STOPPED)


class Ending(models.Model):
    """What a family said at the end of one support, signed in or to its advocate."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "goal_met": True,
        "words": True,
        "why": True,
        "next": True,
        "next_words": True,
        "told_by": True,
        "how": False,
        "told_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.OneToOneField("referrals.Referral", models.PROTECT, related_name="ending")
    goal_met = models.CharField(max_length=8, choices=GoalMet.choices)
    words = models.TextField(blank=True)
    why = models.CharField(max_length=16, choices=WhyEnds.choices)
    next = models.CharField(max_length=16, choices=WhatNext.choices)
    next_words = models.TextField(blank=True)
    told_by = models.ForeignKey("budgets.Person", models.PROTECT, related_name="+")
    how = models.CharField(max_length=16, choices=YesHow.choices)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(goal_met__in=GoalMet.values), name="referrals_ending_goal_known"
            ),
            models.CheckConstraint(
                condition=Q(why__in=WhyEnds.values) & Q(next__in=WhatNext.values),
                name="referrals_ending_why_and_next_known",
            ),
        ]

    def __str__(self) -> str:
        return f"ending {self.reference}"

    @property
    def is_early(self) -> bool:
        """Tell whether it ended before all of it was had."""
        return self.why in EARLY

    @property
    def wants_more(self) -> bool:
        """Tell whether the family wants something next, so that nobody leaves it at that."""
        return self.next in (WhatNext.MORE, WhatNext.SOMETHING_ELSE, WhatNext.TALK)
