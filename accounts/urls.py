"""Addresses of the accounts pages."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("me/", views.preferences_page, name="preferences"),
    path("me/password/", views.password_change, name="password_change"),
    path("me/shortcuts/", views.shortcuts, name="shortcuts"),
    path("language/", views.language, name="language"),
    path("matrix/", views.matrix, name="matrix"),
]
