import numpy as np
import pytest

from auricle.evaluation import alarms_by_threshold, ambient_table


def test_table_counts_alarms_at_every_threshold_and_at_the_chosen_one():
    scores = np.zeros(36000)
    scores[[100, 9000, 20000]] = [0.55, 0.85, 0.99]
    table = ambient_table(
        scores, frame_rate=10.0, chosen=0.62, source="night.wav", thresholds=[0.5, 0.9]
    )
    assert table.duration_s == 3600.0
    assert [(row.threshold, row.num_alarms) for row in table.rows] == [
        (0.5, 3),
        (0.62, 2),
        (0.9, 1),
    ]
    assert table.rows[0].per_hour == pytest.approx(3.0)


def test_silence_is_no_proof_of_no_alarm():
    table = alarms_by_threshold({0.5: 0}, duration_s=1800.0, chosen=0.5, source="hall.wav")
    assert table.rows[0].per_hour == 0.0
    assert table.rows[0].per_hour_at_most == pytest.approx(5.99, abs=0.01)
