"""Figures of things that take turns."""

import statistics
import subprocess
import time


def run(*command):
    """The numbers that a program prints."""
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def columns(numbers, count):
    """The columns of a program that prints a line of count numbers a turn."""
    return [numbers[column::count] for column in range(count)]


def cpu_seconds(function, *arguments):
    began = time.process_time()
    function(*arguments)
    return time.process_time() - began


def describe(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:9.2f}  ({low:.2f} to {high:.2f})"


def show(title, unit, rows):
    """rows: name -> the figures of the turns."""
    print(f"{title}, {unit}: median (middle half)")
    width = max(12, *map(len, rows))
    for name, values in rows.items():
        print(f"  {name:{width}} {describe(values)}")
    print(flush=True)


def ratios(values, others):
    """Turn by turn."""
    return [a / b for a, b in zip(values, others, strict=True)]
