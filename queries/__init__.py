"""From a question to an answer."""

from queries.answers.answer import Answer
from queries.desk import Desk
from queries.library import Shared

__all__ = ["Answer", "Desk", "Shared"]
