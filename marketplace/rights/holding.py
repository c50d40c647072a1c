"""What an organisation holds about a person: what its worker may know at this moment, no more.

It is asked of `sharing.visible` when it is downloaded, so that what was stopped is not in it.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from budgets.models import Person
from cms.models import Organisation
from marketplace.people.models import User
from marketplace.rights import record
from marketplace.rights.copies import Copy
from marketplace.rights.names import Names
from marketplace.sharing import sharing


def find(*, person: Person, user: User, at: datetime) -> Person:
    """Return a person whom a worker has a live reason to know. Raises sharing.NotFound."""
    found = sharing.visible(Person.objects.filter(pk=person.pk), user=user, at=at).first()
    if found is None:
        raise sharing.NotFound(_("There is nothing here that you can open."))
    return found


def copy(*, person: Person, organisation: Organisation, user: User, at: datetime) -> Copy:
    """Build what a worker of an organisation may know of a person now. Raises sharing.NotFound."""
    person = find(person=person, user=user, at=at)
    names = Names(person=person, records=record.records(person))
    hidden = record.held_back(person=person, at=at)
    kinds = []
    for model in record.walk():
        if not hasattr(model, "FAMILY_PATH"):
            continue
        rows = record.about(model, person=person, knows_secrets=True, at=at)
        seen = sharing.visible(record.without(model, rows, hidden), user=user, at=at)
        kind = record.show(model, seen, names=names)
        if kind.rows:
            kinds.append(kind)
    return Copy(
        person=person,
        organisation=organisation.name,
        asked_at=None,
        made_at=at,
        kinds=tuple(kinds),
    )
