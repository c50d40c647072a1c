"""The ladder as a graph, read from the code: every arrow, the steps that earn it, and who takes it.

What the drawing in `docs/` and the tests of the ladder go by.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cms.models import Step
from marketplace.referrals import ladder
from marketplace.referrals.models import Referral, Rung

# Whose act an arrow is: the verbs that call it ask for nobody else.
WHO: dict[str, object] = {
    "soft_refer": _("Whoever an agreement lets check, or the owner’s intake"),
    "apply": _("Whoever an agreement lets take the form, or the owner’s intake"),
    "hard_refer": _("Whoever an agreement lets decide, or the owner’s intake"),
    "commission": _("Whoever an agreement lets spend as much; else the owner’s next level"),
    "book": _("The provider, by accepting a time; nobody’s leave is needed where all may come"),
    "fall_through": _("The family, its advocate or the provider, by cancelling the time"),
    "cancel": _("The family and its advocate, by taking the yes back; the service"),
    "complete": _("The family, its advocate or the provider"),
    "decline": _("The owner’s intake or the provider"),
    "withdraw": _("The family, its advocate or whoever asked"),
    "expire": _("The clock, where the family left its own choice unanswered"),
}


@dataclass(frozen=True)
class Arrow:
    """One way from a rung to another."""

    name: str
    source: Rung
    target: Rung
    steps: tuple[Step, ...]
    words: str

    @property
    def who(self) -> str:
        """Return whose act it is, in words."""
        return str(WHO[self.name])


def arrows() -> tuple[Arrow, ...]:
    """Return every arrow of the ladder, in the order of its rungs."""
    earned = {name: steps for _source, name, steps in ladder.CLIMBS}
    order = list(Rung)
    found = [
        Arrow(
            name=one.name,
            source=Rung(str(one.source)),
            target=Rung(str(one.target)),
            steps=earned.get(one.name, ()),
            words=str(one.method.__doc__).strip(),
        )
        for one in Referral._meta.get_field("rung").get_all_transitions(Referral)
    ]
    return tuple(sorted(found, key=lambda one: (order.index(one.source), order.index(one.target))))


def pairs() -> frozenset[tuple[str, str]]:
    """Return from which rung one arrow leads to which, for judging what history tells."""
    return frozenset((str(one.source), str(one.target)) for one in arrows())
