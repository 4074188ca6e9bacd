"""What `guanxi check` proves about the books of a set, in plain SQL, independently of the code that wrote them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.models.documents import INVOICE_SERIES, RECEIPT_SERIES, REFUND_SERIES
from guanxi.erp.finance.models.ledger import ENTRY_SERIES
from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.numbers.patterns import day_of, read_pattern
from guanxi.kernel.numbers.series import SERIES
from guanxi.kernel.values.shown import format_money

_TRIAL_BALANCE = """
SELECT e.code, e.currency, coalesce(sum(l.debit), 0), coalesce(sum(l.credit), 0), count(l.id)
FROM access_entity e JOIN finance_ledger b ON b.entity_id = e.id LEFT JOIN finance_journalline l ON l.entity_id = e.id
GROUP BY e.id ORDER BY e.code
"""
_ENTRIES = """
SELECT e.number, e.total, e.line_count, count(l.id), coalesce(sum(l.debit), 0), coalesce(sum(l.credit), 0),
       count(l.id) FILTER (WHERE l.entity_id <> e.entity_id OR a.entity_id <> e.entity_id),
       bool_or(p.entity_id <> e.entity_id OR e.posted_on NOT BETWEEN p.starts_on AND p.ends_on)
FROM finance_journalentry e JOIN finance_period p ON p.id = e.period_id
LEFT JOIN finance_journalline l ON l.entry_id = e.id LEFT JOIN finance_account a ON a.id = l.account_id
GROUP BY e.id
HAVING count(l.id) < 2 OR count(l.id) <> e.line_count OR coalesce(sum(l.debit), 0) <> coalesce(sum(l.credit), 0)
    OR coalesce(sum(l.debit), 0) <> e.total OR count(l.id) FILTER (WHERE l.entity_id <> e.entity_id OR a.entity_id <> e.entity_id) > 0
    OR bool_or(p.entity_id <> e.entity_id OR e.posted_on NOT BETWEEN p.starts_on AND p.ends_on)
ORDER BY e.number
"""
_BALANCES = """
WITH lines AS (
  SELECT l.account_id, e.period_id, sum(l.debit) AS debit, sum(l.credit) AS credit
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id GROUP BY 1, 2
)
SELECT a.code, p.code, coalesce(b.debit, 0), coalesce(b.credit, 0), coalesce(l.debit, 0), coalesce(l.credit, 0)
FROM finance_accountbalance b FULL JOIN lines l ON l.account_id = b.account_id AND l.period_id = b.period_id
JOIN finance_account a ON a.id = coalesce(b.account_id, l.account_id) JOIN finance_period p ON p.id = coalesce(b.period_id, l.period_id)
WHERE coalesce(b.debit, 0) <> coalesce(l.debit, 0) OR coalesce(b.credit, 0) <> coalesce(l.credit, 0) ORDER BY 1, 2
"""
_TURNOVER = """
WITH lines AS (
  SELECT l.party_id, l.account_id, extract(year FROM e.posted_on)::int AS year, sum(l.debit) AS debit, sum(l.credit) AS credit
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id WHERE l.party_id IS NOT NULL GROUP BY 1, 2, 3
)
SELECT p.code, a.code, coalesce(b.year, l.year), coalesce(b.debit, 0), coalesce(b.credit, 0), coalesce(l.debit, 0), coalesce(l.credit, 0)
FROM finance_partyturnover b FULL JOIN lines l ON l.party_id = b.party_id AND l.account_id = b.account_id AND l.year = b.year
JOIN parties_party p ON p.id = coalesce(b.party_id, l.party_id) JOIN finance_account a ON a.id = coalesce(b.account_id, l.account_id)
WHERE coalesce(b.debit, 0) <> coalesce(l.debit, 0) OR coalesce(b.credit, 0) <> coalesce(l.credit, 0) ORDER BY 1, 2, 3
"""
_CONTROL = """
SELECT e.code, e.currency, u.account_id IS NOT NULL,
  coalesce((SELECT sum(l.debit - l.credit) FROM finance_journalline l WHERE l.account_id = u.account_id), 0),
  coalesce((SELECT sum(i.open_base) FROM finance_invoice i WHERE i.entity_id = e.id), 0),
  coalesce((SELECT sum(r.unallocated_base) FROM finance_receipt r WHERE r.entity_id = e.id AND NOT r.is_prepayment), 0),
  coalesce((SELECT sum(p.receivable_base) FROM finance_partybalance p WHERE p.entity_id = e.id), 0)
