"""Invented customers and suppliers of Harbour & Vale; every address ends in .example and no company of these names is meant."""

from decimal import Decimal
from random import Random

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.parties.demo import LIMITS, TERMS
from guanxi.shared.parties.masters import PaymentTerm, Region
from guanxi.shared.parties.models import Address, Contact, Party
from guanxi.shared.parties.operations import set_credit_limit

# name, short name, domain, tier, industry, country, city, street, postcode, telephone, who looks after it
CUSTOMERS = (
    ("Larkspur Hotels Ltd", "Larkspur", "larkspur", "A", "H", "GB", "Bath", "3 Abbey Row", "BA1 9LK", "+44 1225 555 010", "amelia"),
    ("Copper Kettle Cafés Ltd", "Copper Kettle", "copperkettle", "A", "H", "GB", "Bristol", "77 Weaver Street",
     "BS2 9CK", "+44 117 555 0161", "amelia"),
    ("Tidewater Grocers plc", "Tidewater", "tidewater", "A", "F51", "GB", "Southampton", "Unit 4, Dock Gate Road",
     "SO14 9TW", "+44 23 5550 117", "amelia"),
    ("Fennel & Rye Bakeries", "Fennel & Rye", "fennelrye", "B", "F52", "GB", "Exeter", "12 Cathedral Yard", "EX1 9FR", "+44 1392 555 033", "amelia"),
    ("The Old Signal Box Café", "Signal Box", "signalbox", "C", "H", "GB", "Swindon", "1 Station Approach", "SN1 9SB", "+44 1793 555 021", "amelia"),
    ("Marlowe Catering Ltd", "Marlowe", "marlowe", "B", "H", "GB", "Reading", "40 Kennet Side", "RG1 9MC", "+44 118 555 0142", "amelia"),
    ("Blackthorn Roasters Ltd", "Blackthorn", "blackthorn", "B", "F51", "GB", "Leeds", "9 Calls Lane", "LS2 9BR", "+44 113 555 0150", "harry"),
    ("Penny Lantern Tea Rooms", "Penny Lantern", "pennylantern", "C", "H", "GB", "York", "22 Stonegate Court",
     "YO1 9PL", "+44 1904 555 018", "harry"),
    ("Northern Byways Services Ltd", "Northern Byways", "byways", "A", "H", "GB", "Carlisle", "Junction 44 Park",
     "CA6 9NB", "+44 1228 555 029", "harry"),
    ("Gannet & Sons", "Gannet", "gannet", "C", "F52", "GB", "Whitby", "5 Harbour Steps", "YO21 9GS", "+44 1947 555 012", "harry"),
    ("Hollins University Catering", "Hollins", "hollins", "B", "P", "GB", "Manchester", "Oxford Court", "M13 9HU", "+44 161 555 0188", "harry"),
    ("Koffiehuis De Brug B.V.", "De Brug", "debrug", "B", "H", "NL", "Utrecht", "Brugstraat 18", "3511 DB", "+31 30 555 0119", "lotte"),
    ("Van Aerden Horeca B.V.", "Van Aerden", "vanaerden", "A", "F51", "NL", "Eindhoven", "Handelsweg 60", "5651 VA", "+31 40 555 0144", "lotte"),
    ("Lindehof Hotels N.V.", "Lindehof", "lindehof", "B", "H", "NL", "The Hague", "Lindelaan 2", "2514 LH", "+31 70 555 0108", "lotte"),
    ("Molenkade Bakkerij", "Molenkade", "molenkade", "C", "F52", "NL", "Delft", "Molenkade 7", "2611 MB", "+31 15 555 0131", "lotte"),
    ("Brouwers & Bonen B.V.", "Brouwers", "brouwersbonen", "B", "F52", "NL", "Groningen", "Hofstraat 33", "9712 BB", "+31 50 555 0126", "emma"),
    ("Kaffeehaus Nordwind GmbH", "Nordwind", "nordwind", "B", "H", "DE", "Bremen", "Hafenallee 11", "28217", "+49 421 555 0136", "emma"),
    ("Café des Tilleuls SA", "Tilleuls", "tilleuls", "C", "H", "BE", "Ghent", "Lindenplein 4", "9000", "+32 9 555 01 24", "emma"),
)
SUPPLIERS = (
    ("Serra Alta Coffee Exporters", "serraalta", "BR", "Santos"), ("Vittoria Macchine S.r.l.", "vittoriamacchine", "IT", "Treviso"),
    ("Highfield Tea Brokers Ltd", "highfieldtea", "GB", "London"),
)
GIVEN = ("Alice", "Ben", "Clara", "Daniel", "Eleanor", "Frank", "Hannah", "Isaac", "Joan", "Marcus", "Ruth", "Tom")
FAMILY = ("Ashdown", "Birch", "Calloway", "Dunmore", "Ellery", "Fairbank", "Hale", "Kirkby", "Lowther", "Merrow", "Tindall", "Wren")
TITLES = (
    ("Managing director", "Management", "decider"), ("Purchasing manager", "Purchasing", "buyer"), ("Head of catering", "Operations", "user"),
)
PEOPLE = {"A": 3, "B": 2, "C": 1}


