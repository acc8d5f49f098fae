"""Addresses of the accounts pages."""

from django.urls import path

from accounts import views
from accounts.second_factor import views as second_factor
from accounts.single_sign_on import views as single_sign_on

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", second_factor.verify, name="second_factor_verify"),
    path("sign-in/emergency/<str:token>/", views.break_glass, name="break_glass"),
    # The names are mozilla-django-oidc's, which reverses them.
    path("oidc/authenticate/", single_sign_on.to_provider, name="oidc_authentication_init"),
    path("oidc/callback/", single_sign_on.from_provider, name="oidc_authentication_callback"),
    path("sign-out/", single_sign_on.sign_out, name="sign_out"),
    path("me/", views.preferences_page, name="preferences"),
    path("me/password/", views.password_change, name="password_change"),
    path("me/second-factor/", second_factor.second_factor, name="second_factor"),
    path("me/second-factor/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("me/second-factor/off/", second_factor.second_factor_off, name="second_factor_off"),
    path("me/shortcuts/", views.shortcuts, name="shortcuts"),
    path("language/", views.language, name="language"),
    path("matrix/", views.matrix, name="matrix"),
]
