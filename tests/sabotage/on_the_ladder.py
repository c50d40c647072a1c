"""Deliberate faults on the ladder: in requests, drafts, approvals, pauses, ends and ways in."""

from tests.sabotage.mutations import Mutation

REFERRALS, PAGES = "tests/marketplace/referrals", "tests/marketplace/pages"


def in_referrals(name: str, file: str, before: str, after: str, test: str) -> Mutation:
    """Return a fault in a verb of the ladder, and the test that notices."""
    found = test if "/" in test else f"{REFERRALS}/{test}"
    return Mutation(name, f"marketplace/referrals/{file}", before, after, (found,))


ON_THE_LADDER = (
    in_referrals(
        "a draft outlives that she may know the person",
        "drafts.py",
        "return sharing.visible(Draft.objects.filter(author=user), user=user, at=at)",
        "return Draft.objects.filter(author=user)",
        "test_drafts.py::test_it_is_for_its_author_while_she_may_know_the_person",
    ),
    in_referrals(
        "a slow save undoes what was typed after it",
        "drafts.py",
        "typed.turn < draft.turn",
        "typed.turn < 0",
        "test_drafts.py::test_a_slow_save_does_not_undo_what_was_typed_after_it",
    ),
    in_referrals(
        "what is open is asked for again",
        "again.py",
        "    if found is not None:\n",
        "    if found is None:\n",
        "test_again.py::test_asking_for_what_is_open_leads_to_what_there_is_and_changes_nothing",
    ),
    in_referrals(
        "what is hidden refuses who may not know of it",
        "again.py",
        'return found.filter(Q(referrer=user) | Q(pk__in=seen.values("pk")))',
        "return found",
        "test_again.py::test_who_may_not_know_of_the_open_one_asks_as_if_there_were_none",
    ),
    in_referrals(
        "the asker answers herself",
        "approvals.py",
        "if by.reference == approval.asked_by:",
        "if not by.reference:",
        "test_levels.py::test_who_asked_answers_nothing_though_her_limit_is_enough",
    ),
    in_referrals(
        "who could not say yes says no",
        "approvals.py",
        "if by.reference not in {",
        "if not by.reference and by.reference not in {",
        "test_levels.py::test_nobody_refuses_who_could_not_say_yes",
    ),
    in_referrals(
        "a pause may end today",
        "pauses.py",
        "if ends_on <= day:",
        "if ends_on < day:",
        "test_pauses.py::test_the_day_it_goes_on_is_to_come_and_near",
    ),
    in_referrals(
        "a pause has no length",
        "pauses.py",
        "if is_far or _working(day, ends_on) > most:",
        "if is_far:",
        "test_pauses.py::test_twenty_working_days_in_all_and_no_more",
    ),
    in_referrals(
        "an approval's clock runs through a pause",
        "pauses.py",
        "    approvals.reckon_anew(referral=referral)\n"
        '    ladder.write(referral=referral, verb="pause"',
        '    ladder.write(referral=referral, verb="pause"',
        "test_pauses.py::test_the_clock_of_an_approval_stops_too",
    ),
    in_referrals(
        "what ended is taken up for ever",
        "reopenings.py",
        "if at > last_moment(referral):",
        "if at < last_moment(referral) and referral.is_open:",
        "test_endings.py::test_after_ninety_days_it_is_asked_for_anew",
    ),
    in_referrals(
        "whoever asked tells how it went",
        "endings.py",
        "or parties.tells_for(referral=referral, by=by, at=at)",
        "or parties.is_for_family(referral=referral, by=by, at=at)",
        "test_endings.py::test_whoever_only_asked_tells_nothing_in_their_name",
    ),
    in_referrals(
        "a lead tells of secrets",
        "parties.py",
        "leads.filter(family=referral.family).exists() and not referral.is_confidential",
        "leads.filter(family=referral.family).exists()",
        "test_endings.py::test_the_lead_tells_what_they_said_but_of_no_secret",
    ),
    in_referrals(
        "a yes is taken back after the provider accepted",
        "commissions.py",
        "is_before = referral.is_commissioned or referral.rung == Rung.HARD_REFERRED",
        "is_before = referral.is_open",
        "test_weighing.py::test_once_the_provider_has_accepted_the_yes_stands",
    ),
    in_referrals(
        "whom an enquiry is about is known for ever",
        "enquiries_linked.py",
        "return sharing.visible(mine, user=user, at=at).exists()",
        "return mine.exists()",
        f"{PAGES}/test_door_leaks.py::"
        "test_once_the_sharing_stops_nothing_more_is_asked_nor_written_down",
    ),
    in_referrals(
        "an enquiry goes where she did not agree to",
        "enquiries_passed.py",
        "        if not yes_how:\n",
        "        if yes_how is None:\n",
        f"{PAGES}/test_passing_on.py::test_whoever_lives_elsewhere_is_asked_first",
    ),
    in_referrals(
        "a secret service is named to administrators",
        "turns.py",
        "if self.referral.is_confidential:",
        "if not self.referral.service:",
        "test_turns.py::test_what_is_secret_is_not_named_to_an_administrator",
    ),
    Mutation(
        "every door opens every enquiry",
        "marketplace/pages/provider/enquiries.py",
        "Enquiry.objects.filter(organisation=visit.organisation).with_names()",
        "Enquiry.objects.with_names()",
        (f"{PAGES}/test_passing_on.py::test_it_leaves_one_door_and_lands_at_the_other",),
    ),
    Mutation(
        "what is closed can be gone on with",
        "marketplace/pages/provider/enquiries.py",
        "if not found.is_open or not enquiries_linked.is_known(",
        "if not enquiries_linked.is_known(",
        (f"{PAGES}/test_door_leaks.py::test_what_is_closed_shows_nothing_that_is_known_now",),
    ),
    Mutation(
        "an address is what anybody makes up",
        "marketplace/pages/addresses.py",
        "ip_address(heard[-trusted].strip())",
        "ip_address(heard[0].strip())",
        (f"{PAGES}/test_addresses.py::test_behind_a_proxy_each_has_a_limit_of_her_own",),
    ),
)
