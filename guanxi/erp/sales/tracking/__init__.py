"""The customer's view of an order, without a sign-in: what is delivered, promised, on its way, and still to be paid."""
