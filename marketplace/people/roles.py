"""Roles at an organisation, and an advocate's powers, as plain data.

Source: report §4.2 (advocates), §5.4.3 (roles across agencies).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does at an organisation; rules between agencies name these."""

    ADVOCATE = "advocate", _("Advocate")
    LEAD_PROFESSIONAL = "lead_professional", _("Lead professional")
    INTAKE_WORKER = "intake_worker", _("Intake worker")
    PROVIDER_WORKER = "provider_worker", _("Provider worker")
    COMMISSIONER = "commissioner", _("Commissioner")
    FINANCE = "finance", _("Finance officer")
    EDITOR = "editor", _("Catalogue editor")
    ADMINISTRATOR = "administrator", _("Administrator")
    FAMILY = "family", _("Family member")


class AdvocateKind(models.TextChoices):
    """The report's kinds of advocate (§4.2)."""

    PAID_ADVOCATE = "paid_advocate", _("Paid advocate")
    LEAD_PROFESSIONAL = "lead_professional", _("Lead professional")
    FAMILY_FRIEND = "family_friend", _("Family friend")
    VOLUNTEER = "volunteer", _("Volunteer advocate")


class Power(models.TextChoices):
    """What an appointment lets an advocate do for the person."""

    CONFIDE = "confide", _("Be told what the person tells nobody else")
    REPRESENT = "represent", _("Act for the person: plan, choose and ask")
    SIGNPOST = "signpost", _("Tell the person what support there is")
    CHASE = "chase", _("Chase what was promised")


POWERS: dict[str, frozenset[str]] = {
    AdvocateKind.PAID_ADVOCATE: frozenset(Power.values),
    AdvocateKind.LEAD_PROFESSIONAL: frozenset({Power.REPRESENT, Power.SIGNPOST, Power.CHASE}),
    AdvocateKind.FAMILY_FRIEND: frozenset({Power.CONFIDE, Power.SIGNPOST}),
    AdvocateKind.VOLUNTEER: frozenset({Power.CONFIDE, Power.SIGNPOST, Power.CHASE}),
}
