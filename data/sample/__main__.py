"""`python -m data.sample` = `python -m data sample`."""

from data.sample.cli import main

raise SystemExit(main())
