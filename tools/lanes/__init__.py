"""The lanes of `.ci/run`: their table, their environments, the ledger of green runs, and the two slots they run in."""
