"""What happens to one file: command, the five renewals, the plan, tasks, the settlement, acceptance, what comes after.

A step plans the next one, so a file that is slow, or stuck, is simply where its speed has carried it by now.
"""

from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from backlog.actions import acceptance, command, milestones, nominate, renewals, tasking, watching, writing
from backlog.actions.acceptance import Application
from backlog.actions.command import TaskDraft
from backlog.models import Assessment, BacklogCase, Milestone, Task
from backlog.states import OPEN_CASE_STATES, CaseState, Duty, Stage, TaskState
from config.demo_city.backlog.calendar import Act, Year, hand
from config.demo_city.backlog.files import File, propose, take_up
from dispatch.clocks import city_day
from petitions.states import Refused

_TALK = "包案领导带队上门，当面听取诉求两个多小时，逐项记录五点意见，约定两周内反馈核查结果，并留下联系方式。"
_RENEWED = {
    Stage.RESPONSIBILITY: "重新明确责任单位、包案领导和专班成员，签订责任书，明确每周碰头。",
    Stage.FACTS: "调阅历年卷宗、会议纪要和台账，走访当事人和经办人，事实、症结和政策依据重新梳理完毕。",
    Stage.PLAN: "专班会商并征求法律顾问意见，形成一案一方案，节点和责任人逐项排定。",
    Stage.SETTLEMENT: "方案逐项落实，与信访人当面核对结果，双方无争议。",
}
_DUTIES = {
    Duty.KNOW: "阅卷并召集责任单位会商，掌握来龙去脉和症结。",
    Duty.PERSUADE: "上门与信访人及家属谈心，讲清政策依据和解决路径。",
    Duty.SOLVE: "现场办公协调三个部门，明确资金来源和办理时限。",
    Duty.HELP: "协调落实困难救助，走访慰问并解决就医问题。",
    Duty.END: "当面核对落实情况，信访人对结果表示认可。",
}
_ORDERS = (
    "请{unit}五个工作日内把底数摸清，逐户建档，列出政策依据。",
    "请{unit}会同属地镇街拿出资金方案，报专班会议审议。",
    "请{unit}主要负责人上门与信访人见面，情况书面报告。",
)
_PROGRESS = (
    "已完成入户核查，正在汇总权属和资金数据，下周提交专班会商。",
    "与信访人第三次见面，主要分歧集中在补偿标准，正请第三方复核。",
    "部门会签已完成两家，剩余一家本周内反馈；资金来源已初步落实。",
    "方案已征求信访人意见，多数人同意，继续做少数人工作。",
)
_DONE = "已按要求办结：台账、依据和会谈记录齐全，已报专班。"
_PLAN = (("逐户核查建档", 14), ("部门会商定方案", 30), ("与信访人协商签约", 55), ("政策兑现落实", 80))


