"""Where the addresses of this front door lead."""

from django.urls import URLPattern, path

from marketplace.pages.advocate import acting, ask, chase, family, find, form, home, referral, times

urlpatterns: list[URLPattern] = [
    path("", home.home, name="advocate_home"),
    path("chase/", chase.chase_list, name="advocate_chase"),
    path("families/<uuid:reference>/", family.family, name="advocate_family"),
    path("families/<uuid:reference>/find/", find.find, name="advocate_find"),
    path("families/<uuid:reference>/ask/<slug:slug>/", ask.ask, name="advocate_ask"),
    path("families/<uuid:reference>/form/", form.form, name="advocate_form"),
    path("referrals/<uuid:reference>/", referral.referral, name="advocate_referral"),
    path("referrals/<uuid:reference>/step/<slug:step>/", acting.step, name="advocate_step"),
    path("referrals/<uuid:reference>/yes/", acting.yes, name="advocate_yes"),
    path("referrals/<uuid:reference>/approval/", acting.ask_approval, name="advocate_approval"),
    path("referrals/<uuid:reference>/hand-over/", acting.hand_over, name="advocate_hand_over"),
    path("referrals/<uuid:reference>/withdraw/", acting.withdraw, name="advocate_withdraw"),
    path("referrals/<uuid:reference>/complete/", acting.complete, name="advocate_complete"),
    path("referrals/<uuid:reference>/time/", times.ask_time, name="advocate_time"),
    path("promises/<uuid:reference>/chase/", chase.chase, name="advocate_chase_promise"),
    path("bookings/<uuid:reference>/", times.booking, name="advocate_booking"),
    path("bookings/<uuid:reference>/take/", times.take_offer, name="advocate_take_offer"),
    path("bookings/<uuid:reference>/cancel/", times.cancel, name="advocate_cancel_booking"),
]
