"""What a field says to whoever reads a copy: her own name, and nobody else's.

Workers are shown by role and organisation; other persons of a family as somebody else.
"""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.rights import exceptions
from pricing import money


class Names:
    """Everybody's place, asked for once a copy. `records`: the keys of all her records."""

    def __init__(self, *, person: Person, records: tuple[int, ...]) -> None:
        self.person = person
        self.records = records
        self._users: dict[str, str] = {}

    @cached_property
    def own_references(self) -> list[str]:
        """Return the references of her sign-ins."""
        own = User.objects.filter(person__in=self.records)
        return [str(user.reference) for user in own]

    @cached_property
    def organisations(self) -> dict[UUID, str]:
        """Return every organisation's name: they are in the directory for all to read."""
        return dict(Organisation.objects.values_list("reference", "name"))

    def shown(self, field: models.Field[Any, Any], row: Any) -> tuple[str, Any]:
        """Return a field of a row in words, and as data."""
        value = getattr(row, field.name)
        if value is None or value == "":
            return "", None
        if field.is_relation:
            said = self.related(value)
            return said, said
        if field.name in exceptions.REFERENCES:
            said = self.referred(value)
            return said, said
        if field.choices:
            return str(getattr(row, f"get_{field.name}_display")()), value
        return self.plain(field.name, value)

    def plain(self, name: str, value: Any) -> tuple[str, Any]:
        """Return a value that names nobody, in words and as data."""
        if isinstance(value, bool):
            return (_("yes") if value else _("no")), value
        if isinstance(value, datetime):
            local = timezone.localtime(value)
            return formats.date_format(local, "j F Y, H:i", use_l10n=False), value.isoformat()
        if isinstance(value, date):
            return formats.date_format(value, "j F Y", use_l10n=False), value.isoformat()
        if isinstance(value, int) and name.endswith("_pence"):
            return money.show(value), value
        if isinstance(value, dict | list):
            return (json.dumps(value, ensure_ascii=False) if value else ""), value
        return str(value), value if isinstance(value, int | float | str) else str(value)

    def related(self, other: models.Model) -> str:
        """Return what a relation leads to: a name from the directory, a role, or a reference."""
        if isinstance(other, Person):
            return self.who(other.pk)
        if isinstance(other, User):
            return self.user(other)
        if isinstance(other, Family):
            return _("the household")
        if other._meta.app_label in ("cms", "pricing") or other._meta.label == "budgets.Fund":
            return str(getattr(other, "name", "") or getattr(other, "plain_name", "") or other)
        return str(getattr(other, "reference", "") or other)

    def referred(self, value: object) -> str:
        """Return who or what a reference names, as far as a reader may know."""
        try:
            reference = UUID(str(value))
        except ValueError:
            return str(value)
        if reference in self.organisations:
            return self.organisations[reference]
        if reference == self.person.reference:
            return self.person.name
        if str(reference) not in self._users:
            user = User.objects.filter(reference=reference).first()
            self._users[str(reference)] = self.user(user) if user else _("somebody else")
        return self._users[str(reference)]

    def who(self, person_id: int | None) -> str:
        """Return her own name, and of anybody else only that it is somebody else."""
        return self.person.name if person_id in self.records else _("somebody else")

    def user(self, user: User) -> str:
        """Return a sign-in by role and organisation, never by name."""
        if user.person_id is not None:
            return self.who(user.person_id)
        key = str(user.reference)
        if key not in self._users:
            held = Membership.objects.filter(user=user).select_related("organisation")
            latest = held.order_by(F("ends_on").desc(nulls_first=True), "-starts_on", "-pk").first()
            self._users[key] = (
                _("%(role)s at %(place)s")
                % {"role": Role(latest.role).label, "place": latest.organisation.name}
                if latest
                else _("somebody who works here")
            )
        return self._users[key]
