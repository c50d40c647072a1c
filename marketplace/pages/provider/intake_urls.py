"""Where the intake worker's addresses lead."""

from django.urls import URLPattern, path

from marketplace.pages.provider import enquiries, intake, promising

urlpatterns: list[URLPattern] = [
    path("enquiries/", enquiries.listing, name="provider_enquiries"),
    path("enquiries/<uuid:reference>/", enquiries.show, name="provider_enquiry"),
    path("enquiries/<uuid:reference>/ask/<slug:slug>/", enquiries.ask, name="provider_enquiry_ask"),
    path("enquiries/<uuid:reference>/<slug:act>/", enquiries.act, name="provider_enquiry_act"),
    path("referrals/<uuid:reference>/promise/", promising.promise, name="provider_promise"),
    path("referrals/<uuid:reference>/pause/", promising.pause, name="provider_pause"),
    path("referrals/<uuid:reference>/go-on/", promising.go_on, name="provider_go_on"),
    path("promises/<uuid:reference>/done/", promising.done, name="provider_promise_done"),
    path("referrals/<uuid:reference>/", intake.referral, name="provider_referral"),
    path("referrals/<uuid:reference>/step/<slug:step>/", intake.step, name="provider_step"),
    path("referrals/<uuid:reference>/together/", intake.together, name="provider_together"),
    path("referrals/<uuid:reference>/before/", intake.weigh, name="provider_weigh"),
    path("referrals/<uuid:reference>/decline/", intake.decline, name="provider_decline_referral"),
]
