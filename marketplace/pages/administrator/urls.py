"""Where the addresses of the administrators' door lead."""

from django.urls import path

from marketplace.pages.administrator import invitations, organisations, overdue, people, waiting

urlpatterns = [
    path("", people.listing, name="admin_people"),
    path("people/<uuid:reference>/", people.person, name="admin_person"),
    path("people/<uuid:reference>/give/", people.give, name="admin_give"),
    path("people/<uuid:reference>/check/", people.check, name="admin_check"),
    path("people/<uuid:reference>/off/", people.switch_off, name="admin_off"),
    path("people/<uuid:reference>/on/", people.switch_on, name="admin_on"),
    path("people/<uuid:reference>/suspend/<uuid:place>/", people.suspend, name="admin_suspend"),
    path("people/<uuid:reference>/resume/<uuid:place>/", people.resume, name="admin_resume"),
    path("roles/<uuid:reference>/end/", people.end, name="admin_end"),
    path("roles/<uuid:reference>/change/", people.change, name="admin_change"),
    path("checks/<uuid:reference>/end/", people.uncheck, name="admin_uncheck"),
    path("invitations/", invitations.page, name="admin_invitations"),
    path("invitations/<uuid:reference>/withdraw/", invitations.withdraw, name="admin_withdraw"),
    path("waiting/", waiting.listing, name="admin_waiting"),
    path("approvals/", overdue.listing, name="admin_approvals"),
    path("approvals/<uuid:reference>/", overdue.approval, name="admin_approval"),
    path("organisations/", organisations.listing, name="admin_organisations"),
    path("organisations/new/", organisations.new, name="admin_organisation_new"),
    path("organisations/<uuid:reference>/", organisations.edit, name="admin_organisation"),
]