class Course:
    """The life of one file. Each method is a step: it acts at its moment and plans what follows."""

    def __init__(self, file: File, year: Year, city: User) -> None:
        self.file, self.year, self.city = file, year, city
        self.round = 1

    def begin(self) -> None:
        """Plan the nomination; the rest follows from it."""
        at = self.year.begins + timedelta(days=self.file.listed_after - 5)
        self.year.put(self.year.office(at), self.nominate)

    def then(self, at: datetime, days: float, act: Act) -> None:
        """A step so many days later at the file's own speed."""
        self.year.after(at, self.file.days(days), act)

    # ---- onto the list ----

    def nominate(self, at: datetime) -> None:
        propose(self.file, at)
        if self.file.fate == "waiting":
            return
        self.year.after(at, self.file.rng.uniform(3, 7), self.decline if self.file.fate == "declined" else self.accept)

    def decline(self, at: datetime) -> None:
        reason = "尚在法定复查期限内，先按程序办理，不列入积案。"
        nominate.decline(self.file.pk, reason=reason, actor=hand(self.file.officer), at=at)

    def accept(self, at: datetime) -> None:
        take_up(self.file, at)
        if self.file.fate == "stuck" and self.file.number % 5 == 0:
            # Nobody has been named yet: the wall shows it.
            return
        self.year.after(at, self.file.rng.uniform(1, 4), self.lead)

    def lead(self, at: datetime) -> None:
        file = self.file
        command.lead(file.pk, official=file.official, note="请限期化解。", actor=hand(file.officer), at=at)
        self.then(at, 2, self.renew_responsibility)
        self.then(at, 9, self.duty(Duty.KNOW))
        self.year.after(at, 24, self.report)
        if file.rng.random() < 0.3:
            self.then(at, 12, self.instruct)

    # ---- the five renewals ----

    def _renew(self, stage: Stage, text: str, at: datetime) -> None:
        renewals.renew(self.file.pk, stage=stage, done_on=city_day(at), text=text, actor=hand(self.file.leader), at=at)

    def renew_responsibility(self, at: datetime) -> None:
        self._renew(Stage.RESPONSIBILITY, _RENEWED[Stage.RESPONSIBILITY], at)
        self.then(at, 7, self.renew_reception)

    def renew_reception(self, at: datetime) -> None:
        self._renew(Stage.RECEPTION, _TALK, at)
        if self.file.is_whole:
            self.then(at, 12, self.duty(Duty.PERSUADE))
        if not (self.file.fate == "stuck" and self.file.number % 2):
            self.then(at, 12, self.renew_facts)

    def renew_facts(self, at: datetime) -> None:
        names = ("demands", "facts", "legal_position", "sticking_point", "reasonableness")
        values = {name: self.word(name) for name in names}
        writing.assess(self.file.pk, values=values, actor=hand(self.file.leader), at=at)
        self._renew(Stage.FACTS, _RENEWED[Stage.FACTS], at + timedelta(minutes=20))
        if self.file.fate == "ended":
            self.then(at, 40, self.end_legally)
        elif self.file.fate != "stuck":
            self.then(at, 9, self.renew_plan)

    def renew_plan(self, at: datetime) -> None:
        file = self.file
        writing.assess(file.pk, values={"plan": self.word("plan")}, actor=hand(file.leader), at=at)
        today = city_day(at)
        # Planned at the file's own pace, with a little hope: some days will be missed.
        rows = [
            milestones.Planned(name, today + timedelta(days=max(5, int(file.days(days) * file.rng.uniform(0.95, 1.2)))))
            for name, days in _PLAN
        ]
        made = milestones.plan_all(file.pk, rows=rows, actor=hand(file.leader), at=at + timedelta(minutes=15))
        file.milestones = [row.pk for row in made]
        self._renew(Stage.PLAN, _RENEWED[Stage.PLAN], at + timedelta(minutes=30))
        self.then(at, 6, self.duty(Duty.SOLVE))
        for place, (_name, days) in enumerate(_PLAN):
            self.then(at, days - 2, self.reach(place))
        self.then(at, 57, self.agree)
        self.then(at, 84, self.renew_settlement)

    def reach(self, place: int) -> Act:
        def act(at: datetime) -> None:
            # Settled before its last days came: what was left of the plan ended with it.
            if self._state() not in OPEN_CASE_STATES:
                return
            row = Milestone.objects.get(pk=self.file.milestones[place])
            milestones.reach(row.pk, actual_on=city_day(at), actor=hand(self.file.leader), at=at)

        return act

    # ---- command ----

    def duty(self, duty: Duty) -> Act:
        def act(at: datetime) -> None:
            if self._state() in {CaseState.LISTED, CaseState.WORKING}:
                command.record_duty(
                    self.file.pk,
                    duty=duty,
                    done_on=city_day(at),
                    evidence=_DUTIES[duty],
                    actor=hand(self.leader()),
                    at=at,
                )

        return act

    def leader(self) -> User:
        """Who leads now: after a hand-over it is the successor."""
        found = BacklogCase.objects.select_related("leader__unit").get(pk=self.file.pk).leader
        assert found is not None
        return found

    def _state(self) -> CaseState:
        return CaseState(BacklogCase.objects.values_list("state", flat=True).get(pk=self.file.pk))

    def is_at_work(self) -> bool:
        """Taken up, and still to be settled."""
        return self.file.case is not None and self._state() in {CaseState.LISTED, CaseState.WORKING}

    def word(self, name: str) -> str:
        """A text of the file; in a second round it is written anew."""
        text = self.file.story.word(name)
        return text if self.round == 1 or name in {"way", "reasonableness"} else f"{text}（第二轮：已就新情况补充核实）"

    def instruct(self, at: datetime) -> None:
        if self._state() not in {CaseState.LISTED, CaseState.WORKING}:
            return
        file = self.file
        text = file.rng.choice(_ORDERS).format(unit=file.unit.short_name)
        due_on = city_day(at) + timedelta(days=file.rng.choice([7, 10, 14]))
        draft = TaskDraft(text=text, unit=file.unit, due_on=due_on)
        made = command.instruct(file.pk, text=f"此件久拖未决，{text}", tasks=[draft], actor=hand(self.leader()), at=at)
        self.watch(list(made.tasks.all()), at)

    def watch(self, tasks: list[Task], at: datetime) -> None:
        """The units report their tasks done, mostly in time, and whoever gave them confirms."""
        for task in tasks:
            slow = self.file.fate == "stuck" or self.file.rng.random() < 0.12
            days = (task.due_on - city_day(at)).days * (self.file.rng.uniform(1.1, 4) if slow else 0.8)
            self.year.after(at, max(days, 1), self.finish(task.pk))

    def finish(self, task_id: int) -> Act:
        def confirm(at: datetime) -> None:
            if Task.objects.get(pk=task_id).state == TaskState.REPORTED:
                tasking.confirm(task_id, actor=hand(self.file.officer), at=at)

        def report(at: datetime) -> None:
            if Task.objects.get(pk=task_id).state == TaskState.OPEN:
                tasking.report(task_id, result=_DONE, actor=hand(self.file.leader), at=at)
                self.year.after(at, self.file.rng.uniform(1, 3), confirm)

        return report

    def report(self, at: datetime) -> None:
        """The report of progress every few weeks; a stuck file's unit stops reporting."""
        if self._state() not in {CaseState.LISTED, CaseState.WORKING}:
            return
        writing.progress(self.file.pk, text=self.file.rng.choice(_PROGRESS), actor=hand(self.file.leader), at=at)
        if self.file.fate != "stuck":
            late = self.file.rng.random() < 0.08
            self.year.after(at, self.file.rng.uniform(20, 26) + (18 if late else 0), self.report)

    # ---- settlement and acceptance ----

    def agree(self, at: datetime) -> None:
        writing.agree(
            self.file.pk, agreement=self.word("agreement"), agreed_on=city_day(at), actor=hand(self.file.leader), at=at
        )

    def renew_settlement(self, at: datetime) -> None:
        file = self.file
        agreed_on = Assessment.objects.get(case=file.pk).agreed_on
        writing.agree(
            file.pk,
            agreement=self.word("agreement"),
            agreed_on=agreed_on or city_day(at),
            performance=self.word("performance"),
            performed_on=city_day(at),
            actor=hand(file.leader),
            at=at,
        )
        values = {"outcome": self.word("outcome"), "follow_up": "纳入三个月跟踪回访，由属地镇街每月走访一次。"}
        writing.assess(file.pk, values=values, actor=hand(file.leader), at=at + timedelta(minutes=10))
        self._renew(Stage.SETTLEMENT, _RENEWED[Stage.SETTLEMENT], at + timedelta(minutes=20))
        if self.file.is_whole:
            self.year.after(at, 2, self.duty(Duty.HELP))
            self.year.after(at, 4, self.duty(Duty.END))
        self.year.after(at, 6, self.apply)

    def apply(self, at: datetime) -> None:
        file, story = self.file, self.file.story
        application = Application(
            facts_clear="卷宗、会议纪要和逐户台账齐全，事实清楚。",
            basis="agreement",
            basis_evidence=story.word("performance"),
            help="given" if file.rng.random() < 0.4 else "not_due",
            help_evidence="已落实临时救助。" if file.rng.random() < 0.4 else "经走访，家庭生活无特殊困难。",
            informed_on=city_day(at),
            rating=file.rng.choice([4, 4, 5]),
            way=story.word("way"),
        )
        try:
            acceptance.apply(
                file.pk, application=application, text=story.word("outcome"), actor=hand(file.leader), at=at
            )
        except Refused:
            # A task is still open: the file has to wait for it.
            self.year.after(at, 6, self.apply)
            return
        self.year.after(at, file.rng.uniform(1, 5), self.sign)

    def sign(self, at: datetime) -> None:
        acceptance.sign(self.file.pk, text="情况属实，同意申请验收。", actor=hand(self.leader()), at=at)
        self.year.after(at, self.file.rng.uniform(3, 11), self.check)

    def check(self, at: datetime) -> None:
        file = self.file
        if file.rng.random() < 0.07:
            reason = "回访时信访人反映尚有尾款未到账，请核实后再报。"
            acceptance.send_back(file.pk, reason=reason, actor=hand(file.officer), at=at)
            self.year.after(at, 12, self.apply)
            return
        said = "电话回访信访人，确认已兑现，对结果满意。"
        text = "核查卷宗齐全，五个重新记录完整，协议已履行。"
        acceptance.check(
            file.pk,
            called="confirmed",
            said=said,
            rating=file.rng.choice([4, 5]),
            text=text,
            actor=hand(file.officer),
            at=at,
        )
        self.year.after(at, file.rng.uniform(3, 10), self.certify)

    def certify(self, at: datetime) -> None:
        file = self.file
        sample = file.rng.choice(["file", "call", "visit"])
        try:
            acceptance.certify(
                file.pk,
                sample=sample,
                way=file.story.word("way"),
                text="抽查属实，认定化解。",
                actor=hand(self.city),
                at=at,
            )
        except Refused:
            self.year.after(at, 5, self.certify)
            return
        self.year.after(at, file.rng.uniform(4, 20), self.strike_off)

    def strike_off(self, at: datetime) -> None:
        file = self.file
        watching.strike_off(file.pk, text="同意销号，纳入观察。", actor=hand(self.city), at=at)
        if file.fate == "rebounded":
            self.year.after(at, file.rng.uniform(12, 45), self.rebound)
        else:
            self.year.after(at, 181, self.observe)

    def observe(self, at: datetime) -> None:
        text = "观察期内未再反映，走访情况稳定。"
        watching.observe(self.file.pk, text=text, actor=hand(self.file.officer), at=at)

    def rebound(self, at: datetime) -> None:
        file = self.file
        reason = "信访人反映协议约定的配套道路未按期交付，属新情况，认定反弹。"
        watching.rebound(file.pk, reason=reason, actor=hand(file.officer), at=at)
        file.fate = "stuck" if file.rng.random() < 0.5 else "course"
        file.speed *= 1.5
        self.year.after(at, file.rng.uniform(4, 25), self.relist)

    def relist(self, at: datetime) -> None:
        watching.relist(self.file.pk, reason="重新列入，推倒重来。", actor=hand(self.file.officer), at=at)
        self.round += 1
        self.then(at, 3, self.renew_responsibility)
        self.year.after(at, 20, self.report)

    def end_legally(self, at: datetime) -> None:
        file = self.file
        words = "市中级人民法院作出终审判决，驳回赔偿请求；已向信访人释明判决结果及申诉途径，困难救助已衔接。"
        paper = SimpleUploadedFile("终审判决书摘要.txt", words.encode(), content_type="text/plain")
        watching.end_legally(file.pk, way="judicial", text=words, uploads=[paper], actor=hand(self.city), at=at)
