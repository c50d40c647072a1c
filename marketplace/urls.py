"""Where each address leads; the pages' own addresses are in `pages/urls.py`."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from marketplace.pages import catalogue_gate

# Wagtail checks permission for a kind of entry only; the gate checks every entry's address.
gated = decorate_urlpatterns(wagtailadmin_urls.urlpatterns, catalogue_gate.gate)

# One sign-in for everybody: the admin's and Wagtail's own are not used.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Alongside"
# allauth's tables list every sign-in, families' too, and no family is in an admin.
admin.site.unregister([EmailAddress, Authenticator])
to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("cms/login/", to_sign_in),
    path("cms/password_reset/", to_sign_in),
    path("cms/", include(gated)),
    path("", include("marketplace.pages.urls")),
]
