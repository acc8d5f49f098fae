"""What the city does together: weekly dispatches, receptions, joint supervisions, reports, a change of office."""

from datetime import datetime, timedelta
from functools import partial
from random import Random

from accounts.models import User
from backlog.actions import agenda, forces, handovers, meetings, receiving, receptions, visits
from backlog.actions.agenda import TaskDraft
from backlog.actions.receiving import Visit
from backlog.models import BacklogCase, Workgroup
from backlog.score import scores
from backlog.states import ItemOutcome, ReceptionKind, ReceptionResult
from config.demo_city import people
from config.demo_city.backlog.calendar import Year, hand
from config.demo_city.backlog.course import Course
from config.demo_city.backlog.officials import Command
from config.demo_city.world import World
from dispatch.clocks import city_day

# The model year of the article: 25 meetings, 78 hard cases (domain-facts §9.1, row 7).
MEETINGS, DISCUSSED = 25, 78
_QUESTIONS = (
    "资金缺口由谁承担、何时到位？",
    "政策口径不一致，请市级部门明确。",
    "跨部门手续卡点，请现场定责。",
    "信访人合理诉求部分能否先行兑现？",
)
_SAID = "责任单位汇报案情和症结，包案领导说明方案；相关部门逐项表态，分歧集中在资金和时限。"
_DECIDED = (
    "由{unit}牵头，两周内完成资金测算并报区政府审定。",
    "同意先行兑现无争议部分，{unit}十日内落实到户。",
    "市级部门三日内出具书面意见，{unit}据此推进。",
)
_OPENING = "主持人通报上周任务办理情况，强调挂图作战、限期销号，对逾期节点逐一点名。"