FROM access_entity e JOIN finance_ledger b ON b.entity_id = e.id
LEFT JOIN finance_accountuse u ON u.entity_id = e.id AND u.use = 'receivable' ORDER BY e.code
"""
_PARTIES = """
WITH owed AS (
  SELECT entity_id, party_id, currency, sum(amount) AS amount, sum(base) AS base FROM (
    SELECT entity_id, customer_id AS party_id, currency, open_amount AS amount, open_base AS base FROM finance_invoice
    UNION ALL SELECT entity_id, customer_id, currency, -unallocated, -unallocated_base FROM finance_receipt WHERE NOT is_prepayment
  ) t GROUP BY 1, 2, 3
)
SELECT p.code, p.name, coalesce(b.currency, o.currency), coalesce(b.receivable, 0), coalesce(o.amount, 0)
FROM finance_partybalance b FULL JOIN owed o ON o.entity_id = b.entity_id AND o.party_id = b.party_id AND o.currency = b.currency
JOIN parties_party p ON p.id = coalesce(b.party_id, o.party_id)
WHERE coalesce(b.receivable, 0) <> coalesce(o.amount, 0) OR coalesce(b.receivable_base, 0) <> coalesce(o.base, 0) ORDER BY 1
"""
# Entries by hand may stand on the same account: only what receipts and their settlement posted is proved.
_PREPAYMENTS = """
SELECT e.code, e.currency,
  coalesce((SELECT sum(l.credit - l.debit) FROM finance_journalline l JOIN finance_journalentry j ON j.id = l.entry_id
            WHERE l.account_id = u.account_id AND j.kind IN ('receipt', 'settlement', 'refund')), 0),
  coalesce((SELECT sum(r.unallocated_base) FROM finance_receipt r WHERE r.entity_id = e.id AND r.is_prepayment), 0)
FROM access_entity e JOIN finance_accountuse u ON u.entity_id = e.id AND u.use = 'prepayment' ORDER BY e.code
"""
_INVOICES = """
SELECT i.number, i.currency, i.status, i.open_amount,
       CASE WHEN i.status = 'reversed' OR i.reverses_id IS NOT NULL THEN 0 ELSE i.total END - i.credited_amount - coalesce(a.amount, 0),
       i.total, coalesce(l.total, 0), coalesce(j.amount, 0)
FROM finance_invoice i
LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM finance_allocation GROUP BY 1) a ON a.invoice_id = i.id
LEFT JOIN (SELECT invoice_id, sum(total) AS total FROM finance_invoiceline GROUP BY 1) l ON l.invoice_id = i.id
LEFT JOIN (
  SELECT e.source_id, sum(l.amount) AS amount FROM finance_journalentry e JOIN finance_journalline l ON l.entry_id = e.id
  JOIN finance_accountuse u ON u.account_id = l.account_id AND u.use = 'receivable' AND u.entity_id = e.entity_id
  WHERE e.source_model = 'finance.invoice' GROUP BY 1
) j ON j.source_id = i.id
WHERE i.open_amount <>
      CASE WHEN i.status = 'reversed' OR i.reverses_id IS NOT NULL THEN 0 ELSE i.total END - i.credited_amount - coalesce(a.amount, 0)
   OR i.total <> coalesce(l.total, 0) OR i.total <> coalesce(j.amount, 0) ORDER BY i.number
"""
# No more is taken off an invoice than it came to, line by line; each note is set off against its invoice.
_CREDITS = """
SELECT i.number, i.currency, i.credited_amount, coalesce(-n.total, 0), coalesce(w.lines, 0)
FROM finance_invoice i LEFT JOIN (SELECT credits_id, sum(total) AS total FROM finance_invoice WHERE credits_id IS NOT NULL GROUP BY 1) n
  ON n.credits_id = i.id
