"""How points become ratios. Run by: cd bench && python3 -m pytest"""
from yard import picture, report


def point(server, clients, rate, quiet=True, **more):
    return {"operation": "product-database", "server": server, "clients": clients, "rate": rate, "quiet": quiet, "p50": 1.0, "p99": 2.0,
            "max": 3.0, "server_us": 10.0, "database_us": 20.0, "foreign": 0.0 if quiet else 0.5, "bad": 0, "broken": 0} | more


def test_a_cell_is_the_median_of_the_quiet_rounds():
    cell = report.cell_of([point("kieng", 64, rate) for rate in (10, 30, 20)] + [point("kieng", 64, 1, quiet=False)])
    assert (cell.low, cell.median, cell.high, cell.noisy, cell.cpu) == (10, 20, 30, False, 30.0)


def test_without_a_quiet_round_the_least_noisy_one_is_shown_and_marked():
    cell = report.cell_of([point("kieng", 64, 10, quiet=False), point("kieng", 64, 20, quiet=False, foreign=0.2)])
    assert (cell.median, cell.noisy) == (20, True)


def test_the_ratio_is_taken_to_the_best_of_pgbench_and_to_express_at_the_same_clients():
    rows = [point("pgbench", 4, 100), point("pgbench", 16, 80), point("kieng", 64, 70), point("express", 64, 7), point("express", 16, 50)]
    line, = report.summaries(report.cells(rows))
    assert (line["ratio"], line["express"], line["target"], line["met"]) == (0.7, 10.0, 0.65, True)


def test_a_missed_target_says_so_and_errors_are_counted():
    rows = [point("pgbench", 4, 100), point("kieng", 64, 50, bad=2, broken=1)]
    line, = report.summaries(report.cells(rows))
    assert line["met"] is False and line["bad"] == 3
    assert "**missed**" in "\n".join(report.summary_table([line]))


def test_targets_are_asked_at_their_own_number_of_clients_only():
    rows = [point("pgbench", 4, 100), point("kieng", 1, 5)]
    line, = report.summaries(report.cells(rows))
    assert line["target"] is None and line["met"] is None


def test_the_picture_shows_an_operation_once_with_at_most_64_clients():
    rows = [point("pgbench", 4, 100)] + [point("kieng", clients, 50) for clients in (1, 16, 64, 256)]
    drawn = picture.svg(report.summaries(report.cells(rows)))
    assert drawn.count("0.50 ×") == 1 and "64 clients" in drawn


def test_without_points_there_is_still_a_report():
    assert report.summaries({}) == []
    assert picture.svg([]).startswith("<svg")


def test_an_order_is_held_to_the_best_call_at_many_clients_and_to_the_same_number_at_few():
    rows = [point("pgbench one call", 1, 100, operation="order"), point("pgbench one call", 16, 400, operation="order"),
            point("kieng", 1, 95, operation="order"), point("kieng", 64, 500, operation="order")]
    few, many = report.summaries(report.cells(rows))
    assert (few["ratio"], few["target"], few["met"]) == (0.95, 0.9, True)
    assert (many["ratio"], many["target"], many["met"]) == (1.25, 1.5, False)
