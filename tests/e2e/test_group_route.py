"""The whole route of one group petition, in the browser: joint letter, opinion, review with hearing, re-review, end.

Eleven people of seven roles and a citizen take every step on their own pages; every document is signed, numbered and
delivered; at the end the whole file is exported and verified with nothing but the standard library.
"""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from dispatch.actions import jobs
from petitions import events
from petitions.models import Document, Petition, ReviewRequest
from tests.city import MONDAY, VALID_ID, City
from tests.e2e.paperwork import Citizen, Office, Wall

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LETTER = "我们小区三号楼电梯自九月起停运，物业一直未修，六户老人出行困难，现联名请求尽快维修并追究物业责任。"
SUMMARY = "联名反映小区电梯停运两个月未修复"
SIGNERS = """*钱建国,,13812340001,南门街道某路1号201室
*孙丽华,,13812340002,南门街道某路1号301室
李秀英
吴国平
郑小明
王桂芳"""
REPLY = "经查，三号楼电梯主板损坏，已责令物业公司更换并通过检验，恢复运行。感谢您的反映。"


# The documents of the whole way in the order in which they are drafted; the record of a hearing carries no number.
PAPERS = (
    *("receipt", "transfer", "acceptance", "handling_opinion"),
    *("review_acceptance", "hearing_notice", "hearing_record", "review_opinion"),
    *("review_acceptance", "rereview_opinion", "termination"),
)
STYLE = re.compile(r"[\u4e00-\u9fff]+〔202[67]〕\d+号")


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """The time of the whole system, from a Monday morning on."""
    clock = Wall(MONDAY)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


