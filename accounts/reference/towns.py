"""The 156 towns and streets by district: number within the district, name, pinyin (domain-facts §4.4).

The statistical list also holds six zones that are no towns (330206401 and 330282402–406); they are left out:
162 − 6 = 156, that is 73 streets, 73 towns and 10 townships.
"""

_ROWS = {
    "330203": """
        001 南门街道 Nanmen
        002 江厦街道 Jiangxia
        003 西门街道 Ximen
        004 月湖街道 Yuehu
        005 鼓楼街道 Gulou
        006 白云街道 Baiyun
        007 段塘街道 Duantang
        008 望春街道 Wangchun
        009 石碶街道 Shiqi
        100 高桥镇 Gaoqiao
        101 横街镇 Hengjie
        102 集士港镇 Jishigang
        103 古林镇 Gulin
        104 洞桥镇 Dongqiao
        105 鄞江镇 Yinjiang
        106 章水镇 Zhangshui
        200 龙观乡 Longguan
    """,
    "330205": """
        001 外滩街道 Waitan
        003 孔浦街道 Kongpu
        004 文教街道 Wenjiao
        005 甬江街道 Yongjiang
        006 庄桥街道 Zhuangqiao
        007 洪塘街道 Hongtang
        008 前江街道 Qianjiang
        103 慈城镇 Cicheng
    """,
    "330206": """
        001 大榭街道 Daxie
        002 新碶街道 Xinqi
        003 小港街道 Xiaogang
        004 大碶街道 Daqi
        005 霞浦街道 Xiapu
        006 柴桥街道 Chaiqiao
        007 戚家山街道 Qijiashan
        008 春晓街道 Chunxiao
        009 梅山街道 Meishan
        010 郭巨街道 Guoju
        011 白峰街道 Baifeng
    """,
    "330211": """
        001 招宝山街道 Zhaobaoshan
        002 蛟川街道 Jiaochuan
        003 骆驼街道 Luotuo
        004 庄市街道 Zhuangshi
        005 贵驷街道 Guisi
        100 澥浦镇 Xiepu
        101 九龙湖镇 Jiulonghu
    """,
    "330212": """
        001 下应街道 Xiaying
        002 钟公庙街道 Zhonggongmiao
        004 梅墟街道 Meixu
        005 中河街道 Zhonghe
        006 首南街道 Shounan
        007 潘火街道 Panhuo
        008 百丈街道 Baizhang
        009 东胜街道 Dongsheng
        010 明楼街道 Minglou
        011 白鹤街道 Baihe
        012 东柳街道 Dongliu
        013 东郊街道 Dongjiao
        014 福明街道 Fuming
        015 新明街道 Xinming
        016 聚贤街道 Juxian
        100 瞻岐镇 Zhanqi
        101 咸祥镇 Xianxiang
        102 塘溪镇 Tangxi
        103 东钱湖镇 Dongqianhu
        104 东吴镇 Dongwu
        105 五乡镇 Wuxiang
        106 邱隘镇 Qiu'ai
        108 云龙镇 Yunlong
        109 横溪镇 Hengxi
        110 姜山镇 Jiangshan
    """,
    "330213": """
        001 锦屏街道 Jinping
        002 岳林街道 Yuelin
        003 江口街道 Jiangkou
        004 西坞街道 Xiwu
        005 萧王庙街道 Xiaowangmiao
        006 方桥街道 Fangqiao
        007 尚田街道 Shangtian
        008 莼湖街道 Chunhu
        100 溪口镇 Xikou
        106 裘村镇 Qiucun
        107 大堰镇 Dayan
        108 松岙镇 Song'ao
    """,
    "330225": """
        001 丹东街道 Dandong
        002 丹西街道 Danxi
        003 爵溪街道 Juexi
        101 石浦镇 Shipu
        102 西周镇 Xizhou
        103 鹤浦镇 Hepu
        104 贤庠镇 Xianxiang
        105 墙头镇 Qiangtou
        106 泗洲头镇 Sizhoutou
        107 定塘镇 Dingtang
        108 涂茨镇 Tuci
        109 大徐镇 Daxu
        110 新桥镇 Xinqiao
        200 东陈乡 Dongchen
        201 晓塘乡 Xiaotang
        202 黄避岙乡 Huangbi'ao
        203 茅洋乡 Maoyang
        204 高塘岛乡 Gaotangdao
    """,
    "330226": """
        001 跃龙街道 Yuelong
        002 桃源街道 Taoyuan
        003 梅林街道 Meilin
        004 桥头胡街道 Qiaotouhu
        101 长街镇 Changjie
        102 力洋镇 Liyang
        104 一市镇 Yishi
        105 岔路镇 Chalu
        106 前童镇 Qiantong
        107 桑洲镇 Sangzhou
        108 黄坛镇 Huangtan
        109 大佳何镇 Dajiahe
        110 强蛟镇 Qiangjiao
        111 西店镇 Xidian
        112 深甽镇 Shenzhen
        200 胡陈乡 Huchen
        201 茶院乡 Chayuan
        202 越溪乡 Yuexi
    """,
    "330281": """
        001 梨洲街道 Lizhou
        002 凤山街道 Fengshan
        003 兰江街道 Lanjiang
        004 阳明街道 Yangming
        005 低塘街道 Ditang
        006 朗霞街道 Langxia
        100 临山镇 Linshan
        101 黄家埠镇 Huangjiabu
        102 小曹娥镇 Xiaocao'e
        103 泗门镇 Simen
        106 马渚镇 Mazhu
        108 牟山镇 Moushan
        109 丈亭镇 Zhangting
        110 三七市镇 Sanqishi
        111 河姆渡镇 Hemudu
        112 大隐镇 Dayin
        113 陆埠镇 Lubu
        114 梁弄镇 Liangnong
        115 大岚镇 Dalan
        116 四明山镇 Simingshan
        201 鹿亭乡 Luting
    """,
    "330282": """
        002 宗汉街道 Zonghan
        003 坎墩街道 Kandun
        004 浒山街道 Hushan
        005 白沙路街道 Baishalu
        006 古塘街道 Gutang
        104 掌起镇 Zhangqi
        107 观海卫镇 Guanhaiwei
        108 附海镇 Fuhai
        109 桥头镇 Qiaotou
        110 匡堰镇 Kuangyan
        111 逍林镇 Xiaolin
        112 新浦镇 Xinpu
        113 胜山镇 Shengshan
        114 横河镇 Henghe
        116 崇寿镇 Chongshou
        118 庵东镇 Andong
        120 长河镇 Changhe
        121 周巷镇 Zhouxiang
        123 龙山镇 Longshan
    """,
}

TOWNS: dict[str, list[tuple[str, str, str]]] = {
    district: [(number, name, pinyin) for number, name, pinyin in (line.split() for line in rows.strip().splitlines())]
    for district, rows in _ROWS.items()
}
