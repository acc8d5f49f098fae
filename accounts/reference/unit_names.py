"""Names of the units, by level, as tables (domain-facts §4.4–4.6).

The thirty-one city bureaus follow §4.6; what hangs below them, the companies and the district bodies are modelled on
how such a city is organised. `KEY` becomes the code's second half (NB-HOUSING, 330203-HOUSING) and in lower case, with
underscores, the line of duty; a row may name another parent than its government.
"""

# KEY, full name, short name. One line of duty each.
CITY_BUREAUS = """
DEVELOPMENT 宁波市发展和改革委员会 市发改委
INDUSTRY 宁波市经济和信息化局 市经信局
EDUCATION 宁波市教育局 市教育局
SCIENCE 宁波市科学技术局 市科技局
PUBLIC-SECURITY 宁波市公安局 市公安局
CIVIL-AFFAIRS 宁波市民政局 市民政局
JUSTICE 宁波市司法局 市司法局
FINANCE 宁波市财政局 市财政局
LABOUR 宁波市人力资源和社会保障局 市人社局
PLANNING 宁波市自然资源和规划局 市资规局
ENVIRONMENT 宁波市生态环境局 市生态环境局
HOUSING 宁波市住房和城乡建设局 市住建局
ENFORCEMENT 宁波市综合行政执法局 市综合执法局
TRANSPORT 宁波市交通运输局 市交通局
WATER 宁波市水利局 市水利局
AGRICULTURE 宁波市农业农村局 市农业农村局
COMMERCE 宁波市商务局 市商务局
CULTURE-TOURISM 宁波市文化广电旅游局 市文广旅游局
HEALTH 宁波市卫生健康委员会 市卫健委
VETERANS 宁波市退役军人事务局 市退役军人局
EMERGENCY 宁波市应急管理局 市应急局
AUDIT 宁波市审计局 市审计局
STATE-ASSETS 宁波市人民政府国有资产监督管理委员会 市国资委
MARKET 宁波市市场监督管理局 市市场监管局
SPORT 宁波市体育局 市体育局
STATISTICS 宁波市统计局 市统计局
MEDICAL-INSURANCE 宁波市医疗保障局 市医保局
FINANCIAL 宁波市地方金融管理局 市金融局
DATA 宁波市大数据发展管理局 市大数据局
TAX 国家税务总局宁波市税务局 市税务局
"""

# KEY, full name, short name, [parent's KEY]: party organs, mass organisations, organs of the state in the city, and
# institutions below the bureaus.
CITY_INSTITUTIONS = """
ORGANIZATION 中共宁波市委组织部 市委组织部
PUBLICITY 中共宁波市委宣传部 市委宣传部
UNITED-FRONT 中共宁波市委统战部（市民族宗教事务局） 市委统战部
POLITICAL-LEGAL 中共宁波市委政法委员会 市委政法委
TRADE-UNION 宁波市总工会 市总工会
YOUTH-LEAGUE 共青团宁波市委员会 团市委
WOMEN 宁波市妇女联合会 市妇联
DISABLED 宁波市残疾人联合会 市残联
FIRE 宁波市消防救援支队 市消防救援支队
POSTAL-ADMIN 宁波市邮政管理局 市邮政管理局
TELECOM-ADMIN 宁波市通信管理局 市通信管理局
METEOROLOGY 宁波市气象局 市气象局
MARITIME 宁波海事局 宁波海事局
CUSTOMS 宁波海关 宁波海关
HOUSING-FUND 宁波市住房公积金管理中心 市公积金中心
CENTRAL-BANK 中国人民银行宁波市分行 人行宁波市分行
FINANCE-WATCH 国家金融监督管理总局宁波监管局 宁波金融监管局
TRAFFIC-POLICE 宁波市公安局交通警察局 市交警局 PUBLIC-SECURITY
EXIT-ENTRY 宁波市公安局出入境管理局 市出入境管理局 PUBLIC-SECURITY
SOCIAL-SECURITY 宁波市社会保险管理服务中心 市社保中心 LABOUR
EMPLOYMENT 宁波市就业管理中心 市就业中心 LABOUR
ARBITRATION 宁波市劳动人事争议仲裁院 市劳动仲裁院 LABOUR
REAL-ESTATE 宁波市不动产登记服务中心 市不动产登记中心 PLANNING
PROPERTY-ADMIN 宁波市房屋安全和物业管理中心 市物业管理中心 HOUSING
MUNICIPAL-WORKS 宁波市市政设施运行管理中心 市市政设施中心 ENFORCEMENT
LANDSCAPE 宁波市园林绿化中心 市园林绿化中心 ENFORCEMENT
SANITATION 宁波市环境卫生管理中心 市环卫中心 ENFORCEMENT
ENV-MONITOR 宁波市生态环境监测中心 市环境监测中心 ENVIRONMENT
ROAD-TRANSPORT 宁波市公路与运输管理中心 市公路运输中心 TRANSPORT
PORT-ADMIN 宁波市港航管理中心 市港航中心 TRANSPORT
RIVER-ADMIN 宁波市河道管理中心 市河道中心 WATER
DISEASE-CONTROL 宁波市疾病预防控制中心 市疾控中心 HEALTH
AMBULANCE 宁波市急救中心 市急救中心 HEALTH
HOSPITAL-FIRST 宁波市第一医院 市第一医院 HEALTH
HOSPITAL-WOMEN 宁波市妇女儿童医院 市妇儿医院 HEALTH
EXAMINATIONS 宁波市教育考试院 市教育考试院 EDUCATION
CONSUMERS 宁波市消费者权益保护委员会 市消保委 MARKET
SPECIAL-EQUIPMENT 宁波市特种设备检验研究院 市特检院 MARKET
LEGAL-AID 宁波市法律援助中心 市法律援助中心 JUSTICE
RELIEF-STATION 宁波市救助管理站 市救助站 CIVIL-AFFAIRS
HELPLINE 宁波市81890求助服务中心 81890服务中心 DATA
"""

