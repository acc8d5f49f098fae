"""The courses a case may take, as steps with times: how it is registered, worked on, answered and ended.

A life is planned forward from its registration. The open stock of the present (stock.py) uses the same building blocks
with times counted back from a deadline.
"""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Unit
from config.demo_city.cases import Case
from config.demo_city.hours import in_office
from config.demo_city.world import World
from dispatch.actions import clocks
from petitions.models import Purpose, Urgency


def minutes(case: Case, low: float, high: float) -> timedelta:
    return timedelta(minutes=case.rng.uniform(low, high))


def hours(case: Case, low: float, high: float) -> timedelta:
    return minutes(case, low * 60, high * 60)


class Life:
    """Appends steps to a case. `at` is the moment of the last one."""

    def __init__(self, case: Case, world: World, at: datetime):
        self.case, self.world, self.at = case, world, at

    def wait(self, span: timedelta, *, office: bool = True) -> None:
        """Let time pass; into office hours unless somebody works round the clock."""
        self.at += span
        if office and not self.case.matter.is_urgent:
            self.at = in_office(self.at, self.case.rng, clocks.calendar())

    def do(self, kind: str, **data: Any) -> None:
        self.case.add(kind, self.at, **data)

    # -- building blocks ---------------------------------------------------------------------------------------------

    def register(self) -> None:
        self.do("register")
        if self.case.matter.purpose == Purpose.ACCUSE:
            self.at += minutes(self.case, 3, 20)
            self.do("name_person", who=self.case.replier)

    def dispatch(self) -> None:
        name = "instruction_urgent" if self.case.matter.is_urgent else "instruction"
        self.do("dispatch", text=self.case.teller.phrase(name))
        if self.case.urgency == Urgency.EXTRA:
            self.do("report_up")

    def sign(self) -> None:
        self.do("sign")
        self.at += minutes(self.case, 2, 25)
        self.do("assign")
        self.do("tell")

    def contact(self) -> None:
        if self.case.is_anonymous:
            return
        means = self.case.rng.choices(["phone", "visit", "meeting", "message"], [8, 2, 1, 1])[0]
        self.do("contact", means=means, text=self.case.teller.word("contact"))

    def feed_back(self, outcome: str) -> None:
        is_good = outcome in {"solved", "partly"}
        findings = self.case.teller.word("solved" if is_good else "other")
        self.case.teller.slots["findings"] = findings
        explanation = "" if outcome == "solved" else self.case.teller.word("why")
        self.do("feed_back", outcome=outcome, text=findings, explanation=explanation)

    def check(self) -> None:
        self.do("check", passes=True, text=self.case.teller.phrase("pass_check"))

    def call_back(self, score: int) -> None:
        if self.case.is_anonymous:
            return
        self.do("call_back", score=score, text=self.case.teller.phrase(f"said_{score}"))

    def reply(self) -> None:
        teller = self.case.teller
        name = "" if self.case.is_anonymous else self.case.person.name
        head = teller.phrase("reply_head", name=name or "信访人")
        self.do("reply", text=f"{head}{teller.slots['findings']}{teller.phrase('reply_tail')}")

    def rate(self, score: int) -> None:
        if not self.case.is_anonymous:
            office = min(3, score + (self.case.rng.random() < 0.5))
            self.do("rate", office=office, unit=score, text=self.case.teller.phrase(f"rate_{score}"))

    def close(self, score: int) -> None:
        self.do("close", text=self.case.teller.phrase("close" if score > 1 else "close_1"))


def score_of(case: Case) -> int:
    """How the petitioner judges the work: 3 satisfied, 2 basically, 1 dissatisfied."""
    bad = case.profile.is_dissatisfied
    return case.rng.choices([3, 2, 1], [1 - bad - 0.12, 0.12, bad])[0]


def outcome_for(case: Case, score: int) -> str:
    if score == 1:
        return case.rng.choice(["explained", "unsolved", "partly"])
    return case.rng.choices(["solved", "partly", "explained"], [84, 8, 8])[0]


