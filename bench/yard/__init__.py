"""The parts of bench.py: what is measured, by which load, on which server, and how it is written down."""
