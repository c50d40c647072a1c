"""What the record says, in words a tired parent can read."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from budgets import ledger
from marketplace.authority import authority, uses
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals import acts, referrals
from marketplace.referrals.models import EndReason, PauseReason, PromiseKind
from marketplace.sharing.models import Basis, ReasonKind
from pricing.models import PriceUnit

# Where we are now, from 1 to 10.
SCORES = {
    1: gettext_lazy("as bad as it gets"),
    2: gettext_lazy("very hard"),
    3: gettext_lazy("hard most days"),
    4: gettext_lazy("hard some days"),
    5: gettext_lazy("up and down"),
    6: gettext_lazy("getting there"),
    7: gettext_lazy("all right"),
    8: gettext_lazy("good"),
    9: gettext_lazy("very good"),
    10: gettext_lazy("just how we want it"),
}

ROLES = {
    Role.ADVOCATE: gettext_lazy("An advocate"),
    Role.LEAD_PROFESSIONAL: gettext_lazy("A lead worker"),
    Role.INTAKE_WORKER: gettext_lazy("Somebody who takes requests"),
    Role.PROVIDER_WORKER: gettext_lazy("Somebody who gives support"),
    Role.COMMISSIONER: gettext_lazy("Somebody who looks after the money"),
    Role.FINANCE: gettext_lazy("Somebody who looks after the money"),
    Role.EDITOR: gettext_lazy("Somebody who looks after our lists"),
    Role.ADMINISTRATOR: gettext_lazy("Somebody who looks after sign-ins"),
    Role.FAMILY: gettext_lazy("Somebody at home"),
}

ADVOCATES = {
    AdvocateKind.PAID_ADVOCATE: gettext_lazy("Your advocate"),
    AdvocateKind.LEAD_PROFESSIONAL: gettext_lazy("Lead worker"),
    AdvocateKind.FAMILY_FRIEND: gettext_lazy("Family friend"),
    AdvocateKind.VOLUNTEER: gettext_lazy("Volunteer on your side"),
}

# What was looked at.
SEEN = {
    "referral": gettext_lazy("something that was asked for"),
    "booking": gettext_lazy("a time that was asked for"),
    "session": gettext_lazy("a booked time"),
    "approval": gettext_lazy("a cost that needs a yes"),
    "plan": gettext_lazy("the plan"),
    "family": gettext_lazy("the plan"),
    "person": gettext_lazy("name, age and home"),
    "safeguard": gettext_lazy("a worry about safety"),
    "record": gettext_lazy("the whole record"),
    "enquiry": gettext_lazy("what was told when help was asked for"),
}

# Why somebody looked, or may.
GROUNDS = {
    "household": gettext_lazy("You live together."),
    "lead": gettext_lazy("They lead the help for your family."),
    "appointment": gettext_lazy("They were chosen to be on your side."),
    "role": gettext_lazy("It is part of their job."),
    "request": gettext_lazy("They answer what you asked about your record."),
    ReasonKind.REFERRAL: gettext_lazy("They were asked to help."),
    ReasonKind.BOOKING: gettext_lazy("They give support that was agreed."),
    ReasonKind.LEAD: gettext_lazy("They lead the help for your family."),
    ReasonKind.APPROVAL: gettext_lazy("They have to say yes or no to the cost."),
    ReasonKind.SAFEGUARD: gettext_lazy("They keep somebody safe."),
    ReasonKind.EMERGENCY: gettext_lazy("It was an emergency."),
}

BASES = {
    Basis.PUBLIC_TASK: gettext_lazy("It is a public job, so it does not need your yes."),
    Basis.LEGAL_OBLIGATION: gettext_lazy("The law says they must."),
    Basis.VITAL_INTERESTS: gettext_lazy("It is to save a life."),
    Basis.CONSENT: gettext_lazy("You said yes."),
}

WHY_NOT = {
    "no_rule": gettext_lazy("The people who run this want a worker to ask with you."),
    "no_role": gettext_lazy("You can ask here once your plan has started."),
    "no_plan": gettext_lazy("You can ask here once your plan has started."),
    "over_limit": gettext_lazy("It costs more than you can agree on your own."),
    "over_family_limit": gettext_lazy("It is more than you can agree on your own this year."),
    "over_year_limit": gettext_lazy("It is more than you can agree on your own this year."),
    "interest": gettext_lazy("Somebody else has to agree to this one."),
    "no_money": gettext_lazy("Not enough of what is left can be used for this."),
    "not_offered": gettext_lazy("It is not on offer right now."),
    "not_checked": gettext_lazy(
        "Nobody has checked its page for a long time. Its people have to check it first."
    ),
    "quote_expired": gettext_lazy("The price has changed. You will be asked again."),
    "no_yes": gettext_lazy("Somebody has to say yes first."),
    "done": gettext_lazy("This is done already."),
}

TURNS = {
    PromiseKind.ANSWER: gettext_lazy("give you an answer"),
    PromiseKind.DECIDE: gettext_lazy("say if you can have it"),
    PromiseKind.ASSESS: gettext_lazy("work out with you how much help you need"),
    PromiseKind.OFFER_TIME: gettext_lazy("give you a time"),
    PromiseKind.APPROVE: gettext_lazy("say yes or no to the cost"),
    PromiseKind.CALL_BACK: gettext_lazy("ring you"),
    PromiseKind.WRITE_UP: gettext_lazy("write it down for you"),
    PromiseKind.ATTEND: gettext_lazy("be there"),
    PromiseKind.SAY_YES: gettext_lazy("say yes or no"),
}

# Why something is on hold.
PAUSES = {
    PauseReason.FAMILY_AWAY: gettext_lazy("You are away"),
    PauseReason.FAMILY_ASKED: gettext_lazy("You asked to wait"),
    PauseReason.ILLNESS: gettext_lazy("Somebody at home is ill"),
    PauseReason.PAPERS: gettext_lazy("Somebody else has to send a paper first"),
    PauseReason.OTHER_SERVICE: gettext_lazy("Something else has to finish first"),
}

ENDS = {
    EndReason.GOAL_MET: gettext_lazy("it helped a lot"),
    EndReason.GOAL_PARTLY_MET: gettext_lazy("it helped a bit"),
    EndReason.GOAL_NOT_MET: gettext_lazy("it did not help"),
    EndReason.NOT_ELIGIBLE: gettext_lazy("it is for other people"),
    EndReason.NO_PLACE: gettext_lazy("there is no free place"),
    EndReason.WRONG_SERVICE: gettext_lazy("something else would help more"),
    EndReason.TOO_FAR: gettext_lazy("it is too far away"),
    EndReason.CHANGED_MIND: gettext_lazy("you changed your mind"),
    EndReason.NO_LONGER_NEEDED: gettext_lazy("you did not need it any more"),
    EndReason.ASKED_TWICE: gettext_lazy("it was asked for twice"),
    EndReason.NO_ANSWER: gettext_lazy("nobody said yes or no"),
}


def score(value: int | None) -> str:
    """Return where somebody is now: "4 out of 10, hard some days"."""
    if value is None:
        return ""
    return _("%(score)s out of 10, %(words)s") % {"score": value, "words": SCORES[value]}


def units(quantity: int, unit: str) -> str:
    """Return how much of something: "6 sessions", "1 hour"."""
    found = {
        PriceUnit.SESSION: ngettext("%(count)s session", "%(count)s sessions", quantity),
        PriceUnit.HOUR: ngettext("%(count)s hour", "%(count)s hours", quantity),
        PriceUnit.DAY: ngettext("%(count)s day", "%(count)s days", quantity),
        PriceUnit.WEEK: ngettext("%(count)s week", "%(count)s weeks", quantity),
        PriceUnit.MONTH: ngettext("%(count)s month", "%(count)s months", quantity),
        PriceUnit.COURSE: ngettext("%(count)s course", "%(count)s courses", quantity),
        PriceUnit.PLACE: ngettext("%(count)s place", "%(count)s places", quantity),
    }
    shown = found.get(PriceUnit(unit), "%(count)s") if unit in PriceUnit.values else "%(count)s"
    return shown % {"count": quantity}


def why_not(reasons: Iterable[authority.Refusal]) -> list[str]:
    """Return each reason why not once, in plain words."""
    said = (str(WHY_NOT.get(reason.code, reason.sentence)) for reason in reasons)
    return list(dict.fromkeys(said))


def refused(refusal: Exception) -> str:
    """Return what a family reads when something cannot be done."""
    if isinstance(refusal, acts.NotAllowed):
        return " ".join(why_not(refusal.act.reasons))
    if isinstance(refusal, ledger.NotEnough):
        return str(WHY_NOT["no_money"])
    if isinstance(refusal, uses.OverLimit):
        return str(WHY_NOT["over_year_limit"])
    if isinstance(refusal, referrals.NotEligible):
        return _("This one is for other people. %(rules)s") % {
            "rules": " ".join(refusal.result.failed)
        }
    return str(getattr(refusal, "sentence", refusal))
