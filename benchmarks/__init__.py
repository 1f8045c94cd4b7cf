"""Benchmarks: what a run costs, printed and never asserted."""
