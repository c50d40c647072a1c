"""The forms of `/cms/`: what an editor may write in an entry, and whose it may be."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from cms import catalogue
from cms.models import Organisation, Place, Term, TermTaxonomy
from marketplace.pages import catalogue_gate


class ByTaxonomy(ModelChoiceIterator):
    """Lists terms under the name of their taxonomy."""

    def __iter__(self) -> Iterator[Any]:
        terms = [*self.queryset]
        for taxonomy in TermTaxonomy:
            listed = [self.choice(term) for term in terms if term.taxonomy == taxonomy]
            if listed:
                yield taxonomy.label, listed


class TermsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Terms to tick, under the names of their taxonomies."""

    widget = forms.CheckboxSelectMultiple
    iterator = ByTaxonomy

    def label_from_instance(self, obj: Term) -> str:
        """Return what workers call a term."""
        return obj.name


class EntriesField(forms.CharField):
    """A list written on one line, with commas."""

    def prepare_value(self, value: Any) -> Any:
        """Show the list on one line."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the list."""
        if isinstance(value, list):
            return value
        return [entry.strip() for entry in (value or "").split(",") if entry.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not how they were written."""
        return bool((initial or []) != self.to_python(data))


class ServiceForm(WagtailAdminModelForm):
    """A service, owned by one of the editor's own organisations."""

    slug = forms.SlugField(
        label=_("Address"),
        required=False,
        max_length=120,
        help_text=_("Left empty, it is made from the name."),
    )
    districts = EntriesField(
        required=False,
        help_text=_("With commas between them. Left empty: the districts its places are in."),
    )
    terms = TermsField(queryset=Term.objects.none(), required=False)
    places = forms.ModelMultipleChoiceField(
        queryset=Place.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = {
            "owner": catalogue_gate.organisations(self.for_user),
            "provider": catalogue_gate.to_choose(Organisation, self.for_user),
            "terms": Term.objects.order_by("taxonomy", "name"),
            "places": catalogue_gate.to_choose(Place, self.for_user).distinct(),
        }
        for name, rows in scopes.items():
            if name in self.fields:
                self.fields[name].queryset = rows

    def clean_slug(self) -> str:
        """Make an address from the name where none is given."""
        given: str = self.cleaned_data.get("slug") or ""
        return given or self.instance.slug or catalogue.free_slug(name=self.data.get("name", ""))


class OwnedForm(WagtailAdminModelForm):
    """Something that belongs to one of the editor's own organisations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organisation" in self.fields:
            self.fields["organisation"].queryset = catalogue_gate.organisations(self.for_user)