# KEY, full name, short name: the public-service companies of §4.6 (water, power, gas, buses, metro, three telecoms,
# post, city investment, property) and their like.
CITY_COMPANIES = """
WATER-SUPPLY 宁波市水务环境集团有限公司 市水务集团
POWER 国网宁波供电公司 宁波供电公司
GAS 宁波市燃气集团有限公司 市燃气集团
HEATING 宁波市热力有限公司 市热力公司
BUS 宁波市公共交通集团有限公司 市公交集团
METRO 宁波市轨道交通集团有限公司 市轨道交通集团
TELECOM 中国电信宁波分公司 宁波电信
MOBILE 中国移动宁波分公司 宁波移动
UNICOM 中国联通宁波分公司 宁波联通
CABLE-TV 宁波华数广电网络有限公司 宁波华数
POST 中国邮政宁波市分公司 宁波邮政
CITY-INVEST 宁波市城市建设投资集团有限公司 市城投集团
TRANSPORT-INVEST 宁波市交通投资集团有限公司 市交投集团
PROPERTY 宁波市国有物业服务集团有限公司 市国有物业集团
PARKING 宁波市停车管理有限公司 市停车公司
AIRPORT 宁波机场集团有限公司 宁波机场集团
PORT 宁波港股份有限公司 宁波港公司
"""

# KEY, full name, short name, [parent's KEY]: they take no orders; matters of theirs are transferred (domain-facts §4.6;
# Regulation on Petition Work, art. 20, 22, 30).
CITY_TRANSFER_TARGETS = """
DISCIPLINE 中共宁波市纪律检查委员会（市监察委员会） 市纪委监委
COURT 宁波市中级人民法院 市中级法院
PROCURATORATE 宁波市人民检察院 市检察院
MARITIME-COURT 宁波海事法院 宁波海事法院
"""

