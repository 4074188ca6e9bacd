"""Pages made by hand that read across modules."""
