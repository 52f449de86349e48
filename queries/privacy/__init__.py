"""Who may see what: judged without figures before the statement, and once more by the figures themselves."""
