"""The company in which the story happens: three people with keys, goods, a web form, a mail server, a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.test import override_settings

from guanxi.crm.leads.models import AssignmentRule, LeadForm
from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.catalog.models import Product
from guanxi.shared.messaging.models import MailServer
from guanxi.shared.webhooks.models import WebhookEndpoint
from guanxi.shared.webhooks.operations import switch_on_webhook
from tests.crash.outside import Outside

SET = "alpha"
PEOPLE = {"li": "salesperson", "zhao": "storekeeper", "sun": "accountant"}
PRODUCT, IN_STOCK, QUANTITY = "SFU2510", Decimal(100_000), Decimal(2)
FORMS = 8


@dataclass(frozen=True)
class Company:
    """What a client has to know: each person's key, and addresses."""

    keys: dict[str, str]
    forms: tuple[str, ...]
    lead_owner: int
    """The member to whom every lead is given."""


def found_company(outside: Outside) -> Company:
    """Make all this in the account set alpha."""
    # As the processes are set: the receiver has no certificate.
    with override_settings(GUANXI_OUTBOUND_HTTP=True), in_set(SET):
        actor = system_actor()
        admin = actor_of(Member.objects.get(code="admin").pk)
        assert admin is not None
        keys, members = {}, {}
        for code, role in PEOPLE.items():
            member = Member.objects.create(code=code, name=code.title(), email=f"{code}@alpha.example", language="en")
            member.roles.set(Role.objects.filter(key=role))
            _row, keys[code] = make_key(member, "Crash")
            members[code] = member
        screw = create_record(
            Product, {"code": PRODUCT, "name": {"en": "Ball screw"}, "unit": "pc", "tax": "VAT13", "list_price": "660", "standard_cost": "437"},
            actor=actor,
        ).result
        stock = {"kind": "opening", "lines": [{"product": screw.pk, "quantity": str(IN_STOCK), "unit_cost": "437"}]}
        receive_goods(create_record(GoodsReceipt, stock, actor=actor).result, actor=actor)
        forms = tuple(f"contact{number}" for number in range(FORMS))
        for code in forms:
            create_record(LeadForm, {"code": code, "name": {"en": "Ask us"}}, actor=actor)
        rule = {"name": "Web", "condition": 'source = "website"', "members": [members["li"].pk]}
        create_record(AssignmentRule, rule, actor=actor, by_id=True)
        server = {"name": "Test", "host": "127.0.0.1", "port": outside.mail_port, "security": "none", "from_address": "sales@alpha.example"}
        create_record(MailServer, server, actor=actor)
        hook = {"name": "ERP", "url": outside.hook_url, "lines": [{"event": "*"}]}
        perform(switch_on_webhook, create_record(WebhookEndpoint, hook, actor=admin).result, actor=admin)
        return Company(keys, forms, members["li"].pk)
