"""One customer's story, through the public form and the API: every step is one act."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from guanxi.crm.leads.guard import QUICKEST
from tests.crash.client import Client, Misled
from tests.crash.company import PRODUCT, QUANTITY, SET, Company

STAMP = re.compile(r'name="stamp" value="([^"]+)"')


@dataclass
class Story:
    """A customer, and the ids that the API has said: those acts are acknowledged and may not be lost."""

    number: int
    ids: dict[str, int] = field(default_factory=dict)
    is_told: bool = False

    @property
    def name(self) -> str:
        return f"Customer{self.number:05} Pumps"

    @property
    def address(self) -> str:
        return f"buyer{self.number:05}@pumps.example"


def tell(story: Story, client: Client, company: Company) -> Story:
    """From the web form to the money."""
    story.ids["lead"] = ask_by_form(story, client, company)
    ids = story.ids

    def act(person: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return client.write(person, path, body or {})["record"]

    act("li", f"leads/{ids['lead']}/follow_lead")
    act("li", f"leads/{ids['lead']}/qualify_lead", {"opportunity": story.name})
    # Asked by the customer, as somebody at the screen would find it.
    [opportunity] = client.read("li", f"opportunities?q={story.name.split()[0]}")["rows"]
    ids["opportunity"], ids["customer"] = opportunity["id"], opportunity["customer"]["id"]
    lines = {"version": opportunity["version"], "lines": [{"product": PRODUCT, "quantity": str(QUANTITY)}]}
    client.write("li", f"opportunities/{ids['opportunity']}", lines, "PATCH")
    ids["quotation"] = act("li", f"opportunities/{ids['opportunity']}/quote_opportunity")["id"]
    mail = {"to": story.address, "subject": f"Our offer for {story.name}", "body": "Please find our offer attached."}
    ids["message"] = act("li", f"sales/quotations/{ids['quotation']}/mail_quotation", mail)["id"]
    act("li", f"sales/quotations/{ids['quotation']}/accept_quotation")
    ids["order"] = act("li", f"sales/quotations/{ids['quotation']}/order_quotation")["id"]
    act("li", f"sales/orders/{ids['order']}/confirm_order")
    ids["delivery"] = act("zhao", f"sales/orders/{ids['order']}/deliver_order")["id"]
    invoice = act("sun", f"sales/orders/{ids['order']}/invoice_order")
    ids["invoice"] = invoice["id"]
    ids["receipt"] = act("sun", f"customers/{ids['customer']}/record_receipt", {"amount": invoice["total"]})["id"]
    story.is_told = True
    return story


def ask_by_form(story: Story, client: Client, company: Company) -> int:
    """Fill in the public form; the lead that comes of it."""
    path = f"/forms/{SET}/{company.forms[story.number % len(company.forms)]}/"
    found = STAMP.search(client.get_page(path))
    if found is None:
        raise Misled("the form carries no stamp")
    # Whoever is quicker is no person; the stamp counts whole seconds.
    time.sleep(QUICKEST.total_seconds() + 1)
    values = {
        "stamp": found[1], "company": story.name, "person": f"Buyer {story.number}", "email": story.address,
        "need": f"{QUANTITY} ball screws", "homepage": "",
    }
    page = client.post_form(path, values, f"198.51.{100 + story.number // 250}.{1 + story.number % 250}")
    if 'class="banner green"' not in page:
        raise Misled(f"the form was not taken: {page[-600:]}")
    leads = client.read("li", f"leads?q={story.name.split()[0]}")["rows"]
    return int(leads[0]["id"])
