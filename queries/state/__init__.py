"""What people leave behind by using the product: kept in one small database, apart from the figures.

`open_state(folder)` gives the `State`; the functions live by subject in the modules beside this one and all take
the state first and the moment (`at`, a datetime with or without a zone, as the door read it) where one is needed:

    questions   the log of what could not be read, and the recent questions of an asker
    taught      words the company has taught, taken back, and what they would mend
    looked      the access log: who looked at whose figures
    thanks      kudos
    tips        how those who are recognised do it
    disputes    "this is not right"
    named       who does not want to be named
    sessions    signings in that were ended

No figure and no answer is ever written here.
"""

from queries.state.tables import State, open_state

__all__ = ["State", "open_state"]