def prepare(demo: Demo) -> None:
    """Customers with their people and addresses, entered by whoever looks after them."""
    rng = Random(31)
    terms = {term.days: term for term in PaymentTerm.objects.filter(is_from_month_end=False).order_by("-pk")}
    europe = Region.objects.get(code="EUROPE")
    customers = []
    for name, short, domain, tier, industry, country, city, street, postcode, phone, owner in CUSTOMERS:
        actor = demo.acting(owner, demo.first_on)
        values = {
            "name": name, "short_name": short, "tier": tier, "industry": industry, "region": europe, "country": country,
            "phone": phone, "language": "en",
            "email": f"office@{domain}.example", "website": f"https://www.{domain}.example", "payment_term": terms.get(TERMS[tier]),
            "tax_number": _tax_number(rng, country), "source": rng.choice(("exhibition", "referral", "website", "visit")),
        }
        party = create_record(Party, {k: v for k, v in values.items() if v is not None}, actor=actor).result
        for kind in ("billing", "delivery"):
            place = {"party": party.pk, "kind": kind, "country": country, "city": city, "street": street, "postcode": postcode}
            create_record(Address, place, actor=actor)
        for number in range(PEOPLE[tier]):
            title, department, role = TITLES[number if tier != "C" else 0]
            create_record(
                Contact,
                {"party": party.pk, "name": f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}", "job_title": title, "department": department,
                 "purchase_role": role, "email": f"contact{number + 1}@{domain}.example"},
                actor=actor,
            )
        customers.append(party)
    for customer in customers:
        set_credit_limit(customer, actor=demo.acting(demo.company.accountant, demo.first_on), limit=Decimal(LIMITS[customer.tier]) / 10)
    admin = demo.acting(demo.company.administrator, demo.first_on)
    suppliers = []
    for name, domain, country, city in SUPPLIERS:
        values = {"name": name, "is_customer": False, "is_supplier": True, "country": country, "email": f"sales@{domain}.example", "language": "en"}
        supplier = create_record(Party, values, actor=admin).result
        create_record(Address, {"party": supplier.pk, "kind": "office", "country": country, "city": city}, actor=admin)
        suppliers.append(supplier)
    demo.made["customers"], demo.made["suppliers"] = customers, suppliers


def _tax_number(rng: Random, country: str) -> str:
    digits = "".join(str(rng.randrange(10)) for _ in range(6))
    return {"GB": f"GB 555 {digits[:4]} {digits[4:]}", "NL": f"NL555{digits}B01", "DE": f"DE555{digits}", "BE": f"BE0555{digits}"}[country]
