"""Every address of ours, by front door."""

from django.urls import URLPattern, URLResolver, include, path

from marketplace.pages import health, mail, notices, sign_in, told
from marketplace.pages.safety import urls as safety

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketplace.pages.public.urls")),
    path("", include("marketplace.pages.records_urls")),
    path("family/", include("marketplace.pages.family.urls")),
    *(path(f"{door}/", include(safety.addresses(door))) for door in safety.ROLES),
    path("advocate/", include("marketplace.pages.advocate.urls")),
    path("provider/", include("marketplace.pages.provider.urls")),
    path("commissioner/", include("marketplace.pages.commissioner.urls")),
    path("told/<uuid:reference>/", told.page, name="told"),
    path("told/<uuid:reference>/check/", told.check, name="told_check"),
    path("front-door/", sign_in.front_door, name="front_door"),
    path("go/<slug:kind>/<uuid:reference>/", notices.go, name="go"),
    path("demo/sign-in/", sign_in.demo_sign_in, name="demo_sign_in"),
    path("demo/mail/", mail.mailbox, name="demo_mail"),
    path("demo/mail/<slug:name>/", mail.message, name="demo_mail_message"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