class City:
    """The city's common work, week by week."""

    def __init__(self, world: World, command: Command, year: Year, courses: list[Course], rng: Random) -> None:
        self.world, self.command, self.year, self.rng = world, command, year, rng
        self.courses = courses
        self.by_case: dict[int, Course] = {}
        self.left = min(DISCUSSED, max(6, len(courses) * DISCUSSED // 160))

    # ---- weekly dispatch ----

    def plan_meetings(self, count: int) -> None:
        """The last so many Wednesdays; the coming one is prepared."""
        today = city_day(self.year.until)
        last = today - timedelta(days=(today.weekday() - 2) % 7 or 7)
        days = [last - timedelta(weeks=week) for week in range(count)]
        for place, day in enumerate(sorted(days)):
            at = self.year.moment(self.year.work_day(day), 14 * 60 + 30)
            self.year.put(at, partial(self.meet, rest=count - place))
        coming = self.year.moment(last + timedelta(weeks=1), 14 * 60 + 30)
        if coming <= self.year.until:
            coming += timedelta(weeks=1)
        self.year.put(self.year.until - timedelta(hours=3), lambda at: self.prepare(at, coming))

    def meet(self, at: datetime, rest: int) -> None:
        """Planned the day before, held, minuted and closed."""
        secretary, chair = self.command.secretary, self.rng.choice(self.command.people[""])
        area = self.world.areas["330200"]
        before = at - timedelta(minutes=50)
        meeting = meetings.plan(
            area=area, starts_at=at, chair=chair, place="市信访局视频调度室", size=0, actor=hand(secretary), at=before
        )
        chosen = self.hardest(before, -(-self.left // rest))
        for case_id in chosen:
            question = self.rng.choice(_QUESTIONS)
            agenda.add(meeting.pk, case_id, question=question, actor=hand(secretary), at=before)
        if not chosen:
            meetings.call_off(meeting.pk, reason="本周无上会案件。", actor=hand(secretary), at=before)
            return
        meetings.invite(meeting.pk, actor=hand(secretary), at=before + timedelta(minutes=10))
        self.hold(meeting.pk, at)

    def hold(self, meeting_id: int, at: datetime) -> None:
        secretary = self.command.secretary
        meeting = meetings.begin(meeting_id, actor=hand(secretary), at=at)
        for site in meeting.sites.select_related("unit"):
            attendees = f"{site.unit.short_name}专班成员{self.rng.randrange(3, 7)}人"
            meetings.attend(meeting_id, site.pk, has_joined=True, attendees=attendees, actor=hand(secretary), at=at)
        meetings.minute(meeting_id, text=_OPENING, actor=hand(secretary), at=at)
        for place, item in enumerate(meeting.items.select_related("case__lead_unit")):
            self.settle(item.pk, item.case, at + timedelta(minutes=15 * (place + 1)))
        meetings.close(meeting_id, actor=hand(secretary), at=at + timedelta(minutes=100))

    def settle(self, item_id: int, case: BacklogCase, at: datetime) -> None:
        """Decided with a task of its own, or adjourned."""
        course, unit = self.by_case[case.pk], case.lead_unit
        course.file.is_discussed = True
        self.left -= 1
        if unit is None or self.rng.random() < 0.12:
            words = "相关部门意见尚未形成，会后补充材料，下次会议再议。"
            agenda.settle(
                item_id, outcome=ItemOutcome.ADJOURNED, discussion=words, actor=hand(self.command.secretary), at=at
            )
            return
        decision = self.rng.choice(_DECIDED).format(unit=unit.short_name)
        due_on = city_day(at) + timedelta(days=self.rng.choice([7, 10, 14, 21]))
        item = agenda.settle(
            item_id,
            outcome=ItemOutcome.DECIDED,
            discussion=_SAID,
            decision=decision,
            tasks=[TaskDraft(text=decision, unit=unit, due_on=due_on)],
            actor=hand(self.command.secretary),
            at=at,
        )
        course.watch(list(item.tasks.all()), at)

    def hardest(self, at: datetime, count: int) -> list[int]:
        """The hardest cases by the score that have not been called this year."""
        self.by_case = {course.file.case.pk: course for course in self.courses if course.file.case is not None}
        fresh = [pk for pk, course in self.by_case.items() if not course.file.is_discussed]
        rows = BacklogCase.objects.filter(pk__in=fresh, state__in=["listed", "working"])
        found = sorted(scores(rows, at=at), key=lambda row: (-row.total, row.case_id))
        return [row.case_id for row in found[:count]]

    def prepare(self, at: datetime, starts_at: datetime) -> None:
        """The coming meeting with its proposed agenda."""
        chair, secretary = self.command.people[""][0], self.command.secretary
        area = self.world.areas["330200"]
        meeting = meetings.plan(
            area=area,
            starts_at=starts_at,
            chair=chair,
            place="市信访局视频调度室",
            size=6,
            actor=hand(secretary),
            at=at,
        )
        if meeting.items.exists():
            meetings.invite(meeting.pk, actor=hand(secretary), at=at + timedelta(minutes=5))

    # ---- receptions ----

    def plan_receptions(self, count: int) -> None:
        """So many days in the past, each with some batches, and one to come in every district."""
        length = (self.year.until - self.year.begins).days
        for place in range(count):
            code = self.rng.choice(list(self.command.people))
            official = self.rng.choice(self.command.people[code])
            days = 12 + (length - 14) * place / count
            day = self.year.work_day(city_day(self.year.begins + timedelta(days=days)))
            at = self.year.moment(day, self.rng.choice([9 * 60, 14 * 60]))
            self.year.put(at - timedelta(days=6), partial(self.announce, starts_at=at, code=code, official=official))
        for place, code in enumerate(sorted(self.command.people)):
            day = self.year.work_day(city_day(self.year.until) + timedelta(days=2 + place))
            at, official = self.year.moment(day, 9 * 60), self.command.people[code][0]
            now = self.year.until - timedelta(hours=6, minutes=place)
            self.year.put(now, partial(self.announce, starts_at=at, code=code, official=official, is_ahead=True))

    def announce(self, at: datetime, starts_at: datetime, code: str, official: User, is_ahead: bool = False) -> None:
        """Set and published; held when its day has come."""
        area = self.world.areas[code or "330200"]
        if receptions.collision(official, starts_at, starts_at + timedelta(hours=3)):
            return
        kind = self.rng.choice([ReceptionKind.HALL, ReceptionKind.HALL, ReceptionKind.DOWN, ReceptionKind.APPOINTED])
        plan = receptions.Plan(
            kind=kind,
            official=official,
            area=area,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            place=f"{area.name}社会治理中心领导接访室" if kind != ReceptionKind.DOWN else f"{area.name}便民服务中心",
            subjects="历史遗留、征地拆迁、农村农业",
        )
        clerk = self.clerk(code)
        day = receptions.set_day(plan, actor=hand(clerk), at=at)
        receptions.publish(day.pk, actor=hand(clerk), at=at + timedelta(minutes=5))
        if not is_ahead:
            self.year.put(starts_at + timedelta(minutes=20), partial(self.receive, day.pk, code))

    def clerk(self, code: str) -> User:
        """Who keeps the calendar there."""
        if not code:
            assert self.command.officer is not None
            return self.command.officer
        return self.world.star(f"{code}-PETITION", "officer")

    def receive(self, day_id: int, code: str, at: datetime) -> None:
        """Some batches, one of them about a case of the district, and the end of the day."""
        clerk = self.clerk(code)
        open_here = [
            course
            for course in self.courses
            if course.file.case is not None and course.file.district.code == code and course.is_at_work()
        ]
        for place in range(self.rng.randrange(2, 6)):
            course = self.rng.choice(open_here) if open_here and place == 0 else None
            receiving.receive(
                day_id, self.visit(course, code, at), actor=hand(clerk), at=at + timedelta(minutes=25 * place)
            )
        receptions.hold(day_id, actor=hand(clerk), at=at + timedelta(hours=3))

    def visit(self, course: Course | None, code: str, at: datetime) -> Visit:
        """One batch: about a case, or about something new that a unit is to answer."""
        rng, name = self.rng, people.someone(self.rng).name
        persons = rng.choice([1, 1, 1, 2, 3, 5])
        if course is not None:
            return Visit(
                matter=course.file.story.title,
                visitor=name,
                persons=persons,
                opinion="案件由我包案，专班每周推进，两周内向你们反馈。",
                result=ReceptionResult.EXPLAINED,
                case=course.file.case,
                satisfaction=rng.choice([3, 4, 5]),
            )
        unit = self.world.units[f"{code}-HOUSING"] if code else self.world.units["NB-HOUSING"]
        is_handed = rng.random() < 0.2
        return Visit(
            matter=rng.choice(["反映小区配套道路未开通", "咨询拆迁安置政策", "反映村集体分红问题", "反映工资拖欠"]),
            visitor=name,
            persons=persons,
            opinion="请责任单位核查后书面答复。" if is_handed else "已当面解释政策并告知办理途径。",
            result=ReceptionResult.HANDED if is_handed else ReceptionResult.ON_SPOT,
            unit=unit if is_handed else None,
            due_on=city_day(at) + timedelta(days=15) if is_handed else None,
            satisfaction=rng.choice([None, 3, 4, 5]),
        )

    # ---- joint supervision ----

    def plan_visits(self, count: int) -> None:
        """So many joint supervisions of the slower districts; the last still has open orders."""
        codes = ["330282", "330225", "330281", "330212", "330206", "330213", "330203", "330226"]
        length = (self.year.until - self.year.begins).days
        for place in range(count):
            at = self.year.office(self.year.begins + timedelta(days=60 + (length - 75) * place / max(count - 1, 1)))
            self.year.put(at, partial(self.supervise, code=codes[place % len(codes)]))

    def supervise(self, at: datetime, code: str) -> None:
        officer = self.command.officer
        assert officer is not None
        district = self.world.areas[code]
        courses = [c for c in self.courses if c.file.district.code == code and c.is_at_work()][:3]
        cases = [c.file.case for c in courses if c.file.case is not None]
        names = ("NB-POLITICAL-LEGAL", "NB-JUSTICE", "NB-AUDIT")
        departments = [self.world.units[name] for name in names if name in self.world.units]
        visit = visits.plan(
            title=f"{district.name}积案化解联合督导",
            district=district,
            departments=departments,
            visit_on=city_day(at),
            leader=self.command.people[""][-1],
            members=[visits.Member(name=people.someone(self.rng).name, unit=unit) for unit in departments],
            cases=cases,
            place=f"{district.name}信访局",
            actor=hand(officer),
            at=at,
        )
        findings = [
            visits.Finding(
                unit=case.lead_unit,
                case=case,
                text="化解节点进展滞后，会议议定事项未按期落实，台账不完整。",
                order="十五日内整改到位，逐项销号并书面报告。",
                due_on=city_day(at) + timedelta(days=15),
            )
            for case in BacklogCase.objects.filter(pk__in=[case.pk for case in cases]).select_related("lead_unit")
            if case.lead_unit is not None
        ]
        if not findings:
            findings = [
                visits.Finding(unit=self.world.units[f"{code}-PETITION"], text="专班例会记录不全，已当场指出。")
            ]
        visits.record(
            visit.pk,
            findings=findings,
            summary="听取专班汇报，抽查案卷，走访信访人。",
            actor=hand(officer),
            at=at + timedelta(hours=1),
        )
        for finding in visit.findings.prefetch_related("tasks"):
            course = next((c for c in courses if c.file.case and c.file.case.pk == finding.case_id), None)
            if course is not None:
                course.watch(list(finding.tasks.all()), at)
        self.year.after(at, 40, lambda then: self.close_visit(visit.pk, then))

    def close_visit(self, visit_id: int, at: datetime) -> None:
        officer = self.command.officer
        assert officer is not None
        reason = "剩余事项转专班继续跟踪。"
        visits.close(visit_id, result="督导事项已整改，转入日常跟踪。", reason=reason, actor=hand(officer), at=at)

    # ---- a change of office ----

    def change_office(self, at: datetime) -> None:
        """One district's official leaves; the successor settles the old accounts."""
        officials = self.command.people["330212"]
        old, new = officials[1], officials[-1]
        if not handovers.parts_of(old).exists():
            return
        note = "分管调整，全部包案一并移交：方案已定，主要卡点在资金和面积认定，请按节点推进。"
        handovers.hand_over_all(old, to=new, note=note, actor=hand(self.command.secretary), at=at)
        self.year.after(at, 3, partial(_take_office, new))

    # ---- reports of the workgroups ----

    def report_groups(self, at: datetime) -> None:
        """Each workgroup's report of the week."""
        for group in Workgroup.objects.select_related("district", "office").order_by("pk"):
            text = "本周召开专班例会，逐案过堂；困难主要在资金筹措；下周重点推进逾期节点。"
            clerk = self.clerk(group.district.code)
            forces.report(group.pk, text=text, actor=hand(clerk), at=at)


def _take_office(new: User, at: datetime) -> None:
    handovers.take_over_all(actor=new, at=at)
