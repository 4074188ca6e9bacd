"""The contracts of Harbour & Vale, in the words of `demo`."""

SELLER = "amelia"
CLAUSES = (
    ("SCOPE", "scope", {"en": "Subject"}, {"en": "The seller supplies the goods listed above in the kinds and quantities named there."}),
    ("PAY", "price", {"en": "Price and payment"}, {
        "en": "The price including VAT is {{ total }}: 30 % within 7 days of signing, 60 % on delivery and 10 % within 30 days of acceptance.",
    }),
    ("DELIV", "delivery", {"en": "Delivery and acceptance"}, {
        "en": "Goods are delivered to the address named by the buyer, who accepts them or objects in writing within 10 days.",
    }),
    ("WARR", "warranty", {"en": "Warranty"}, {
        "en": "Machines carry 24 months of warranty and grinders 12 months from acceptance. Repair and replacement are at the seller's cost.",
    }),
    ("LATE", "liability", {"en": "Delay"}, {"en": "Whoever is late pays 0.05 % of the part concerned for each day, at most 5 % of the price."}),
    ("CALL", "scope", {"en": "Call-offs"}, {
        "en": "From {{ valid_from }} until {{ valid_until }} the buyer calls the goods off by orders, at the prices of this contract.",
    }),
    ("LAW", "law", {"en": "Law and disputes"}, {"en": "This contract is governed by the law of England and Wales."}),
)
OPENING = {"en": "{{ customer.name }} (the buyer) and {{ company.name }} (the seller) agree as follows."}
TEMPLATES = (
    ("SALE", "contract", "", {"en": "Supply contract"}, OPENING, "SCOPE PAY DELIV WARR LATE LAW"),
    ("FRAME", "contract", "", {"en": "Framework contract"}, OPENING, "SCOPE CALL DELIV LAW"),
    ("BOTH", "contract", "en", {"en": "Short supply contract"}, OPENING, "SCOPE PAY LAW"),
    ("PROP", "proposal", "", {"en": "Proposal"}, {
        "en": "Thank you for your time. From what we have learnt of your plans we propose the following.",
    }, "DELIV WARR"),
)
INSTALMENTS = (("On signing", "0.3", "signing", 7), ("On delivery", "0.6", "delivery", 0), ("After acceptance", "0.1", "acceptance", 30))
LINES = {
    "plan": (("EM-TWO", "2"), ("GR-64", "2")), "frame": (("CF-HOUSE", "600"), ("TE-BREAK", "120")), "small": (("CUP-90", "20"), ("CL-TABS", "20")),
    "other": (("CF-DARK", "48"),),
}
CALLS = (("CF-HOUSE", "96"), ("CF-HOUSE", "60"))
CHANGED = ("24 months", "36 months")
TITLES = {"frame": "House blend for the year", "plan": "Machines for the new bar"}
OURS, THEIRS, PLACE = "Oliver Hart", "Director", "Bristol"
WORD_FILE, WORD_HEAD = "Supply contract.docx", ("Goods", "Quantity", "Price", "Amount")
REASONS = {
    "terminated": "The second site will not open; ended by agreement", "cancelled": "They order directly instead",
    "note": "They need the invoice this week", "released": "The advance is paid as agreed",
}
NEEDS = (
    "The bar serves twice as many guests as the machine was made for, and the coffee differs from shift to shift. A second group and a grinder "
    "by weight are wanted, installed on a Monday, with the staff trained on the same day."
)
