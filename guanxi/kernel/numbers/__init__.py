"""Document numbers: gapless per series, entity and year, because tax law wants invoices and vouchers so."""
