"""The task forces of the joint conference and a workgroup for each district, with rules to start from (§3.4).

Rhythm and rules are proposals the office changes on the page; leaders and members it names itself. Loaded once: what
exists is left alone.
"""

from datetime import datetime, time

from accounts.actions import load_once
from accounts.models import Area, Unit
from backlog.models import TaskForce, Workgroup

FORCES = (
    ("legacy", "历史遗留问题攻坚组", "Legacy issues"),
    ("rural", "农村农业问题攻坚组", "Rural and agriculture"),
    ("demolition", "房屋拆迁问题攻坚组", "Housing demolition"),
)

FORCE_RULES = """一、职责
1. 牵头本领域积案的会诊、方案审核和政策协调，统一同类问题的处理口径。
2. 对区（县、市）专班提请的疑难问题，7 个工作日内提出意见；需市级协调的，提交周视频调度。
3. 每月通报本领域化解进度，对连续 30 天无进展的案件发出提示。

二、会议
1. 组长每两周召集一次会商，议题由联席办汇总；会商纪要当日录入系统，决定事项转为任务，明确责任单位和时限。

三、报告
1. 每周五前更新进度表和本周要点，每月底向联席会议书面报告。

四、纪律
1. 依法依规、实事求是，诉求合理的解决到位，诉求无理的教育到位，生活困难的帮扶到位，行为违法的依法处理。
2. 不得以签订息访承诺代替解决问题，不得限制信访人依法反映诉求；案情和信访人信息不得外传。"""

GROUP_RULES = """一、职责
1. 专班由区（县、市）领导任组长，信访、政法、司法、自然资源、住建、农业农村等部门参加，办公室设在信访局。
2. 落实“五包”责任：包掌握情况、包思想教育、包解决化解、包帮扶救助、包息诉罢访；一案一档、一案一专班、一案一方案。
3. 逐案落实“五个重新”：重新明确工作责任、重新接待信访群众、重新梳理问题情况、重新制定解决方案、重新开展化解工作。

二、会议
1. 每周召开一次例会，听取包案领导汇报，逐案过进度、过难点、过责任；遇节假日顺延。
2. 会前一天由办公室列出议题，会后当日形成纪要，议定事项全部转为任务并明确责任人和时限。

三、进度管理
1. 每案均须列出化解节点和计划时间，实际完成当日登记；调整时间须说明原因，首次计划时间保留。
2. 节点逾期 2 天提醒责任单位和区级信访部门，逾期 7 天报市级督办。

四、报告
1. 每周向市联席办报送专班工作情况，内容包括本周进展、存在困难、需协调事项和下周安排。

五、验收销号
1. 化解后由责任单位申请，包案领导签批，区级核查回访，市级抽查认定；销号后设观察期，反弹的重新列入。

六、纪律
1. 不得以承诺书限制信访人的合法权利；信访人信息和案情不得外传，上墙内容不出现信访人姓名。"""


def load_forces(*, at: datetime) -> int | None:
    """The three task forces and the districts' workgroups; the number created, or None when nothing was to be done."""
    return load_once("forces", [*FORCES, FORCE_RULES, GROUP_RULES], lambda: _create(at), at=at)


def _create(at: datetime) -> int:
    known = set(TaskForce.objects.values_list("key", flat=True))
    made = 0
    for position, (key, name, name_en) in enumerate(FORCES, start=1):
        if key not in known:
            _save(TaskForce(key=key, name=name, name_en=name_en, rules=FORCE_RULES, position=position), at)
            made += 1
    offices = {unit.area_id: unit for unit in Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, is_active=True)}
    for district in Area.objects.filter(kind=Area.Kind.DISTRICT, workgroup=None):
        group = Workgroup(
            district=district,
            name=f"{district.name}积案化解专班",
            office=offices.get(district.pk),
            meets_on=0,
            meets_at=time(9),
            reports_every=7,
            rules=GROUP_RULES,
        )
        _save(group, at)
        made += 1
    return made


def _save(row: TaskForce | Workgroup, at: datetime) -> None:
    """Save with the first entry of its past dated like the load."""
    row._history_date = at  # type: ignore[union-attr]
    row.save()
