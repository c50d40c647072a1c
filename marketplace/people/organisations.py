"""Adding organisations and changing what is known of them, by administrators and on record."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms import catalogue
from cms.models import Organisation
from marketplace.people import memberships, users

# What an organisation's own administrators change. Its name and kind say what the law lets it do
# and how much its workers see, so that these are for who looks after the whole site.
OWN_FIELDS = ("description", "website", "email", "phone", "postcode")
ALL_FIELDS = ("name", "kind", *OWN_FIELDS)


class NotYours(history.Refused):
    """An organisation is changed by its own administrators, and added for the whole site."""


@transaction.atomic
def add(*, by: history.Actor, at: datetime, name: str, kind: str, **details: str) -> Organisation:
    """Add an organisation. Raises NotYours, catalogue.Unfit."""
    if not runs_all(by):
        raise NotYours(_("Only who looks after the whole site can add an organisation."))
    organisation = catalogue.add_organisation(name=name, kind=kind, **details)
    _record(organisation, verb="added", by=by, at=at)
    return organisation


@transaction.atomic
def change(
    *, organisation: Organisation, by: history.Actor, at: datetime, **details: str
) -> Organisation:
    """Change what is known of an organisation. Raises NotYours, catalogue.Unfit."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    fields = {name: said for name, said in details.items() if getattr(organisation, name) != said}
    may = set(ALL_FIELDS if runs_all(by) else OWN_FIELDS)
    if not memberships.runs(by=by, organisation=organisation, at=at) or set(fields) - may:
        raise NotYours(_("Only who looks after the whole site can change this."))
    if not fields:
        return organisation
    for name, said in fields.items():
        setattr(organisation, name, said)
    catalogue.must_be_fit(organisation)
    organisation.save(update_fields=list(fields))
    _record(organisation, verb="changed", by=by, at=at)
    return organisation


def runs_all(by: history.Actor) -> bool:
    """Tell whether an actor looks after the whole site."""
    user = users.of(by)
    return by.kind in users.OURS or (user is not None and user.is_superuser)


def _record(organisation: Organisation, *, verb: str, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by, at=at, verb=verb, subject_kind="organisation", subject=organisation.reference
    )
