"""How bench.py measures, keeps and shows: one idea per module."""
