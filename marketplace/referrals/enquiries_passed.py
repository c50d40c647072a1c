"""An enquiry that came to the wrong door is passed on to another's, and leaves this one.

What the person agreed to is that those who answer for where she lives get in touch. Where the other
door is theirs, that yes covers it; else she is asked first, and her yes is written down.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.notices import topics, working_days
from marketplace.referrals import catchments, enquiries, enquiries_linked
from marketplace.referrals.models import Enquiry
from marketplace.sharing import sharing


class NotAnotherDoor(history.Refused):
    """It is passed on only to somebody else who answers a district's door."""


class NotAgreed(history.Refused):
    """Whoever lives elsewhere is asked before others read what she told."""


def is_covered(*, enquiry: Enquiry, to: Organisation, at: datetime) -> bool:
    """Tell whether the yes of the enquiry covers another door: that of where she lives."""
    if not enquiry.district:
        return False
    return catchments.answers_for(district=enquiry.district, at=at) == to


@transaction.atomic
def pass_on(
    *, enquiry: Enquiry, to: Organisation, by: history.Actor, at: datetime, yes_how: str = ""
) -> Enquiry:
    """Pass an enquiry on to another door; who passed it on sees it no more, nor whom it is about.

    `yes_how` says how the person agreed, where her first yes does not cover it. What was asked for
    because of it goes on. Raises NotTheirs, IsClosed, NotTaken, NotAnotherDoor, NotAgreed.
    """
    enquiry, _user = enquiries.locked(enquiry, by=by, at=at)
    enquiries.must_be_taken(enquiry)
    before = enquiry.organisation
    if to == before or not catchments.doors(at=at).filter(pk=to.pk).exists():
        raise NotAnotherDoor(_("Choose somebody else who answers a district’s door."))
    if not is_covered(enquiry=enquiry, to=to, at=at):
        if not yes_how:
            raise NotAgreed(_("Ask them first, and say how they said yes."))
        enquiry.consent_how, enquiry.consented_at = yes_how, at
    enquiry.organisation, enquiry.taken_by, enquiry.taken_at = to, None, None
    enquiry.chased_at = None
    enquiry.due_on = working_days.after(timezone.localdate(at), enquiries.ANSWER_DAYS)
    enquiry.save(
        update_fields=[
            "organisation",
            "taken_by",
            "taken_at",
            "chased_at",
            "due_on",
            "consent_how",
            "consented_at",
        ]
    )
    sharing.close_reasons(subject=enquiry.reference, at=at)
    if enquiry.person is not None:
        enquiries_linked.open_to_intake(enquiry, enquiry.person, by=by, at=at)
    enquiries.record(
        enquiry, verb="pass_on", before=str(before.reference), after=str(to.reference), by=by, at=at
    )
    enquiries.tell(enquiry, at=at)
    topics.publish(topics.inbox(before.reference))
    return enquiry
