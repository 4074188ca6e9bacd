"""What becomes of a quotation between writing and ordering it: versions, options, terms, and the customer's page."""
