"""Benchmarks: what a run costs, printed, never asserted."""
