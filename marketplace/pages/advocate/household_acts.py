"""What changes a household, and the form each change asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import families, family_merges, history, person_merges, relationships, shields
from budgets.models import Family, Kin, Member, Person, Relation
from marketplace.pages import doors
from marketplace.pages.advocate import household_forms, household_shown
from marketplace.people import appointments
from marketplace.people.roles import Power

Act = Callable[["Change", Any], None]


@dataclass(frozen=True)
class Change:
    """One change to a household: who does it, for whom, and whom she may choose among."""

    visit: doors.Visit
    family: Family
    shown: household_shown.Shown
    person: Person | None = None

    @property
    def by(self) -> history.Actor:
        """Return the actor, on behalf of the person where it is about one."""
        return self.visit.acting_for(self.person) if self.person else self.visit.by

    @property
    def one(self) -> Person:
        """Return the person it is about."""
        assert self.person is not None
        return self.person


@dataclass(frozen=True)
class Form:
    """A form, its title, the words on its button, and what it does."""

    form: type[forms.Form]
    title: Any
    button: Any
    act: Act
    above: Any = ""


def may_act(visit: doors.Visit, family: Family) -> bool:
    """Tell whether somebody at home lets her act for them, or she leads for the family."""
    if appointments.leads_of(user=visit.user, on=visit.today).filter(family=family).exists():
        return True
    home = Person.objects.at_home(family=family, on=visit.today)
    acts_for = appointments.of(user=visit.user, on=visit.today, power=Power.REPRESENT)
    return acts_for.filter(person__in=home.values("pk")).exists()


def may_say(visit: doors.Visit, family: Family, person: Person) -> bool:
    """Tell whether she says who decides for a person, and who is hidden: for her own, or leads.

    Whom somebody else at home chose does not say so; nor does who leads from a school, for a
    landlord or the police.
    """
    if appointments.represents(user=visit.user, person=person, on=visit.today):
        return True
    leads = appointments.leads_whole(user=visit.user, on=visit.today)
    return leads.filter(family=family).exists()


def must_say(visit: doors.Visit, family: Family, person: Person) -> None:
    """Turn away whoever does not say who decides for a person: 403."""
    if not may_say(visit, family, person):
        raise PermissionDenied(
            _("Only whoever acts for this very person, or leads for the family, says this.")
        )


def _add(change: Change, form: household_forms.Add) -> None:
    said, at = form.cleaned_data, change.visit.at
    person = families.add_person(
        first_name=said["first_name"],
        last_name=said["last_name"],
        born_on=said["born_on"],
        by=change.by,
        at=at,
    )
    if said["lives"] != household_forms.ELSEWHERE:
        visits = said["lives"] == household_forms.VISITS
        families.join(
            family=change.family,
            person=person,
            relation=Relation.VISITOR if visits else Relation(said["relation"]),
            on=said["on"],
            until=said["until"],
            by=change.by,
            at=at,
        )
    of = form.person("of")
    if of is not None:
        relationships.relate(
            person=of, relative=person, kind=Kin(said["kind"]), on=said["on"], by=change.by, at=at
        )


def _relate(change: Change, form: household_forms.Related) -> None:
    said, person, relative = form.cleaned_data, form.person("of"), form.person("relative")
    assert person is not None
    assert relative is not None
    relationships.relate(
        person=person,
        relative=relative,
        kind=Kin(said["kind"]),
        is_confidential=said["is_confidential"],
        on=said["on"],
        by=change.visit.acting_for(person),
        at=change.visit.at,
    )


def _decides(change: Change, form: household_forms.Decides) -> None:
    said, holder, person = form.cleaned_data, form.person("holder"), form.person("of")
    assert holder is not None
    assert person is not None
    must_say(change.visit, change.family, person)
    families.set_responsibility(
        holder=holder,
        person=person,
        has_parental_responsibility=said["has_parental_responsibility"],
        may_decide=said["may_decide"],
        on=said["on"],
        by=change.visit.acting_for(person),
        at=change.visit.at,
    )


def _same_person(change: Change, form: household_forms.SamePerson) -> None:
    kept, gone = form.person("kept"), form.person("gone")
    assert kept is not None
    if gone is None:
        gone = _opened(change, Person, form.cleaned_data["other"], kind="person")
        _must_act_for(change.visit, gone)
    person_merges.merge(
        kept=kept,
        gone=gone,
        words=form.cleaned_data["words"],
        by=change.by,
        at=change.visit.at,
    )


def _must_act_for(visit: doors.Visit, person: Person) -> None:
    """Turn away whoever only may look at a record elsewhere: merged, it is read from here: 403."""
    homes = Family.objects.filter(members__in=Member.objects.on(visit.today).filter(person=person))
    if appointments.represents(user=visit.user, person=person, on=visit.today):
        return
    if not any(may_act(visit, home) for home in homes):
        raise PermissionDenied(_("You may look at the other record, and not change it."))


def _same_household(change: Change, form: household_forms.SameHousehold) -> None:
    said = form.cleaned_data
    other = _opened(change, Family, said["other"], kind="family")
    if not may_act(change.visit, other):
        raise PermissionDenied(_("You may look at the other household, and not change it."))
    kept, gone = change.family, other
    if said["stands"] == "other":
        kept, gone = gone, kept
    family_merges.merge(kept=kept, gone=gone, words=said["words"], by=change.by, at=change.visit.at)


def _opened(change: Change, model: type[Any], text: str, *, kind: str) -> Any:
    """Open the other record: whoever cannot learns nothing of it (404)."""
    reference = household_forms.reference(text)
    if reference is None:
        raise Http404
    return change.visit.open(model.objects.all(), reference=reference, kind=kind)


def _leave(change: Change, form: household_forms.Day) -> None:
    families.leave(
        family=change.family,
        person=change.one,
        on=form.cleaned_data["on"],
        by=change.by,
        at=change.visit.at,
    )


def _stay(change: Change, form: household_forms.Stay) -> None:
    """Say what somebody is here from a day on: she was something else, or comes back."""
    said = form.cleaned_data
    home = {"family": change.family, "person": change.one, "on": said["on"]}
    act = families.stay_as if change.shown.lives_here(change.one) else families.join
    act(**home, relation=Relation(said["relation"]), by=change.by, at=change.visit.at)


def _decide_alone(change: Change, form: household_forms.Found) -> None:
    families.decide_alone(
        person=change.one,
        words=form.cleaned_data["words"],
        on=form.cleaned_data["on"],
        by=change.by,
        at=change.visit.at,
    )


def _decide_with_others(change: Change, form: household_forms.Because) -> None:
    families.decide_with_others(
        person=change.one,
        words=form.cleaned_data["words"],
        on=change.visit.today,
        by=change.by,
        at=change.visit.at,
    )


def _hide(change: Change, form: household_forms.Because) -> None:
    words = form.cleaned_data["words"]
    shields.shield(person=change.one, words=words, by=change.by, at=change.visit.at)


def _show(change: Change, form: household_forms.Because) -> None:
    words = form.cleaned_data["words"]
    shields.unshield(person=change.one, words=words, by=change.by, at=change.visit.at)


# What these change is who may read and decide for somebody: not for anybody at home to ask of hers.
OF_HER_OWN = frozenset({"alone", "with-others", "hide", "show"})
OF_HOUSEHOLD = {
    "add": Form(
        household_forms.Add,
        gettext_lazy("Add somebody"),
        gettext_lazy("Add them"),
        _add,
    ),
    "kin": Form(
        household_forms.Related,
        gettext_lazy("How two people are related"),
        gettext_lazy("Put it on record"),
        _relate,
    ),
    "decides": Form(
        household_forms.Decides,
        gettext_lazy("Who decides for whom"),
        gettext_lazy("Put it on record"),
        _decides,
        gettext_lazy("What was said of these two before ends on that day."),
    ),
    "same-person": Form(
        household_forms.SamePerson,
        gettext_lazy("Two records of one person"),
        gettext_lazy("Merge the two records"),
        _same_person,
        gettext_lazy(
            "Nothing is moved, and it can be undone. What was told in confidence stays with the "
            "record it was told to. If one of the two is hidden, both are."
        ),
    ),
    "same-household": Form(
        household_forms.SameHousehold,
        gettext_lazy("Two records of one household"),
        gettext_lazy("Merge the two records"),
        _same_household,
        gettext_lazy(
            "Nothing is moved, and it can be undone. Close the plan of the record that goes first."
        ),
    ),
}
OF_PERSON = {
    "leave": Form(
        household_forms.Day, gettext_lazy("Moves out"), gettext_lazy("They move out"), _leave
    ),
    "stay": Form(
        household_forms.Stay,
        gettext_lazy("What somebody is here"),
        gettext_lazy("Put it on record"),
        _stay,
    ),
    "alone": Form(
        household_forms.Found,
        gettext_lazy("Decides alone"),
        gettext_lazy("Put it on record"),
        _decide_alone,
        gettext_lazy("A young person who understands what it is about decides for themselves."),
    ),
    "with-others": Form(
        household_forms.Because,
        gettext_lazy("Decides no longer alone"),
        gettext_lazy("Take it back"),
        _decide_with_others,
        gettext_lazy("Whoever is on record as deciding for them does so again."),
    ),
    "hide": Form(
        household_forms.Because,
        gettext_lazy("Hide this record"),
        gettext_lazy("Hide it"),
        _hide,
        gettext_lazy(
            "Nobody at home sees it any more but whoever decides for them, nor does the lead "
            "worker. Imports and merges keep it hidden."
        ),
    ),
    "show": Form(
        household_forms.Because,
        gettext_lazy("Show this record again"),
        gettext_lazy("Show it"),
        _show,
        gettext_lazy("Everybody at home, and the lead worker, sees it again."),
    ),
}
