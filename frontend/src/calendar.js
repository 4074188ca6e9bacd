// calendar
