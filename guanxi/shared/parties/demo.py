"""Invented customers and suppliers; every address ends in .example and no company of these names is meant."""

from decimal import Decimal

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.parties.credit_codes import check_sign
from guanxi.shared.parties.models import Address, Contact, Party
from guanxi.shared.parties.operations import set_credit_limit

# name, latin, tier, province, city, area code, owner, phone code
CUSTOMERS = (
    ("恒川液压股份有限公司", "hengchuan", "A", "江苏", "常州", "320412", "li", "0519"),
    ("沪源电气有限公司", "huyuan", "A", "上海", "上海", "310115", "li", "021"),
    ("南海新动力汽车部件有限公司", "nanhai", "A", "广东", "深圳", "440306", "wang", "0755"),
    ("云峰电梯制造有限公司", "yunfeng", "B", "浙江", "杭州", "330110", "li", "0571"),
    ("双溪传动机械厂", "shuangxi", "B", "浙江", "台州", "331003", "chen", "0576"),
    ("彭城工程机械有限公司", "pengcheng", "B", "江苏", "徐州", "320312", "chen", "0516"),
    ("甬海注塑机械有限公司", "yonghai", "B", "浙江", "宁波", "330206", "chen", "0574"),
    ("金枫模塑科技有限公司", "jinfeng", "C", "江苏", "苏州", "320505", "li", "0512"),
    ("庐州光电设备有限公司", "luzhou", "C", "安徽", "合肥", "340104", "chen", "0551"),
    ("锐衡自动化有限公司", "ruiheng", "C", "江苏", "无锡", "320214", "li", "0510"),
    ("粤成机床有限公司", "yuecheng", "A", "广东", "佛山", "440605", "wang", "0757"),
    ("鹏飞激光装备有限公司", "pengfei", "B", "广东", "东莞", "441900", "wang", "0769"),
    ("湘江重工设备有限公司", "xiangjiang", "B", "湖南", "长沙", "430105", "wang", "0731"),
    ("闽宏石材机械有限公司", "minhong", "C", "福建", "泉州", "350503", "wang", "0595"),
    ("琼州包装机械有限公司", "qiongzhou", "C", "海南", "海口", "460105", "wang", "0898"),
    ("津门数控设备有限公司", "jinmen", "B", "天津", "天津", "120110", "chen", "022"),
    ("鲁岳机器人有限公司", "luyue", "A", "山东", "济南", "370102", "chen", "0531"),
    ("胶东精密仪器有限公司", "jiaodong", "C", "山东", "烟台", "370602", "chen", "0535"),
    ("冀中纺织机械有限公司", "jizhong", "C", "河北", "石家庄", "130104", "chen", "0311"),
    ("关中印刷设备有限公司", "guanzhong", "C", "陕西", "西安", "610113", "li", "029"),
    ("巴渝摩托部件有限公司", "bayu", "B", "重庆", "重庆", "500112", "wang", "023"),
    ("锦城医疗器械有限公司", "jincheng", "B", "四川", "成都", "510107", "wang", "028"),
    ("楚天食品机械有限公司", "chutian", "C", "湖北", "武汉", "420106", "li", "027"),
    ("赣江木工机械有限公司", "ganjiang", "C", "江西", "南昌", "360111", "li", "0791"),
    ("辽沈锻压设备有限公司", "liaoshen", "B", "辽宁", "沈阳", "210106", "chen", "024"),
    ("松江焊接设备有限公司", "songjiang", "C", "上海", "上海", "310117", "li", "021"),
    ("太湖封装测试有限公司", "taihu", "B", "江苏", "无锡", "320211", "li", "0510"),
    ("钱塘物流装备有限公司", "qiantang", "B", "浙江", "杭州", "330114", "chen", "0571"),
    ("珠江自动门有限公司", "zhujiang", "C", "广东", "广州", "440112", "wang", "020"),
    ("漓江检测仪器有限公司", "lijiang", "C", "广西", "桂林", "450305", "wang", "0773"),
)
ABROAD = (
    ("Nordlicht Motion GmbH", "nordlicht", "B", "DE", "Hamburg", "+49 40 5550 120"),
    ("Harrow & Finch Automation Ltd", "harrowfinch", "B", "GB", "Leeds", "+44 113 555 0134"),
    ("Kestrel Robotics Pte Ltd", "kestrel", "C", "SG", "Singapore", "+65 6555 0177"),
)
SUPPLIERS = (
    ("锡北钢材有限公司", "xibei", "江苏", "无锡", "320205"), ("丰和轴承有限公司", "fenghe", "浙江", "宁波", "330212"),
    ("东曜铸造有限公司", "dongyao", "安徽", "马鞍山", "340503"),
)
FAMILY = "周孙吴郑冯沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = ("建国", "雅", "磊", "敏", "文博", "晓燕", "志强", "丽华", "俊杰", "倩", "海涛", "思远")
TITLES = (
    ("采购总监", "采购部", "decider"), ("采购经理", "采购部", "buyer"), ("设备工程师", "设备部", "technical"),
    ("财务经理", "财务部", "finance"), ("生产经理", "生产部", "user"),
)
INDUSTRIES = (
    ("电气", "C38"), ("汽车", "C36"), ("摩托", "C37"), ("光电", "C39"), ("封装", "C39"), ("仪器", "C40"), ("自动门", "C33"), ("医疗", "C35"),
    ("液压", "C34"), ("电梯", "C34"), ("传动", "C34"), ("机床", "C34"), ("数控", "C34"), ("机器人", "C34"), ("锻压", "C34"), ("焊接", "C34"),
    ("物流", "C34"), ("自动化", "C34"), ("模塑", "C29"), ("印刷", "C35"),
)
LIMITS = {"A": "2000000", "B": "600000", "C": "150000"}
TERMS = {"A": 60, "B": 30, "C": 0}


