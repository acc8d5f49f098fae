"""People at their desks who take documents and reviews through their pages; used by test_group_route."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from accounts.models import User
from petitions.models import Document, Hearing, Petition, ReviewRequest
from tests.e2e.test_main_job import Desk


class Wall:
    """The clock on the wall of the office: it runs, and a test may set it forward."""

    def __init__(self, at: datetime) -> None:
        self.move_to(at)

    def move_to(self, at: datetime) -> None:
        """Set the clock."""
        self.set_at, self.since = at, monotonic()

    def now(self) -> datetime:
        """What it shows: it goes on from where it was set."""
        return self.set_at + timedelta(seconds=monotonic() - self.since)


class Office(Desk):
    """Somebody at a desk, with documents, reviews and hearings in hand.

    `session(page, user)` opens a session for the next person; the form itself is tried by test_main_job.
    """

    def __init__(self, page: Any, url: str, session: Callable[[Any, Any], Any]) -> None:
        super().__init__(page, url)
        self.session = session

    def sign_in(self, username: str) -> None:
        self.page.context.clear_cookies()
        self.session(self.page, User.objects.get(username=username))

    def as_(self, username: str, petition: Petition) -> "Office":
        """Another person sits down and opens the case."""
        self.sign_in(username)
        self.case(petition)
        return self

    def chip(self, words: str) -> None:
        """Wait until the status chip at the top says so."""
        self.page.wait_for_selector(f".idb .st:has-text('{words}')")

    def write(self, step: str, **values: str) -> None:
        """Fill in fields of a step's form."""
        for name, value in values.items():
            self.form(step).locator(f"[name={name}]").first.fill(value)

    def pick(self, step: str, name: str, value: Any) -> None:
        """Tick or choose by label, as a finger would."""
        box = self.form(step).locator(f"input[name={name}][value='{value}']")
        self.page.locator(f"label[for={box.get_attribute('id')}]").first.click()

    def done(self, step: str) -> None:
        """Send a step's form and wait until it is gone; a refusal fails with what it says."""
        form = self.form(step)
        form.locator(".form__foot button:not([type=button])").last.click()
        try:
            form.wait_for(state="hidden")
        except PlaywrightError as error:
            wrong = form.locator("[data-form-errors], .field__error").all_inner_texts()
            raise AssertionError(f"{step} is refused: {wrong}") from error

    def confirm(self, step: str) -> None:
        """Send a form that is shown once more before it goes out."""
        self.form(step).locator(".form__foot button:not([type=button])").last.click()
        button = self.page.locator("button[name=confirmed]:visible")
        button.click()
        button.wait_for(state="hidden")

    @contextmanager
    def step(self, name: str) -> Iterator[Any]:
        """Open a step, fill it in within the block, and send it."""
        self.open_step(name)
        yield self.form(name)
        self.done(name)

    # ---- documents ----

    def paper(self, petition: Petition, kind: str) -> Document:
        """The newest document of a kind, opened from the case's tab, as a person finds it."""
        document = Document.objects.filter(petition=petition, kind=kind).latest("pk")
        if self.page.url == f"{self.url}/documents/{document.pk}/":
            return document
        self.page.goto(f"{self.url}/petitions/{petition.pk}/?tab=documents")
        self.page.locator(f".doclist a[href='/documents/{document.pk}/']").first.click()
        self.page.wait_for_url(f"**/documents/{document.pk}/")
        return document

    def begin(self, petition: Petition, kind: str) -> None:
        """Begin a letter no step calls for, from the menu of the documents tab."""
        self.page.goto(f"{self.url}/petitions/{petition.pk}/?tab=documents")
        self.page.locator("details.menu--docs summary").click()
        self.page.locator(f"button[name=kind][value={kind}]").click()
        self.page.wait_for_url("**/documents/*/")

    def draft(self, petition: Petition, kind: str, **values: str) -> Document:
        """Fill in the draft and submit it for sign-off."""
        document = self.paper(petition, kind)
        form = self.page.locator("#doc-form")
        for name, value in values.items():
            field = form.locator(f"[name='{name}']")
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        form.locator("button[name=submit]").click()
        self.page.wait_for_url("**/do/submit/")
        self.done("submit")
        self.chip("签批中")
        return document

    def sign_paper(self, petition: Petition, kind: str, shows: str = "已签发，待编号") -> None:
        """Give the signature that is due."""
        self.paper(petition, kind)
        with self.step("sign"):
            pass
        self.chip(shows)

    def issue(self, petition: Petition, kind: str) -> str:
        """Number and issue; returns the number that stands on the page."""
        self.paper(petition, kind)
        with self.step("issue"):
            pass
        self.chip("已印发，待送达")
        return str(self.page.locator(".idb h1 .num").inner_text()) if self.page.locator(".idb h1 .num").count() else ""

    def deliver(self, petition: Petition, kind: str, way: str, **details: str) -> None:
        """Record how it was delivered; by hand and left with a witness it is delivered then."""
        self.paper(petition, kind)
        self.open_step("deliver")
        self.pick("deliver", "way", way)
        self.write("deliver", **details)
        self.done("deliver")
        if way in {"by_hand", "refused"}:
            self.chip("已送达")

    def own_letter(self, petition: Petition, kind: str, way: str, details: dict[str, str], **values: str) -> str:
        """A letter one person drafts, signs, issues and delivers; the number it was given."""
        self.draft(petition, kind, **values)
        self.sign_paper(petition, kind)
        number = self.issue(petition, kind)
        self.deliver(petition, kind, way, **details)
        return number

    # ---- reviews and hearings ----

    def review(self, petition: Petition, stage: str) -> ReviewRequest:
        """Open the request from the list of reviews."""
        row = ReviewRequest.objects.get(petition=petition, stage=stage)
        self.page.goto(f"{self.url}/reviews/")
        self.page.locator(f"a[href='/reviews/{row.pk}/']").first.click()
        self.page.wait_for_url(f"**/reviews/{row.pk}/")
        return row

    def hearing(self, petition: Petition) -> Hearing:
        """Open the hearing from the list of hearings."""
        row = Hearing.objects.get(petition=petition)
        self.page.goto(f"{self.url}/hearings/")
        self.page.locator(f"a[href='/hearings/{row.pk}/']").first.click()
        self.page.wait_for_url(f"**/hearings/{row.pk}/")
        return row

    def why(self) -> str:
        """What the dialog “Why this date” of the case's deadline says."""
        self.page.locator(".slal a[data-dialog]").click()
        dialog = self.page.locator("#dlg")
        dialog.locator(".dlg__b").wait_for()
        words = str(dialog.inner_text())
        self.page.keyboard.press("Escape")
        return words


