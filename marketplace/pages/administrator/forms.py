"""What administrators type."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cms.models import Organisation
from marketplace.people import organisations
from marketplace.people.roles import Role

WORK = [(role.value, role.label) for role in Role if role != Role.FAMILY]


class Place(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One organisation, by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return its name; an organisation prints as a number elsewhere."""
        return str(obj.name)


def _place(places: QuerySet[Organisation]) -> Place:
    only = places[:2]
    return Place(
        label=_("Organisation"),
        queryset=places,
        to_field_name="reference",
        initial=only[0].reference if len(only) == 1 else None,
        empty_label=None if len(only) == 1 else _("Choose one"),
    )


class Find(forms.Form):
    """Which people are listed."""

    is_filter = True
    words = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Any")), *WORK], required=False)
    state = forms.ChoiceField(
        label=_("Who"),
        choices=[
            ("", _("Everybody")),
            ("suspended", _("Suspended")),
            ("off", _("Cannot sign in")),
            ("none", _("Without a role")),
        ],
        required=False,
    )


class GiveRole(forms.Form):
    """A role at one of her organisations."""

    role = forms.ChoiceField(label=_("Role"), choices=WORK)

    def __init__(self, *args: Any, places: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"organisation": _place(places), **self.fields}


class Invite(GiveRole):
    """Whom to ask to work where, as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We send a link there. It works once, and for seven days."),
    )
    field_order = ["email", "organisation", "role"]

    def __init__(self, *args: Any, places: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, places=places, **kwargs)
        self.order_fields(self.field_order)


class Checked(forms.Form):
    """A qualification that an administrator has looked at."""

    code = forms.SlugField(
        label=_("What"),
        help_text=_("As agreements call it, such as social_worker or clinician."),
        max_length=50,
    )
    checked_by = forms.CharField(
        label=_("Where you checked it"),
        help_text=_("A register or a certificate, with its number."),
        max_length=64,
    )
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"), required=False)


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is known of an organisation; its name and kind are for who looks after the site."""

    class Meta:
        model = Organisation
        fields = organisations.ALL_FIELDS
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_own:
            del self.fields["name"], self.fields["kind"]
