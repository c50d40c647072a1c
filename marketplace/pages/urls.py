"""Every address of ours, by front door."""

from django.urls import URLPattern, URLResolver, include, path

from marketplace.pages import (
    beside,
    catalogue_proposals,
    health,
    invited,
    mail,
    me,
    notices,
    quality,
    rules,
    sign_in,
    told,
)
from marketplace.pages.public import checking, problems
from marketplace.pages.safety import urls as safety

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketplace.pages.public.urls")),
    path("", include("marketplace.pages.mentor_urls")),
    path("", include("marketplace.pages.records_urls")),
    path("family/", include("marketplace.pages.family.urls")),
    *(path(f"{door}/", include(safety.addresses(door))) for door in safety.ROLES),
    path("advocate/", include("marketplace.pages.advocate.urls")),
    path("provider/", include("marketplace.pages.provider.urls")),
    path("commissioner/", include("marketplace.pages.commissioner.urls")),
    path("told/<uuid:reference>/", told.page, name="told"),
    path("told/<uuid:reference>/check/", told.check, name="told_check"),
    path("me/", me.page, name="me"),
    path("me/gain/", me.declare, name="me_declare"),
    path("me/gain/<uuid:reference>/end/", me.end_interest, name="me_end_interest"),
    path("beside/", beside.people, name="beside_people"),
    path("beside/danger/", beside.ring, name="beside_danger"),
    path("beside/<uuid:reference>/", beside.person, name="beside_person"),
    path("beside/<uuid:reference>/find/", beside.find, name="beside_find"),
    path("beside/<uuid:reference>/tell/<slug:slug>/", beside.tell, name="beside_tell"),
    path("beside/<uuid:reference>/chase/<uuid:promise>/", beside.chase, name="beside_chase"),
    path("beside/<uuid:reference>/end/", beside.stand_down, name="beside_end"),
    path("admin/", include("marketplace.pages.administrator.urls")),
    path("provider/quality/", quality.provider, name="provider_quality"),
    path("provider/quality/table.csv", quality.provider_csv, name="provider_quality_csv"),
    path("provider/quality/<uuid:reference>/", quality.check, name="provider_quality_check"),
    path("commissioner/quality/", quality.commissioner, name="commissioner_quality"),
    path(
        "commissioner/quality/table.csv", quality.commissioner_csv, name="commissioner_quality_csv"
    ),
    path("check/<str:token>/", checking.page, name="check"),
    path("services/<slug:slug>/problem/", problems.page, name="service_problem"),
    path("problem/<uuid:reference>/", problems.told, name="problem"),
    path("invitation/<str:token>/", invited.page, name="invitation"),
    path("rules/<uuid:reference>/", rules.rule, name="rule"),
    path("proposals/<uuid:reference>/", catalogue_proposals.find, name="catalogue_proposal"),
    path("front-door/", sign_in.front_door, name="front_door"),
    path("go/<slug:kind>/<uuid:reference>/", notices.go, name="go"),
    path("demo/sign-in/", sign_in.demo_sign_in, name="demo_sign_in"),
    path("demo/mail/", mail.mailbox, name="demo_mail"),
    path("demo/mail/<slug:name>/", mail.message, name="demo_mail_message"),
    path("openreferral/v3/", include("marketplace.pages.openreferral_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
