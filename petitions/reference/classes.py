"""Content classes: 17 of level 1, 112 of level 2, each with its 12345 label (domain-facts §5.2, §5.3).

The names were seen in use; the grouping and the codes are ours, since the national six-digit codes are not public. The
12345 label is the head of §5.3 and, where one fits, its second level.
"""

from dataclasses import dataclass
from functools import lru_cache

from petitions.reference.keywords import KEYWORDS
from petitions.reference.suggestion import Suggestion, suggest, suggest_urgency

__all__ = ["ClassSpec", "Suggestion", "build_classes", "suggest", "suggest_urgency"]

# The heads of §5.3, by the letter used in the table below.
_HEADS = {
    "P": "公安政法类",
    "U": "公用事业类",
    "B": "建设交通类",
    "S": "社会管理类",
    "E": "科教文卫类",
    "J": "经济综合类",
    "A": "安全监管类",
    "X": "其他类",
}

# Code | name | English | 12345 head, "/", second level. Two digits: level 1; four digits: level 2.
_TABLE = """
01|农村农业|Rural affairs and agriculture|J/农业
0101|土地承包经营|Farmland contracting and management|J/农业
0102|村务管理|Village affairs|S/社区综合治理
0103|惠农补贴|Farm subsidies|J/农业
0104|农资农技|Farm supplies and techniques|J/农业
0105|农副产品流通|Distribution of farm produce|J/农业
0106|水利水电|Water conservancy and hydropower|B/水务
0107|水库移民|Reservoir resettlement|J/农业
0108|林业管理|Forestry|B/绿化市容
0109|草原草场|Grassland|J/农业
0110|动物防疫|Animal disease control|J/农业
0111|野生资源管理|Wildlife and wild plants|B/绿化市容
0112|农垦农场|State farms|J/农业
0113|扶贫开发|Poverty relief and development|J/农业
02|国土资源|Land and mineral resources|B/土地规划
0201|土地征收|Land expropriation|J/农业
0202|土地资源管理|Land administration|B/土地规划
0203|矿产资源管理|Mineral resources|B/土地规划
0204|海洋气象地震|Sea, weather and earthquakes|U/气象
03|城乡建设|Urban and rural construction|B/城乡建设
0301|国有土地上房屋征收与补偿|Expropriation of houses on state land|B/住房保障
0302|集体土地上房屋拆迁与补偿|Demolition of houses on collective land|B/住房保障
0303|住房保障与房地产|Housing security and real estate|B/住房保障
0304|城乡规划|Urban and rural planning|B/土地规划
0305|建设管理|Construction management|B/城乡建设
0306|建筑市场|Construction market|B/城乡建设
0307|工程质量|Quality of works|B/城乡建设
0308|村镇建设|Village and town building|B/城乡建设
0309|城市建设和市政管理|City works and municipal services|B/绿化市容
0310|建设项目审批|Approval of building projects|B/城乡建设
04|劳动和社会保障|Labour and social security|S/人力保障
0401|劳动关系|Employment relations|S/人力保障
0402|工资福利|Wages and benefits|S/人力保障
0403|劳动保护|Labour protection|S/人力保障
0404|城镇职工社会保险|Social insurance of urban employees|S/人力保障
0405|城镇居民社会保险|Social insurance of residents|S/人力保障
0406|退休政策及待遇|Retirement policy and pensions|S/人力保障
0407|离休|Veteran-cadre retirement|S/人力保障
0408|就业培训|Employment and training|S/人力保障
0409|人力资源|Human resources|S/人力保障
0410|社保基金管理|Management of social-insurance funds|S/人力保障
05|环境保护|Environmental protection|B/环境保护
0501|环境污染|Pollution|B/环境保护
0502|环保管理|Environmental administration|B/环境保护
06|交通运输|Transport|B/交通港口
0601|交通管理|Traffic management|P/治安交通
0602|客货运输|Passenger and freight transport|B/交通港口
0603|出租车管理|Taxis and ride-hailing|B/交通港口
07|卫生计生|Health and family planning|E/卫生计生
0701|医患纠纷|Medical disputes|E/卫生计生
0702|医政监管|Supervision of medical practice|E/卫生计生
0703|公共卫生|Public health|E/卫生计生
0704|人口计生|Population and family planning|E/卫生计生
0705|食品药品监管|Food and drug supervision|A/食品药品
08|教育文体|Education, culture and sport|E/教育
0801|教育体制|Education system|E/教育
0802|教育行政管理|School administration|E/教育
0803|考试招生|Examinations and enrolment|E/教育
0804|教育收费|School fees|E/教育
0805|失学辍学|Dropping out of school|E/教育
0806|教师队伍和待遇|Teachers and their pay|E/教育
0807|文化|Culture|E/文广
0808|文物管理|Cultural relics|E/文广
0809|体育|Sport|E/体育
09|民政|Civil affairs|S/民政
0901|社会救助|Social assistance|S/民政
0902|优抚|Preferential care for servicemen and families|S/民政
0903|复退安置|Placement of demobilised servicemen|S/民政
0904|福利慈善|Welfare and charity|S/民政
0905|救灾募捐|Disaster relief and donations|S/民政
0906|基层选举和社区建设|Local elections and community building|S/社区综合治理
0907|民间组织|Social organisations|S/民政
0908|区划地名|Boundaries and place names|S/民政
0909|社会服务|Marriage, funeral and other civil services|S/民政
10|政法|Politics and law|P/司法行政
1001|诉讼|Litigation|P/法院检察
1002|刑案侦破|Criminal investigation|P/治安交通
1003|刑罚执行|Execution of sentences|P/司法行政
1004|社会治安|Public order|P/治安交通
1005|户籍证件|Household registration and papers|P/出入境
1006|警务督察|Police conduct|P/治安交通
1007|法律服务|Legal services|P/司法行政
1008|仲裁与调解|Arbitration and mediation|P/司法行政
1009|行政复议|Administrative reconsideration|P/司法行政
1010|法制建设|Legislation and rule of law|P/司法行政
11|经济管理|Economic management|J/发改价格
1101|宏观调控|Macroeconomic policy|J/发改价格
1102|金融财税|Finance and taxation|J/金融
1103|保险证券期货|Insurance, securities and futures|J/金融
1104|国资监管|State-owned assets|J/国资
1105|企业破产|Bankruptcy|J/国资
1106|市场监管|Market supervision|S/工商消保
1107|质监检验检疫|Quality supervision and quarantine|A/质量技术监督
1108|安全生产|Work safety|A/安全生产
1109|能源管理|Energy|U/电力
12|商贸旅游|Trade and tourism|J/商务
1201|商业贸易|Trade|J/商务
1202|旅游管理|Tourism|S/旅游
13|科技与信息产业|Science and information industry|E/科技
1301|科学技术|Science and technology|E/科技
1302|信息化建设|Digital services|E/科技
1303|知识产权|Intellectual property|S/工商消保
1304|电信|Telecommunications|U/邮政通信
1305|邮政管理|Post and parcels|U/邮政通信
14|组织人事|Personnel|X/其他
1401|选拔任用|Selection and appointment|X/其他
1402|招录辞退|Recruitment and dismissal in public service|X/其他
1403|编制职位|Establishment and posts|X/其他
1404|机构改革|Reform of public bodies|X/其他
1405|军转安置|Placement of military officers|X/部队
15|纪检监察|Discipline and supervision|X/纪检监察
1501|贪污贿赂|Corruption and bribery|X/纪检监察
1502|滥用职权|Abuse of power|X/纪检监察
1503|失职渎职|Dereliction of duty|X/纪检监察
1504|干部作风|Conduct of officials|X/纪检监察
1505|党政处分|Party and administrative sanctions|X/纪检监察
16|党务政务|Party and government affairs|X/其他
1601|党的建设|Party building|X/其他
1602|宣传舆论|Publicity and media|E/新闻出版
1603|政治体制|Political system|X/其他
1604|民族宗教|Ethnic and religious affairs|S/民族宗教
1605|群众团体|Mass organisations|X/残联
1606|港澳台侨|Hong Kong, Macao, Taiwan and overseas Chinese|S/侨务
1607|国防外交|Defence and foreign affairs|X/部队
1608|领导事务|Messages to leaders|X/信访
1609|表达情感|Thanks and greetings|X/12345热线
99|其他|Other|X/其他
9901|历史遗留问题|Legacy matters|X/其他
9902|其他|Other matters|X/其他
"""


@dataclass(frozen=True)
class ClassSpec:
    """One row of `petitions.ContentClass`; `parent` is a code, "" at level 1."""

    code: str
    parent: str
    name_zh: str
    name_en: str
    hotline_label: str
    keywords: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """1 or 2."""
        return len(self.code) // 2


def _hotline_label(cell: str) -> str:
    head, second = cell.split("/")
    return f"{_HEADS[head]} · {second}"


@lru_cache(maxsize=1)
def _built() -> tuple[ClassSpec, ...]:
    cells = (line.split("|") for line in _TABLE.strip().splitlines())
    return tuple(
        ClassSpec(code, code[:-2], name, english, _hotline_label(label), KEYWORDS.get(code, ()))
        for code, name, english, label in cells
    )


def build_classes() -> list[ClassSpec]:
    """All content classes, every parent before its children."""
    return list(_built())
