"""Who speaks for an organisation in an agreement: its commissioners and its administrators."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.people import memberships
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

ROLES = (Role.COMMISSIONER, Role.ADMINISTRATOR)
# An import brings what was signed on paper, and the clock only what follows from that.
TRUSTED = (history.ActorKind.IMPORT, history.ActorKind.CLOCK)


class NotAParty(history.Refused):
    """Only the owner and the holder have a say in an agreement, each for itself."""


def may_act_for(party: Organisation, *, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody may offer, answer and sign for an organisation now."""
    if by.kind in TRUSTED:
        return True
    works_there = by.organisation == party.reference
    return works_there and bool(memberships.roles_at(by=by, at=at) & set(ROLES))


def must_act_for(party: Organisation, *, by: history.Actor, at: datetime) -> None:
    """Refuse whoever may not offer, answer and sign for an organisation. Raises NotAParty."""
    if not may_act_for(party, by=by, at=at):
        raise NotAParty(
            _("A commissioner or administrator of %(organisation)s has to do this.")
            % {"organisation": party.name}
        )


def must_be_one_of(*parties: Organisation | None, by: history.Actor, at: datetime) -> None:
    """Refuse whoever speaks for none of the parties. Raises NotAParty."""
    if not any(party and may_act_for(party, by=by, at=at) for party in parties):
        raise NotAParty(_("Only the two organisations in an agreement have a say in it."))


def of(*parties: Organisation, at: datetime) -> list[User]:
    """Return everybody who speaks for one of the parties today, each once."""
    day = timezone.localdate(at)
    held = Membership.objects.on(day).filter(organisation__in=parties, role__in=ROLES)
    return list(User.objects.filter(memberships__in=held, is_active=True).distinct().order_by("pk"))
