"""The demo cast: one person for each role, a second team in another unit, and an outsider.

They play the main flow: a call comes to the hotline (周小满) and the hub dispatches it (林晚晴), or the city petition
office registers it (沈一鸣); the district (陈洛平) passes it on; 海曙区住建局 (徐文博, 王若兰) handles it or asks to
return it; it then goes to 鄞州区综合执法局 (郑开越, 胡静宜). Somebody elsewhere (方大海) must not see any of it.
"""

from dataclasses import dataclass

from accounts.reference.units import units_by_code

# Passes the validators: ten characters and more, letters, digits and a symbol. Public on purpose; the accounts exist
# only where settings.DEMO is on.
DEMO_PASSWORD = "Yongqing-2026!"  # noqa: S105


@dataclass(frozen=True)
class CastMember:
    """One demo account and how to introduce it on the sign-in page."""

    username: str
    name: str
    role: str
    unit_code: str
    title: str
    password: str = DEMO_PASSWORD

    @property
    def role_label(self) -> str:
        """The role in the interface language."""
        from accounts.roles import Role  # imported late: the cast itself is plain data and needs no Django

        return str(Role(self.role).label)

    @property
    def unit_label(self) -> str:
        """The unit's short name."""
        return units_by_code()[self.unit_code].short_name

    @property
    def email(self) -> str:
        return f"{self.username}@ningbo.example"


_CAST = (
    CastMember("shenyiming", "沈一鸣", "city_officer", "NB-PETITION", "办信处处长"),
    CastMember("linwanqing", "林晚晴", "dispatcher", "NB-12345", "派单组组长"),
    CastMember("zhouxiaoman", "周小满", "hotline_agent", "NB-12345", "话务员"),
    CastMember("chenluoping", "陈洛平", "district_officer", "330203-PETITION", "办信科科长"),
    CastMember("guzhiyuan", "顾致远", "conference_officer", "NB-CONFERENCE", "综合协调组组长"),
    CastMember("xuwenbo", "徐文博", "unit_admin", "330203-HOUSING", "副局长"),
    CastMember("wangruolan", "王若兰", "unit_handler", "330203-HOUSING", "物业管理科科员"),
    CastMember("zhengkaiyue", "郑开越", "unit_admin", "330212-ENFORCEMENT", "副局长"),
    CastMember("hujingyi", "胡静宜", "unit_handler", "330212-ENFORCEMENT", "执法一中队队员"),
    CastMember("luozhengfei", "罗正飞", "lead_official", "330203-GOV", "副区长"),
    CastMember("yangshuhua", "杨书华", "reviewer", "NB", "市复查复核办公室专员"),
    CastMember("tangguofeng", "唐国峰", "inspector", "NB", "市信访督查专员"),
    CastMember("panyuan", "潘远", "system_admin", "NB-DATA", "系统管理员"),
    CastMember("fangdahai", "方大海", "unit_handler", "330225-TRANSPORT", "公路科科员"),
)

# Leading officials who take command of backlog cases (领导包案): surname and given name, post; the first leads most.
CITY_OFFICIALS = """
guweimin 顾卫民 市委副书记
hanzhiyuan 韩志远 副市长
luyongqiang 陆永强 市委政法委书记
"""
DISTRICT_OFFICIALS = {
    "330203": "xiajianguo 夏建国 区委副书记 | miaoxuefeng 缪雪峰 区委政法委书记",
    "330205": "tangwenhai 汤文海 区长 | jinliping 金丽萍 副区长",
    "330206": "shaoguodong 邵国栋 区委副书记 | yuhaibin 俞海滨 副区长",
    "330211": "zhuchengye 竺成业 区长 | qianyaping 钱亚萍 副区长",
    "330212": "daimingda 戴明达 区委副书记 | weixiaojun 魏晓军 副区长 | caihongmei 蔡红梅 区委政法委书记"
    " | fanyonghua 范永华 副区长",
    "330213": "wangshiming 王世明 区长 | xuliqing 徐丽清 副区长",
    "330225": "helingfeng 贺凌峰 县委副书记 | yingkaixuan 应凯旋 副县长",
    "330226": "wuhaiping 邬海平 县长 | pengxiaoli 彭晓莉 副县长",
    "330281": "chenyuliang 陈育良 市委副书记 | yanqiuping 严秋萍 副市长 | lujianbo 卢剑波 市委政法委书记",
    "330282": "huzhengrong 胡正荣 市长 | sunxiaoyan 孙晓燕 副市长 | cenguoxing 岑国兴 市委政法委书记",
}


def officials() -> list[CastMember]:
    """The leading officials of city and districts in the demo; who is not introduced on the sign-in page."""
    rows = [("NB", line) for line in CITY_OFFICIALS.strip().splitlines()]
    rows += [(f"{code}-GOV", part) for code, text in DISTRICT_OFFICIALS.items() for part in text.split("|")]
    found = []
    for unit, text in rows:
        username, name, post = text.split()
        found.append(CastMember(username, name, "lead_official", unit, post))
    return found


def cast() -> list[CastMember]:
    """The fourteen people of the demo; the first is the one to start with."""
    return list(_CAST)
