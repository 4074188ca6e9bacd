"""An espresso machine that is put together by choice, in the words of `demo`."""

PRODUCT = "EM-TWO"
FEATURES = (("groups", "冲煮头", "Groups"), ("voltage", "电压", "Voltage"), ("finish", "外观", "Finish"), ("water", "供水", "Water"))
OPTIONS = (
    ("groups", "two", "双头", "Two groups", "0", "0", "0", True),
    ("groups", "three", "三头", "Three groups", "1240", "0", "880", False),
    ("voltage", "v230", "230 V", "230 V", "0", "0", "0", True),
    ("voltage", "v400", "400 V 三相", "400 V, three phases", "90", "0", "55", False),
    ("finish", "steel", "不锈钢", "Stainless steel", "0", "0", "0", True),
    ("finish", "walnut", "胡桃木", "Walnut panels", "0", "0.08", "150", False),
    ("water", "mains", "接自来水", "Mains", "0", "0", "0", True),
    ("water", "tank", "水箱", "Tank", "-60", "0", "-40", False),
)
RULES = (
    ("三头机型需要 400 V。", "Three groups need 400 V.", 'groups = "three"', 'voltage = "v400"'),
    ("三头机型不能使用水箱。", "Three groups do not run from a tank.", 'groups = "three"', 'water <> "tank"'),
)
CHOSEN = ("three", "v400", "walnut", "mains")
NAME = "For the roastery's bar"
