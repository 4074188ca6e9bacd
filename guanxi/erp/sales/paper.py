"""How quotations, orders and what is made like them stand on paper."""

from guanxi.erp.sales.prints import LINE, LOADED, SHOWN, document_sheet, lines_by_document, offer_sheet

__all__ = ["LINE", "LOADED", "SHOWN", "document_sheet", "lines_by_document", "offer_sheet"]