# KEY, full name in a district (the six 区), full name in a county or county-level city, short name (in a district|in a
# county where they differ), [parent's KEY]. {d} is the division's name, {s} the name without its last character.
# What is a branch of the city's bureau in a district (分局) is a bureau of its own in a county, environment excepted.
DISTRICT_BUREAUS = """
DEVELOPMENT {d}发展和改革局 {d}发展和改革局 {d}发改局
INDUSTRY {d}经济和信息化局 {d}经济和信息化局 {d}经信局
EDUCATION {d}教育局 {d}教育局 {d}教育局
SCIENCE {d}科学技术局 {d}科学技术局 {d}科技局
PUBLIC-SECURITY 宁波市公安局{s}分局 {d}公安局 {s}公安分局|{d}公安局
CIVIL-AFFAIRS {d}民政局 {d}民政局 {d}民政局
JUSTICE {d}司法局 {d}司法局 {d}司法局
FINANCE {d}财政局 {d}财政局 {d}财政局
LABOUR {d}人力资源和社会保障局 {d}人力资源和社会保障局 {d}人社局
PLANNING 宁波市自然资源和规划局{s}分局 {d}自然资源和规划局 {s}资规分局|{d}资规局
ENVIRONMENT 宁波市生态环境局{s}分局 宁波市生态环境局{s}分局 {s}生态环境分局
HOUSING {d}住房和城乡建设局 {d}住房和城乡建设局 {d}住建局
ENFORCEMENT {d}综合行政执法局 {d}综合行政执法局 {d}综合执法局
TRANSPORT {d}交通运输局 {d}交通运输局 {d}交通局
WATER {d}水利局 {d}水利局 {d}水利局
AGRICULTURE {d}农业农村局 {d}农业农村局 {d}农业农村局
COMMERCE {d}商务局 {d}商务局 {d}商务局
CULTURE-TOURISM {d}文化和广电旅游体育局 {d}文化和广电旅游体育局 {d}文广旅体局
HEALTH {d}卫生健康局 {d}卫生健康局 {d}卫健局
VETERANS {d}退役军人事务局 {d}退役军人事务局 {d}退役军人局
EMERGENCY {d}应急管理局 {d}应急管理局 {d}应急局
AUDIT {d}审计局 {d}审计局 {d}审计局
STATE-ASSETS {d}国有资产管理中心 {d}国有资产管理中心 {d}国资中心
MARKET {d}市场监督管理局 {d}市场监督管理局 {d}市场监管局
STATISTICS {d}统计局 {d}统计局 {d}统计局
MEDICAL-INSURANCE {d}医疗保障局 {d}医疗保障局 {d}医保局
FINANCIAL {d}金融发展服务中心 {d}金融发展服务中心 {d}金融中心
DATA {d}数据局 {d}数据局 {d}数据局
TAX 国家税务总局宁波市{d}税务局 国家税务总局{d}税务局 {d}税务局 NB-TAX
"""
DISTRICT_INSTITUTIONS = """
TRAFFIC-POLICE 宁波市公安局{s}分局交通警察大队 {d}公安局交通警察大队 {d}交警大队 PUBLIC-SECURITY
FIRE {d}消防救援大队 {d}消防救援大队 {d}消防大队
SOCIAL-SECURITY {d}社会保险管理服务中心 {d}社会保险管理服务中心 {d}社保中心 LABOUR
REAL-ESTATE {d}不动产登记服务中心 {d}不动产登记服务中心 {d}不动产登记中心 PLANNING
HOUSING-FUND 宁波市住房公积金管理中心{s}分中心 宁波市住房公积金管理中心{s}分中心 {d}公积金分中心 NB-HOUSING-FUND
DISABLED {d}残疾人联合会 {d}残疾人联合会 {d}残联
"""
DISTRICT_COMPANIES = """
WATER-SUPPLY {d}自来水有限公司 {d}水务集团有限公司 {d}供水公司
POWER 国网宁波供电公司{s}供电分公司 国网{d}供电公司 {d}供电公司 NB-POWER
GAS {d}燃气有限公司 {d}燃气有限公司 {d}燃气公司
BUS {d}公共交通有限公司 {d}公共交通有限公司 {d}公交公司
CITY-INVEST {d}城市建设投资发展有限公司 {d}城市建设投资集团有限公司 {d}城投公司
POST 中国邮政宁波市{s}分公司 中国邮政{d}分公司 {d}邮政 NB-POST
TELECOM 中国电信宁波{s}分公司 中国电信{d}分公司 {d}电信 NB-TELECOM
MOBILE 中国移动宁波{s}分公司 中国移动{d}分公司 {d}移动 NB-MOBILE
UNICOM 中国联通宁波{s}分公司 中国联通{d}分公司 {d}联通 NB-UNICOM
"""
DISTRICT_TRANSFER_TARGETS = """
COURT 宁波市{d}人民法院 {d}人民法院 {d}法院 NB-COURT
PROCURATORATE 宁波市{d}人民检察院 {d}人民检察院 {d}检察院 NB-PROCURATORATE
"""

# A delegated committee's own offices: KEY, full name, short name. {d} is the short name of the functional area.
DELEGATED_BUREAUS = """
DEVELOPMENT {d}管理委员会经济发展局 {d}经发局
PLANNING 宁波市自然资源和规划局{d}分局 {d}资规分局
HOUSING {d}管理委员会建设管理局 {d}建设局
CIVIL-AFFAIRS {d}管理委员会社会事务管理局 {d}社会事务局
ENFORCEMENT {d}综合行政执法局 {d}综合执法局
MARKET 宁波市市场监督管理局{d}分局 {d}市场监管分局
ENVIRONMENT 宁波市生态环境局{d}分局 {d}生态环境分局
PUBLIC-SECURITY 宁波市公安局{d}分局 {d}公安分局
"""

# Name of the functional area in its units' full and short names.
FUNCTIONAL_NAMES = {
    "NBGX": ("宁波国家高新技术产业开发区", "高新区"),
    "NBQW": ("宁波前湾新区", "前湾新区"),
    "NBDQ": ("宁波东钱湖旅游度假区", "东钱湖"),
    "NBDX": ("宁波大榭开发区", "大榭"),
    "NBBS": ("宁波保税区", "保税区"),
    "NBMS": ("宁波梅山保税港区", "梅山"),
}

# KEY, name after the town's own, line of duty: the town's part of the four platforms (§4.1 FOUR).
TOWN_OFFICES = """
ENF 综合行政执法队 enforcement
SVC 便民服务中心 -
LAW 平安法治办公室 political_legal
"""
# Towns and townships have villages to build in; streets do not.
RURAL_OFFICE = ("BLD", "村镇建设办公室", "housing")


def rows(table: str) -> list[list[str]]:
    """The cells of a table above, line by line."""
    return [line.split() for line in table.strip().splitlines()]
