"""Short lists a new account set starts with; what a company changed or put away stays as it is."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.values import Translated
from guanxi.shared.parties.masters import Channel, Industry, PartyCategory, PaymentTerm, Region

TERMS: list[tuple[str, object, int, bool]] = [
    ("PREPAID", _("Payment in advance"), 0, False),
    ("COD", _("Cash on delivery"), 0, False),
    ("NET7", _("7 days net"), 7, False),
    ("NET15", _("15 days net"), 15, False),
    ("NET30", _("30 days net"), 30, False),
    ("NET45", _("45 days net"), 45, False),
    ("NET60", _("60 days net"), 60, False),
    ("NET90", _("90 days net"), 90, False),
    ("EOM", _("End of month"), 0, True),
    ("EOM30", _("End of month, 30 days"), 30, True),
    ("EOM60", _("End of month, 60 days"), 60, True),
    ("EOM90", _("End of month, 90 days"), 90, True),
]
CATEGORIES: list[tuple[str, object]] = [
    ("direct", _("Direct customer")), ("end", _("End customer")), ("distributor", _("Distributor")), ("dealer", _("Dealer")),
    ("agent", _("Agent")), ("integrator", _("System integrator")), ("online", _("Online customer")),
]
CHANNELS: list[tuple[str, object]] = [
    ("direct", _("Direct sales")), ("agent", _("Agents")), ("distributor", _("Distributors")), ("online", _("E-commerce")),
]
# Provinces by their code of GB/T 2260; the large regions as trade divides the country.
REGIONS: list[tuple[str, object, list[tuple[str, object]]]] = [
    ("CN-N", _("North China"), [
        ("110000", _("Beijing")), ("120000", _("Tianjin")), ("130000", _("Hebei")), ("140000", _("Shanxi")), ("150000", _("Inner Mongolia")),
    ]),
    ("CN-NE", _("Northeast China"), [("210000", _("Liaoning")), ("220000", _("Jilin")), ("230000", _("Heilongjiang"))]),
    ("CN-E", _("East China"), [
        ("310000", _("Shanghai")), ("320000", _("Jiangsu")), ("330000", _("Zhejiang")), ("340000", _("Anhui")), ("350000", _("Fujian")),
        ("360000", _("Jiangxi")), ("370000", _("Shandong")),
    ]),
    ("CN-C", _("Central China"), [("410000", _("Henan")), ("420000", _("Hubei")), ("430000", _("Hunan"))]),
    ("CN-S", _("South China"), [("440000", _("Guangdong")), ("450000", _("Guangxi")), ("460000", _("Hainan"))]),
    ("CN-SW", _("Southwest China"), [
        ("500000", _("Chongqing")), ("510000", _("Sichuan")), ("520000", _("Guizhou")), ("530000", _("Yunnan")), ("540000", _("Tibet")),
    ]),
    ("CN-NW", _("Northwest China"), [
        ("610000", _("Shaanxi")), ("620000", _("Gansu")), ("630000", _("Qinghai")), ("640000", _("Ningxia")), ("650000", _("Xinjiang")),
    ]),
    ("CN-HMT", _("Hong Kong, Macao and Taiwan"), [("710000", _("Taiwan")), ("810000", _("Hong Kong")), ("820000", _("Macao"))]),
    ("ASIA", _("Asia and Pacific"), []),
    ("EUROPE", _("Europe"), []),
    ("N-AMERICA", _("North America"), []),
    ("L-AMERICA", _("Latin America"), []),
    ("MEA", _("Middle East and Africa"), []),
]
# Sections, and divisions where they tell customers apart, of GB/T 4754-2017.
INDUSTRIES: list[tuple[str, object, list[tuple[str, object]]]] = [
    ("A", _("Agriculture, forestry, animal husbandry and fishery"), []),
    ("B", _("Mining"), []),
    ("C", _("Manufacturing"), [
        ("C13", _("Processing of farm products")), ("C14", _("Food")), ("C15", _("Beverages and tea")), ("C17", _("Textiles")),
        ("C18", _("Clothing")), ("C19", _("Leather and footwear")), ("C20", _("Wood products")), ("C21", _("Furniture")),
        ("C22", _("Paper")), ("C23", _("Printing")), ("C24", _("Culture, sport and toys")), ("C25", _("Petroleum and coking")),
        ("C26", _("Chemicals")), ("C27", _("Pharmaceuticals")), ("C28", _("Chemical fibres")), ("C29", _("Rubber and plastics")),
        ("C30", _("Non-metallic minerals")), ("C31", _("Iron and steel")), ("C32", _("Non-ferrous metals")), ("C33", _("Metal products")),
        ("C34", _("General machinery")), ("C35", _("Special machinery")), ("C36", _("Automobiles")), ("C37", _("Railways, ships and aerospace")),
        ("C38", _("Electrical machinery")), ("C39", _("Computers and electronics")), ("C40", _("Instruments and meters")),
        ("C41", _("Other manufacturing")), ("C43", _("Repair of machinery and equipment")),
    ]),
    ("D", _("Electricity, heat, gas and water"), []),
    ("E", _("Construction"), []),
    ("F", _("Wholesale and retail"), [("F51", _("Wholesale")), ("F52", _("Retail"))]),
    ("G", _("Transport, storage and post"), []),
    ("H", _("Hotels and catering"), []),
    ("I", _("Software and information technology"), []),
    ("J", _("Finance and insurance"), []),
    ("K", _("Real estate"), []),
    ("L", _("Leasing and business services"), []),
    ("M", _("Research and technical services"), []),
    ("N", _("Water, environment and public facilities"), []),
    ("O", _("Household services and repair"), []),
    ("P", _("Education"), []),
    ("Q", _("Health and social work"), []),
    ("R", _("Culture, sport and entertainment"), []),
    ("S", _("Public administration and social organisations"), []),
    ("T", _("International organisations"), []),
]


def seed() -> None:
    """Add what is missing, by code."""
    PartyCategory.add_missing([PartyCategory(code=code, name=Translated.of(name)) for code, name in CATEGORIES])
    Channel.add_missing([Channel(code=code, name=Translated.of(name)) for code, name in CHANNELS])
    PaymentTerm.add_missing(
        [PaymentTerm(code=code, name=Translated.of(name), days=days, is_from_month_end=month) for code, name, days, month in TERMS]
    )
    _add_tree(Region, REGIONS)
    _add_tree(Industry, INDUSTRIES)


def _add_tree(model: Any, tree: list[tuple[str, object, list[tuple[str, object]]]]) -> None:
    model.add_missing([model(code=code, name=Translated.of(name)) for code, name, _parts in tree])
    tops = dict(model._base_manager.filter(code__in=[code for code, _name, _parts in tree]).values_list("code", "pk"))
    model.add_missing(
        [model(code=code, name=Translated.of(name), parent_id=tops[top]) for top, _name, parts in tree for code, name in parts]
    )
