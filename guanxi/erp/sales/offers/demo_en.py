"""The offers of Harbour & Vale on line, in the words of `demo`."""

SELLER = "amelia"
TERMS = (
    ("EXW", {"en": "Ex works Bristol"}, {
        "en": "Ex works Bristol; carriage is charged at cost.\nMachines carry 24 months of warranty, grinders 12.\n"
              "Goods stay ours until they are paid.",
    }),
    ("DAP", {"en": "Delivered"}, {
        "en": "Delivered to your door within the United Kingdom, carriage included.\nMachines carry 24 months of warranty.",
    }),
)
FLOORS = {"COFFEE": "33%", "MACHINE": "26%", "GRINDER": "28%"}
FIRST_LINES = (
    {"product": "CF-HOUSE", "quantity": "24", "section": "Every month"}, {"product": "TE-BREAK", "quantity": "6", "section": "Every month"},
    {"product": "CUP-90", "quantity": "4", "section": "Once"}, {"product": "CL-TABS", "quantity": "3", "section": "Once", "inclusion": "optional"},
)
CHANGED = {"CF-HOUSE": {"quantity": "36", "discount": "3%"}, "CUP-90": {"quantity": "6"}}
ADDED = {"product": "CUP-220", "quantity": "6", "section": "Once"}
WISH = "Make it 36 bags, please, and add the cappuccino cups. Is there something you can do on the price of the coffee?"
SECOND_LINES = (
    {"product": "GR-64", "quantity": "1"}, {"product": "CF-DARK", "quantity": "12"},
    {"product": "INSTALL", "quantity": "1", "inclusion": "optional"}, {"product": "DESCALER", "quantity": "2", "inclusion": "optional"},
)
TAKEN = "INSTALL"
QUESTION = "Could the training be on a Monday, when we are closed?"
POSITION = "Owner"
