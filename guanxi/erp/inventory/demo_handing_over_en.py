"""Parcels and proofs at Harbour & Vale, in the words of `demo_handing_over`."""

SINCE = 60
CARRIERS = (("Avonline Parcels", "AVP"), ("Delta Freight", "DLT"), ("Quay Couriers", "QCX"))
TAKERS = ("Front desk, M. Hale", "Bar manager, J. Osei", "Goods in, T. Brandt", "K. Lindqvist")
REMARKS = "One box scuffed, contents fine"
PHOTO = "Goods at the door.jpg"
