"""The browser the other tests drive: it opens the sign-in page on a desk and on a phone, and hears complaints."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_sign_in_page_opens_on_a_desk_in_chinese(page, live_server):
    page.goto(live_server.url + reverse("sign_in"))
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator("input[type=password]").is_visible()


def test_the_sign_in_page_fits_a_phone(phone, live_server):
    phone.goto(live_server.url + reverse("sign_in"))
    assert phone.locator("input[type=password]").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_violation_of_the_content_security_policy_is_a_complaint(page, live_server, complaints):
    page.goto(live_server.url + reverse("sign_in"))
    page.evaluate("document.body.appendChild(document.createElement('script')).textContent = 'window.harm = 1'")
    page.wait_for_timeout(200)
    assert any("Content Security Policy" in text for text in complaints)
    assert page.evaluate("window.harm") is None
    complaints.clear()
