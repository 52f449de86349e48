"""From figures to an answer: the sentence, the picture, the rows, what to ask next."""
