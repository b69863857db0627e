"""The evidence: every claim of every chapter, for seeds that nobody chose, and the page that shows it."""
