"""Files in the browser: sent ahead one by one, refused by themselves, looked at with the arrow keys."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from petitions import attachments, previews
from petitions.models import Attachment
from tests.city import City, make_order
from tests.files import pdf, photo, picture


@pytest.mark.django_db(transaction=True)
def test_files_are_sent_ahead_and_a_bad_one_keeps_the_others(
    city: City, page: Any, complaints: list[str], live_server: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    order = make_order(city)
    signed_in(page, city.officer)
    page.goto(f"{live_server.url}/petitions/{order.petition_id}/")
    page.set_input_files(
        "input[data-files]",
        [
            {"name": "手机照片.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(400, 300))},
            {"name": "坏.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"},
            {"name": "𠮷野家😀.txt", "mimeType": "text/plain", "buffer": "字".encode()},
        ],
    )
    page.locator(".files .is-bad").wait_for()
    page.locator(".files [data-held]").nth(1).wait_for()
    # The browser writes the refusal of the one file into its console: provoked.
    assert complaints and all("422" in line for line in complaints)
    complaints.clear()
    page.fill("textarea[name=text]", "现场查看，附照片。")
    page.click("form.cmp .btn--brand")
    page.locator(".ev__f .au").first.wait_for()
    names = set(Attachment.objects.values_list("name", flat=True))
    assert names == {"手机照片.jpg", "𠮷野家😀.txt"}


@pytest.mark.parametrize("changes_mind", [False, True])
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_while_a_file_is_under_way_goes_when_the_file_is_in(
    city: City, page: Any, live_server: Any, signed_in: Callable[[Any, Any], Any], changes_mind: bool
) -> None:
    order = make_order(city)
    signed_in(page, city.officer)
    page.goto(f"{live_server.url}/petitions/{order.petition_id}/")
    held: list[Any] = []
    page.route("**/hold/", lambda route: held.append(route))
    page.fill("textarea[name=text]", "现场查看，附照片。")
    with page.expect_request("**/hold/"):
        page.set_input_files("input[data-files]", [{"name": "记录.txt", "mimeType": "text/plain", "buffer": b"abc"}])
    page.click("form.cmp .btn--brand")
    if changes_mind:
        page.locator("textarea[name=text]").press_sequentially("再补充一句。")
    assert not Attachment.objects.exists()
    held[0].continue_()
    if changes_mind:
        page.locator(".files [data-held]").wait_for()
        page.click("form.cmp .btn--brand")
    page.locator(".ev__f .au").first.wait_for()
    assert Attachment.objects.get().name == "记录.txt"
    assert page.locator("text=再补充一句。").count() == int(changes_mind)


@pytest.mark.django_db(transaction=True)
def test_the_viewer_turns_pages_with_the_arrow_keys(
    city: City, page: Any, live_server: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    order = make_order(city)
    for name, content in (("现场.png", picture("PNG", (800, 600))), ("报告.pdf", pdf(2))):
        upload = SimpleUploadedFile(name, content)
        attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at)
    previews.make_waiting(at=city.at)
    signed_in(page, city.handler)
    page.goto(f"{live_server.url}/petitions/{order.petition_id}/?tab=matter")
    page.locator("a.au[data-dialog]").first.click()
    for title in ("现场.png", "报告.pdf", "报告.pdf"):
        page.locator("#dlg-h", has_text=title).wait_for()
        page.locator("[data-viewer] img").wait_for()
        page.keyboard.press("ArrowRight")
    page.locator("[data-viewer]", has_text="第 2 页").wait_for()