def whole_life(case: Case, world: World, start: datetime) -> None:
    """Plan a case from registration to its end, whatever end its kind and the dice give it."""
    life = Life(case, world, start)
    life.register()
    if not case.matter.is_handled:
        _at_the_office(life)
        return
    life.wait(minutes(case, 4, 15) if case.matter.is_urgent else hours(case, 0.3, 14))
    if case.rng.random() < case.profile.asks_return:
        _pass_the_buck(life)
    life.dispatch()
    if case.rng.random() < 0.025:
        life.wait(hours(case, 3, 40))
        life.do("withdraw", text=case.teller.phrase("withdraw"))
        return
    score = score_of(case)
    work(life, score)
    if score == 1 and case.rng.random() < 0.7:
        life.wait(hours(case, 1, 8))
        life.do("rework", text=case.teller.phrase("rework"))
        score = case.rng.choices([3, 2, 1], [5, 4, 1])[0]
        work(life, score)
    life.wait(timedelta(days=case.rng.triangular(0.1, 9, 1.5)))
    life.rate(score)
    life.at += minutes(case, 10, 240)
    life.close(score)
    if case.rng.random() < 0.008:
        _reopen(life)


def _at_the_office(life: Life) -> None:
    case = life.case
    is_call = case.register_unit.code == "NB-12345"
    if not case.matter.route:
        life.wait(minutes(case, 3, 18) if is_call else hours(case, 0.3, 20), office=not is_call)
        life.do("answer", text=case.teller.word("answer"))
        return
    life.wait(hours(case, 2, 60))
    life.do("lead_out", route=case.matter.route, text=case.teller.word("answer"))


def _pass_the_buck(life: Life) -> None:
    """Dispatched to the town first, which says it is not its own; recalled, and then to the right unit.

    Sometimes the right unit has had it before and said the same: the matter comes back to it.
    """
    case = life.case
    wrong = life.world.units[case.town.code]
    if wrong.code == case.unit.code:
        return
    if case.rng.random() < 0.3:
        _refuse(life, case.unit, wrong)
    _refuse(life, wrong, case.unit)


def _refuse(life: Life, unit: Unit, right: Unit) -> None:
    """One unit gets the matter, says whose it is instead, and the office takes it back."""
    case = life.case
    life.do("dispatch", unit=unit, text=case.teller.phrase("instruction"))
    life.wait(hours(case, 2, 22))
    note = case.teller.phrase("not_ours", right=right.short_name)
    life.do("note", who=life.world.post(unit.code, "leader", case.rng), text=note)
    life.wait(hours(case, 1, 20))
    life.do("recall", text=case.teller.phrase("recall"))
    life.at += minutes(case, 4, 40)


def take_up(life: Life) -> None:
    """Signed for, assigned, and the person spoken with."""
    case = life.case
    life.wait(case.profile.sign_after(case.rng, case.urgency))
    life.sign()
    life.wait(case.profile.contact_after(case.rng, case.urgency))
    if case.rng.random() < 0.12 and not case.is_anonymous and not case.matter.is_urgent:
        life.do("miss_contact", text=case.teller.phrase("miss_contact"))
        life.wait(hours(case, 1, 7))
    life.contact()


def work(life: Life, score: int) -> None:
    """From the waiting order to the reply."""
    case = life.case
    take_up(life)
    if case.rng.random() < 0.3:
        life.wait(hours(case, 0.3, 10))
        life.do("note", who=case.handler, text=case.teller.word("note"))
    life.wait(case.profile.handle_in(case.rng, case.urgency))
    outcome = outcome_for(case, score)
    life.feed_back(outcome)
    life.wait(hours(case, 0.3, 16))
    if case.rng.random() < case.profile.is_sent_back:
        life.do("check", passes=False, text=case.teller.phrase("send_back"))
        life.wait(hours(case, 3, 26))
        life.feed_back(outcome)
        life.wait(hours(case, 0.3, 8))
    finish(life, score)


def finish(life: Life, score: int) -> None:
    """Check, callback and reply."""
    case = life.case
    life.check()
    life.wait(hours(case, 1, 22), office=True)
    if case.rng.random() < 0.1 and not case.is_anonymous:
        life.do("miss_call", text=case.teller.phrase("miss_call"))
        life.wait(hours(case, 2, 9))
    life.call_back(score)
    life.wait(hours(case, 0.2, 7))
    life.reply()


def _reopen(life: Life) -> None:
    case = life.case
    life.wait(timedelta(days=case.rng.uniform(3, 12)))
    life.do("reopen", text=case.teller.phrase("reopen"))
    life.wait(hours(case, 0.4, 6))
    life.dispatch()
    work(life, 2)
    life.wait(timedelta(days=1))
    life.rate(2)
    life.at += minutes(case, 10, 60)
    life.close(2)


def shift(case: Case, span: timedelta) -> None:
    """Move a whole planned life back in time."""
    case.steps = [type(step)(step.at - span, step.order, step.kind, step.data) for step in case.steps]
