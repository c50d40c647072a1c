"""Where the addresses about mentors lead: everybody's, her own, and those of who keeps them."""

from django.urls import URLPattern, path

from marketplace.pages import mentor_self
from marketplace.pages.provider import checks
from marketplace.pages.provider import mentors as theirs
from marketplace.pages.public import mentors

urlpatterns: list[URLPattern] = [
    path("mentors/", mentors.gallery, name="mentors"),
    path("mentors/picture/<uuid:reference>/", mentors.picture, name="mentor_picture"),
    path("mentors/me/", mentor_self.page, name="mentor_self"),
    path("mentors/me/<uuid:reference>/<slug:part>/", mentor_self.change, name="mentor_self_change"),
    path("mentors/link/<str:token>/", mentor_self.link, name="mentor_link"),
    path("provider/mentors/", theirs.overview, name="provider_mentors"),
    path("provider/mentors/<uuid:reference>/", theirs.show, name="provider_mentor"),
    path(
        "provider/mentors/<uuid:reference>/contact/",
        theirs.contact,
        name="provider_mentor_contact",
    ),
    path(
        "provider/mentors/<uuid:reference>/change/<slug:part>/",
        theirs.change,
        name="provider_mentor_change",
    ),
    path(
        "provider/mentors/<uuid:reference>/act/<slug:name>/",
        theirs.act,
        name="provider_mentor_act",
    ),
    path("provider/services/<uuid:reference>/checks/", checks.page, name="provider_checks"),
    path(
        "provider/services/<uuid:reference>/checks/<uuid:check>/end/",
        checks.end,
        name="provider_check_end",
    ),
]
