"""Where the addresses of this front door lead."""

from django.urls import URLPattern, path

from marketplace.pages.advocate import (
    acting,
    ask,
    chase,
    drafts,
    ends,
    facts,
    family,
    find,
    form,
    home,
    household,
    referral,
    sharing,
    times,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="advocate_home"),
    path("chase/", chase.chase_list, name="advocate_chase"),
    path("families/<uuid:reference>/", family.family, name="advocate_family"),
    path("families/<uuid:reference>/household/", household.household, name="advocate_household"),
    path(
        "families/<uuid:reference>/household/<slug:act>/",
        household.change,
        name="advocate_household_change",
    ),
    path(
        "families/<uuid:reference>/household/people/<uuid:person>/<slug:act>/",
        household.change_person,
        name="advocate_household_person",
    ),
    path(
        "families/<uuid:reference>/household/kin/<uuid:kin>/end/",
        household.end_kin,
        name="advocate_kin_end",
    ),
    path(
        "families/<uuid:reference>/household/merges/<uuid:merge>/split/",
        household.split,
        name="advocate_split",
    ),
    path("families/<uuid:reference>/find/", find.find, name="advocate_find"),
    path("families/<uuid:reference>/ask/<slug:slug>/", ask.ask, name="advocate_ask"),
    path("families/<uuid:reference>/form/", form.form, name="advocate_form"),
    path("forms/<uuid:reference>/", drafts.draft, name="advocate_draft"),
    path("forms/<uuid:reference>/services/", form.services, name="advocate_draft_services"),
    path("forms/<uuid:reference>/send/", drafts.send, name="advocate_draft_send"),
    path("forms/<uuid:reference>/discard/", drafts.discard, name="advocate_draft_discard"),
    path("forms/<uuid:reference>/<slug:step>/", drafts.step, name="advocate_draft_step"),
    path("families/<uuid:reference>/sharing/", sharing.page, name="advocate_sharing"),
    path("families/<uuid:reference>/facts/", facts.page, name="advocate_facts"),
    path("sharing/<uuid:reference>/stop/", sharing.stop, name="advocate_stop_sharing"),
    path("facts/<uuid:reference>/check/", facts.check, name="advocate_check_fact"),
    path("referrals/<uuid:reference>/", referral.referral, name="advocate_referral"),
    path("referrals/<uuid:reference>/step/<slug:step>/", acting.step, name="advocate_step"),
    path("referrals/<uuid:reference>/yes/", acting.yes, name="advocate_yes"),
    path("referrals/<uuid:reference>/before/", acting.weigh, name="advocate_weigh"),
    path(
        "referrals/<uuid:reference>/beside/<slug:slug>/", acting.add_beside, name="advocate_beside"
    ),
    path("referrals/<uuid:reference>/no-yes/", acting.take_yes_back, name="advocate_no_yes"),
    path("referrals/<uuid:reference>/approval/", acting.ask_approval, name="advocate_approval"),
    path("referrals/<uuid:reference>/hand-over/", acting.hand_over, name="advocate_hand_over"),
    path("referrals/<uuid:reference>/withdraw/", acting.withdraw, name="advocate_withdraw"),
    path("referrals/<uuid:reference>/complete/", ends.complete, name="advocate_complete"),
    path("referrals/<uuid:reference>/ending/", ends.tell, name="advocate_tell"),
    path("referrals/<uuid:reference>/again/", ends.reopen, name="advocate_reopen"),
    path("referrals/<uuid:reference>/time/", times.ask_time, name="advocate_time"),
    path("promises/<uuid:reference>/chase/", chase.chase, name="advocate_chase_promise"),
    path("bookings/<uuid:reference>/", times.booking, name="advocate_booking"),
    path("bookings/<uuid:reference>/take/", times.take_offer, name="advocate_take_offer"),
    path("bookings/<uuid:reference>/cancel/", times.cancel, name="advocate_cancel_booking"),
]
