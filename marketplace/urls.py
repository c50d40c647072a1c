"""Where each address leads; the pages' own addresses are in `pages/urls.py`."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from marketplace.pages import catalogue_gate, catalogue_proposals

# Wagtail checks permission for a kind of entry only; the gate checks every entry's address.
gated = decorate_urlpatterns(
    [*catalogue_proposals.urlpatterns, *wagtailadmin_urls.urlpatterns], catalogue_gate.gate
)

# One sign-in for everybody: Wagtail's own is not used, and Django's admin is not served at all,
# since it writes rows and not history; `/admin/` is ours.
to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("cms/login/", to_sign_in),
    path("cms/password_reset/", to_sign_in),
    path("cms/", include(gated)),
    path("", include("marketplace.pages.urls")),
]
