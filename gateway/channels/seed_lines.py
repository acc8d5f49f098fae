"""Service lines merged into 12345, as a proposal: well-known national numbers and the bureau that answers for each.

Ningbo merged 53 lines of 46 departments (domain-facts §9.1 item 17) but does not publish them line by line. What stands
here are numbers every city shares; the office adds its own and confirms each row.
"""

# number, name, department, unit code
LINES = (
    ("12315", "消费者投诉举报热线", "市场监督管理局", "NB-MARKET"),
    ("12331", "食品药品投诉举报热线", "市场监督管理局", "NB-MARKET"),
    ("12365", "质量监督热线", "市场监督管理局", "NB-MARKET"),
    ("12330", "知识产权维权热线", "市场监督管理局", "NB-MARKET"),
    ("12358", "价格举报热线", "市场监督管理局", "NB-MARKET"),
    ("12319", "城建服务热线", "综合行政执法局", "NB-ENFORCEMENT"),
    ("12329", "住房公积金热线", "住房公积金管理中心", "NB-HOUSING-FUND"),
    ("12333", "人力资源和社会保障热线", "人力资源和社会保障局", "NB-LABOUR"),
    ("12336", "自然资源违法举报热线", "自然资源和规划局", "NB-PLANNING"),
    ("12369", "环保举报热线", "生态环境局", "NB-ENVIRONMENT"),
    ("12328", "交通运输服务监督热线", "交通运输局", "NB-TRANSPORT"),
    ("12314", "水利监督举报热线", "水利局", "NB-WATER"),
    ("12316", "农业服务热线", "农业农村局", "NB-AGRICULTURE"),
    ("12312", "商务举报投诉热线", "商务局", "NB-COMMERCE"),
    ("12318", "文化市场举报热线", "文化广电旅游局", "NB-CULTURE-TOURISM"),
    ("12301", "旅游服务热线", "文化广电旅游局", "NB-CULTURE-TOURISM"),
    ("12320", "卫生健康热线", "卫生健康委员会", "NB-HEALTH"),
    ("12356", "心理援助热线", "卫生健康委员会", "NB-HEALTH"),
    ("12350", "安全生产举报热线", "应急管理局", "NB-EMERGENCY"),
    ("12349", "民政服务热线", "民政局", "NB-CIVIL-AFFAIRS"),
    ("12348", "公共法律服务热线", "司法局", "NB-JUSTICE"),
    ("12340", "社情民意调查热线", "统计局", "NB-STATISTICS"),
    ("12393", "医疗保障服务热线", "医疗保障局", "NB-MEDICAL-INSURANCE"),
    ("12391", "教育服务热线", "教育局", "NB-EDUCATION"),
    ("12396", "科技服务热线", "科学技术局", "NB-SCIENCE"),
    ("12366", "纳税缴费服务热线", "税务局", "NB-TAX"),
    ("12351", "职工维权热线", "总工会", "NB-TRADE-UNION"),
    ("12355", "青少年服务热线", "共青团", "NB-YOUTH-LEAGUE"),
    ("12338", "妇女维权热线", "妇女联合会", "NB-WOMEN"),
    ("12385", "残疾人服务热线", "残疾人联合会", "NB-DISABLED"),
    ("12305", "邮政业申诉热线", "邮政管理局", "NB-POSTAL-ADMIN"),
    ("12300", "电信用户申诉热线", "通信管理局", "NB-TELECOM-ADMIN"),
    ("12367", "移民管理服务热线", "公安局出入境管理局", "NB-EXIT-ENTRY"),
    ("12363", "金融消费权益保护热线", "人民银行", "NB-CENTRAL-BANK"),
    ("12378", "银行保险消费者投诉热线", "国家金融监督管理总局", "NB-FINANCE-WATCH"),
    ("12360", "海关热线", "海关", "NB-CUSTOMS"),
    ("12395", "水上搜救热线", "海事局", "NB-MARITIME"),
)
