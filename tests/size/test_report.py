"""The size report notices what its readers would want to know."""

import report

WRITTEN = report.table("bytes", [("`lib.so`: all 3 operations", 1000, 2000), ("CreateExportTask", 300, 400)])


def changed(*rows):
    return report.differences(WRITTEN, report.table("bytes", rows))


def test_alike():
    assert report.differences(WRITTEN, WRITTEN) == []


def test_a_little_off_is_another_compiler():
    assert changed(("`lib.so`: all 3 operations", 1040, 1950), ("CreateExportTask", 310, 400)) == []


def test_far_off():
    lines = changed(("`lib.so`: all 3 operations", 1000, 2300), ("CreateExportTask", 300, 400))
    assert lines == ["`lib.so`: all operations: written [1000, 2000, 3000], measured [1000, 2300, 3300]"]


def test_operations_come_and_go():
    assert changed(("`lib.so`: all 3 operations", 1000, 2000), ("CancelExportTask", 300, 400)) == [
        "CancelExportTask: not in the table", "CreateExportTask: no longer there"]


def test_text_around_the_tables_stays():
    page = f"before\n{report.BEGIN}old\n{report.END}after\n"
    assert report.split(page) == (f"before\n{report.BEGIN}", "old\n", f"{report.END}after\n")
