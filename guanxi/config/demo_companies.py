"""The companies of the demo: who they are and who works there. What happens to them is told by the modules' demo.py."""

from guanxi.shared.demo import Company, Person

HUAQI = Company(
    key="demo", name="华启精密", about="a manufacturer in Changzhou, China; books in CNY", tongue="zh",
    language="zh-hans", currency="CNY", country="CN", timezone="Asia/Shanghai", domain="huaqi.example",
    entities=({
        "code": "HQ", "name": "华启精密机械股份有限公司", "address": "江苏省常州市武进区创新大道 88 号", "phone": "0519-5550 1000",
        "tax_number": "91320412MA1HQJM88X", "bank_account": "江南银行常州武进支行 6200 5550 1000 88",
        "english_name": "Huaqi Precision Machinery Co., Ltd.", "english_address": "88 Chuangxin Avenue, Wujin, Changzhou, Jiangsu, China",
    },),
    teams=(
        ("总部", None), ("销售部", "总部"), ("华东组", "销售部"), ("华南组", "销售部"), ("海外组", "销售部"), ("仓储部", "总部"), ("财务部", "总部"),
    ),
    people=(
        Person("admin", "罗怡", "系统管理员", "总部", ("administrator",), "zh-hans"),
        Person("zhang", "张伟", "销售总监", "销售部", ("sales_manager", "salesperson"), "zh-hans"),
        Person("li", "李敏", "高级销售", "华东组", ("salesperson",), "zh-hans"),
        Person("wang", "王强", "销售", "华南组", ("salesperson",), "zh-hans"),
        Person("chen", "陈静", "销售", "华东组", ("salesperson",), "zh-hans"),
        Person("zhao", "赵磊", "仓库主管", "仓储部", ("storekeeper",), "zh-hans"),
        Person("sun", "孙芳", "主管会计", "财务部", ("accountant",), "zh-hans"),
        Person("emma", "Emma Reed", "Export sales", "海外组", ("salesperson",), "en"),
    ),
    administrator="admin", director="zhang", sellers=("li", "wang", "chen"), exporter="emma", accountant="sun", keepers={"HQ": "zhao"},
)

HARBOUR = Company(
    key="harbour", name="Harbour & Vale Trading", about="traders in coffee and café equipment; an Ltd. in GBP and a B.V. in EUR", tongue="en",
    language="en", currency="GBP", country="GB", timezone="Europe/London", domain="harbourvale.example",
    entities=(
        {
            "code": "UK", "name": "Harbour & Vale Trading Ltd.", "address": "14 Merchant Quay, Bristol BS1 9HV", "phone": "+44 117 555 0140",
            "tax_number": "GB 555 0140 88", "bank_account": "Avon Mercantile Bank, 55-50-14 01408800",
        },
        {
            "code": "NL", "name": "Harbour & Vale Trading B.V.", "address": "Veemkade 27, 3072 HV Rotterdam, Netherlands",
            "phone": "+31 10 555 0127", "tax_number": "NL855501270B01", "bank_account": "Maas Handelsbank, NL55 MHBK 0555 0127 00",
            "currency": "EUR", "country": "NL", "timezone": "Europe/Amsterdam",
        },
    ),
    teams=(
        ("Head office", None), ("Sales", "Head office"), ("United Kingdom", "Sales"), ("Continent", "Sales"), ("Warehouses", "Head office"),
        ("Finance", "Head office"),
    ),
    people=(
        Person("grace", "Grace Holloway", "Office and systems", "Head office", ("administrator",), "en"),
        Person("oliver", "Oliver Hart", "Sales director", "Sales", ("sales_manager", "salesperson"), "en"),
        Person("amelia", "Amelia Finch", "Account manager", "United Kingdom", ("salesperson",), "en"),
        Person("harry", "Harry Penrose", "Account manager", "United Kingdom", ("salesperson",), "en"),
        Person("lotte", "Lotte de Wit", "Account manager", "Continent", ("salesperson",), "en", "NL"),
        Person("emma", "Emma Reed", "Account manager", "Continent", ("salesperson",), "en", "NL"),
        Person("george", "George Marsh", "Storekeeper, Bristol", "Warehouses", ("storekeeper",), "en"),
        Person("pieter", "Pieter Vos", "Storekeeper, Rotterdam", "Warehouses", ("storekeeper",), "en", "NL"),
        Person("nora", "Nora Whitby", "Accountant", "Finance", ("accountant",), "en"),
    ),
    administrator="grace", director="oliver", sellers=("amelia", "harry", "lotte"), exporter="emma", accountant="nora",
    keepers={"UK": "george", "NL": "pieter"},
)

COMPANIES = (HUAQI, HARBOUR)
