"""Who is told what becomes of a return."""

from guanxi.erp.returns.events import ReturnCancelled, ReturnInspected, ReturnSettled
from guanxi.kernel.notices.kinds import notify

notify(ReturnInspected, to="owner")
notify(ReturnSettled, to="owner")
notify(ReturnCancelled, to="followers")
