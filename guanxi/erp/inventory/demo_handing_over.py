"""At the door: who took the goods, the parcels and photos of the last weeks; some deliveries wait for their proof, one is picked."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

from guanxi.erp.inventory.demo_pictures import goods_at_the_door
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.inventory.operations import PackedPackage, pack_delivery, pick_delivery, record_proof
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.operations import attach
from guanxi.shared.demo import Demo

SINCE = 60
CARRIERS = (("顺丰速运", "SF"), ("德邦物流", "DPK"), ("中通快运", "ZT"))
TAKERS = ("门卫 陈师傅", "仓库 刘工", "收发室 王女士", "质检 赵工")
REMARKS = "外箱轻微磨损，内货完好"
PHOTO = "签收照片.jpg"


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    shipped, lately = Delivery.objects.filter(status="shipped"), demo.today - timedelta(days=words.SINCE)
    for number, delivery in enumerate(shipped.select_related("entity", "customer", "warehouse").order_by("shipped_on", "pk")):
        assert delivery.shipped_on is not None
        keeper = demo.company.keepers[delivery.entity.code]
        carrier, code = words.CARRIERS[number % len(words.CARRIERS)]
        mark = f"{code}{72_400_000 + 137 * number}"
        packages = [PackedPackage(Decimal(8 + 3 * (number % 7)), f"{mark}-{n}", "") for n in range(1, 2 + number % 3)]
        if delivery.shipped_on >= lately:
            pack_delivery(delivery, actor=demo.acting(keeper, delivery.shipped_on), packages=packages, carrier=carrier)
        arrived = delivery.shipped_on + timedelta(days=1 + number % 3)
        if arrived < demo.today and not (delivery.shipped_on >= lately and number % 9 == 4):
            actor = demo.acting(keeper, arrived)
            photo = None
            if delivery.shipped_on >= lately:
                photo = attach(delivery, store(io.BytesIO(goods_at_the_door(number % 4)), words.PHOTO), words.PHOTO, actor)
            record_proof(
                delivery, actor=actor, delivered_on=arrived, received_by=words.TAKERS[number % len(words.TAKERS)], proof=photo,
                remarks=words.REMARKS if number % 11 == 3 else "",
            )
    for delivery in Delivery.objects.filter(status="draft").select_related("entity").order_by("planned_on", "pk")[:1]:
        pick_delivery(delivery, actor=demo.acting(demo.company.keepers[delivery.entity.code], demo.today))
