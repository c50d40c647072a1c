"""The twins of agreements: with a guard switched off, the test of what it guards goes red."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Q

from marketplace.authority import (
    agreements,
    covers,
    lineages,
    monitoring,
    negotiation,
    rules,
    signatories,
)
from marketplace.authority.models import Agreement, Rule
from marketplace.authority.models.agreement import AgreementQuerySet, SuspensionQuerySet
from tests.cast import Cast
from tests.marketplace.authority import (
    test_agreements,
    test_covers,
    test_days,
    test_decide,
    test_lineages,
    test_monitoring,
    test_pathways,
    test_pathways_go_on,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Test = Callable[[Cast], None]


def unsigned(found: AgreementQuerySet) -> AgreementQuerySet:
    """Return all agreements, signed or not."""
    return found


def by_state(found: AgreementQuerySet, day: Any) -> AgreementQuerySet:
    """Ask where an agreement stands now, as if that said where it stood on a day."""
    return found.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), state="signed", valid_from__lte=day
    )


def sooner(agreement: Agreement) -> bool:
    """Say that both signed as soon as one has."""
    return agreement.owner_signed_at is not None or agreement.holder_signed_at is not None


SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
    "what is signed may be added to": (
        agreements,
        "_open",
        lambda agreement: None,
        test_pathways.test_nothing_is_added_to_what_somebody_signed,
    ),
    "what is signed may be answered again": (
        negotiation,
        "on_the_table",
        lambda pathway, version: version,
        test_pathways.test_what_somebody_signed_is_not_answered_again,
    ),
    "one signature is enough": (
        Agreement,
        "is_signed_by_both",
        property(sooner),
        test_pathways.test_a_cell_goes_the_whole_path_and_the_last_signature_lets_the_holder_act,
    ),
    "an unsigned agreement is in force": (
        AgreementQuerySet,
        "signed",
        unsigned,
        test_decide.test_an_agreement_nobody_signed_gives_nothing,
    ),
    "a later signature counts for the days before": (
        AgreementQuerySet,
        "in_force",
        lambda found, day: found.signed(),
        test_days.test_nothing_holds_for_the_days_before_both_had_signed,
    ),
    "anybody signs": (
        signatories,
        "may_act_for",
        lambda party, *, by, at: True,
        lambda cast: test_pathways.test_each_party_acts_for_itself("sign for the owner", cast),
    ),
    "one person signs for both sides": (
        agreements,
        "_must_be_another",
        lambda agreement, *, party, by: None,
        test_agreements.test_one_person_does_not_sign_for_both_sides,
    ),
    "any worker signs": (
        signatories,
        "may_act_for",
        lambda party, *, by, at: by.organisation in (None, party.reference),
        lambda cast: test_pathways.test_each_party_acts_for_itself("sign for the holder", cast),
    ),
    "a suspension is not dated": (
        AgreementQuerySet,
        "in_force",
        by_state,
        test_days.test_a_suspension_takes_nothing_from_the_days_before,
    ),
    "an end is not dated": (
        AgreementQuerySet,
        "in_force",
        by_state,
        test_days.test_an_end_takes_nothing_from_the_days_before,
    ),
    "suspensions are not asked for": (
        SuspensionQuerySet,
        "on",
        lambda found, day: found.none(),
        test_pathways_go_on.test_a_suspended_cell_goes_on_when_who_stopped_it_says_so,
    ),
    "totals restart": (
        lineages,
        "carry_on",
        lambda *, agreement: None,
        test_lineages.test_totals_do_not_restart_with_a_new_version,
    ),
    "the version before goes on": (
        negotiation,
        "_replace",
        lambda *, version, start: None,
        test_pathways_go_on.test_a_new_version_also_replaces_older_rules_between_the_two_on_that_service,
    ),
    "lapsed cover is as good as any": (
        rules,
        "has_cover",
        lambda *, rule, day: True,
        test_covers.test_lapsed_cover_stops_everything_new_that_day_and_names_nobody,
    ),
    "live commissions are not flagged": (
        covers,
        "uncovered_rules",
        lambda *, on, owner: Rule.objects.none(),
        test_covers.test_a_live_commission_is_flagged_the_day_its_cover_lapses_and_stands,
    ),
    "who took a part judges herself": (
        monitoring,
        "_must_be_an_outsider",
        lambda sampled, *, by, at: None,
        test_monitoring.test_the_owners_staff_who_took_no_part_judge_once,
    ),
    "few are shown": (
        monitoring,
        "FEWEST_SHOWN",
        1,
        lambda cast: test_monitoring.test_accuracy_is_shown_from_five_judged_on(
            4, None, None, cast
        ),
    ),
    "lists judge by themselves": (
        rules,
        "covers",
        lambda *, rule, service: True,
        test_days.test_lists_and_decisions_agree_on_which_rule_covers_which_service,
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_guard_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = SABOTAGE[name]
    monkeypatch.setattr(owner, attribute, instead)
    # pytest.raises fails by an exception of its own, where the refusal did not come; and where a
    # guard of ours is off, the database may still refuse.
    with pytest.raises((AssertionError, pytest.fail.Exception, IntegrityError)):
        test(cast)
