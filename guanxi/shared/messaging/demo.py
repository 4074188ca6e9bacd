"""A server that keeps all mail here, one as it would be set up for real, and what was written lately."""

from datetime import date
from random import Random

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo
from guanxi.shared.messaging.models import MailServer, MessageTemplate
from guanxi.shared.messaging.operations import send_message
from guanxi.shared.parties.models import Contact

DAYS = 30
KEPT, REAL = "演示（不外发）", "企业邮箱"
WRITTEN = (
    ("样品已寄出", "您好！\n\n样品已于今日寄出，单号稍后短信告知，请注意查收。\n\n此致\n敬礼"),
    ("关于交期的说明", "您好！\n\n本批货物将分两次交付，首批下周发出，其余月底前到货。\n\n如有变动我会及时通知。"),
    ("年度框架协议草案", "您好！\n\n草案请见上次会议纪要，欢迎提出修改意见。\n\n此致\n敬礼"),
)
WRITTEN_ABROAD = (
    ("Samples are on their way", "Hello,\n\nthe samples left today; the number of the parcel follows.\n\nKind regards"),
    ("Date of delivery", "Hello,\n\nthe goods leave in two parts, the first one next week.\n\nKind regards"),
)


def prepare(demo: Demo) -> None:
    """Nothing leaves the demo: the first server, which keeps mail here, is the default."""
    words, actor, domain = demo.words(__name__), demo.acting(demo.company.administrator, demo.first_on), demo.company.domain
    kept = {"name": words.KEPT, "kind": "catch", "from_address": f"sales@{domain}", "from_name": demo.company.name}
    create_record(MailServer, kept, actor=actor)
    real = {
        "name": words.REAL, "host": f"smtp.{domain}", "port": "465", "security": "tls", "username": f"sales@{domain}",
        "from_address": f"sales@{domain}", "from_name": demo.company.name, "bounce_address": f"bounce@{domain}", "is_active": "no",
    }
    create_record(MailServer, real, actor=actor)


def happen(demo: Demo, days: list[date]) -> None:
    """A mail on some of the last days, by whoever looks after the customer."""
    words, own = demo.words(__name__), Random(31)
    visit = MessageTemplate.objects.get(code="visit")
    for day in days:
        if (demo.today - day).days > DAYS or own.random() < 0.4:
            continue
        contact = own.choice(list(Contact.objects.exclude(email="").select_related("party").order_by("pk")))
        who = next((name for name, actor in demo.actors.items() if actor.member_id == contact.party.owner_id), demo.company.director)
        is_abroad = demo.company.language != "en" and contact.party.written_language == "en"
        target = {"target_model": "parties.party", "target_id": contact.party_id, "contacts": [contact]}
        actor, language = demo.acting(who, day), "en" if is_abroad else demo.company.language
        if own.random() < 0.3:
            send_message(actor=actor, **target, template=visit, language=language)
        else:
            subject, body = own.choice(WRITTEN_ABROAD if is_abroad else words.WRITTEN)
            send_message(actor=actor, **target, subject=subject, body=body, language=language)