class Route:
    """One petition on its way, with everybody who works on it."""

    def __init__(self, city: City, office: Office, citizen: Citizen, wall: Wall) -> None:
        self.city, self.office, self.citizen, self.wall = city, office, citizen, wall
        self.numbers: dict[str, str] = {}
        self.petition = Petition()

    def later(self, **span: float) -> None:
        self.wall.move_to(self.wall.now() + timedelta(**span))

    def by(self, username: str) -> Office:
        return self.office.as_(username, self.petition)

    # ---- 1. the petition office ----

    def register(self, *, again: bool = False) -> Petition:
        page = self.office.page
        page.goto(f"{self.office.url}/petitions/new/")
        page.fill("#id_name", "周小琴")
        page.fill("#id_phone", "13812345127")
        page.fill("#id_id_no", VALID_ID)
        page.fill("#id_home_address", "南门街道某路1号101室")
        page.fill("#id_content", LETTER)
        page.fill("#id_summary", SUMMARY)
        page.fill("#id_demand", "尽快维修电梯；追究物业责任。")
        page.select_option("#id_content_class", str(self.city.classes["0303"].pk))
        page.select_option("#id_route", "petition")
        page.select_option("#id_district", str(self.city.areas["330203"].pk))
        if not again:
            page.fill("#id_signers", SIGNERS)
        return Petition()

    def send_registration(self) -> Petition:
        page = self.office.page
        page.locator("form.reg .reg__foot button.btn--brand").click()
        page.wait_for_url(re.compile(r"/petitions/\d+/"))
        return Petition.objects.latest("pk")

    def intake(self) -> None:
        office = self.office
        office.sign_in("officer")
        self.register()
        self.petition = self.send_registration()
        signers = self.petition.petitioners.values_list("role", flat=True)
        assert sorted(signers) == ["main", "representative", "representative", *["signer"] * 4]
        office.case(self.petition)
        office.chip("已登记")
        office.open_step("notify_receipt")
        office.write("notify_receipt", text="您的来信已收到，由海曙区住建局按信访程序办理。")
        office.confirm("notify_receipt")
        self.numbers["receipt"] = office.own_letter(
            self.petition,
            "receipt",
            "by_hand",
            {"receiver": "钱建国"},
            route="本事项由海曙区住建局按信访程序办理",
            next_step="该局将自收到之日起15日内书面告知您是否受理",
        )
        office.case(self.petition)
        office.open_step("dispatch")
        assert office.form("dispatch").locator(f"[name=lead][value='{self.city.housing.pk}']").is_checked()
        office.done("dispatch")
        office.chip("办理中")
        office.begin(self.petition, "transfer")
        self.numbers["transfer"] = office.own_letter(
            self.petition,
            "transfer",
            "by_hand",
            {"receiver": "海曙区住建局收发室"},
            addressee="海曙区住建局",
            reason="该事项属于你单位职权范围",
            materials="联名信1份",
        )

    # ---- 2. the unit ----

    def handle(self) -> None:
        self.later(hours=3)
        office = self.by("handler")
        office.page.locator(".idb__act form[action*='/do/sign/'] button:visible").first.click()
        with office.step("contact"):
            office.write("contact", said="已与代表钱建国通话，约定周三上门查看。")
        office = self.by("leader")
        office.open_step("accept")
        office.write("accept", text="您的信访事项已受理，本局将自今日起60日内书面答复。")
        office.confirm("accept")
        self.assert_due("申诉求决类办结", "2027-01-15", "信访工作条例 第三十四条")
        self.numbers["acceptance"] = office.own_letter(
            self.petition, "acceptance", "post", {"tracking": "XA12345678933"}, contact="王若兰，0574-87000001"
        )
        self.later(days=3)
        office = self.by("handler")
        office.paper(self.petition, "acceptance")
        with office.step("receive"):
            office.write("receive", receiver="周小琴")
        office.chip("已送达")
        self.later(days=5)
        office = self.by("handler")
        with office.step("feed_back"):
            office.choose("outcome", "solved", "feed_back")
            office.write("feed_back", findings="电梯主板损坏，已责令物业更换，经检验合格后恢复运行。")
            office.form("feed_back").locator("[type=file]").set_input_files(
                {"name": "检验报告.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
            )
            # While a file is on its way the form does not go.
            office.form("feed_back").locator("[data-busy='1']").first.wait_for(state="detached")

    def assert_due(self, name: str, day: str, article: str) -> None:
        """A deadline of the case page ends on this day, by this article."""
        self.office.case(self.petition)
        self.office.page.locator("details.clocks > summary").click()
        line = self.office.page.locator("details.clock", has_text=name).first
        line.locator("summary").click()
        words = line.inner_text()
        assert day in words and article in words, words

    # ---- 3. opinion ----

    def answer(self) -> None:
        office = self.by("officer")
        with office.step("check"):
            office.choose("decision", "pass", "check")
        office.case(self.petition)
        with office.step("call_back"):
            for name, value in (("was_contacted", "yes"), ("solved", "partly"), ("level", "2")):
                office.choose(name, value, "call_back")
            office.write("call_back", why_not="物业没有承担责任。")
        office.case(self.petition)
        office.open_step("reply")
        office.write("reply", text=REPLY)
        office.confirm("reply")
        office.chip("已答复")

    def opinion(self) -> None:
        self.later(days=2)
        office = self.by("handler")
        office.draft(
            self.petition,
            "handling_opinion",
            **{
                "matters-0-facts": "三号楼电梯主板损坏，自九月五日起停运，物业公司未及时报修。",
                "matters-0-basis": "《中华人民共和国特种设备安全法》第三十八条",
                "matters-0-opinion": "partly",
                "matters-0-reason": "电梯已更换主板并恢复运行；物业责任由行业主管部门另行处理。",
            },
        )
        self.by("colleague").sign_paper(self.petition, "handling_opinion", shows="签批中")
        self.by("leader").sign_paper(self.petition, "handling_opinion")
        office = self.by("handler")
        self.numbers["handling_opinion"] = office.issue(self.petition, "handling_opinion")
        office.deliver(self.petition, "handling_opinion", "electronic")

    # ---- 4. the petitioner ----

    def read_and_ask(self) -> None:
        self.later(days=1)
        self.citizen.enter(self.petition)
        assert "海曙区政府" in self.citizen.open_letter("处理意见书")
        self.later(days=6)
        self.citizen.enter(self.petition)
        self.citizen.send("review", request="处理意见没有追究物业责任，请求撤销并重新作出。", facts="电梯停运两个月。")
        row = ReviewRequest.objects.get()
        assert row.is_by_citizen and row.target_unit == self.city.district

    # ---- 5. the district's reviewers ----

    def review(self) -> None:
        self.later(days=1)
        office = self.by("district_reviewer")
        self.assert_due("复查意见", "2027-01-04", "信访工作条例 第三十五条")
        office.review(self.petition, "review")
        office.open_step("admit_review")
        for name in ("district_reviewer", "district_second"):
            box = office.form("admit_review").locator(f"input[name=investigators][value='{self.city.people[name].pk}']")
            box.check()
        office.done("admit_review")
        self.numbers["review_acceptance"] = office.own_letter(
            self.petition, "review_acceptance", "by_hand", {"receiver": "周小琴"}
        )

    def hearing(self) -> None:
        office, people = self.office, self.city.people
        held = timezone.localtime(self.wall.now() + 14 * DAY).replace(hour=14, minute=30)
        office.review(self.petition, "review")
        with office.step("hold_hearing") as form:
            office.write("hold_hearing", subject="物业责任认定", place="三楼听证室")
            form.locator("[name=held_at]").fill(held.strftime("%Y-%m-%dT%H:%M"))
            form.locator("[name=chair]").select_option(str(people["lead_official"].pk))
            form.locator("[name=clerk]").select_option(str(people["district_officer"].pk))
            office.write("hold_hearing", guests="陈律师，律师\n黄代表，市人大代表", unit_people="徐文博，分管负责人")
        self.numbers["hearing_notice"] = office.own_letter(
            self.petition, "hearing_notice", "by_hand", {"receiver": "周小琴"}
        )
        self.wall.move_to(held)
        self.sit()

    def sit(self) -> None:
        office = self.office
        office.sign_in("district_reviewer")
        office.hearing(self.petition)
        with office.step("sit_hearing"):
            pass
        office.chip("听证进行中")
        for phase, words in (
            ("statement", "信访人陈述：电梯停运两个月，请求明确物业责任。"),
            ("answer", "承办单位答辩：电梯已修复，物业责任另行处理。"),
            ("final", "双方最后陈述，均无新的意见。"),
        ):
            form = office.page.locator("form.turns__new")
            form.locator("[name=phase]").select_option(phase)
            form.locator("[name=text]").fill(words)
            form.locator("button.btn--brand").click()
            office.page.locator("ol.turns", has_text=words).wait_for()
        self.later(hours=2)
        with office.step("end_hearing"):
            office.write("end_hearing", conclusion="事实清楚，处理意见适当。", report="争议在于物业责任，一致同意。")
        office.chip("已有结论")
        self.numbers["hearing_record"] = office.own_letter(
            self.petition, "hearing_record", "by_hand", {"receiver": "周小琴"}
        )
        office.hearing(self.petition)
        office.page.locator("a[href$='/publish/']").click()
        office.page.fill("[name=text]", "信访人与承办单位就电梯停运责任听证，听证组认为处理意见适当。")
        office.page.check("[name=confirmed]")
        office.page.locator("form.card .btn--brand").click()
        office.chip("结果已公示")

    def uphold(self) -> None:
        self.later(days=1)
        office = self.by("district_reviewer")
        office.chip("复查中")
        with office.step("decide_review"):
            office.pick("decide_review", "outcome", "uphold")
            office.write("decide_review", opinion="经复查并听证，原处理意见认定事实清楚，适用依据正确。决定予以维持。")
        self.numbers["review_opinion"] = office.own_letter(
            self.petition, "review_opinion", "by_hand", {"receiver": "周小琴"}
        )
        office.case(self.petition)
        office.chip("已办结")

    # ---- 6. re-review, and the end ----

    def rereview(self) -> None:
        self.later(days=10)
        office = self.by("officer")
        with office.step("ask_review"):
            office.write("ask_review", request="对复查意见不服，请求复核。")
        office.chip("复核中")
        self.assert_due("复核意见", "2027-01-28", "信访工作条例 第三十六条")
        self.later(days=1)
        office.sign_in("reviewer")
        office.review(self.petition, "rereview")
        office.open_step("admit_review")
        for name in ("reviewer", "second_reviewer"):
            office.form("admit_review").locator(f"input[value='{self.city.people[name].pk}']").check()
        office.done("admit_review")
        self.numbers["rereview_acceptance"] = office.own_letter(
            self.petition, "review_acceptance", "post", {"tracking": "XA12345678935"}
        )
        self.later(days=9)
        office = self.by("reviewer")
        office.paper(self.petition, "review_acceptance")
        with office.step("receive"):
            office.write("receive", receiver="周小琴")
        office.case(self.petition)
        with office.step("decide_review"):
            office.pick("decide_review", "outcome", "uphold")
            office.write("decide_review", opinion="经复核，复查意见认定事实清楚，适用依据正确。决定予以维持。")
        self.numbers["rereview_opinion"] = office.own_letter(
            self.petition, "rereview_opinion", "refused", {"witness": "社区干部马某"}
        )
        self.numbers["termination"] = office.own_letter(self.petition, "termination", "by_hand", {"receiver": "周小琴"})
        office.page.goto(f"{office.url}/petitions/{self.petition.pk}/?tab=procedure")
        assert "终结" in office.page.inner_text("main")
        self.petition.refresh_from_db()
        assert self.petition.end_way == "rereviewed"

    def told_the_end(self) -> None:
        """What the petitioner reads when all is over."""
        self.citizen.enter(self.petition)
        words = self.citizen.page.inner_text("main")
        assert "信访程序已终结" in words and "听证开始" in words
        assert not self.citizen.page.locator("a[href$='/do/review/']").count()
        self.citizen.page.goto(f"{self.citizen.url}/portal/hearings/")
        assert "听证组认为处理意见适当" in self.citizen.page.inner_text("main")

    def again(self) -> None:
        """The same matter comes in once more: no longer accepted is what the page proposes."""
        self.later(days=20)
        office, page = self.office, self.office.page
        office.sign_in("officer")
        self.register(again=True)
        page.locator("label.dup", has_text=self.petition.short_number).click()
        second = self.send_registration()
        assert second.repeat_of == self.petition
        office.case(second)
        office.page.locator(".idb__act a.btn--brand[href*='/do/no_longer_accept/']").wait_for()
        with office.step("no_longer_accept") as form:
            assert form.locator("input[name=ground][value=rereviewed]").is_checked()
            assert self.petition.number in form.locator("[name=explanation]").input_value()
        office.chip("不再受理")
        self.numbers["no_longer_accepted"] = office.own_letter(
            second, "no_longer_accepted", "by_hand", {"receiver": "周小琴"}
        )

    # ---- the file ----

    def export(self, username: str, folder: Path) -> Path:
        """Somebody takes the whole file out; unpacked into an empty folder."""
        folder.mkdir()
        office = self.by(username)
        office.page.goto(f"{office.url}/petitions/{self.petition.pk}/?tab=documents")
        office.page.locator(f"a[href='/petitions/{self.petition.pk}/export/']").click()
        office.page.fill("[name=reason]", "督查组调阅卷宗")
        with office.page.expect_navigation():
            office.page.locator("form.card .btn--brand").click()
        # A long file goes on in the background; here is the worker.
        while jobs.drain(now=timezone.now):
            pass
        office.page.reload()
        for ending in ("pdf", "zip"):
            with office.page.expect_download() as taken:
                office.page.locator(f"#copies a[href$='.{ending}']").first.click()
            taken.value.save_as(folder / f"file.{ending}")
        unpacked = folder / "unpacked"
        with zipfile.ZipFile(folder / "file.zip") as package:
            package.extractall(unpacked)
        return unpacked


def verify(folder: Path) -> tuple[int, str]:
    """Run the package's own verifier with plain Python, outside the project."""
    done = subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def a_pdf() -> bytes:
    """A page with nothing on it."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def route(
    city: City, live_server: Any, page: Any, phone: Any, wall: Wall, signed_in: Callable[[Any, Any], Any]
) -> Route:
    for screen in (page, phone):
        screen.context.set_default_timeout(30_000)
    return Route(city, Office(page, live_server.url, signed_in), Citizen(phone, live_server.url), wall)


@pytest.mark.timeout(900)
def test_a_group_petition_from_joint_letter_to_its_end(route: Route, tmp_path: Path) -> None:
    route.intake()
    route.handle()
    route.answer()
    route.opinion()
    route.read_and_ask()
    route.review()
    route.hearing()
    route.uphold()
    route.rereview()
    route.told_the_end()
    route.again()
    assert_papers(route)
    assert_package(route, tmp_path)


def assert_papers(route: Route) -> None:
    """Every document of the way was numbered in the office's style and delivered; the chain of events holds."""
    papers = Document.objects.filter(petition=route.petition).order_by("pk")
    assert tuple(paper.kind for paper in papers) == PAPERS
    assert {paper.state for paper in papers} == {"delivered"}
    numbers = [paper.number for paper in papers if paper.kind != "hearing_record"]
    assert not [number for number in numbers if not STYLE.fullmatch(number)]
    assert set(numbers) <= set(route.numbers.values())
    assert events.verify(route.petition.pk) is None


def assert_package(route: Route, folder: Path) -> None:
    """The inspector's copy is masked; the office's holds everything. Both verify; one changed byte is named."""
    seen = route.export("inspector", folder / "inspector")
    assert verify(seen)[0] == 0
    assert "周小琴" not in words_of(seen / "file.pdf")
    whole = route.export("officer", folder / "officer")
    code, said = verify(whole)
    assert code == 0 and "OK" in said, said
    words = words_of(whole / "file.pdf")
    assert "周小琴" in words
    own = Document.objects.filter(petition=route.petition).exclude(number="").values_list("number", flat=True)
    assert not [number for number in own if number not in words]
    paper = sorted(whole.glob("documents/*意见书.pdf"))[-1]
    flip(paper)
    code, said = verify(whole)
    assert code == 1 and paper.name in said and said.count("FAULT") == 1, said
    flip(paper)
    chain = whole / "events.jsonl"
    chain.write_text(chain.read_text(encoding="utf-8").replace("电梯", "电视", 1), encoding="utf-8")
    code, said = verify(whole)
    assert code == 1 and "events.jsonl" in said and re.search(r"event \d+", said), said


def flip(path: Path) -> None:
    """Change one byte, or change it back."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def words_of(path: Path) -> str:
    """The text of a PDF, without the blanks of its setting."""
    return "".join(page.extract_text() for page in PdfReader(path).pages).replace(" ", "").replace("\n", "")