LEFT JOIN (
  SELECT l.invoice_id, count(*) AS lines FROM finance_invoiceline l JOIN (
    SELECT k.from_id, sum(c.quantity) AS quantity, sum(c.net) AS net, sum(c.tax_amount) AS tax
    FROM records_link k JOIN finance_invoiceline c ON c.id = k.to_id
    WHERE k.kind = 'credit' AND k.from_model = 'finance.invoiceline' AND k.to_model = 'finance.invoiceline' GROUP BY 1
  ) t ON t.from_id = l.id WHERE l.quantity + t.quantity < 0 OR l.net + t.net < 0 OR l.tax_amount + t.tax < 0 GROUP BY 1
) w ON w.invoice_id = i.id
WHERE i.credits_id IS NULL AND (i.credited_amount <> coalesce(-n.total, 0) OR w.lines > 0) ORDER BY i.number
"""
_RECEIPTS = """
SELECT number, currency, unallocated, due FROM (
  SELECT r.number, r.currency, r.unallocated,
         CASE WHEN r.status = 'reversed' OR r.reverses_id IS NOT NULL THEN 0 ELSE r.amount END - coalesce(a.amount, 0) - r.refunded_amount AS due
  FROM finance_receipt r LEFT JOIN (SELECT receipt_id, sum(amount) AS amount FROM finance_allocation GROUP BY 1) a ON a.receipt_id = r.id
) t WHERE unallocated <> due ORDER BY number
"""
# What a refund comes to is what it took out of receipts and what left the bank; a receipt keeps what was paid back of it.
_REFUNDS = """
SELECT f.number, f.currency, f.amount, coalesce(l.amount, 0), coalesce(j.amount, 0)
FROM finance_refund f LEFT JOIN (SELECT refund_id, sum(amount) AS amount FROM finance_refundline GROUP BY 1) l ON l.refund_id = f.id
LEFT JOIN (
  SELECT e.source_id, sum(-l.amount) AS amount FROM finance_journalentry e JOIN finance_journalline l ON l.entry_id = e.id
  JOIN finance_accountuse u ON u.account_id = l.account_id AND u.use IN ('bank', 'cash') AND u.entity_id = e.entity_id
  WHERE e.source_model = 'finance.refund' GROUP BY 1
) j ON j.source_id = f.id
WHERE f.amount <> coalesce(l.amount, 0) OR f.amount <> coalesce(j.amount, 0)
UNION ALL
SELECT r.number, r.currency, r.refunded_amount, coalesce(l.amount, 0), coalesce(l.amount, 0)
FROM finance_receipt r LEFT JOIN (SELECT receipt_id, sum(amount) AS amount FROM finance_refundline GROUP BY 1) l ON l.receipt_id = r.id
WHERE r.refunded_amount <> coalesce(l.amount, 0) ORDER BY 1
"""


@ledger_check(gettext_lazy("Debits and credits"))
def prove_trial_balance(cursor: Any) -> list[Proof]:
    """The trial balance of each entity is zero, and every single entry balances and is whole."""
    proofs = []
    for entity, currency, debit, credit, count in rows(cursor, _TRIAL_BALANCE):
        figures = {"entity": entity, "debit": format_money(debit, currency), "credit": format_money(credit, currency), "count": f"{count:,}"}
        problems = [] if debit == credit else [_("%(entity)s: debits are %(debit)s, but credits %(credit)s.") % figures]
        proofs.append(Proof(_("%(entity)s: debits %(debit)s equal credits %(credit)s in %(count)s lines.") % figures, problems))
    problems = []
    for number, total, wanted, found, debit, credit, strange, misplaced in rows(cursor, _ENTRIES):
        what = {"number": number, "total": total, "debit": debit, "credit": credit, "found": found, "wanted": wanted}
        if strange or misplaced:
            problems.append(_("Entry %(number)s lies outside its period or its legal entity.") % what)
        else:
            problems.append(
                _("Entry %(number)s over %(total)s has debits of %(debit)s, credits of %(credit)s and %(found)s of %(wanted)s lines.") % what
            )
    [(count,)] = rows(cursor, "SELECT count(*) FROM finance_journalentry")
    return [*proofs, Proof(_("Each of %(count)s entries balances, is whole, and lies in its month.") % {"count": f"{count:,}"}, problems)]


@ledger_check(gettext_lazy("Account balances"))
def prove_account_balances(cursor: Any) -> list[Proof]:
    """Kept balances are the sums of the lines."""
    problems = [
        _("Account %(account)s in %(month)s keeps %(debit)s / %(credit)s, but its lines add up to %(debits)s / %(credits)s.")
        % {"account": account, "month": month, "debit": kept_debit, "credit": kept_credit, "debits": debit, "credits": credit}
        for account, month, kept_debit, kept_credit, debit, credit in rows(cursor, _BALANCES)
    ]
    [(count,)] = rows(cursor, "SELECT count(*) FROM finance_accountbalance")
    turnover = [
        _("%(party)s on account %(account)s in %(year)s keeps %(debit)s / %(credit)s, but its lines add up to %(debits)s / %(credits)s.")
        % {"party": party, "account": account, "year": year, "debit": kept_debit, "credit": kept_credit, "debits": debit, "credits": credit}
        for party, account, year, kept_debit, kept_credit, debit, credit in rows(cursor, _TURNOVER)
    ]
    [(partners,)] = rows(cursor, "SELECT count(*) FROM finance_partyturnover")
    return [
        Proof(_("%(count)s balances of accounts by month are the sums of their lines.") % {"count": f"{count:,}"}, problems),
        Proof(_("%(count)s turnovers of partners by account and year are the sums of their lines.") % {"count": f"{partners:,}"}, turnover),
    ]


@ledger_check(gettext_lazy("Receivables"))
def prove_receivables(cursor: Any) -> list[Proof]:
    """Open invoices less free money are the receivables account, for each entity and for each customer."""
    proofs = []
    for entity, currency, has_account, control, invoices, money, parties in rows(cursor, _CONTROL):
        figures = {
            "entity": entity, "control": format_money(control, currency), "open": format_money(invoices, currency),
            "money": format_money(money, currency), "parties": format_money(parties, currency),
        }
        problems = []
        if not has_account:
            problems.append(_("%(entity)s has no receivables account.") % figures)
        elif control != invoices - money or control != parties:
            problems.append(
                _("%(entity)s: receivables account %(control)s, open invoices %(open)s, free money %(money)s, customers' balances %(parties)s.")
                % figures
            )
        sentence = _("%(entity)s: open invoices %(open)s less free money %(money)s are the receivables account, %(control)s.")
        proofs.append(Proof(sentence % figures, problems))
    problems = [
        _("Customer %(code)s %(name)s keeps %(kept)s, but owes %(owed)s.")
        % {"code": code, "name": name, "kept": format_money(kept, currency), "owed": format_money(owed, currency)}
        for code, name, currency, kept, owed in rows(cursor, _PARTIES)
    ]
    [(count,)] = rows(cursor, "SELECT count(*) FROM finance_partybalance")
    return [*proofs, Proof(_("%(count)s customers' balances are their open invoices less their free money.") % {"count": f"{count:,}"}, problems)]


@ledger_check(gettext_lazy("Prepayments of customers"))
def prove_prepayments(cursor: Any) -> list[Proof]:
    """What customers paid in advance and no invoice has settled is what is booked as prepayments."""
    proofs = []
    for entity, currency, booked, money in rows(cursor, _PREPAYMENTS):
        figures = {"entity": entity, "booked": format_money(booked, currency), "money": format_money(money, currency)}
        problems = [] if booked == money else [_("%(entity)s: prepayments booked %(booked)s, but receipts hold %(money)s.") % figures]
        proofs.append(Proof(_("%(entity)s: prepayments not settled yet are the prepayments account, %(money)s.") % figures, problems))
    return proofs


@ledger_check(gettext_lazy("Invoices and receipts"))
def prove_documents(cursor: Any) -> list[Proof]:
    """Every invoice is its lines, its entry and its allocations; every receipt its allocations and what was paid back; every refund its money."""
    problems = []
    for number, currency, _status, kept, due, total, lines, booked in rows(cursor, _INVOICES):
        figures = {
            "number": number, "open": format_money(kept, currency), "due": format_money(due, currency), "total": format_money(total, currency),
            "lines": format_money(lines, currency), "booked": format_money(booked, currency),
        }
        if kept != due:
            problems.append(_("Invoice %(number)s is open by %(open)s, but its allocations leave %(due)s.") % figures)
        if total != lines or total != booked:
            problems.append(_("Invoice %(number)s over %(total)s has lines over %(lines)s and is booked with %(booked)s.") % figures)
    money = [
        _("Receipt %(number)s has %(kept)s left, but its allocations leave %(due)s.")
        % {"number": number, "kept": format_money(kept, currency), "due": format_money(due, currency)}
        for number, currency, kept, due in rows(cursor, _RECEIPTS)
    ]
    credited = [
        _("Invoice %(number)s is credited by %(kept)s, but its credit notes come to %(notes)s, more than is billed on %(lines)s of its lines.")
        % {"number": number, "kept": format_money(kept, currency), "notes": format_money(notes, currency), "lines": lines}
        for number, currency, kept, notes, lines in rows(cursor, _CREDITS)
    ]
    refunded = [
        _("%(number)s says %(kept)s paid back, but %(lines)s came out of receipts and %(booked)s left bank and cash.")
        % {
            "number": number, "kept": format_money(kept, currency), "lines": format_money(taken, currency),
            "booked": format_money(booked, currency),
        }
        for number, currency, kept, taken, booked in rows(cursor, _REFUNDS)
    ]
    counted = "SELECT (SELECT count(*) FROM finance_invoice), (SELECT count(*) FROM finance_receipt), (SELECT count(*) FROM finance_refund)"
    [(invoices, receipts, refunds)] = rows(cursor, counted)
    return [
        Proof(_("Each of %(count)s invoices agrees with its lines, its entry and its payments.") % {"count": f"{invoices:,}"}, problems),
        Proof(_("Each of %(count)s receipts agrees with what it paid.") % {"count": f"{receipts:,}"}, money),
        Proof(_("No invoice is credited by more than it came to."), credited),
        Proof(_("Each of %(count)s refunds is what its receipts gave and what left bank and cash.") % {"count": f"{refunds:,}"}, refunded),
    ]


_NUMBERED = {
    ENTRY_SERIES: "SELECT d.entity_id, extract(year FROM d.posted_on)::int, d.number FROM finance_journalentry d",
    INVOICE_SERIES: "SELECT d.entity_id, extract(year FROM d.issued_on)::int, d.number FROM finance_invoice d",
    RECEIPT_SERIES: "SELECT d.entity_id, extract(year FROM d.received_on)::int, d.number FROM finance_receipt d",
    REFUND_SERIES: "SELECT d.entity_id, extract(year FROM d.paid_on)::int, d.number FROM finance_refund d",
}


_GIVEN_OUT = """
SELECT entity_id, period, first_number, next_number, array(SELECT jsonb_array_elements_text(patterns))
FROM numbers_numberseries WHERE key = %s ORDER BY 1, 2
"""
ANY_YEAR = range(10_000)


@ledger_check(gettext_lazy("Numbers without a gap"))
def prove_numbers(cursor: Any) -> list[Proof]:
    """Vouchers, invoices, receipts and refunds are numbered from one on, without a gap, by entity and year."""
    codes = dict(rows(cursor, "SELECT id, code FROM access_entity"))
    proofs = []
    for key, statement in _NUMBERED.items():
        present: dict[int, dict[str, int]] = defaultdict(dict)
        for entity, year, number in rows(cursor, statement):
            present[entity][number] = year
        problems, count = [], 0
        for entity, period, first, following, patterns in rows(cursor, _GIVEN_OUT, [key]):
            written, day = [read_pattern(text) for text in patterns], day_of(period)
            for n in range(first, following):
                names = [pattern.number(n, day, codes[entity]) for pattern in written]
                there = [name for name in names if present[entity].pop(name, None) in ((day.year,) if period else ANY_YEAR)]
                if not there:
                    problems.append(_("The number %(number)s is missing.") % {"number": names[0]})
            count += following - first
        left = sorted(number for numbers in present.values() for number in numbers)
        problems += [_("The number %(number)s was never given out.") % {"number": number} for number in left]
        example = SERIES[key].pattern.partition("-")[0]
        sentence = _("%(count)s numbers %(series)s-… follow each other without a gap.")
        proofs.append(Proof(sentence % {"count": f"{count:,}", "series": example}, problems))
    return proofs