class Citizen:
    """The petitioner with a telephone and the query code of the slip."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url

    def enter(self, petition: Petition) -> None:
        """Through the front door to the matter."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.url}/portal/")
        self.page.locator("a.door--main").tap()
        self.page.fill("#id_code", petition.query_code.lower())
        self.page.locator("form.form button.go").tap()
        self.page.wait_for_url("**/portal/matter/")

    def open_letter(self, words: str) -> str:
        """Receive the letter of this title; returns its text."""
        self.page.goto(f"{self.url}/portal/matter/letters/")
        self.page.locator("a.doc", has_text=words).first.tap()
        self.page.wait_for_url(re.compile(r"/letters/[\w-]+/$"))
        button = self.page.locator("main form button.go")
        if button.count():
            button.tap()
        self.page.wait_for_selector("article.paper")
        return str(self.page.inner_text("article.paper"))

    def send(self, key: str, **values: str) -> None:
        """Take a step of the matter's page."""
        self.page.goto(f"{self.url}/portal/matter/")
        self.page.locator(f"a[href$='/portal/matter/do/{key}/']").tap()
        for name, value in values.items():
            self.page.fill(f"#id_{name}", value)
        self.page.locator("form.form button.go").first.tap()
        self.page.wait_for_url("**/portal/matter/")