def _industry(name: str) -> str:
    """By what the name says; special machinery where it says nothing."""
    return next((code for word, code in INDUSTRIES if word in name), "C35")


def _credit_code(demo: Demo, area: str) -> str:
    body = f"91{area}MA{''.join(demo.rng.choice('0123456789ABCDEFGHJKLMNPQRTUWXY') for _ in range(7))}"
    return body + check_sign(body)


def prepare(demo: Demo) -> None:
    """Customers with their people and addresses, entered by whoever looks after them."""
    terms = _terms()
    customers = []
    for name, latin, tier, province, city, area, owner, code in CUSTOMERS:
        actor = demo.acting(owner, demo.first_on)
        values = {
            "name": name, "short_name": name[:4], "tier": tier, "region": _region(province, city), "country": "CN", "industry": _industry(name),
            "bank_account": f"{city}商业银行 6200 5550 {demo.rng.randrange(1000, 9999)}", "credit_code": _credit_code(demo, area),
            "phone": f"{code}-5550{demo.rng.randrange(1000, 9999)}",
            "email": f"info@{latin}.example", "website": f"https://www.{latin}.example", "payment_term": terms.get(TERMS[tier]),
            "source": demo.rng.choice(("exhibition", "referral", "website", "visit")),
        }
        party = create_record(Party, {k: v for k, v in values.items() if v is not None}, actor=actor).result
        _people(demo, actor, party, latin, tier)
        create_record(
            Address,
            {"party": party.pk, "kind": "delivery", "country": "CN", "province": province, "city": city,
             "street": f"{demo.rng.choice(('工业大道', '科技路', '创业街', '滨江路'))} {demo.rng.randrange(8, 399)} 号"},
            actor=actor,
        )
        customers.append(party)
    for name, latin, tier, country, city, phone in ABROAD:
        actor = demo.acting(demo.company.exporter, demo.first_on)
        values = {"name": name, "short_name": name.split()[0], "tier": tier, "country": country, "phone": phone, "email": f"office@{latin}.example",
                  "website": f"https://{latin}.example", "payment_term": terms.get(30)}
        party = create_record(Party, {k: v for k, v in values.items() if v is not None}, actor=actor).result
        person = demo.rng.choice(("Alex Morgan", "Kim Larsen", "Robin Tan"))
        create_record(Contact, {"party": party.pk, "name": person, "job_title": "Purchasing manager",
                                "email": f"purchasing@{latin}.example"}, actor=actor)
        create_record(Address, {"party": party.pk, "kind": "delivery", "country": country, "city": city, "street": "12 Harbour Road"}, actor=actor)
        customers.append(party)
    for customer in customers:
        set_credit_limit(customer, actor=demo.acting(demo.company.accountant, demo.first_on), limit=Decimal(LIMITS[customer.tier]))
    admin = demo.acting(demo.company.administrator, demo.first_on)
    suppliers = [
        create_record(
            Party,
            {
                "name": name, "is_customer": False, "is_supplier": True, "region": _region(province, city), "country": "CN",
                "credit_code": _credit_code(demo, area), "email": f"sales@{latin}.example",
            },
            actor=admin,
        ).result
        for name, latin, province, city, area in SUPPLIERS
    ]
    demo.made["customers"], demo.made["suppliers"] = customers, suppliers


def _people(demo: Demo, actor, party, latin: str, tier: str) -> None:
    for number in range({"A": 3, "B": 2, "C": 1}[tier]):
        title, department, role = TITLES[number if number else 0] if tier != "C" else TITLES[1]
        create_record(
            Contact,
            {"party": party.pk, "name": demo.rng.choice(FAMILY) + demo.rng.choice(GIVEN), "job_title": title, "department": department,
             "purchase_role": role, "mobile": f"138{demo.rng.randrange(10_000_000, 99_999_999)}", "email": f"p{number + 1}@{latin}.example"},
            actor=actor,
        )


def _terms() -> dict:
    from guanxi.shared.parties.models import PaymentTerm

    return {term.days: term for term in PaymentTerm.objects.filter(is_from_month_end=False).order_by("-pk")}


def _region(province: str, city: str):
    """The city's region when the archive has it, else the province's."""
    from guanxi.shared.parties.models import Region

    named = {str(r.name.get("zh-hans", "")).rstrip("市省"): r for r in Region.objects.all()}
    return named.get(city) or named.get(province)
