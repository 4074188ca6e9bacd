// Pages on which the rows of a list are seen in another shape: pivot, chart, calendar. Loaded there only.
import "./question.js";
import "./calendar.js";
