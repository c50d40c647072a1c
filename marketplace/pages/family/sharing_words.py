"""What is shared and known, in words a tired parent can read: the one form's own words."""

from datetime import datetime
from typing import Any

from django.utils import text, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Organisation
from marketplace.pages.templatetags import alongside
from marketplace.sharing.models import (
    Consent,
    ConsentHow,
    Information,
    Purpose,
    Reason,
    Source,
    Verification,
)

PURPOSES = {
    Purpose.ASK: gettext_lazy("to see if they can help"),
    Purpose.SUPPORT: gettext_lazy("to give the support"),
    Purpose.PLAN: gettext_lazy("to plan help with you"),
    Purpose.SPEND: gettext_lazy("to say yes or no to the cost"),
    Purpose.CHECK: gettext_lazy("to check one thing, so that you are not asked again"),
    Purpose.SAFETY: gettext_lazy("to keep somebody safe"),
}

KINDS = {
    Information.HOUSEHOLD: gettext_lazy("who lives at home"),
    Information.PLAN: gettext_lazy("the plan, and what you want to change"),
    Information.MONEY: gettext_lazy("the money in the plan"),
    Information.SUPPORT: gettext_lazy("help you asked for, and how it goes"),
    Information.FACTS: gettext_lazy("facts, like if somebody goes to school"),
    Information.SAFETY: gettext_lazy("worries about safety"),
}

# The same where each stands alone, as something to tick.
PURPOSE_CHOICES = {purpose: text.capfirst(words) for purpose, words in PURPOSES.items()}
KIND_CHOICES = {kind: text.capfirst(words) for kind, words in KINDS.items()}

FACTS = {
    "age": gettext_lazy("How old"),
    "district": gettext_lazy("Where home is"),
    "attends_school": gettext_lazy("Goes to school"),
    "expects_or_has_baby": gettext_lazy("Has a baby, or one on the way"),
    "has_autism": gettext_lazy("Is autistic"),
    "has_child_aged_11_to_17": gettext_lazy("Has a child aged 11 to 17"),
    "has_child_at_home": gettext_lazy("Has a child at home"),
    "has_disability": gettext_lazy("Is disabled, or ill for a long time"),
    "has_low_income": gettext_lazy("Money is very short"),
    "housing_at_risk": gettext_lazy("Could lose the home"),
    "is_carer": gettext_lazy("Looks after somebody who is ill"),
    "is_parent": gettext_lazy("Is a mum, dad or carer of a child"),
    "is_pregnant": gettext_lazy("Has a baby on the way"),
    "is_tenant": gettext_lazy("Rents the home"),
    "known_to_police": gettext_lazy("Has been in trouble with the police"),
    "school_attendance_percent": gettext_lazy("How much of school, out of 100"),
    "uses_drugs": gettext_lazy("Uses drugs"),
    "works": gettext_lazy("Has a job"),
}

SOURCES = {
    Source.SAID: gettext_lazy("It was said"),
    Source.DOCUMENT: gettext_lazy("It was read in a letter or paper"),
    Source.AGENCY: gettext_lazy("Another place said so"),
}

CHECKS = {
    Verification.SEEN_DOCUMENT: gettext_lazy("saw a letter or paper"),
    Verification.AGENCY_TOLD: gettext_lazy("asked another place"),
}


def fact(key: str) -> str:
    """Return what a fact is called."""
    return str(FACTS.get(key) or key.replace("_", " ").capitalize())


def value(said: Any) -> str:
    """Return a fact's value: yes, no, or as it was said."""
    if isinstance(said, bool):
        return _("yes") if said else _("no")
    return {"yes": _("yes"), "no": _("no")}.get(str(said).strip().lower(), str(said))


def kinds(opened: tuple[Information, ...]) -> str:
    """Return the kinds of information in one sentence's part; all of them by one word."""
    if len(opened) == len(Information):
        return _("everything in the record that is not kept secret")
    return "; ".join(str(KINDS[kind]) for kind in opened)


def until(reason: Reason) -> str:
    """Return how long a sharing lasts."""
    if reason.ends_at is not None:
        return _("Until %(day)s. Then it ends by itself.") % {"day": day(reason.ends_at)}
    if reason.can_be_stopped:
        return _("Until it is done, or you stop it.")
    return _("Until it is done.")


def said(consent: Consent | None, *, called: str) -> str:
    """Return how and when the yes was said, where there was one."""
    if consent is None:
        return ""
    words = {
        ConsentHow.SIGNED_IN: _("The yes: from %(who)s, here, on %(day)s."),
        ConsentHow.TOLD_ADVOCATE: _("The yes: from %(who)s, told to your advocate, on %(day)s."),
        ConsentHow.TOLD_WORKER: _("The yes: from %(who)s, told to a worker, on %(day)s."),
        ConsentHow.ON_PAPER: _("The yes: from %(who)s, on paper, on %(day)s."),
    }.get(ConsentHow(consent.how), _("The yes: from %(who)s, on %(day)s."))
    on = consent.told_on or timezone.localdate(consent.given_at)
    return words % {"who": called, "day": alongside.day(on)}


def agreement(*, place: Organisation, role: str, purpose: str, kinds: str, until: str) -> str:
    """Return the words that somebody says yes to: kept with the yes as they were read."""
    return _("%(role)s at %(place)s may see this, %(purpose)s: %(kinds)s. %(until)s") % {
        "role": role,
        "place": place.name,
        "purpose": purpose,
        "kinds": kinds,
        "until": until,
    }


def day(moment: datetime) -> str:
    """Return a moment's day in words."""
    return str(alongside.day(timezone.localdate(moment)))
