"""What visits are and what becomes of them, as numbers in the columns of frames."""

from __future__ import annotations

INSTALL, REPAIR, MOVE, COLLECT = range(4)
DONE, CUST_CANCEL, COMP_CANCEL, EARLY_CANCEL, NOSHOW, ABSENT, WEATHER = range(7)
PART, MORE, AGAIN, REBOOK, STAGE2, NEWPROD, LATER = range(1, 8)  # kinds of return
NONE, DISPATCH, PARTS, STORM, BEFORE, START = range(6)  # causes of lateness
ON_DAY_US, ON_DAY_THEM, EARLY_THEM = 1, 2, 3  # windows moved
